# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone that nobody here wrote: baresip."""

import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time

from .net import free_port

HOST = "127.0.0.1"
MODULES = ("/usr/lib/baresip/modules",
           "/usr/lib/x86_64-linux-gnu/baresip/modules",
           "/usr/lib/aarch64-linux-gnu/baresip/modules")


class Failure(Exception):
    """Something that was promised did not happen."""


def eventually(what, check, timeout):
    """Call check() until it returns something true; that is returned."""
    end = time.time() + timeout
    while True:
        got = check()
        if got:
            return got
        if time.time() > end:
            raise Failure("%s: not within %d s" % (what, timeout))
        time.sleep(0.05)


class Baresip:
    """One baresip without sound devices, steered by its TCP control port."""

    def __init__(self, user, password, domain, proxy_port, directory,
                 transport="udp", ca=None):
        self.user = user
        self.aor = "sip:%s@%s" % (user, domain)
        self.dir = directory
        self.dir.mkdir(mode=0o700)
        self.port = free_port(HOST)
        self.events = queue.Queue()
        self.replies = queue.Queue()
        self.seen = []
        self._write_files(ca)
        self.log = open(self.dir / "log", "wb")
        self.proc = subprocess.Popen(
            ["baresip", "-4", "-f", str(self.dir)], stdout=self.log,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True)
        self.sock = eventually("baresip of %s starts" % user, self._connect,
                               10)
        threading.Thread(target=self._read, daemon=True).start()
        # Only now, so that no event about the registration is missed.
        self.command("uanew", '<%s;transport=%s>;auth_pass=%s;regint=600;'
                     'outbound="sip:%s:%d;transport=%s";answermode=auto'
                     % (self.aor, transport, password, HOST, proxy_port,
                        transport))

    def _write_files(self, ca):
        modules = next((p for p in MODULES if os.path.isdir(p)), None)
        if modules is None or shutil.which("baresip") is None:
            raise Failure("baresip is not installed (package baresip-core)")
        tls = [] if ca is None else ["sip_cafile %s" % ca,
                                     "sip_verify_server yes"]
        (self.dir / "config").write_text("\n".join([
            "module_path %s" % modules,
            "module g711.so", "module aubridge.so",
            "module ctrl_tcp.so",
            "module_tmp account.so", "module_app menu.so",
            "sip_listen %s:0" % HOST, *tls,
            "ctrl_tcp_listen %s:%d" % (HOST, self.port),
            # It says what it hears. Not aufile: the player to a file of
            # 1.1.0 (Debian 13) meets garbage for a sample format now and
            # then, and a call stays forever as it is when it was answered.
            "audio_source aubridge,echo", "audio_player aubridge,echo",
            "audio_alert aubridge,alert",
            "rtp_ports 20000-29999", ""]))
        (self.dir / "contacts").write_text("")
        (self.dir / "accounts").write_text("")

    def _connect(self):
        if self.proc.poll() is not None:
            raise Failure("baresip of %s ended at once:\n%s" % (
                self.user, (self.dir / "log").read_text(errors="replace")))
        try:
            return socket.create_connection((HOST, self.port), 2)
        except OSError:
            return None

    def _read(self):
        """Netstrings of JSON: answers to commands, and events."""
        self.sock.settimeout(None)
        data = b""
        while True:
            try:
                chunk = self.sock.recv(65536)
            except OSError:
                return
            if not chunk:
                return
            data += chunk
            while b":" in data:
                head, _, rest = data.partition(b":")
                if len(rest) < int(head) + 1:
                    break
                message = json.loads(rest[:int(head)])
                data = rest[int(head) + 1:]
                where = self.events if message.get("event") else self.replies
                where.put(message)

    def command(self, name, params=""):
        text = json.dumps({"command": name, "params": params}).encode()
        self.sock.sendall(b"%d:%s," % (len(text), text))
        try:
            return self.replies.get(timeout=5)
        except queue.Empty:
            raise Failure("baresip of %s does not answer" % self.user)

    def wait(self, *kinds, timeout=15):
        """The next event of one of these kinds; others are passed over."""
        end = time.time() + timeout
        while True:
            try:
                event = self.events.get(timeout=max(0.01, end - time.time()))
            except queue.Empty:
                raise Failure("%s: no %s within %d s; seen: %s" % (
                    self.user, " or ".join(kinds), timeout,
                    ", ".join(self.seen[-6:]) or "nothing"))
            self.seen.append("%s %s" % (event["type"],
                                        event.get("param", "")))
            if event["type"] in kinds:
                return event

    def stop(self):
        if self.proc.poll() is None:
            self.proc.terminate() # baresip unregisters first
            try:
                self.proc.wait(3)
            except subprocess.TimeoutExpired:
                self.proc.kill()
        self.proc.wait()
        self.sock.close()
        self.log.close()
