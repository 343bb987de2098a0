# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket of an RTP proxy, without the RTP: it answers as
rtpproxy does and hands out ports that nobody listens on."""

import socket
import threading

from .net import free_port


class RtpProxy:
    """Answers from its start until close(); asked holds the commands."""

    def __init__(self, host="127.0.0.1"):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, free_port(host)))
        self.host, self.port = self.sock.getsockname()
        self.asked = []
        self.ports = {}  # (call id, who asked first or second) -> port
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            data, source = self.sock.recvfrom(65536)
            if not data:
                return
            cookie, _, command = data.decode().partition(" ")
            self.asked.append(command)
            self.sock.sendto(("%s %s\n" % (cookie, self._answer(
                command))).encode(), source)

    def _answer(self, command):
        kind, words = command[0].upper(), command.split()
        if command.strip() == "V":
            return "20040107"
        if kind == "V":  # whether it can do what that date stands for
            return "1"
        if kind in "UL":  # [options] call-id address port tags
            side = (words[1], kind)
            port = self.ports.setdefault(side, 30000 + 2 * len(self.ports))
            return "%d %s" % (port, self.host)
        return "0"

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", (self.host, self.port))
