"""Clients that open a serial port, on the pseudo-terminals of simulated instruments."""

import pathlib

import pytest
from conftest import OHMS, Served


@pytest.fixture
def open_serial(visa):
    served = []

    def start(family, end):
        served.append(Served(family, "--pty"))
        resource = served[-1].process.stdout.readline().strip()
        assert resource.startswith("ASRL/dev/pts/"), resource
        return visa.open_resource(
            resource, read_termination=end, write_termination=end, timeout=5000
        )

    yield start
    for one in served:
        assert one.end()[0] == 0


def test_a_2400_on_a_serial_port(open_serial):
    smu = open_serial("keithley/2400", "\r")
    assert smu.query("*IDN?").startswith("KEITHLEY INSTRUMENTS INC.,MODEL 2400")
    smu.write(":SENS:CURR:PROT 0.01;:SOUR:VOLT 2.5;:OUTP ON;:FORM:ELEM CURR")
    assert float(smu.query(":READ?")) == pytest.approx(2.5 / OHMS, rel=1e-3)
    smu.write(":SENS:CURR:PROT 1e-4")
    assert float(smu.query(":READ?")) == pytest.approx(1e-4, rel=1e-3)
    assert smu.query(":SENS:CURR:PROT:TRIP?") == "1"
    smu.write(":SOUR:NOSUCH 1")
    assert smu.query(":SYST:ERR?") == '-113,"Undefined header"'
    assert smu.query(":SYST:ERR?") == '0,"No error"'


def test_a_2600b_on_a_serial_port(open_serial):
    smu = open_serial("keithley/2602b", "\n")
    smu.write("smua.source.levelv = 3 smua.source.output = 1")
    assert float(smu.query("print(smua.measure.i())")) == pytest.approx(3 / OHMS, rel=1e-3)
    # A buffer is longer than what a terminal holds at once.
    smu.write("smua.measure.nplc = 0.001 smua.measure.count = 2000")
    smu.write("smua.measure.overlappedi(smua.nvbuffer1) waitcomplete()")
    values = smu.query_ascii_values("printbuffer(1, 2000, smua.nvbuffer1)")
    assert values == pytest.approx([3 / OHMS] * 2000, rel=1e-3)


def test_a_terminal_stays_when_a_client_leaves(open_serial, visa):
    first = open_serial("keithley/2400", "\r")
    first.write(":SOUR:VOLT:RANG 2;:SOUR:VOLT 1.5")
    path = first.resource_name
    first.close()
    assert pathlib.Path(path.removeprefix("ASRL").removesuffix("::INSTR")).exists()
    second = visa.open_resource(path, read_termination="\r", write_termination="\r", timeout=5000)
    assert float(second.query(":SOUR:VOLT?")) == 1.5
