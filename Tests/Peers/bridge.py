"""Serves an instrument that pyvisa-sim simulates on a TCP port, line by line."""

import socket
import threading

import pyvisa


class Bridge:
    """One pyvisa-sim resource at `address`, until it is closed."""

    def __init__(self, definitions, resource):
        self.manager = pyvisa.ResourceManager(f"{definitions}@sim")
        self.instrument = self.manager.open_resource(
            resource, read_termination="\n", write_termination="\n", timeout=50
        )
        self.listener = socket.create_server(("127.0.0.1", 0))
        port = self.listener.getsockname()[1]
        self.address = f"TCPIP0::127.0.0.1::{port}::SOCKET"
        # Every line that came.
        self.lines = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    line = line.decode().rstrip("\r\n")
                    self.lines.append(line)
                    for reply in self._ask(line):
                        connection.sendall(reply.encode() + b"\n")

    def _ask(self, line):
        self.instrument.write(line)
        while True:
            try:
                yield self.instrument.read()
            except pyvisa.VisaIOError:
                # Nothing more to say.
                return

    def close(self):
        self.listener.close()
        self.instrument.close()
        self.manager.close()
