"""QCoDeS's Keithley_2600 drivers against simulated Series 2600B instruments."""

import numpy as np
import pytest
from conftest import OHMS
from qcodes.dataset import LinSweep
from qcodes.instrument_drivers.Keithley import Keithley2614B, Keithley2636B

NO_ERROR = "0.00000e+00\tQueue Is Empty\t0.00000e+00\t0.00000e+00"
STATUS = "Reached current compliance limit."


@pytest.fixture(params=[Keithley2614B, Keithley2636B])
def smu(request, serve):
    kind = request.param
    family = kind.__name__.removeprefix("Keithley").lower()
    smu = kind("smu", serve(f"keithley/{family}"), visalib="@py", timeout=5)
    try:
        yield smu
        assert smu.ask("errorqueue.next()") == NO_ERROR
    finally:
        smu.close()


def test_it_says_who_it_is(smu):
    identity = smu.get_idn()
    assert identity["vendor"] == "Keithley Instruments Inc."
    assert f"Keithley{identity['model']}" == type(smu).__name__
    assert identity["model"] == smu.model
    assert identity["serial"] and identity["firmware"]


@pytest.mark.parametrize("volts", [-15, -0.1, 0.05, 1, 7.5])
def test_a_current_is_the_voltage_over_the_resistor(smu, volts):
    for channel in [smu.smua, smu.smub]:
        channel.mode("voltage")
        channel.volt(volts)
        channel.output("on")
        assert channel.mode() == "voltage"
        assert channel.curr() == pytest.approx(volts / OHMS, rel=1e-3)
        assert channel.curr.measurement_status == "No error occured."
        assert channel.volt() == pytest.approx(volts, rel=1e-3)
        assert channel.res() == pytest.approx(OHMS, rel=1e-3)
        channel.output("off")
        assert channel.output() is False


@pytest.mark.parametrize("amperes", [-2e-4, 1e-6, 1e-3])
def test_a_voltage_is_the_current_times_the_resistor(smu, amperes):
    smu.smua.mode("current")
    smu.smua.curr(amperes)
    smu.smua.limitv(20)
    smu.smua.output("on")
    assert smu.smua.volt() == pytest.approx(amperes * OHMS, rel=1e-3)
    assert smu.smua.mode() == "current"


def test_a_current_stops_at_its_limit(smu):
    smu.smua.limiti(1e-4)
    smu.smua.volt(5)
    smu.smua.output("on")
    assert smu.smua.limiti() == pytest.approx(1e-4)
    assert smu.smua.curr() == pytest.approx(1e-4, rel=1e-3)
    assert smu.smua.curr.measurement_status == STATUS
    assert smu.smua.volt() == pytest.approx(1e-4 * OHMS, rel=1e-3)
    assert smu.ask("smua.source.compliance") == "true"
    smu.smua.volt(0.5)
    assert smu.smua.curr() == pytest.approx(0.5 / OHMS, rel=1e-3)
    assert smu.smua.curr.measurement_status == "No error occured."
    assert smu.ask("smua.source.compliance") == "false"


def test_a_voltage_stops_at_its_limit(smu):
    smu.smua.mode("current")
    smu.smua.limitv(2)
    smu.smua.curr(1e-3)
    smu.smua.output("on")
    assert smu.smua.volt() == pytest.approx(2, rel=1e-3)
    assert smu.smua.volt.measurement_status == "Reached voltage compliance limit."
    assert smu.smua.curr() == pytest.approx(2 / OHMS, rel=1e-3)


def test_settings_come_back_as_they_were_made(smu):
    channel = smu.smub
    for cycles in [0.001, 0.5, 25]:
        channel.nplc(cycles)
        assert channel.nplc() == pytest.approx(cycles)
    channel.four_wire_measurement(True)
    assert channel.four_wire_measurement() is True
    assert channel.linefreq() in (50, 60)
    channel.sourcerange_v(20)
    assert channel.sourcerange_v() == 20
    assert channel.source_autorange_v_enabled() is False
    channel.measurerange_i(1e-6)
    assert channel.measurerange_i() == pytest.approx(1e-6)
    assert channel.measure_autorange_i_enabled() is False
    channel.measure_autorange_i_enabled(True)
    assert channel.measure_autorange_i_enabled() is True
    channel.sourcerange_i(1e-3)
    assert channel.sourcerange_i() == pytest.approx(1e-3)
    channel.measurerange_v(2)
    assert channel.measurerange_v() == 2


def test_a_reset_leaves_the_values_of_the_manual(smu):
    smu.smua.volt(3)
    smu.smua.limiti(1e-3)
    smu.smua.output("on")
    # The snapshot that follows a reset asks for every parameter.
    smu.reset()
    assert smu.smua.output() is False
    assert smu.smua.mode() == "voltage"
    assert smu.ask("smua.source.levelv") == "0.00000e+00"
    assert smu.smua.limiti() == pytest.approx(0.1)
    assert smu.smua.limitv() == 20
    assert smu.smua.nplc() == 1
    assert smu.smua.measure_autorange_i_enabled() is True


def test_a_reset_of_one_channel_leaves_the_other(smu):
    smu.smua.nplc(5)
    smu.smub.nplc(7)
    smu.smua.reset()
    assert smu.smua.nplc() == 1
    assert smu.smub.nplc() == 7


@pytest.mark.parametrize("points", [1, 2, 101, 1000])
def test_a_fast_sweep_is_a_straight_line(smu, points):
    smu.smua.nplc(0.01)
    smu.smua.setup_fastsweep(LinSweep(smu.smua.volt, -1, 1, points), mode="IV")
    currents = smu.smua.fastsweep()
    assert currents.shape == (points,)
    expected = np.linspace(-1, 1, points) / OHMS
    # Zero in the middle: a part in a thousand of the largest.
    assert currents == pytest.approx(expected, rel=1e-3, abs=1e-7)


def test_a_fast_sweep_of_currents_is_a_straight_line(smu):
    smu.smub.nplc(0.01)
    smu.smub.setup_fastsweep(LinSweep(smu.smub.curr, 1e-6, 1e-3, 50, delay=0.01), mode="VI")
    voltages = smu.smub.fastsweep()
    assert voltages == pytest.approx(np.linspace(1e-6, 1e-3, 50) * OHMS, rel=1e-3)


def test_a_fast_sweep_of_two_channels_is_a_plane(smu):
    smu.smua.setup_fastsweep(
        LinSweep(smu.smua.volt, 0.1, 1, 10), LinSweep(smu.smub.volt, 0, 1, 5), mode="IV"
    )
    currents = smu.smua.fastsweep()
    # Every channel has its own resistor.
    expected = np.tile(np.linspace(0.1, 1, 10) / OHMS, (5, 1))
    assert currents.shape == (5, 10)
    assert currents == pytest.approx(expected, rel=1e-3)
    smu.smua.setup_fastsweep(
        LinSweep(smu.smua.volt, 0.1, 1, 10), mode="IV", measure_inner_channel=False
    )
    assert smu.smua.fastsweep() == pytest.approx([1 / OHMS] * 10, rel=1e-3)


def test_a_time_trace_takes_the_time_that_it_says(smu):
    channel = smu.smua
    channel.volt(0.5)
    channel.output("on")
    channel.nplc(0.01)
    channel.timetrace_npts(200)
    channel.timetrace_dt(2e-3)
    begin = float(smu.ask("timer.measure.t()"))
    currents = channel.timetrace()
    assert currents == pytest.approx([0.5 / OHMS] * 200, rel=1e-3)
    took = float(smu.ask("timer.measure.t()")) - begin
    # The instrument takes its time for the lines around the measurement too.
    assert 200 * 2e-3 <= took <= 200 * 2e-3 * 1.05
    assert channel.time_axis()[-1] == pytest.approx(199 * 2e-3)
    channel.timetrace_mode("voltage")
    assert channel.timetrace() == pytest.approx([0.5] * 200, rel=1e-3)


def test_wrong_commands_are_in_the_error_queue(smu):
    smu.smua.write("smua.source.nosuch = 1")
    smu.write("smua.source.levelv = = 1")
    smu.write("smua.source.limiti = 0")
    assert smu.ask("errorqueue.count") == "3.00000e+00"
    code, text, severity, node = smu.ask("errorqueue.next()").split("\t")
    assert (float(code), float(severity), float(node)) == (-286, 20, 1)
    assert text.startswith("TSP Runtime error at line 1: ")
    code, text, _, _ = smu.ask("errorqueue.next()").split("\t")
    assert float(code) == -285
    assert text == "TSP Syntax error at line 1: unexpected symbol near `='"
    code, text, _, _ = smu.ask("errorqueue.next()").split("\t")
    assert (float(code), text) == (1102, "Parameter too small")


def test_the_panel_is_used(smu):
    smu.display_settext("Hello$NWorld")
    smu.display_clear()
    smu.display_normal()
    smu.exit_key()
    assert smu.ask("display.screen == display.SMUA_SMUB") == "true"
