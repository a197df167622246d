"""QCoDeS's drivers of Rigol's DG1000Z and DG4000 against the simulated ones."""

import pytest
from qcodes.instrument_drivers.rigol import RigolDG1062, RigolDG4000


@pytest.fixture
def dg1062z(serve):
    generator = RigolDG1062("dg1062z", serve("rigol/dg1062z"), visalib="@py", timeout=5)
    try:
        yield generator
        assert generator.ask(":SYST:ERR?") == '0,"No error"'
    finally:
        generator.close()


@pytest.fixture
def dg4000(serve):
    generator = RigolDG4000("dg4162", serve("rigol/dg4162"), visalib="@py", timeout=5)
    try:
        yield generator
        assert generator.get_error() == '0,"No error"'
    finally:
        generator.close()


def test_the_dg1062z_says_who_it_is(dg1062z):
    identity = dg1062z.get_idn()
    assert (identity["vendor"], identity["model"]) == ("Rigol Technologies", "DG1062Z")


@pytest.mark.parametrize("number", [0, 1])
def test_a_whole_waveform_is_applied_and_told(dg1062z, number):
    channel = dg1062z.channels[number]
    channel.apply(waveform="PULS", freq=100, ampl=3, offset=1.5, phase=0)
    assert channel.waveform() == "PULS"
    assert channel.current_waveform() == {
        "waveform": "PULS", "freq": 100, "ampl": 3, "offset": 1.5, "phase": 0
    }  # fmt: skip
    channel.ampl(2)
    assert channel.ampl() == pytest.approx(2)
    channel.duty_cycle(20)
    assert float(channel.duty_cycle()) == pytest.approx(20)
    assert float(dg1062z.ask(f":SOUR{number + 1}:PULS:WIDT?")) == pytest.approx(0.002)


def test_its_load_is_infinite_on_demand(dg1062z):
    channel = dg1062z.ch1
    assert channel.impedance() == 50
    channel.impedance("HighZ")
    assert channel.impedance() == "HighZ"


def test_its_bursts_are_as_they_are_set(dg1062z):
    channel = dg1062z.ch2
    burst = channel.burst
    burst.mode("TRIG")
    burst.ncycles(3)
    burst.source("MAN")
    burst.idle("BOTTOM")
    burst.time_delay(0.5)
    burst.on("ON")
    channel.state("ON")
    assert burst.mode() == "TRIG"
    assert float(burst.ncycles()) == 3
    assert burst.source() == "MAN"
    assert burst.idle() == "BOTTOM"
    assert float(burst.time_delay()) == pytest.approx(0.5)
    assert burst.on() == "ON"
    assert channel.state() == "ON"
    burst.trigger()


def test_the_dg4000_says_who_it_is(dg4000):
    assert dg4000.get_idn()["model"] == "DG4162"


def test_pulses_of_the_dg4000_are_as_they_are_set(dg4000):
    dg4000.ch1_pulse(100, 2, 0.5, 0)
    dg4000.ch1_pulse_hold("width")
    dg4000.ch1_pulse_width(0.002)
    assert dg4000.ch1_pulse_duty_cycle() == pytest.approx(20)
    assert dg4000.ch1_amplitude() == pytest.approx(2)
    assert dg4000.ch1_offset() == pytest.approx(0.5)
    assert dg4000.ch1_configuration()[:4] == ["pulse", 100, 2, 0.5]
    dg4000.ch1_output_impedance("infinity")
    assert dg4000.ch1_output_impedance() == "infinity"
    dg4000.ch1_output_polarity("inverted")
    assert dg4000.ch1_output_polarity() == "inverted"
    assert dg4000.ch2_output_polarity() == "normal"


def test_bursts_of_the_dg4000_are_as_they_are_set(dg4000):
    dg4000.ch2_burst_mode("triggered")
    dg4000.ch2_burst_period(0.25)
    dg4000.ch2_burst_trigger_source("manual")
    dg4000.ch2_output_enabled(True)
    assert dg4000.ch2_burst_mode() == "triggered"
    assert dg4000.ch2_burst_period() == pytest.approx(0.25)
    assert dg4000.ch2_burst_trigger_source() == "manual"
    assert dg4000.ch2_output_enabled() is True
    assert dg4000.ch1_output_enabled() is False
