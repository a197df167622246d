"""PyMeasure's and QCoDeS's drivers of the 2450 against the simulated one."""

import pytest
from conftest import OHMS
from pymeasure.instruments.keithley import Keithley2450 as PyMeasure2450
from qcodes.instrument_drivers.Keithley import Keithley2450 as QCoDeS2450

# PyMeasure 0.16 marks apply_voltage and its like as deprecated; programs that
# were written with it still call them.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


@pytest.fixture
def pymeasure(serve):
    smu = PyMeasure2450(
        serve("keithley/2450"),
        visa_library="@py",
        read_termination="\n",
        write_termination="\n",
        timeout=5000,
    )
    yield smu
    assert smu.check_errors() == []
    smu.adapter.close()


@pytest.fixture
def qcodes(serve):
    smu = QCoDeS2450("smu", serve("keithley/2450"), visalib="@py", timeout=5)
    try:
        yield smu
        assert smu.ask(":SYST:ERR?") == '0,"No error;0;0 0"'
    finally:
        smu.close()


def test_pymeasure_reads_the_identity(pymeasure):
    maker, model, serial, firmware = pymeasure.id.split(",")
    assert (maker, model) == ("KEITHLEY INSTRUMENTS", "MODEL 2450")
    assert serial and firmware


@pytest.mark.parametrize("volts", [-5, 0.05, 7.5])
def test_pymeasure_measures_the_resistor(pymeasure, volts):
    pymeasure.apply_voltage(compliance_current=10e-3)
    pymeasure.source_voltage = volts
    pymeasure.enable_source()
    pymeasure.measure_current(nplc=0.1)
    assert pymeasure.current == pytest.approx(volts / OHMS, rel=1e-3)
    pymeasure.measure_voltage()
    assert pymeasure.voltage == pytest.approx(volts, rel=1e-3)
    assert pymeasure.source_enabled is True
    pymeasure.disable_source()
    assert pymeasure.source_enabled is False


def test_pymeasure_stays_at_the_limit(pymeasure):
    pymeasure.apply_voltage(voltage_range=20, compliance_current=1e-4)
    assert pymeasure.source_voltage_range == pytest.approx(20)
    assert pymeasure.compliance_current == pytest.approx(1e-4)
    pymeasure.source_voltage = 10
    pymeasure.enable_source()
    pymeasure.measure_current(nplc=1, current=1e-3, auto_range=False)
    assert pymeasure.current == pytest.approx(1e-4, rel=1e-3)
    pymeasure.measure_voltage()
    assert pymeasure.voltage == pytest.approx(1e-4 * OHMS, rel=1e-3)
    pymeasure.compliance_current = 1e-2
    assert pymeasure.voltage == pytest.approx(10, rel=1e-3)


def test_pymeasure_sources_a_current(pymeasure):
    pymeasure.apply_current(compliance_voltage=20)
    pymeasure.source_current = 1e-3
    pymeasure.enable_source()
    pymeasure.measure_voltage()
    assert pymeasure.voltage == pytest.approx(1e-3 * OHMS, rel=1e-3)


def test_pymeasure_finds_its_settings_again(pymeasure):
    for state in ["HIMP", "NORM", "ZERO", "GUAR"]:
        pymeasure.voltage_output_off_state = state
        assert pymeasure.voltage_output_off_state == state
    pymeasure.current_nplc = 0.5
    assert pymeasure.current_nplc == pytest.approx(0.5)
    pymeasure.current_range = 1e-5
    assert pymeasure.current_range == pytest.approx(1e-5)
    pymeasure.source_voltage_delay = 0.25
    assert pymeasure.source_voltage_delay == pytest.approx(0.25)
    assert pymeasure.source_voltage_delay_auto is False
    pymeasure.buffer_points = 100
    assert pymeasure.buffer_points == 100


def test_pymeasure_reads_the_error_queue(pymeasure):
    pymeasure.write(":SOUR:NOSUCH 1")
    errors = pymeasure.check_errors()
    assert len(errors) == 1
    assert int(errors[0][0]) == -113 and "Undefined header" in errors[0][1]


def test_qcodes_reads_the_identity(qcodes):
    identity = qcodes.get_idn()
    assert identity["vendor"] == "KEITHLEY INSTRUMENTS"
    assert identity["model"] == "2450"


@pytest.mark.parametrize("volts", [-5, 0.1, 7.5])
def test_qcodes_measures_the_resistor(qcodes, volts):
    qcodes.source_function("voltage")
    qcodes.sense_function("current")
    qcodes.source.limit(0.01)
    qcodes.sense.nplc(0.1)
    qcodes.source.voltage(volts)
    with pytest.raises(RuntimeError, match="Output needs to be on"):
        qcodes.sense.current()
    qcodes.output_enabled(True)
    assert qcodes.sense.current() == pytest.approx(volts / OHMS, rel=1e-3)
    assert qcodes.source.limit_tripped() is False
    qcodes.sense_function("voltage")
    assert qcodes.sense.voltage() == pytest.approx(volts, rel=1e-3)
    qcodes.output_enabled(False)
    assert qcodes.output_enabled() is False


def test_qcodes_stays_at_the_limit(qcodes):
    qcodes.source_function("voltage")
    qcodes.sense_function("current")
    qcodes.source.limit(1e-4)
    qcodes.source.voltage(10)
    qcodes.output_enabled(True)
    assert qcodes.sense.current() == pytest.approx(1e-4, rel=1e-3)
    assert qcodes.ask(":SOUR:VOLT:ILIM:TRIP?") == "1"


def test_qcodes_reads_the_buffer(qcodes):
    qcodes.source_function("voltage")
    qcodes.sense_function("current")
    qcodes.source.limit(0.01)
    qcodes.source.voltage(1)
    qcodes.output_enabled(True)
    qcodes.sense.count(4)
    qcodes.sense.current()
    buffer = qcodes.buffer("defbuffer1")
    assert buffer.number_of_readings() == 4
    assert buffer.size() == 100_000
    assert buffer.get_data(1, 4) == pytest.approx([1 / OHMS] * 4, rel=1e-3)
    buffer.elements(["source_value", "measurement"])
    assert [float(text) for text in buffer.get_data(2, 2)] == pytest.approx([1, 1 / OHMS])
    buffer.clear_buffer()
    assert buffer.number_of_readings() == 0


def test_qcodes_finds_its_settings_again(qcodes):
    qcodes.sense_function("current")
    qcodes.sense.range(1e-5)
    assert qcodes.sense.range() == pytest.approx(1e-5)
    assert qcodes.sense.auto_range() is False
    qcodes.sense.auto_range(True)
    assert qcodes.sense.auto_range() is True
    qcodes.sense.four_wire_measurement(True)
    assert qcodes.sense.four_wire_measurement() is True
    qcodes.sense.auto_zero_enabled(False)
    assert qcodes.sense.auto_zero_enabled() is False
    qcodes.sense.auto_zero_once()
    qcodes.source.range(20)
    assert qcodes.source.range() == pytest.approx(20)
