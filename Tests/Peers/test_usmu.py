"""usmu_py on the pseudo-terminal of a simulated uSMU."""

import time

import pytest
from conftest import OHMS, Served
from usmu_py.smu import USMU, USMUSerialError


@pytest.fixture
def smu():
    served = Served("usmu/v10", "--pty")
    resource = served.process.stdout.readline().strip()
    port = resource.removeprefix("ASRL").removesuffix("::INSTR")
    with USMU(port, command_delay=0) as smu:
        yield smu
    status, errors = served.end()
    assert status == 0, errors


def test_it_says_who_it_is(smu):
    assert smu.read_idn().startswith("uSMU version 1.0 ID:")


def test_ohms_law_holds(smu):
    smu.set_current_limit(20.0)
    smu.set_oversample_rate(10)
    smu.enable_output()
    for step in range(-10, 11):
        voltage, current = smu.measure_iv_point(step / 2)
        assert voltage == pytest.approx(step / 2)
        assert current == pytest.approx(step / 2 / OHMS, rel=1e-5)


def test_the_limit_is_in_milliamperes_and_trips(smu):
    smu.enable_output()
    smu.set_current_limit(0.1)
    voltage, current = smu.measure_iv_point(5)
    assert current == pytest.approx(1e-4)
    assert voltage == pytest.approx(1e-4 * OHMS)
    assert smu.measure_iv_point(-5) == pytest.approx((-1e-4 * OHMS, -1e-4))
    assert smu.measure_iv_point(0.5) == pytest.approx((0.5, 0.5 / OHMS))
    smu.set_current_limit(20)
    assert smu.measure_iv_point(5) == pytest.approx((5, 5 / OHMS))


def test_off_is_open(smu):
    smu.enable_output()
    smu.set_voltage(3)
    smu.disable_output()
    assert smu.measure_iv_point(3) == (0, 0)
    smu.enable_output()
    assert smu.measure_iv_point(3)[1] == pytest.approx(3 / OHMS)


def test_what_it_does_not_know_is_answered_in_words(smu):
    # There is no error queue: the next answer is the one to what went before.
    smu._write("CH1:NOSUCH")
    with pytest.raises(USMUSerialError, match="Test string not found"):
        smu.measure_iv_point(1)
    assert smu._readline().strip("\0") == "0.000,0.000000e+00"
    assert smu._query("CH1:VO 1").strip("\0") == "Test string not found"


def test_commands_that_the_simulation_does_nothing_for_are_taken(smu):
    smu.enable_voltage_calibration_mode()
    smu.lock_current_range(2)
    smu.set_dac(32768)
    smu.set_current_limit_dac(2048)
    time.sleep(0.1)
    assert smu.ser.in_waiting == 0
