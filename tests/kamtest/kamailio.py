# SPDX-License-Identifier: GPL-2.0-or-later
"""A Kamailio that lives as long as a test: own directory, own ports, own
processes, ended by pid."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .net import free_port
from .wait import until

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = pathlib.Path(os.environ.get("KX_MODULES", ROOT / "build" / "modules"))


def _says(option):
    return subprocess.run(["kamailio", option], capture_output=True,
                          text=True, check=True).stdout


def stock_dir():
    """Where the distribution's modules are, from the binary itself."""
    for line in _says("-I").splitlines():
        if "Default paths to modules:" in line:
            return line.split(":", 1)[1].strip()
    raise RuntimeError("kamailio -I names no module path")


def release():
    """The installed Kamailio's release, (5, 6)."""
    major, minor = re.search(r"kamailio (\d+)\.(\d+)", _says("-v")).groups()
    return int(major), int(minor)


STOCK = stock_dir()
RELEASE = release()
# a server younger than this may still have processes being forked
EARLY_S = 5


def cpu_ns(pid):
    """What a process has run so far."""
    with open("/proc/%d/schedstat" % pid) as stat:
        return int(stat.read().split()[0])


class Kamailio:
    """Start with start(), or as a context manager.

    config: everything after the globals: loadmodule, modparam, routes.
    modules: 'ours' or 'stock', which registrar.so and uac.so are found first.
    """

    def __init__(self, config, name="kam", modules="ours", host="127.0.0.1",
                 port=None, children=2, tcp=False, shm=64, pkg=8, args=(),
                 globals_="", env=None, debug=2, wrap=()):
        self.name = name
        self.host = host
        self.port = port or free_port(host)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kx-%s-" % name))
        self.proc = None
        self.returncode = None
        self.args = ["-m", str(shm), "-M", str(pkg), *args]
        self.env = env
        self.wrap = list(wrap)  # words before the command
        self.rpc_socket = self.dir / "rpc.sock"
        self.ctl_socket = self.dir / "ctl"
        mpath = STOCK if modules == "stock" else "%s:%s" % (OURS, STOCK)
        # where it listens and where modules are: what every one is told
        self.place = ["listen=udp:%s:%d" % (host, self.port),
                      *(["listen=tcp:%s:%d" % (host, self.port)] if tcp
                        else []), 'mpath="%s"' % mpath]
        self.config = "\n".join([
            "#!KAMAILIO",
            "debug=%d" % debug, "log_stderror=yes", "children=%d" % children,
            "auto_aliases=no", "disable_tcp=%s" % ("no" if tcp else "yes"),
            "tcp_children=2" if tcp else "",
            # usrloc reads its table in the first worker: no other one is to
            # serve meanwhile, or what it stores is there twice
            "wait_worker1_mode=1", "wait_worker1_time=40000000",
            "wait_worker1_usleep=5000",
            # from 6.0 on the core drops what is longer than 32 kB
            "#!ifndef KAMAILIO_5", "msg_recv_max_size=65536", "#!endif",
            *self.place, globals_,
            'loadmodule "jsonrpcs.so"',
            'modparam("jsonrpcs", "transport", 4)',
            'modparam("jsonrpcs", "fifo_name", "")',
            'modparam("jsonrpcs", "dgram_socket", "%s")'
            % self.rpc_socket,
            'loadmodule "ctl.so"',
            'modparam("ctl", "binrpc", "unix:%s")' % self.ctl_socket,
            config, ""])

    @property
    def addr(self):
        return (self.host, self.port)

    @property
    def uri(self):
        return "sip:%s:%d" % self.addr

    @property
    def log_file(self):
        return self.dir / "kamailio.log"

    def log(self):
        try:
            return self.log_file.read_text(errors="replace")
        except OSError:
            return ""

    def says(self, words, since=0):
        """Wait until the log has these words, after so many characters:
        processes write it when they come to it."""
        until(lambda: words if words in self.log()[since:] else "", words)

    def _command(self):
        return [*self.wrap, "kamailio",
                "-f", str(self.dir / "kamailio.cfg"), "-DD", "-E",
                "-Y", str(self.dir), "-w", str(self.dir), *self.args]

    def _write(self):
        (self.dir / "kamailio.cfg").write_text(self.config)

    def check(self):
        """kamailio -c: (ok, output)."""
        self._write()
        done = subprocess.run([*self._command(), "-c"], capture_output=True,
                              text=True, errors="replace", timeout=30)
        return done.returncode == 0, done.stdout + done.stderr

    def start(self, timeout=40):
        self._write()
        with open(self.log_file, "wb") as log:
            self.proc = subprocess.Popen(
                self._command(), stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(self.env or {})})
        self.born = time.time()
        end = time.time() + timeout
        while time.time() < end:
            if self.proc.poll() is not None:
                raise AssertionError("%s did not start:\n%s"
                                     % (self.name, self.log()[-4000:]))
            try:
                # a longer wait than it takes: who asks and leaves too early
                # makes an error in its log
                self.rpc("core.version", timeout=10)
                return self
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise AssertionError("%s did not get ready:\n%s"
                             % (self.name, self.log()[-4000:]))

    def stop(self, timeout=10):
        """SIGTERM, then what is left of the group by SIGKILL.

        A process that Kamailio has just forked loses a SIGTERM, with whatever
        modules: it still has its parent's handler, which only takes a note.
        So a server that was stopped early is told once more."""
        if self.proc is None:
            return self.returncode
        if self.proc.poll() is None:
            self.proc.terminate()
            if not self._ends(1) and time.time() - self.born < EARLY_S:
                os.killpg(self.proc.pid, signal.SIGTERM)
            self._ends(timeout)
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.returncode = self.proc.wait()
        self.proc = None
        return self.returncode

    def kill(self):
        """All its processes at once by SIGKILL, as a machine fails."""
        self.may_die = True  # for the checks of conftest.py
        os.killpg(self.proc.pid, signal.SIGKILL)
        self.proc.wait()

    def _ends(self, timeout):
        try:
            self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def alive(self):
        return self.proc is not None and self.proc.poll() is None

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def rpc(self, method, *params, timeout=20):
        """One RPC; returns its result, raises RpcError on a fault."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            own = self.dir / ("r%d.sock" % time.time_ns())
            sock.bind(str(own))
            try:
                sock.connect(str(self.rpc_socket))
                sock.send(json.dumps({"jsonrpc": "2.0", "id": 1,
                                      "method": method,
                                      "params": list(params)}).encode())
                data = self._answer(sock, timeout)
            finally:
                own.unlink()
        reply = json.loads(data.rstrip(b"\0").decode("utf-8", "replace"))
        if "error" in reply:
            raise RpcError(reply["error"].get("code"),
                           reply["error"].get("message"))
        return reply["result"]

    def _answer(self, sock, timeout):
        """Of a server that has ended none is waited for."""
        end = time.time() + timeout
        sock.settimeout(0.1)
        while True:
            ended = self.proc is not None and self.proc.poll() is not None
            try:
                return sock.recv(1 << 20)
            except TimeoutError:
                if ended or time.time() > end:
                    raise

    def pids(self, what="udp receiver"):
        """The processes whose description has these words."""
        return [p["PID"] for p in self.rpc("core.psx") if what in p["DSC"]]

    def kamcmd(self, *args, timeout=20):
        """The operator's tool: (exit status, output)."""
        done = subprocess.run(
            ["kamcmd", "-s", "unix:%s" % self.ctl_socket, *args],
            capture_output=True, text=True, timeout=timeout)
        return done.returncode, done.stdout + done.stderr

    def stat(self, group, name):
        """One statistic as a number."""
        got = self.rpc("stats.get_statistics", "%s:" % group)
        for line in got:
            key, _, value = line.partition("=")
            if key.strip() == "%s:%s" % (group, name):
                return int(value)
        raise KeyError(name)

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.remove()


class RpcError(Exception):
    def __init__(self, code, message):
        super().__init__("%s %s" % (code, message))
        self.code = code
        self.message = message
