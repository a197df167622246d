"""PyMeasure's driver of the Keysight 81160A against the simulated one.

What it idles at and what its outputs are when they are off is not known: what
is asked here is what the driver sends and reads.
"""

import pytest
from pymeasure.instruments.keysight import Keysight81160A


@pytest.fixture
def generator(serve):
    generator = Keysight81160A(
        serve("keysight/81160a"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield generator
    assert generator.check_errors() == []
    generator.adapter.close()


@pytest.fixture(params=[1, 2])
def channel(request, generator):
    return generator.channels[request.param]


def test_it_says_who_it_is(generator):
    assert "Agilent Technologies,81160A" in generator.id


def test_a_pulse_is_as_set(channel):
    channel.shape = "PULS"
    assert channel.shape == "PULS"
    channel.pulse_period = 10e-3
    channel.pulse_width = 2e-3
    channel.pulse_transition = 50e-9
    assert channel.pulse_period == pytest.approx(10e-3)
    assert channel.pulse_width == pytest.approx(2e-3)
    assert channel.pulse_transition == pytest.approx(50e-9)
    # Width and duty cycle are two words for one thing, period and frequency too.
    assert channel.pulse_dutycycle == pytest.approx(20)
    assert channel.frequency == pytest.approx(100)
    channel.pulse_dutycycle = 50
    assert channel.pulse_width == pytest.approx(5e-3)
    channel.pulse_hold = "DCYC"
    assert channel.pulse_hold == "DCYC"


def test_levels_are_those_at_the_load(channel):
    channel.amplitude = 2
    channel.offset = 0.5
    assert channel.voltage_high == pytest.approx(1.5)
    assert channel.voltage_low == pytest.approx(-0.5)
    # What it drives takes next to nothing: the same is told as twice as much.
    channel.output_load = 1e6
    assert channel.output_load == 1e6
    assert channel.amplitude == pytest.approx(4, rel=1e-3)
    channel.voltage_low = -1
    channel.voltage_high = 3
    assert channel.amplitude == pytest.approx(4)
    assert channel.offset == pytest.approx(1)


def test_a_level_beyond_a_limit_is_not_taken(generator, channel):
    channel.limit_high = 1
    channel.limit_low = -0.5
    channel.limit_state_enabled = True
    assert channel.limit_high == 1
    assert channel.limit_low == -0.5
    assert channel.limit_state_enabled is True
    channel.voltage_high = 1.5
    assert [int(error[0]) for error in generator.check_errors()] == [-222]
    assert channel.voltage_high <= 1
    channel.limit_state_enabled = False
    channel.voltage_high = 1.5
    assert channel.voltage_high == pytest.approx(1.5)


def test_a_burst_is_as_set_and_triggered(generator, channel):
    channel.shape = "PULS"
    channel.trigger_mode = "MAN"
    assert channel.trigger_mode == "MAN"
    channel.burst_mode = "TRIGGERED"
    assert channel.burst_mode == "TRIG"
    channel.burst_ncycles = 3
    assert channel.burst_ncycles == 3
    assert channel.trigger_count == 3
    channel.burst_period = 0.25
    assert channel.burst_period == pytest.approx(0.25)
    channel.burst_state = True
    assert channel.burst_state is True
    channel.output = True
    generator.trigger()
    generator.wait_for_trigger(timeout=5)


def test_outputs_are_switched_one_by_one(generator, channel):
    other = generator.channels[3 - channel.id]
    channel.output = True
    assert channel.output is True
    assert other.output is False
    channel.coupling_enabled = True
    assert channel.coupling_enabled is True
    generator.reset()
    assert channel.output is False


def test_whole_waveforms_are_applied(channel):
    channel.apply_pulse(250, 2, 0.5)
    assert channel.shape == "PULS"
    assert channel.frequency == pytest.approx(250)
    assert channel.voltage_high == pytest.approx(1.5)
    channel.apply_sin(2000, 1, 0)
    assert channel.shape == "SIN"
    assert channel.amplitude == pytest.approx(1)
    channel.apply_dc(0.25)
    assert channel.shape == "DC"
    assert channel.offset == pytest.approx(0.25)


def test_a_waveform_of_ones_own_is_taken(channel):
    channel.save_waveform([-2.0, -1.0, 0.0, 1.0, 2.0], "STEPS")
    channel.shape = "USER"
    assert channel.shape == "USER"
    assert channel.free_memory_slots == 4


def test_wrong_commands_are_in_the_error_queue(generator):
    generator.write(":NOSUCH 1")
    generator.write(":FUNC1 CIRCLE")
    generator.write(":OUTP3 1")
    codes = [int(error[0]) for error in generator.check_errors()]
    assert codes == [-113, -224, -114]
    assert generator.next_error == [0, '"No error"']
