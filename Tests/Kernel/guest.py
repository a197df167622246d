"""A machine with the kernel's USB drivers, emulated by QEMU."""

import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The guest's clock follows a timer of QEMU's: its processor's own counts so
# fast or slow as the host is busy while it is measured.
KERNEL_ARGUMENTS = (
    "console=ttyS0 quiet panic=-1 nokaslr mitigations=off tsc=unstable no_timer_check"
    " random.trust_cpu=on audit=0 apparmor=0"
)


class Job:
    """A command while it runs in the guest, and what it has printed."""

    def __init__(self):
        self.lines = []
        self.status = None
        self.started = time.monotonic()
        self.seconds = None
        self.news = threading.Condition()

    def add(self, line):
        with self.news:
            if line.startswith("="):
                self.status = int(line[1:])
                self.seconds = time.monotonic() - self.started
            else:
                self.lines.append(line[1:])
            self.news.notify_all()

    def wait(self, timeout=60):
        with self.news:
            if not self.news.wait_for(lambda: self.status is not None, timeout):
                raise TimeoutError("the command does not end; so far: " + self.text)
        return self

    def wait_for_line(self, text, timeout=60):
        with self.news:
            if not self.news.wait_for(lambda: text in self.lines, timeout):
                raise TimeoutError(f"no line {text}; so far: " + self.text)

    @property
    def text(self):
        return "\n".join(self.lines)


class Guest:
    """With serial adapters of which the far ends are TCP servers of the host."""

    def __init__(self, vmlinux, initramfs, ports):
        self.folder = tempfile.TemporaryDirectory(prefix="saltire-kernel-")
        folder = pathlib.Path(self.folder.name)
        self.console = folder / "console"
        self.jobs = {"0": Job()}
        arguments = ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot"]
        arguments += ["-machine", "q35,smm=off", "-accel", "tcg,thread=single,tb-size=256"]
        arguments += ["-cpu", "max", "-smp", "1", "-m", "768", "-display", "none"]
        arguments += ["-kernel", str(vmlinux), "-initrd", str(initramfs)]
        arguments += ["-append", f"{KERNEL_ARGUMENTS} saltire.folder={ROOT}"]
        arguments += ["-serial", f"file:{self.console}"]
        arguments += ["-qmp", f"unix:{folder}/qmp,server=on,wait=off"]
        arguments += ["-chardev", f"socket,id=agent,path={folder}/agent,server=on,wait=off"]
        arguments += ["-device", "virtio-serial-pci"]
        arguments += ["-device", "virtserialport,chardev=agent,nr=1"]
        arguments += ["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,"
                      "multidevs=remap"]
        arguments += ["-device", "qemu-xhci,id=xhci"]
        for number, port in enumerate(ports):
            arguments += ["-chardev", f"socket,id=line{number},host=127.0.0.1,port={port}"]
            arguments += ["-device", f"usb-serial,id=serial{number},chardev=line{number}"]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            self.begin(folder)
        except BaseException:
            self.process.kill()
            if self.console.exists():
                print(self.console.read_text(errors="replace"))
            raise
        self.boot_seconds = time.monotonic() - self.started

    def begin(self, folder):
        self.agent = self.connect(folder / "agent")
        self.qmp = self.connect(folder / "qmp").makefile("rw")
        self.qmp.readline()
        self.command("qmp_capabilities")
        threading.Thread(target=self.listen, daemon=True).start()
        self.jobs["0"].wait(timeout=120)

    def connect(self, path):
        """Connects to a socket of QEMU's, which it makes when it starts."""
        while True:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(str(path))
                return connection
            except OSError:
                connection.close()
                if self.process.poll() is not None:
                    raise SystemExit("QEMU: " + self.process.stdout.read().decode())
                time.sleep(0.02)

    def listen(self):
        for line in self.agent.makefile("r", errors="replace"):
            identifier, _, text = line.rstrip("\n").partition(" ")
            if identifier in self.jobs:
                self.jobs[identifier].add(text)

    def command(self, name, **arguments):
        """Tells QEMU something, as `device_del` with an `id`."""
        self.qmp.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.qmp.flush()
        while True:
            answer = json.loads(self.qmp.readline())
            if "error" in answer:
                raise RuntimeError(f"QEMU refuses {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def start(self, command):
        """Starts a command of the shell in the folder of the checkout."""
        identifier = str(len(self.jobs))
        job = self.jobs[identifier] = Job()
        self.agent.sendall(f"{identifier} {command}\n".encode())
        return job

    def run(self, command, timeout=60):
        return self.start(command).wait(timeout)

    def end(self):
        try:
            self.agent.sendall(b"0 quit\n")
            self.process.wait(timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()


class LineServer:
    """An instrument on a TCP port that answers as a function does, None not at all."""

    def __init__(self, answer):
        self.answer = answer
        self.heard = []
        self.news = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def forget(self):
        with self.news:
            self.heard.clear()

    def wait_for(self, line, timeout=20):
        with self.news:
            if not self.news.wait_for(lambda: line in self.heard, timeout):
                raise TimeoutError(f"{line} was not sent, but {self.heard}")

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            for line in connection.makefile("r", newline="\n", errors="replace"):
                with self.news:
                    self.heard.append(line.rstrip())
                    self.news.notify_all()
                reply = self.answer(line.rstrip())
                if reply is not None:
                    connection.sendall(reply.encode() + b"\n")
