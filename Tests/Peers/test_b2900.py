"""QCoDeS's driver and plain PyVISA against the simulated Keysight B2900 series."""

import pytest
from conftest import OHMS
from qcodes.instrument_drivers.Keysight import KeysightB2962A


@pytest.fixture
def source(serve):
    source = KeysightB2962A("source", serve("keysight/b2962a"), visalib="@py", timeout=5)
    try:
        yield source
        assert source.ask(":SYST:ERR?") == '+0,"No error"'
    finally:
        source.close()


def test_qcodes_reads_the_identity(source):
    identity = source.get_idn()
    assert (identity["vendor"], identity["model"]) == ("Keysight Technologies", "B2962A")


@pytest.mark.parametrize("volts", [-5, 0.1, 7.5])
def test_qcodes_measures_the_resistor(source, volts):
    for channel in [source.ch1, source.ch2]:
        channel.source_mode("voltage")
        channel.current_limit(0.01)
        channel.source_voltage(volts)
        channel.enable("on")
        assert channel.source_mode() == "voltage"
        assert channel.source_voltage() == pytest.approx(volts)
        assert channel.current() == pytest.approx(volts / OHMS, rel=1e-3)
        assert channel.voltage() == pytest.approx(volts, rel=1e-3)
        assert channel.resistance() == pytest.approx(OHMS, rel=1e-3)
        channel.enable("off")
        assert channel.enable() is False


def test_qcodes_sources_a_current(source):
    source.ch2.source_mode("current")
    source.ch2.voltage_limit(20)
    source.ch2.source_current(1e-3)
    source.ch2.enable("on")
    assert source.ch2.voltage() == pytest.approx(1e-3 * OHMS, rel=1e-3)
    source.ch2.voltage_limit(2)
    assert source.ch2.voltage() == pytest.approx(2, rel=1e-3)


def test_qcodes_stays_at_the_limit(source):
    source.ch1.current_limit(1e-4)
    source.ch1.source_voltage(10)
    source.ch1.enable("on")
    assert source.ch1.current() == pytest.approx(1e-4, rel=1e-3)
    assert source.ask(":SENS1:CURR:PROT:TRIP?") == "1"
    source.ch1.remote_sensing("on")
    assert source.ch1.remote_sensing() is True


def test_pyvisa_finds_that_a_reading_switches_the_output_on(connect):
    smu = connect("keysight/b2912a")
    smu.write("*RST;:SOUR2:VOLT 2;:SENS2:CURR:PROT 0.01;:FORM:ELEM:SENS CURR,VOLT")
    assert smu.query(":OUTP2?") == "0"
    volts, amperes = map(float, smu.query(":READ? (@2)").split(","))
    assert (volts, amperes) == pytest.approx((2, 2 / OHMS), rel=1e-3)
    assert smu.query(":OUTP1?;:OUTP2?") == "0;1"
    smu.write(":OUTP2 OFF;:OUTP2:ON:AUTO OFF")
    smu.query(":READ? (@2)")
    assert smu.query(":OUTP2?") == "0"


def test_pyvisa_reads_the_error_queue(connect):
    smu = connect("keysight/b2901a")
    smu.write(":VOLT:NOSUCH 1")
    smu.write(":SENS:CURR:PROT 5")
    assert smu.query(":SYST:ERR?") == '-113,"Undefined header"'
    assert smu.query(":SYST:ERR?") == '-222,"Data out of range"'
    assert smu.query(":SYST:ERR?") == '+0,"No error"'
