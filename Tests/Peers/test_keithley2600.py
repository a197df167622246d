"""The package keithley2600 against simulated Series 2600B instruments.

It knows no command by itself: it walks through the instrument's namespace, sweeps
by the trigger model, and asks the status model whether a sweep still runs.
"""

import numpy as np
import pytest
from conftest import OHMS, Served
from keithley2600 import Keithley2600
from keithley2600.keithley_driver import KeithleyError


@pytest.fixture(scope="module")
def walked():
    """One for all tests: a walk through the namespace is thousands of messages."""
    served = Served("keithley/2636b")
    smu = Keithley2600(served.resource, timeout=5000)
    assert smu.connected
    yield smu
    smu.disconnect()
    assert served.end()[0] == 0


@pytest.fixture
def smu(walked):
    walked.reset()
    yield walked
    assert walked.read_error_queue() == []


def test_it_finds_the_namespace(smu):
    assert {"smua", "smub", "errorqueue", "localnode", "status", "trigger"} <= set(dir(smu))
    assert {"source", "measure", "trigger", "nvbuffer1", "sense"} <= set(dir(smu.smua))
    assert {"levelv", "limiti", "func", "output", "compliance"} <= set(dir(smu.smua.source))
    assert smu.localnode.model == "2636B"
    # What cannot be set is known to be so.
    with pytest.raises(AttributeError, match="read-only"):
        smu.smua.source.compliance = True
    with pytest.raises(AttributeError):
        smu.smua.source.nosuch


def test_it_measures_the_resistor(smu):
    for channel in [smu.smua, smu.smub]:
        smu.set_integration_time(channel, 0.001)
        smu.apply_voltage(channel, 2.5)
        assert smu.measure_current(channel) == pytest.approx(2.5 / OHMS, rel=1e-3)
        assert smu.measure_voltage(channel) == pytest.approx(2.5, rel=1e-3)
        smu.apply_current(channel, 1e-4)
        assert smu.measure_voltage(channel) == pytest.approx(1e-4 * OHMS, rel=1e-3)
        channel.source.output = channel.OUTPUT_OFF
        assert channel.source.output == 0


def test_it_stays_at_the_limit(smu):
    smu.smua.source.limiti = 1e-4
    smu.apply_voltage(smu.smua, 5)
    assert smu.measure_current(smu.smua) == pytest.approx(1e-4, rel=1e-3)
    assert smu.smua.source.compliance is True
    smu.ramp_to_voltage(smu.smua, 0, delay=0, step_size=2)
    assert smu.smua.source.compliance is False


# Above 50 it sends the list value by value.
@pytest.mark.parametrize("points", [5, 61])
@pytest.mark.parametrize("pulsed", [False, True])
def test_a_sweep_of_one_channel_is_a_straight_line(smu, points, pulsed):
    levels = np.linspace(0.1, 2, points)
    volts, amperes = smu.voltage_sweep_single_smu(
        smu.smua, levels, t_int=0.001, delay=-1, pulsed=pulsed
    )
    assert volts == pytest.approx(levels, rel=1e-3)
    assert amperes == pytest.approx(levels / OHMS, rel=1e-3)


def test_a_sweep_of_both_channels_goes_step_by_step(smu):
    first, second = np.linspace(0, 1, 11), np.linspace(2, -2, 11)
    v1, i1, v2, i2 = smu.voltage_sweep_dual_smu(
        smu.smua, smu.smub, first, second, t_int=0.001, delay=0.001, pulsed=False
    )
    assert v1 == pytest.approx(first, rel=1e-3, abs=1e-6)
    assert i1 == pytest.approx(first / OHMS, rel=1e-3, abs=1e-9)
    assert v2 == pytest.approx(second, rel=1e-3, abs=1e-6)
    assert i2 == pytest.approx(second / OHMS, rel=1e-3, abs=1e-9)


def test_an_output_curve_is_that_of_a_resistor(smu):
    # Their gate and drain, each on its own resistor.
    table = smu.output_measurement(
        smu.smua, smu.smub, vd_start=0, vd_stop=1, vd_step=0.25, vg_list=[0.5],
        t_int=0.001, delay=0, pulsed=False,
    )  # fmt: skip
    drain = np.array(table.data)
    assert drain.shape[0] == 10


def test_wrong_commands_are_errors(smu):
    smu.smua.source.limiti = 0
    smu._write("smua.source.nosuch = 1")
    smu._write("smua.source.levelv = = 1")
    (small, runtime, syntax) = smu.read_error_queue()
    assert small[:2] == (1102, "Parameter too small")
    assert runtime[0] == -286 and runtime[1].startswith("TSP Runtime error")
    assert syntax[0] == -285 and syntax[1].startswith("TSP Syntax error")
    smu.raise_keithley_errors = True
    try:
        with pytest.raises(KeithleyError, match="Parameter too small"):
            smu.smua.source.limiti = 0
    finally:
        smu.raise_keithley_errors = False
