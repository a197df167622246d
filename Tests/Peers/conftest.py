"""Serves simulated instruments to the drivers of other projects."""

import os
import pathlib
import re
import signal
import subprocess

import pytest
import pyvisa

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What every simulated channel drives, to ground.
OHMS = 10_000


class Served:
    """One `saltire simulate FAMILY` while it runs."""

    def __init__(self, family, *options, device=f"resistor:{OHMS}"):
        options += ("--device", device) if device else ()
        self.process = subprocess.Popen(
            [os.environ["SALTIRE"], "simulate", family]
            + ["--tcp", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Where the definitions of instruments are.
            cwd=ROOT,
        )
        # The first line is the VISA resource, printed when the port is open.
        self.resource = self.process.stdout.readline().strip()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


@pytest.fixture
def serve():
    """A function from a family to the resource at which it answers."""
    served = []

    def start(family, **options):
        served.append(Served(family, **options))
        resource = served[-1].resource
        assert re.fullmatch(r"TCPIP\d*::127\.0\.0\.1::\d+::SOCKET", resource), resource
        return resource

    yield start
    for one in served:
        status, errors = one.end()
        assert status == 0, errors


@pytest.fixture
def visa():
    manager = pyvisa.ResourceManager("@py")
    yield manager
    manager.close()


@pytest.fixture
def connect(serve, visa):
    """A function from a family to a plain PyVISA resource."""

    def open_resource(family, end="\n"):
        return visa.open_resource(
            serve(family), read_termination=end, write_termination=end, timeout=5000
        )

    return open_resource
