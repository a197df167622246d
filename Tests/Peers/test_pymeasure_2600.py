"""PyMeasure's Keithley2600 against simulated Series 2600B instruments."""

import numpy as np
import pytest
from conftest import OHMS
from pymeasure.instruments.keithley import Keithley2600


@pytest.fixture
def smu(serve):
    smu = Keithley2600(
        serve("keithley/2612b"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield smu
    assert float(smu.ask("print(errorqueue.count)")) == 0
    smu.adapter.close()


@pytest.mark.parametrize("volts", [-5, 0.05, 7.5])
def test_it_measures_the_resistor(smu, volts):
    for channel in [smu.ChA, smu.ChB]:
        channel.apply_voltage(compliance_current=0.01)
        channel.source_voltage = volts
        channel.source_output = "ON"
        channel.measure_current(nplc=0.1, current=0.01, auto_range=False)
        assert channel.current == pytest.approx(volts / OHMS, rel=1e-3)
        assert channel.voltage == pytest.approx(volts, rel=1e-3)
        assert channel.resistance == pytest.approx(OHMS, rel=1e-3)
        channel.source_output = "OFF"
        assert channel.source_output == "OFF"


def test_it_stays_at_the_limit(smu):
    smu.ChA.apply_voltage(compliance_current=1e-4)
    smu.ChA.source_voltage = 5
    smu.ChA.source_output = "ON"
    assert smu.ChA.compliance_current == pytest.approx(1e-4)
    assert smu.ChA.current == pytest.approx(1e-4, rel=1e-3)
    assert smu.ask("print(smua.source.compliance)").strip() == "true"
    smu.ChA.compliance_current = 0.01
    assert smu.ChA.current == pytest.approx(5 / OHMS, rel=1e-3)
    smu.ChA.shutdown()
    assert (smu.ChA.source_output, smu.ChA.source_voltage) == ("OFF", 0)


def test_it_sources_a_current(smu):
    smu.ChB.apply_current(compliance_voltage=20)
    smu.ChB.source_current = 1e-3
    smu.ChB.source_output = "ON"
    assert smu.ChB.voltage == pytest.approx(1e-3 * OHMS, rel=1e-3)
    smu.ChB.ramp_to_current(0, steps=3, pause=0)
    assert smu.ChB.source_current == 0


def test_settings_come_back_as_they_were_made(smu):
    # PyMeasure 0.16 takes the bounds of NPLC for the only two values.
    smu.ChA.write("measure.nplc=5")
    assert smu.ChA.values("measure.nplc") == [5]
    smu.ChA.wires_mode = "4"
    assert smu.ChA.wires_mode == "4"
    smu.ChA.voltage_range = 20
    assert smu.ChA.voltage_range == pytest.approx(20)


def test_a_binary_buffer_is_read(smu):
    smu.ChA.apply_voltage(compliance_current=0.01)
    smu.ChA.source_output = "ON"
    smu.write("format.data = format.REAL32 format.byteorder = format.LITTLEENDIAN")
    smu.write("smua.nvbuffer1.clear() smua.nvbuffer1.appendmode = 1")
    smu.write("for v = 1, 5 do smua.source.levelv = v smua.measure.i(smua.nvbuffer1) end")
    smu.write("printbuffer(1, 5, smua.nvbuffer1.readings)")
    block = smu.read_bytes(2 + 5 * 4 + 1)
    assert block[:2] == b"#0" and block[-1:] == b"\n"
    currents = np.frombuffer(block[2:-1], dtype="<f4")
    assert currents == pytest.approx(np.arange(1, 6) / OHMS, rel=1e-3)
    smu.write("format.data = format.ASCII")


def test_a_wrong_command_is_in_the_error_queue(smu):
    smu.write("smua.source.nosuch = 1")
    code, message = smu.next_error
    assert int(float(code)) == -286 and "Runtime error" in message
