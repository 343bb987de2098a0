# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian package in a root that has Debian's kamailio and no more: apt
installs it, the server runs with it by one line, apt removes it. `make
test-deb` runs this in Debian 12 and 13; KX_DEB_ROOT and KX_DEB say where and
which."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from kamtest.deb import DROP_IN, NAME, Package, build, run, snapshot
from kamtest.net import Timeout
from kamtest.served import Phone

ROOT = pathlib.Path(os.environ["KX_DEB_ROOT"])
PACKAGE = Package(pathlib.Path(os.environ["KX_DEB"]))
LOCAL = ROOT / "etc/kamailio/kamailio-local.cfg"
CFG = ROOT / "etc/kamailio/kamailio.cfg"
# what dpkg, apt and a running server write down
RECORDS = ("proc", "dev", "run", "tmp", "var/lib/dpkg", "var/lib/apt",
           "var/cache/apt", "var/cache/debconf", "var/log")
OS = "etc/os-release"
MPATH = "# mpath="  # the line of the packaged configuration, of both releases
SERVER = ("127.0.0.1", 5060)


def chroot(*words, **options):
    return run("chroot", ROOT, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
               "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *words,
               **options)


def apt(*words):
    return chroot("apt-get", "-q", "-y", *words, timeout=300)


def kamailio_version():
    return chroot("dpkg-query", "-W", "-f", "${Version}", "kamailio")


@pytest.fixture(scope="module")
def before():
    """The root as it was before the package."""
    return snapshot(ROOT, RECORDS)


@pytest.fixture(scope="module", autouse=True)
def installed(before):
    shutil.copy(PACKAGE.file, ROOT / "tmp/it.deb")
    apt("install", "/tmp/it.deb")


def test_nothing_else_came_or_changed(before):
    after = snapshot(ROOT, RECORDS)
    new = {path for path in set(after) - set(before)
           if not (ROOT / path).is_dir()}
    # a minimal root's dpkg is told to leave documentation out
    assert new == {path for path in PACKAGE.files() if (ROOT / path).exists()}
    assert DROP_IN in new and len([p for p in new if p.endswith(".so")]) == 2
    assert {path: after[path] for path in before} == before


def one_line(how):
    """A line of the drop-in: for a configuration, or what it is made of."""
    return re.search(r"^#? *(%s.*)" % how, (ROOT / DROP_IN).read_text(),
                     re.M).group(1)


@pytest.fixture
def local():
    """import_file in the file that the packaged configuration reads."""
    LOCAL.write_text(one_line("import_file") + "\n")
    yield
    LOCAL.unlink(missing_ok=True)


@pytest.fixture
def edited():
    """mpath in the packaged configuration, for the one commented out."""
    original = CFG.read_text()
    assert original.count("\n" + MPATH) == 1
    CFG.write_text(re.sub("^%s.*" % MPATH, one_line("mpath"), original,
                          flags=re.M))
    yield
    CFG.write_text(original)


@pytest.fixture(params=["local", "edited"])
def configured(request):
    request.getfixturevalue(request.param)


@pytest.fixture
def server(configured):
    (ROOT / "run/kamailio").mkdir(exist_ok=True)
    log = ROOT / "tmp/log"
    with open(log, "wb") as out:
        proc = subprocess.Popen(
            ["chroot", str(ROOT), "kamailio", "-DD", "-E"], stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True)
    yield proc
    stop(proc)


def stop(proc):
    """Once more every second: see Kamailio.stop."""
    for how in [signal.SIGTERM] * 20 + [signal.SIGKILL]:
        try:
            os.killpg(proc.pid, how)
            proc.wait(1)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass
        if proc.poll() is not None:
            break
    assert how is signal.SIGTERM


def registers(phone, proc):
    """The answer to a REGISTER, as soon as the server has started."""
    end = time.time() + 60
    while True:
        assert proc.poll() is None, (ROOT / "tmp/log").read_text()
        uri = "sip:alice@%s:%d" % SERVER
        phone.peer.send(phone.request("REGISTER", "sip:%s:%d" % SERVER, uri),
                        SERVER)
        try:
            return phone.recv(1)
        except (Timeout, ConnectionRefusedError):
            assert time.time() < end, (ROOT / "tmp/log").read_text()


def test_packaged_configuration_with_the_line(server, udp):
    chroot("kamailio", "-c")
    alice = Phone(udp("alice"), "alice", SERVER)
    reply = registers(alice, server)
    assert reply.status == 200 and alice.contact in reply.contacts()[0]
    maps = pathlib.Path("/proc/%d/maps" % server.pid).read_text()
    assert "modules-registrar-uac/registrar.so" in maps
    assert "kamailio/modules/registrar.so" not in maps


def test_uac_alone_finds_its_library():
    """Kamailio 5's database library is brought by no other module here."""
    (ROOT / "tmp/uac.cfg").write_text("\n".join([
        "#!KAMAILIO", one_line("mpath"), *('loadmodule "%s.so"' % name
                              for name in ("uac", "tm", "rr")),
        "request_route { exit; }", ""]))
    chroot("kamailio", "-c", "-f", "/tmp/uac.cfg")


def fake_kamailio(version):
    """An empty package of that name."""
    made = ROOT / "tmp/fake"
    (made / "DEBIAN").mkdir(parents=True, exist_ok=True)
    (made / "DEBIAN/control").write_text("\n".join([
        "Package: kamailio", "Version: " + version, "Architecture: all",
        "Maintainer: Nobody <nobody@example.org>", "Description: none", ""]))
    run("dpkg-deb", "-b", made, ROOT / "tmp/fake.deb")
    return apt("install", "-s", "/tmp/fake.deb")


def test_another_release_of_kamailio_removes_it():
    release = re.match(r"\d+\.\d+\.", kamailio_version()).group(0)
    assert "Remv " + NAME in fake_kamailio(release + "99-1")


def test_another_revision_of_kamailio_keeps_it():
    said = fake_kamailio(kamailio_version() + "+deb99u1")
    assert "Inst kamailio " in said and "Remv" not in said


def test_two_builds_are_the_same(tmp_path):
    """To the last byte, from another directory at another time."""
    if (ROOT / OS).read_text() != (pathlib.Path("/") / OS).read_text():
        pytest.skip("made in another Debian, this one can't make it again")
    again = build(tmp_path)
    assert again.file.name == PACKAGE.file.name
    assert again.file.read_bytes() == PACKAGE.file.read_bytes()


def test_removed_cleanly(before, local):
    """Last. The configuration still starts with import_file left in it."""
    LOCAL.rename(ROOT / "tmp/local")
    apt("purge", NAME)
    assert snapshot(ROOT, RECORDS) == before
    (ROOT / "tmp/local").rename(LOCAL)
    chroot("kamailio", "-c")
