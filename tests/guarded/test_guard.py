# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/guarded.sh runs the wire tests under notices mistakes: made
in private memory, in shared memory, and by another process than the one that
freed it."""

import os
import pathlib

import pytest

from kamtest.baresip import eventually
from kamtest.module import build
from kamtest.registrar import request
from kamtest.reports import found

TOOL = os.environ["KX_GUARDED"]
REPORTS = pathlib.Path(os.environ["KX_REPORTS"])
CONFIG = '''
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "%s"
request_route {
	defect("$hdr(X-Do)");
	sl_send_reply("200", "Done");
}
'''
ASAN = [("pkg-overflow", "heap-buffer-overflow"),
        ("pkg-freed", "heap-use-after-free"),
        ("shm-overflow", "use-after-poison"),
        ("shm-underflow", "use-after-poison")]
VALGRIND = [("pkg-overflow", "Invalid write"), ("pkg-freed", "Invalid read"),
            ("pkg-uninitialised", "uninitialised value")]


@pytest.fixture
def server(kam):
    flags = ["-fsanitize=address,undefined",
             "-fno-sanitize-recover=undefined"] if TOOL == "asan" else []
    kamailio = kam(CONFIG % build("kxdefect", *flags), tcp=True, children=1)
    kamailio.may_die = True
    kamailio.allow += ["exited by a signal", "core was generated",
                       "kxdefect.c"]
    yield kamailio


class Reported:
    """What the tool reports; the test takes it as its own."""

    def text(self):
        return "".join(part for parts in found(REPORTS).values()
                       for part in parts)

    def wait(self, *words):
        eventually("a report with %s" % " and ".join(words), lambda: all(
            word in self.text() for word in words), 20)


@pytest.fixture
def reported():
    yield Reported()
    for file in found(REPORTS):
        file.unlink()


def make(peer, server, defect):
    peer.send(request(peer, "OPTIONS", "sip:a@b", [("X-Do", defect)]),
              server.addr)


def test_no_mistake_is_no_report(server, udp, reported):
    peer = udp()
    make(peer, server, "none")
    assert peer.recv(20).status == 200
    assert server.stop() == 0
    assert reported.text() == ""


@pytest.mark.parametrize("defect,words",
                         ASAN if TOOL == "asan" else VALGRIND)
def test_mistake_is_reported(server, udp, reported, defect, words):
    make(udp(), server, defect)
    reported.wait(words, "kxdefect.c")


@pytest.mark.skipif(TOOL != "valgrind", reason="leaks are for valgrind")
def test_leak_is_reported(server, udp, reported):
    peer = udp()
    make(peer, server, "pkg-leak")
    assert peer.recv(20).status == 200
    server.stop()
    assert "definitely lost" in reported.text()
    assert "pkg_leak" in reported.text()


@pytest.mark.skipif(TOOL != "asan", reason="only the sanitizer's guard knows "
                    "of blocks in shared memory")
def test_use_by_another_process_than_freed_it(server, udp, tcp, reported):
    peer = udp()
    make(peer, server, "shared-read")
    assert peer.recv(20).status == 200
    make(peer, server, "shared-free")
    assert peer.recv(20).status == 200
    assert reported.text() == ""
    make(tcp(to=server.addr), server, "shared-read")
    reported.wait("use-after-poison", "shared_read")


@pytest.mark.skipif(TOOL != "asan", reason="only the sanitizer's guard knows "
                    "of blocks in shared memory")
def test_shared_memory_freed_twice(server, udp, reported):
    make(udp(), server, "shm-twice")
    eventually("it ends", lambda: "shared memory is freed twice"
               in server.log(), 20)


@pytest.mark.skipif(TOOL != "asan", reason="valgrind knows nothing of it")
def test_undefined_behaviour(server, udp):
    """It is told where the server tells all: conftest.py looks there."""
    make(udp(), server, "undefined")
    eventually("it ends", lambda: "runtime error: signed integer overflow"
               in server.log(), 20)
