"""Saltire against instruments that it does not simulate: pyvisa-sim with the files of QCoDeS."""

import os
import pathlib
import subprocess

import pytest
import qcodes.instrument.sims
from bridge import Bridge
from conftest import ROOT

SIMS = pathlib.Path(qcodes.instrument.sims.__file__).parent


@pytest.fixture
def bridge():
    bridges = []

    def start(file, resource):
        bridges.append(Bridge(SIMS / file, resource))
        return bridges[-1]

    yield start
    for one in bridges:
        one.close()


def saltire(*arguments):
    return subprocess.run(
        [os.environ["SALTIRE"], *arguments], capture_output=True, text=True, cwd=ROOT, timeout=30
    )


def query(bridge, command):
    answer = saltire("query", bridge.address, command)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.rstrip("\n")


BENCH = """\
bench: instruments
instruments:
  gate:  {{ resource: "{gate}", family: {family} }}
  drain: {{ resource: "{drain}", family: {family} }}
terminals:
  GA1: {{ channel: gate.{channel}, voltage: 5 V, current: 1 uA }}
  DA1: {{ channel: drain.{channel}, voltage: 200 mV, current: 1 uA }}
idle: ground
arrays:
  A:
    row: ground
    columns:
      - {{ device: A1, drain: DA1, gate: GA1 }}
limits:
  gate: {{ voltage: 5 V, width: 100 ms }}
  drain: {{ voltage: 200 mV }}
  session: {{ pulses: 1000000 }}
  conductance: {{ min: 0.2 uS, max: 8 uS }}
"""


def test_a_2600_is_identified_sourced_and_measured(bridge):
    it = bridge("Keithley_2600.yaml", "GPIB::1::INSTR")
    assert query(it, "*IDN?").split(", ")[1] == "Model 2601B"
    assert query(it, "smua.source.levelv=1.5") == ""
    condition = "status.measurement.instrument.smua.condition"
    assert query(it, f"print(smua.measure.v(), {condition})").split("\t") == ["1.5", "0"]
    assert query(it, "smua.source.output=1") == ""
    assert float(query(it, "print(smua.source.output)")) == 1


def test_a_wrong_value_is_in_the_status_byte_of_a_2600(bridge):
    it = bridge("Keithley_2600.yaml", "GPIB::1::INSTR")
    assert int(query(it, "*STB?")) & 32 == 0
    query(it, "smua.source.output=7")
    assert int(query(it, "*STB?")) & 32 == 32


def test_a_2450_is_identified_and_sourced(bridge):
    it = bridge("Keithley_2450.yaml", "GPIB::2::INSTR")
    assert query(it, "*LANG?") == "SCPI"
    query(it, ":SOUR:FUNC VOLT")
    assert query(it, ":SOUR:FUNC?") == "VOLT"
    query(it, ":OUTP 1")
    assert query(it, ":OUTP?") == "1"
    assert query(it, ":TRACe:DATA? 1, 10, 'defbuffer1'").count(",") == 9


@pytest.mark.parametrize(
    "file, family, channel",
    [
        ("Keithley_2600.yaml", "keithley/2636b", "smua"),
        ("Keithley_2450.yaml", "keithley/2450", "1"),
    ],
)
def test_a_bench_refuses_what_it_does_not_expect(bridge, tmp_path, file, family, channel):
    gate, drain = bridge(file, "GPIB::2::INSTR"), bridge(file, "GPIB::2::INSTR")
    path = tmp_path / "bench.yaml"
    path.write_text(
        BENCH.format(gate=gate.address, drain=drain.address, family=family, channel=channel)
    )
    answer = saltire("check", str(path))
    assert answer.returncode == 78, answer.stderr
    assert "2601B" in answer.stderr or "QCoDeS" in answer.stderr
    # Who it is was asked, and nothing was sent that changes anything.
    assert set(gate.lines + drain.lines) == {"*IDN?"}


def test_a_bench_finds_that_two_are_one(bridge, tmp_path):
    """Both have one serial number: what is sent to one would happen at the other."""
    gate = bridge("Keithley_2600.yaml", "GPIB::1::INSTR")
    drain = bridge("Keithley_2600.yaml", "GPIB::2::INSTR")
    path = tmp_path / "bench.yaml"
    path.write_text(
        BENCH.format(
            gate=gate.address, drain=drain.address, family="keithley/2601b", channel="smua"
        )
    )
    answer = saltire("check", str(path))
    assert answer.returncode == 78
    assert "it is the same instrument as" in answer.stderr and "1398687" in answer.stderr
    assert set(gate.lines + drain.lines) == {"*IDN?"}


def test_what_answers_nonsense_is_told_so(bridge):
    it = bridge("Keithley_2450.yaml", "GPIB::2::INSTR")
    # pyvisa-sim's own error line, where an error queue is asked for.
    assert query(it, ":SYST:ERR?") == "ERROR"
