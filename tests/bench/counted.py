# SPDX-License-Identifier: GPL-2.0-or-later
"""Kamailio under callgrind: the instructions of its one worker. They are the
same in every run, whatever else the machine does."""

import pathlib
import re
import shutil
import socket
import tempfile

from kamtest import module
from kamtest.kamailio import Kamailio
from kamtest.wait import until_true

TOTAL = re.compile(r"^totals: (\d+)", re.M)


class Counted:
    """A running server; close() ends it."""

    def __init__(self, config, modules, allocator=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kx-count-"))
        self.server = Kamailio(
            'loadmodule "%s"\n' % module.build("kxcount") + config, name=modules, modules=modules, children=1, shm=256,
            pkg=16, debug=0, args=allocator,
            wrap=["valgrind", "--tool=callgrind", "-q",
                  "--callgrind-out-file=%s/out.%%p" % self.dir])
        self.server.start(timeout=120)
        self.addr = self.server.addr
        self.dumps = 0
        self.pid, = self.server.pids()

    def _tell(self, what):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"callgrind " + what, self.addr)

    def per(self, count, load):
        """Instructions of each of `count` requests that load() sends."""
        self._tell(b"zero")
        load()
        self._tell(b"dump")
        self.dumps += 1
        dump = self.dir / ("out.%d.%d" % (self.pid, self.dumps))
        until_true(lambda: dump.exists() and TOTAL.search(dump.read_text()))
        return int(TOTAL.search(dump.read_text()).group(1)) / count

    def close(self):
        self.server.remove()
        shutil.rmtree(self.dir, ignore_errors=True)
