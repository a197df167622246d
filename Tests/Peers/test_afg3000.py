"""Other people's drivers of Tektronix's AFG3000 against the simulated one: PyMeasure's
and the one among QCoDeS's contributed ones."""

import pytest
from pymeasure.instruments.tektronix.afg3152c import AFG3152C
from qcodes_contrib_drivers.drivers.Tektronix.AFG3000 import AFG3000


@pytest.fixture
def afg3152c(serve):
    generator = AFG3152C(
        serve("tektronix/afg3152c"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield generator
    assert generator.ask("SYST:ERR?") == '0,"No error"'
    generator.adapter.close()


@pytest.fixture
def afg3252c(serve):
    generator = AFG3000("afg3252c", serve("tektronix/afg3252c"), visalib="@py")
    try:
        yield generator
        assert generator.ask("SYSTem:ERRor:NEXT?") == '0,"No error"'
    finally:
        generator.close()


def test_it_says_who_it_is(afg3152c):
    assert "TEKTRONIX,AFG3152C" in afg3152c.id


# PyMeasure 0.16.0 cannot switch an output: it asks its channel for a number.
def test_pymeasure_sets_and_reads_a_channel(afg3152c):
    for channel in [afg3152c.ch1, afg3152c.ch2]:
        channel.shape = "pulse"
        channel.frequency = 1000
        channel.unit = "VPP"
        channel.amp_vpp = 2
        channel.offset = 0.5
        channel.duty = 20
        assert channel.shape == "pulse"
        assert channel.frequency == pytest.approx(1000)
        assert channel.unit == "VPP"
        assert channel.amp_vpp == pytest.approx(2)
        assert channel.offset == pytest.approx(0.5)
        assert channel.duty == pytest.approx(20)
    afg3152c.ch2.waveform(shape="SQU", frequency=2e3, amplitude=1)
    assert afg3152c.ch2.shape == "square"
    assert afg3152c.opc() == 1


def test_qcodes_sets_and_reads_levels(afg3252c):
    afg3252c.impedance_output1(1000)
    assert afg3252c.impedance_output1() == 1000
    afg3252c.polarity_output1("INV")
    assert afg3252c.polarity_output1() == "INV"
    afg3252c.voltage_low1(-1)
    afg3252c.voltage_high1(3)
    assert afg3252c.voltage_amplitude1() == pytest.approx(4)
    assert afg3252c.voltage_offset1() == pytest.approx(1)
    afg3252c.voltage_limit_high1(5)
    assert afg3252c.voltage_limit_high1() == pytest.approx(5)
    assert afg3252c.state_output1() == 0
    afg3252c.state_output1(1)
    assert afg3252c.state_output1() == 1
    assert afg3252c.state_output2() == 0


def test_qcodes_sets_and_reads_a_burst(afg3252c):
    afg3252c.burst_mode2("TRIG")
    afg3252c.burst_ncycles2(3)
    afg3252c.burst_tdelay2(0.5)
    afg3252c.burst_state2(1)
    afg3252c.trigger_source("EXT")
    afg3252c.trigger_slope("NEG")
    afg3252c.trigger_timer(0.1)
    assert afg3252c.burst_mode2() == "TRIG"
    assert afg3252c.burst_ncycles2() == 3
    assert afg3252c.burst_tdelay2() == pytest.approx(0.5)
    assert afg3252c.burst_state2() == 1
    assert afg3252c.trigger_source() == "EXT"
    assert afg3252c.trigger_slope() == "NEG"
    assert afg3252c.trigger_timer() == pytest.approx(0.1)
