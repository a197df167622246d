"""PyMeasure's Agilent33500 against the simulated Keysight 33522B."""

import pytest
from pymeasure.instruments.agilent import Agilent33500


@pytest.fixture
def generator(serve):
    generator = Agilent33500(
        serve("keysight/33522b"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield generator
    assert generator.check_errors() == []
    generator.adapter.close()


@pytest.fixture(params=["as a whole", "channel 1", "channel 2"])
def channel(request, generator):
    """The instrument itself acts on channel 1."""
    return {
        "as a whole": generator,
        "channel 1": generator.ch_1,
        "channel 2": generator.ch_2,
    }[request.param]


def test_it_says_who_it_is(generator):
    maker, model, serial, firmware = generator.id.split(",")
    assert (maker, model) == ("Keysight Technologies", "33522B")
    assert serial and firmware


def test_a_reset_leaves_the_values_of_the_manual(generator, channel):
    channel.amplitude = 2
    channel.shape = "SQU"
    generator.reset()
    assert channel.shape == "SIN"
    assert channel.frequency == 1000
    assert channel.amplitude == pytest.approx(0.1)
    assert channel.offset == 0
    assert channel.output is False
    assert channel.output_load == 50
    assert channel.pulse_width == pytest.approx(100e-6)
    assert channel.burst_state is False


def test_every_shape_is_accepted(channel):
    for shape in ["SQU", "TRI", "RAMP", "PULS", "PRBS", "NOIS", "ARB", "DC", "SIN"]:
        channel.shape = shape
        assert channel.shape == shape


def test_frequency_and_period_are_one(channel):
    channel.shape = "PULS"
    channel.frequency = 250
    assert channel.frequency == pytest.approx(250)
    assert channel.pulse_period == pytest.approx(4e-3)
    channel.pulse_period = 0.5
    assert channel.frequency == pytest.approx(2)


def test_amplitude_and_offset_are_the_levels(channel):
    channel.amplitude = 2
    channel.offset = 0.5
    assert channel.amplitude == pytest.approx(2)
    assert channel.offset == pytest.approx(0.5)
    assert channel.voltage_high == pytest.approx(1.5)
    assert channel.voltage_low == pytest.approx(-0.5)
    channel.voltage_high = 3
    channel.voltage_low = 1
    assert channel.amplitude == pytest.approx(2)
    assert channel.offset == pytest.approx(2)
    channel.amplitude_unit = "VRMS"
    assert channel.amplitude_unit == "VRMS"
    channel.amplitude_unit = "VPP"


def test_levels_are_doubled_without_a_load(channel):
    channel.amplitude = 2
    channel.output_load = "INF"
    assert channel.output_load == 9.9e37
    assert channel.amplitude == pytest.approx(4)
    channel.output_load = 50
    assert channel.amplitude == pytest.approx(2)


def test_a_high_level_below_the_low_one_moves_that(generator, channel):
    channel.voltage_high = 2
    channel.voltage_low = 1
    channel.voltage_high = 0.5
    assert channel.voltage_high == pytest.approx(0.5)
    assert channel.voltage_low == pytest.approx(0.499)
    errors = generator.check_errors()
    assert [int(error[0]) for error in errors] in ([-221], [-222])


def test_a_pulse_is_as_set(channel):
    channel.shape = "PULS"
    channel.pulse_period = 10e-3
    channel.pulse_width = 2e-3
    channel.pulse_transition = 50e-9
    assert channel.pulse_width == pytest.approx(2e-3)
    assert channel.pulse_transition == pytest.approx(50e-9)
    # Width and duty cycle are two words for one thing.
    assert channel.pulse_dutycycle == pytest.approx(20, rel=1e-3)
    channel.pulse_dutycycle = 50
    assert channel.pulse_width == pytest.approx(5e-3, rel=1e-3)
    channel.pulse_hold = "DCYC"
    assert channel.pulse_hold == "DCYC"


def test_a_square_and_a_ramp_are_as_set(channel):
    channel.square_dutycycle = 25
    assert channel.square_dutycycle == 25
    channel.ramp_symmetry = 75
    assert channel.ramp_symmetry == 75
    channel.phase = 90
    assert channel.phase == 90


def test_a_burst_is_as_set(channel):
    channel.burst_mode = "GAT"
    assert channel.burst_mode == "GAT"
    channel.burst_mode = "TRIGGERED"
    assert channel.burst_mode == "TRIG"
    channel.burst_period = 0.25
    assert channel.burst_period == pytest.approx(0.25)
    channel.burst_ncycles = 3
    assert channel.burst_ncycles == 3
    channel.burst_state = True
    assert channel.burst_state is True


def test_an_output_goes_on_and_off(generator, channel):
    channel.output = True
    assert channel.output is True
    other = generator.ch_1 if channel is generator.ch_2 else generator.ch_2
    assert other.output is False
    channel.output = "off"
    assert channel.output is False


def test_an_arbitrary_waveform_is_taken(channel):
    channel.data_volatile_clear()
    channel.data_arb("steps", range(0, 8000, 1000))
    channel.data_arb("ramp", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], data_format="float")
    channel.arb_file = "steps"
    assert channel.arb_file.strip().strip('"') == "steps"
    channel.arb_srate = 1e6
    assert channel.arb_srate == 1e6
    channel.arb_filter = "OFF"
    assert channel.arb_filter == "OFF"
    channel.arb_advance = "TRIG"
    assert channel.arb_advance == "TRIG"


def test_a_bus_trigger_is_done_when_it_says_so(generator):
    generator.shape = "PULS"
    generator.trigger_source = "BUS"
    assert generator.trigger_source == "BUS"
    generator.burst_state = True
    generator.output = True
    generator.trigger()
    generator.wait_for_trigger(timeout=5)
    assert generator.complete == "1"
    generator.ext_trig_out = True
    assert generator.ext_trig_out is True


def test_the_panel_is_used(generator):
    generator.beep()
    generator.display = "hello"
    assert generator.ask("DISP:TEXT?").strip() == '"hello"'
    generator.clear_display()
    assert generator.ask("DISP:TEXT?").strip() == '""'
    generator.phase_sync()


def test_wrong_commands_are_in_the_error_queue(generator):
    generator.write("FUNC CIRCLE")
    generator.write("SOUR3:FREQ 1")
    generator.write("FREQUENZ 1")
    generator.write("FREQ 1e9")
    codes = [int(error[0]) for error in generator.check_errors()]
    assert codes == [-224, -114, -113, -222]
    assert generator.next_error == [0, '"No error"']
    assert generator.shape == "SIN"
    # What is out of range is done as far as it goes (operating and service
    # guide, FREQuency).
    assert generator.frequency == 30e6
