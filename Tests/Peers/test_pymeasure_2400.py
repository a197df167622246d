"""PyMeasure's Keithley2400 against the simulated Keithley 2400."""

import math

import pytest
from conftest import OHMS
from pymeasure.instruments.keithley import Keithley2400

# PyMeasure 0.16 marks apply_voltage and its like as deprecated; programs that
# were written with it still call them.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


@pytest.fixture
def smu(serve):
    smu = Keithley2400(
        serve("keithley/2400"),
        visa_library="@py",
        read_termination="\r",
        write_termination="\r",
        timeout=5000,
    )
    yield smu
    assert smu.check_errors() == []
    smu.adapter.close()


def test_it_says_who_it_is(smu):
    maker, model, serial, firmware = smu.id.split(",", 3)
    assert (maker, model) == ("KEITHLEY INSTRUMENTS INC.", "MODEL 2400")
    assert serial and firmware
    assert smu.complete == "1"


def test_a_reset_leaves_the_values_of_the_manual(smu):
    smu.source_voltage = 3
    smu.source_mode = "current"
    smu.reset()
    assert smu.source_mode == "voltage"
    assert smu.source_voltage == 0
    assert smu.source_enabled is False
    assert smu.compliance_current == pytest.approx(1.05e-4)
    assert smu.compliance_voltage == pytest.approx(21)
    assert smu.current_nplc == 1
    for auto in [
        smu.current_range_auto_enabled,
        smu.voltage_range_auto_enabled,
        smu.source_current_range_auto_enabled,
        smu.source_voltage_range_auto_enabled,
    ]:
        assert auto is True
    # As PyMeasure's own test on a real 2400 has them: ranges with their 5 %.
    assert smu.current_range == pytest.approx(1.05e-4)
    assert smu.voltage_range == pytest.approx(21)
    assert smu.source_current_range == pytest.approx(1.05e-4)
    assert smu.source_voltage_range == pytest.approx(21)
    assert smu.resistance_range == pytest.approx(2.1e5)


@pytest.mark.parametrize("volts", [-5, -0.1, 0.05, 1, 7.5])
def test_a_current_is_the_voltage_over_the_resistor(smu, volts):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = volts
    smu.enable_source()
    smu.measure_current(nplc=0.1)
    assert smu.current == pytest.approx(volts / OHMS, rel=1e-3)
    smu.measure_voltage()
    assert smu.voltage == pytest.approx(volts, rel=1e-3)
    assert smu.source_enabled is True


@pytest.mark.parametrize("amperes", [-2e-4, 1e-6, 1e-3])
def test_a_voltage_is_the_current_times_the_resistor(smu, amperes):
    smu.apply_current(compliance_voltage=20)
    smu.source_current = amperes
    smu.enable_source()
    smu.measure_voltage()
    assert smu.voltage == pytest.approx(amperes * OHMS, rel=1e-3)


def test_a_resistance_is_measured(smu):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = 1
    smu.measure_resistance()
    smu.enable_source()
    assert smu.resistance == pytest.approx(OHMS, rel=1e-3)


def test_all_elements_of_a_reading_fit_one_another(smu):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = 2
    smu.enable_source()
    first, second = smu.measure_all(), smu.measure_all()
    assert first["voltage"] == pytest.approx(2, rel=1e-3)
    assert first["current"] == pytest.approx(2 / OHMS, rel=1e-3)
    assert first["resistance"] == pytest.approx(OHMS, rel=1e-3)
    # One power line cycle, the default, is 20 ms at least.
    assert second["time"] - first["time"] >= 0.02 * 0.999
    # Not in compliance: bit 3.
    assert first["status"] & 8 == 0


def test_a_current_stops_at_its_compliance(smu):
    smu.apply_voltage(compliance_current=1e-4)
    smu.source_voltage = 5
    smu.measure_current()
    smu.enable_source()
    assert smu.current == pytest.approx(1e-4, rel=1e-3)
    assert smu.ask(":SENS:CURR:PROT:TRIP?").strip() == "1"
    reading = smu.measure_all()
    assert reading["voltage"] == pytest.approx(1e-4 * OHMS, rel=1e-3)
    assert reading["status"] & 8 == 8
    smu.source_voltage = 0.5
    assert smu.current == pytest.approx(0.5 / OHMS, rel=1e-3)
    assert smu.ask(":SENS:CURR:PROT:TRIP?").strip() == "0"


def test_wrong_commands_are_in_the_error_queue(smu):
    smu.write(":SOUR:VOLTS 1")
    smu.write(":SOUR:VOLT")
    smu.write(":SENS:CURR:NPLC 100")
    smu.write(":READ?")
    codes = [[error[0], error[1].strip()] for error in smu.check_errors()]
    assert codes[0] == [-113, '"Undefined header"']
    assert codes[1] == [-109, '"Missing parameter"']
    assert codes[2][0] == -222 and codes[2][1].endswith('ata out of range"')
    assert codes[3] == [803, '"Not permitted with OUTPUT off"']
    assert len(codes) == 4
    assert smu.next_error[0] == 0


def test_a_buffer_fills_and_says_so(smu):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = 3
    smu.measure_current(nplc=0.1)
    smu.enable_source()
    smu.config_buffer(points=12, delay=0.05)
    assert smu.buffer_points == 12
    assert smu.is_buffer_full() is False
    smu.start_buffer()
    smu.wait_for_buffer(timeout=5, interval=0.01)
    readings = smu.buffer_data.reshape(12, 5)
    assert readings[:, 1] == pytest.approx([3 / OHMS] * 12, rel=1e-3)
    steps = readings[1:, 3] - readings[:-1, 3]
    assert steps == pytest.approx([0.05 + 0.002] * 11, rel=0.05)
    # The next ones are others.
    smu.source_voltage = -1
    smu.reset_buffer()
    smu.write(":STAT:MEAS:ENAB 512")
    assert smu.is_buffer_full() is False
    smu.start_buffer()
    smu.wait_for_buffer(timeout=5, interval=0.01)
    assert smu.buffer_data.reshape(12, 5)[:, 1] == pytest.approx([-1 / OHMS] * 12, rel=1e-3)
    smu.stop_buffer()
    smu.disable_buffer()


def test_settings_come_back_as_they_were_made(smu):
    smu.source_delay = 0.25
    assert smu.source_delay == pytest.approx(0.25)
    # Setting a delay switches the automatic one off.
    assert smu.source_delay_auto_enabled is False
    smu.source_delay_auto_enabled = True
    assert smu.source_delay_auto_enabled is True
    smu.output_off_state = "HIMP"
    assert smu.ask(":OUTPUT:SMODE?").strip() == "HIMP"
    smu.auto_output_off_enabled = True
    assert smu.auto_output_off_enabled is True
    smu.auto_output_off_enabled = False
    smu.auto_zero_enabled = False
    assert smu.auto_zero_enabled is False
    smu.auto_zero_once()
    smu.filter_enabled = True
    smu.filter_count = 5
    smu.repeat_filter_enabled = False
    assert (smu.filter_enabled, smu.filter_count) == (True, 5)
    assert smu.repeat_filter_enabled is False
    smu.current_nplc = 0.5
    # One integration time for all functions.
    assert smu.voltage_nplc == pytest.approx(0.5)
    assert smu.resistance_nplc == pytest.approx(0.5)
    smu.current_range = 5e-4
    assert smu.current_range_auto_enabled is False
    assert smu.current_range == pytest.approx(1.05e-3)
    smu.resistance_range_auto_enabled = False
    assert smu.resistance_range_auto_enabled is False
    smu.wires = 4
    assert smu.wires == 4
    smu.front_terminals_enabled = False
    assert smu.front_terminals_enabled is False
    smu.line_frequency = 60
    assert smu.line_frequency == 60
    smu.line_frequency_auto_enabled = True
    assert smu.line_frequency_auto_enabled is True
    smu.display_enabled = False
    assert smu.display_enabled is False
    smu.beep(440, 0.1)


def test_triggers_are_set_up(smu):
    smu.trigger_on_external(line=3)
    assert (smu.arm_source, smu.trigger_source) == ("trigger_link", "trigger_link")
    assert (smu.arm_input_line, smu.trigger_input_line) == (3, 3)
    smu.trigger_output_event = "sense"
    assert smu.trigger_output_event == "sense"
    smu.arm_output_event = "trigger_exit"
    assert smu.arm_output_event == "trigger_exit"
    smu.trigger_output_line = 2
    assert smu.trigger_output_line == 2
    smu.arm_source = "timer"
    smu.arm_timer = 0.25
    assert smu.arm_timer == pytest.approx(0.25)
    smu.sample_continuously()
    assert (smu.arm_source, smu.trigger_output_event) == ("immediate", "none")
    smu.trigger_count = 7
    smu.arm_count = 3
    assert (smu.trigger_count, smu.arm_count) == (7, 3)
    smu.reset_trigger()
    smu.clear_trigger()


def test_several_readings_come_in_one_answer(smu):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = 2
    smu.enable_source()
    smu.trigger_count = 4
    values = smu.values(":READ?")
    assert len(values) == 20
    assert values[1::5] == pytest.approx([2 / OHMS] * 4, rel=1e-3)
    assert smu.values(":FETC?") == values


def test_shutdown_leaves_the_output_off(smu):
    smu.apply_voltage(compliance_current=10e-3)
    smu.source_voltage = 1
    smu.enable_source()
    smu.shutdown()
    assert smu.source_enabled is False
    assert smu.source_voltage == 0
    assert math.isclose(float(smu.ask(":OUTP?")), 0)
