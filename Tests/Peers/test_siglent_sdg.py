"""The driver of Siglent's generators from QCoDeS's contributed ones."""

import pytest
from qcodes_contrib_drivers.drivers.Siglent.sdg import Siglent_SDG_2042X


@pytest.fixture
def generator(serve):
    generator = Siglent_SDG_2042X("sdg", serve("siglent/sdg2042x"), visalib="@py", timeout=5)
    try:
        yield generator
    finally:
        generator.close()


@pytest.fixture(params=[0, 1])
def channel(request, generator):
    return generator.channels[request.param]


def test_it_says_who_it_is(generator):
    identity = generator.get_idn()
    assert (identity["vendor"], identity["model"]) == ("Siglent Technologies", "SDG2042X")


def test_a_pulse_is_as_it_is_set(channel):
    channel.wave_type("pulse")
    channel.period(0.01)
    channel.pulse_width(0.002)
    channel.low_level(0)
    channel.high_level(3)
    channel.rise_time(1e-6)
    assert channel.wave_type() == "pulse"
    assert channel.frequency() == pytest.approx(100)
    assert channel.pulse_width() == pytest.approx(0.002)
    assert channel.duty_cycle() == pytest.approx(20)
    assert channel.amplitude() == pytest.approx(3)
    assert channel.offset() == pytest.approx(1.5)
    assert channel.rise_time() == pytest.approx(1e-6)


def test_what_a_waveform_does_not_have_is_not_told(channel):
    channel.wave_type("sine")
    assert channel.pulse_width() is None
    channel.wave_type("noise")
    channel.noise_std_dev(0.25)
    assert channel.noise_std_dev() == pytest.approx(0.25)
    assert channel.frequency() is None


def test_outputs_are_switched_one_by_one(generator, channel):
    other = generator.channels[2 - channel.channel_number]
    channel.load(75)
    channel.polarity("inverted")
    channel.enabled(True)
    assert channel.load() == 75
    assert channel.polarity() == "inverted"
    assert channel.enabled() is True
    assert other.enabled() is False
    channel.load("HZ")
    assert channel.load() == "HZ"


def test_a_burst_is_as_it_is_set(channel):
    channel.burst_wave(True)
    channel.burst_mode("ncyc")
    channel.burst_trigger_source("manual")
    channel.burst_ncycles(3)
    assert channel.burst_wave() is True
    assert channel.burst_ncycles() == 3
    channel.burst_wave(False)
    assert channel.burst_wave() is False
