"""PyMeasure's driver of the Rigol DG800 against the simulated one."""

import pytest
from pymeasure.instruments.rigol import DG800


@pytest.fixture
def generator(serve):
    generator = DG800(
        serve("rigol/dg822"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield generator
    assert generator.ask(":SYST:ERR?") == '0,"No error"'
    generator.adapter.close()


def test_it_says_who_it_is(generator):
    maker, model, serial, firmware = generator.id.split(",")
    assert (maker, model) == ("Rigol Technologies", "DG822")


def test_its_outputs_are_switched(generator):
    for channel in [generator.channel_1, generator.channel_2]:
        assert channel.output_enabled is False
        channel.output_enabled = True
        assert channel.output_enabled is True
        channel.sync_enabled = False
        assert channel.sync_enabled is False


def test_levels_are_those_at_the_load(generator):
    channel = generator.channel_1
    assert channel.load == 50
    channel.pulse = (1000, 2, 0.5, 0)
    assert channel.shape.strip() == "PULS"
    assert channel.frequency == pytest.approx(1000)
    assert generator.values(":SOUR1:VOLT:HIGH?;:SOUR1:VOLT:LOW?", separator=";") == [1.5, -0.5]
    # What it drives takes nothing: the same is told as twice as much.
    channel.load = 9.9e37
    assert channel.load == pytest.approx(9.9e37)
    assert generator.values(":SOUR1:VOLT:HIGH?;:SOUR1:VOLT:LOW?", separator=";") == [3, -1]


def test_pulses_are_as_they_are_set(generator):
    channel = generator.channel_2
    channel.pulse = (100, 2, 0, 0)
    channel.pulse_width = 0.002
    assert channel.pulse_width == pytest.approx(0.002)
    assert channel.duty_cycle == pytest.approx(20)
    channel.duty_cycle = 40
    assert channel.pulse_width == pytest.approx(0.004)


def test_waveforms_are_chosen(generator):
    channel = generator.channel_1
    for name, shape in [("sine", "SIN"), ("square", "SQU"), ("triangle", "RAMP")]:
        setattr(channel, name, (2000, 1, 0.25, 90))
        assert channel.shape.strip() == shape
        assert channel.frequency == pytest.approx(2000)
        assert generator.values(":SOUR1:VOLT?;:SOUR1:VOLT:OFFS?;:SOUR1:PHAS?", separator=";") == [
            1, 0.25, 90
        ]  # fmt: skip
    channel.dc = 1.5
    assert channel.shape.strip() == "DC"
    channel.noise = (2, 0.5)
    assert channel.shape.strip() == "NOIS"


def test_a_wrong_command_is_in_the_error_queue(generator):
    generator.write(":SOUR1:NOSUCH 1")
    assert generator.ask(":SYST:ERR?") == '-113,"Undefined header"'
