"""The program as it was built, on a kernel's own USB drivers, in an emulated machine.

    run.py SALTIRE [NAME...]
    run.py SALTIRE --bench

boots once and holds SALTIRE, and a plain libusb client, against two serial adapters
and a USBTMC instrument; with names, only the checks of which the name has one in it.
--bench prints instead what a query costs SALTIRE's link and the plain client.
"""

import hashlib
import pathlib
import re
import shlex
import subprocess
import sys
import time

import kernel
from guest import ROOT, Guest, LineServer

SERIAL = "ASRL/dev/ttyUSB0::INSTR"
SILENT = "ASRL/dev/ttyUSB1::INSTR"
GADGET = "USB0::0x1209::0x7e57::GADGET::INSTR"
IDENTITY = r"SALTIRE,EMULATED,GADGET,1\.0"

# What saltire is to do: a name, its arguments, the exit status, and what all of
# its output is to match.
SALTIRE_CHECKS = [
    (
        "what is plugged in is listed",
        ["list"],
        0,
        r"(?s).*USB0::0x1209::0x7E57::GADGET::INSTR  SALTIRE GADGET  serial GADGET\n"
        r".*ASRL/dev/ttyUSB0::INSTR  QEMU .*ASRL/dev/ttyUSB1::INSTR .*",
    ),
    (
        "who it is, is asked when told to",
        ["list", "--identify"],
        0,
        r"(?s).*GADGET::INSTR  .*\n    SALTIRE, EMULATED, serial GADGET.*",
    ),
    (
        "its status byte is read",
        ["bus", GADGET, "status"],
        0,
        "0  nothing",
    ),
    (
        "it is triggered",
        ["bus", GADGET, "trigger"],
        0,
        "",
    ),
    (
        "an instrument answers over USB",
        ["query", GADGET, "*IDN?"],
        0,
        IDENTITY,
    ),
    (
        "an instrument answers over the serial port",
        ["query", SERIAL, "*IDN?", "--family", "keithley/2400"],
        0,
        r"KEITHLEY INSTRUMENTS INC\.,MODEL 2400,.*",
    ),
    (
        "one that is silent is not waited for longer than was said",
        ["query", SILENT, "*IDN?", "--timeout", "0.5"],
        74,
        r"(?s)error: .*",
    ),
]

CHECKS = []


def check(function):
    """A check is called by the name of its function."""
    CHECKS.append((function.__name__.replace("_", " "), function))
    return function


class Failure(Exception):
    pass


def expect(job, status, pattern):
    if job.status != status:
        raise Failure(f"exit status {job.status} instead of {status}\n{job.text}")
    if not re.fullmatch(pattern, job.text):
        raise Failure(f"/{pattern}/ is expected instead of\n{job.text}")


class Bench:
    """The guest with what is plugged into it."""

    def __init__(self, saltire):
        self.tools = pathlib.Path(saltire).resolve().parent
        self.saltire = [str(self.tools / "saltire")]
        self.simulation = subprocess.Popen(
            self.saltire + ["simulate", "keithley/2400", "--tcp", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
        )
        try:
            port = int(self.simulation.stdout.readline().split("::")[2])
            self.silent = LineServer(lambda line: None)
            self.guest = Guest(*kernel.prepare(), [port, self.silent.port])
        except BaseException:
            self.simulation.terminate()
            raise

    def run(self, *arguments, timeout=60):
        return self.guest.run(shlex.join(map(str, arguments)), timeout)

    def start(self, *arguments):
        return self.guest.start(shlex.join(map(str, arguments)))

    def ask(self, count, query="*IDN?"):
        """The plain client, so many times."""
        client = self.tools / "usb-client"
        return self.run(client, "1209", "7e57", "GADGET", count, query)

    def query(self, *options):
        return self.run(*self.saltire, "query", GADGET, "*IDN?", *options)

    def plan(self, faults):
        """Lets the gadget do something wrong from the next message on."""
        expect(self.ask(1, f"SIM:FAULT {faults}"), 0, "")

    def wait_until(self, condition):
        job = self.guest.run(f"for i in $(seq 200); do {condition} && exit; sleep 0.05; done; false")
        if job.status != 0:
            raise Failure(f"it does not come true: {condition}")

    def wait_for_gadget(self):
        # The kernel's driver is the last to come.
        self.wait_until("test -e /dev/usbtmc0")

    def restart_gadget(self):
        """Takes the device from the host and gives it back: all is as at first."""
        device = 'dirname $(grep -lsx 7e57 /sys/bus/usb/devices/*/idProduct)'
        for authorized in (0, 1):
            expect(self.guest.run(f"echo {authorized} > $({device})/authorized"), 0, "")

    def end(self):
        self.guest.end()
        self.simulation.terminate()
        self.simulation.wait()


# MARK: USBTMC, by the plain client


@check
def the_gadget_answers(bench):
    expect(bench.ask(1), 0, IDENTITY)


@check
def long_replies_come_in_many_transfers(bench):
    size = 300_000
    block = f"#6{size}".encode() + bytes(31 * index % 256 for index in range(size)) + b"\n"
    client = bench.tools / "usb-client"
    job = bench.guest.run(f"{client} 1209 7e57 GADGET 1 'BLOCK? {size}' | md5sum")
    expect(job, 0, f"{hashlib.md5(block).hexdigest()}  -")


@check
def a_thousand_queries(bench):
    job = bench.ask(1000)
    expect(job, 0, r"1000 \d+\.\d")
    print(f"     {job.text.split()[1]} us each")


@check
def the_driver_of_the_kernel_is_bound_and_comes_back(bench):
    job = bench.run("ls", "/sys/bus/usb/drivers/usbtmc")
    expect(job, 0, r"(?s).*\d+-\d+:1\.0.*")
    expect(bench.ask(1), 0, IDENTITY)
    expect(bench.run("ls", "/sys/bus/usb/drivers/usbtmc"), 0, re.escape(job.text))


@check
def a_simulated_instrument_is_plugged_in_over_tcp(bench):
    address = "USB0::0x05E6::0x2636::SIM1001::INSTR"
    served = bench.start(
        *bench.saltire, "simulate", "keithley/2636b", "--tcp", "127.0.0.1:0",
        "--usbip", "127.0.0.1:3240", "--device", "resistor:1M",
    )
    served.wait_for_line(address)
    expect(bench.run("bash", "Tests/Kernel/attach.sh", "3240"), 0, "")
    bench.wait_until("grep -qsx SIM1001 /sys/bus/usb/devices/*/serial")
    expect(
        bench.run(*bench.saltire, "query", address, "*IDN?"),
        0,
        r"Keithley Instruments Inc\., Model 2636B, SIM1001, 3\.3\.5",
    )
    # Ohm's law.
    on = "smua.source.levelv=1 smua.source.limiti=1e-3 smua.source.output=1"
    current = bench.run(*bench.saltire, "query", address, f"{on} print(smua.measure.i())")
    expect(current, 0, r"1\.00000e-06")
    expect(bench.run(*bench.saltire, "list"), 0, rf"(?s).*{re.escape(address)} .*2600B.*")


# MARK: USBTMC gone wrong


@check
def a_halted_endpoint_is_a_pipe_error(bench):
    bench.plan("stall-in")
    expect(bench.ask(1), 1, ".*LIBUSB_ERROR_PIPE")
    bench.restart_gadget()
    expect(bench.ask(1), 0, IDENTITY)


@check
def silence_is_a_timeout(bench):
    bench.plan("hang")
    expect(bench.ask(1), 1, ".*LIBUSB_ERROR_TIMEOUT")
    # The request is still there, and another one is an error.
    expect(bench.ask(1), 1, ".*LIBUSB_ERROR_(PIPE|TIMEOUT)")
    bench.restart_gadget()
    expect(bench.ask(1), 0, IDENTITY)


@check
def a_reply_that_is_late_comes(bench):
    bench.plan("late=700")
    job = bench.ask(1)
    expect(job, 0, IDENTITY)
    if job.seconds < 0.7:
        raise Failure(f"after {job.seconds} s")


@check
def saltire_gives_up_in_time_and_the_instrument_is_as_before(bench):
    bench.plan("hang")
    job = bench.query("--timeout", "1")
    expect(job, 74, r"(?s)error: .*timed out waiting for a reply.*")
    expect(bench.query(), 0, IDENTITY)
    expect(bench.ask(1), 0, IDENTITY)


@check
def what_goes_wrong_is_said_and_got_over(bench):
    for plan, pattern in [
        ("stall-in", "the device rejected a transfer"),
        ("stall-out", "the device rejected a transfer"),
        ("hang", "timed out waiting for a reply"),
        ("late=1500", "timed out waiting for a reply"),
        ("wrong-tag", "the tag .* instead of"),
        ("short-header", "a USBTMC header of .*"),
        ("oversize", ".* were requested"),
        ("truncated", "timed out after .* bytes"),
    ]:
        bench.plan(plan)
        expect(bench.query("--timeout", "1"), 74, rf"(?s)error: .*{pattern}.*")
        expect(bench.query(), 0, IDENTITY)


@check
def what_hangs_is_brought_back(bench):
    for plan in ["hang-until-clear", "flood", "hang-until-clear+pending-drain"]:
        bench.plan(plan)
        bench.query("--timeout", "1")
        job = bench.run(*bench.saltire, "bus", GADGET, "recover")
        expect(job, 0, r"(?s).*: SALTIRE, EMULATED, serial GADGET.*")
        expect(bench.query(), 0, IDENTITY)


# MARK: Leaving and coming back


@check
def an_instrument_that_leaves_is_gone_and_comes_back(bench):
    bench.plan("unplug=200+replug=500")
    # A controller may say first that the transfer failed.
    expect(bench.ask(1), 1, ".*LIBUSB_ERROR_(NO_DEVICE|IO)")
    time.sleep(1)
    bench.wait_for_gadget()
    expect(bench.ask(1), 0, IDENTITY)


@check
def saltire_sees_that_an_instrument_leaves(bench):
    bench.plan("unplug=300+replug=500")
    job = bench.query("--timeout", "20")
    if job.status not in (69, 74) or job.seconds > 10:
        raise Failure(f"exit status {job.status} after {job.seconds:.1f} s\n{job.text}")
    time.sleep(1)
    bench.wait_for_gadget()
    expect(bench.query(), 0, IDENTITY)


@check
def a_serial_port_that_leaves_ends_a_read(bench):
    bench.silent.forget()
    job = bench.start(*bench.saltire, "query", SILENT, "*IDN?", "--timeout", "20")
    bench.silent.wait_for("*IDN?")
    bench.guest.command("device_del", id="serial1")
    job.wait()
    if job.status != 74 or job.seconds > 10:
        raise Failure(f"exit status {job.status} after {job.seconds:.1f} s\n{job.text}")


def main():
    saltire, *names = sys.argv[1:]
    is_bench = names == ["--bench"]
    bench = Bench(saltire)
    failed = 0
    try:
        print(f"booted in {bench.guest.boot_seconds:.1f} s", flush=True)
        gadget = bench.start(bench.tools / "usb-gadget", "GADGET")
        gadget.wait_for_line("ready")
        bench.wait_for_gadget()
        bench.wait_until("test -e /dev/ttyUSB0 -a -e /dev/ttyUSB1")
        if is_bench:
            tool = bench.tools / "saltire-measure"
            # Only /run can be written to.
            environment = ["env", "TMPDIR=/run", f"SALTIRE_USB_DEVICE={GADGET}"]
            job = bench.run(*environment, tool, "usb_query", timeout=600)
            print(job.text)
            sys.exit(job.status)
        table = [
            (name, lambda bench, row=row: expect(bench.run(*bench.saltire, *row[0]), *row[1:]))
            for name, *row in SALTIRE_CHECKS
        ]
        for name, function in table + CHECKS:
            if names and not any(part in name for part in names):
                continue
            started = time.monotonic()
            try:
                function(bench)
                print(f"pass {name} ({time.monotonic() - started:.1f} s)", flush=True)
            except (Failure, TimeoutError) as error:
                failed += 1
                print(f"FAIL {name}\n     " + str(error).replace("\n", "\n     "), flush=True)
        if failed:
            print("the kernel's messages:\n" + bench.run("dmesg").text[-4000:])
            print(f"the gadget's: {gadget.text}")
    finally:
        bench.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
