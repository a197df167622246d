"""QCoDeS's drivers of the SCPI instruments, which write the long forms."""

import pytest
from conftest import OHMS
from qcodes.instrument_drivers.Keithley import Keithley2400
from qcodes.instrument_drivers.Keysight import Keysight33522B


@pytest.fixture
def smu(serve):
    smu = Keithley2400(
        "smu", serve("keithley/2400"), terminator="\r", visalib="@py", timeout=5
    )
    try:
        yield smu
        assert smu.ask(":SYST:ERR?") == '0,"No error"'
    finally:
        smu.close()


@pytest.fixture
def generator(serve):
    generator = Keysight33522B("generator", serve("keysight/33522b"), visalib="@py", timeout=5)
    try:
        yield generator
        assert generator.error() == (0, "No error")
    finally:
        generator.close()


def test_the_2400_says_who_it_is(smu):
    identity = smu.get_idn()
    assert identity["vendor"] == "KEITHLEY INSTRUMENTS INC."
    # QCoDeS drops the word MODEL.
    assert identity["model"] == "2400"


@pytest.mark.parametrize("volts", [-5, 0.1, 7.5])
def test_a_current_is_the_voltage_over_the_resistor(smu, volts):
    smu.mode("VOLT")
    smu.compliancei(0.01)
    smu.nplci(0.1)
    smu.volt(volts)
    # QCoDeS 0.58 compares what was last given here with 1: "on" would not do.
    smu.output(True)
    assert smu.mode() == "VOLT"
    assert smu.compliancei() == pytest.approx(0.01)
    assert smu.nplci() == pytest.approx(0.1)
    assert smu.curr() == pytest.approx(volts / OHMS, rel=1e-3)
    assert smu.volt() == pytest.approx(volts, rel=1e-3)
    assert smu.resistance() == pytest.approx(OHMS, rel=1e-3)
    smu.output(False)
    with pytest.raises(RuntimeError, match="output off"):
        smu.curr()


def test_a_voltage_is_the_current_times_the_resistor(smu):
    smu.mode("CURR")
    smu.compliancev(20)
    smu.curr(1e-3)
    smu.output(True)
    assert smu.volt() == pytest.approx(1e-3 * OHMS, rel=1e-3)


def test_the_generator_says_who_it_is(generator):
    identity = generator.get_idn()
    assert (identity["vendor"], identity["model"]) == ("Keysight Technologies", "33522B")
    assert generator.num_channels == 2


def test_both_channels_come_back_as_they_were_set(generator):
    for number, channel in [(1, generator.ch1), (2, generator.ch2)]:
        channel.function_type("PULS")
        channel.frequency(100 * number)
        channel.amplitude(number)
        channel.offset(0.25 * number)
        channel.pulse_width(1e-3)
        channel.output_polarity("INV")
        channel.trigger_source("BUS")
        channel.trigger_slope("NEG")
        channel.trigger_count(5)
        channel.trigger_delay(0.5)
        channel.trigger_timer(0.125)
        channel.burst_mode("N Cycle")
        channel.burst_ncycles(number + 1)
        channel.burst_phase(0)
        channel.burst_polarity("INV")
        channel.burst_int_period(2)
        channel.burst_state("ON")
        channel.output("ON")
    for number, channel in [(1, generator.ch1), (2, generator.ch2)]:
        assert channel.function_type() == "PULS"
        assert channel.frequency() == pytest.approx(100 * number)
        assert channel.amplitude() == pytest.approx(number)
        assert channel.offset() == pytest.approx(0.25 * number)
        assert channel.pulse_width() == pytest.approx(1e-3)
        assert channel.output_polarity() == "INV"
        assert channel.trigger_source() == "BUS"
        assert channel.trigger_slope() == "NEG"
        assert channel.trigger_count() == 5
        assert channel.trigger_delay() == pytest.approx(0.5)
        assert channel.trigger_timer() == pytest.approx(0.125)
        assert channel.burst_mode() == "N Cycle"
        assert channel.burst_ncycles() == number + 1
        assert channel.burst_polarity() == "INV"
        assert channel.burst_int_period() == 2
        assert channel.burst_state() == "ON"
        assert channel.output() == "ON"
    generator.force_trigger()
    generator.sync_channel_phases()
    generator.sync.source(2)
    assert generator.sync.source() == 2
    generator.sync.output("OFF")
    assert generator.sync.output() == "OFF"


def test_the_generators_errors_are_read_until_there_are_none(generator, capsys):
    generator.write("SOURce1:NOSUCH 1")
    generator.write("SOURce1:FUNCtion NOSUCH")
    generator.flush_error_queue()
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "-113 Undefined header",
        "-224 Illegal parameter value",
        "0 No error",
    ]
