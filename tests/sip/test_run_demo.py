# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person types: make run, make demo, make install, and what set-up
says when it can't."""

import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import tempfile

import pytest

from kamtest.kamailio import OURS, ROOT, STOCK
from kamtest.net import free_port
from kamtest.served import RUN, Served
from kamtest.wait import until

SETUP = ROOT / "scripts/setup.sh"
INSTALL = ROOT / "scripts/install.sh"


def sh(script, *args, timeout=20, **env):
    """(exit status, stdout, stderr) of a script; None unsets a variable."""
    full = {**os.environ, **{k: str(v) for k, v in env.items()}}
    done = subprocess.run(["sh", str(script), *map(str, args)], text=True,
                          capture_output=True, timeout=timeout, env=full)
    return done.returncode, done.stdout, done.stderr


def path_without(directory, *missing):
    """A PATH with every command of this machine but these."""
    for place in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for command in os.listdir(place):
            link = directory / command
            if command not in missing and not link.is_symlink():
                link.symlink_to(os.path.join(place, command))
    return str(directory)


def fake(directory, name, body):
    """A command of that name which does what the test wants."""
    link = directory / name
    link.unlink(missing_ok=True)
    link.write_text("#!/bin/sh\n%s\n" % body)
    link.chmod(0o755)


# --- make run ---------------------------------------------------------------


def refused(tmp_path, *args, **env):
    """run.sh must say why not, once, and leave nothing running or locked."""
    env.setdefault("KX_RUN_DIR", tmp_path / "run")
    status, out, err = sh(RUN, *args, **env)
    assert status == 1, out + err
    assert out == ""
    assert len(re.findall(r"^run: ", err, re.M)) == 1, err
    return err


@pytest.mark.parametrize("kind,address", [
    (socket.SOCK_DGRAM, "127.0.0.1"), (socket.SOCK_DGRAM, "0.0.0.0"),
    (socket.SOCK_STREAM, "127.0.0.1"), (socket.SOCK_STREAM, "0.0.0.0")])
def test_run_busy_port_names_it_and_the_remedy(tmp_path, kind, address):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((address, free_port(address)))
        if kind == socket.SOCK_STREAM:
            sock.listen()
        port = sock.getsockname()[1]
        err = refused(tmp_path, "127.0.0.1", port)
    assert "port %d on 127.0.0.1 is taken" % port in err
    assert re.search(r"make run RUN_PORT=\d+", err)


def test_run_port_taken_on_another_address_is_no_obstacle(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.2", free_port("127.0.0.2")))
        port = sock.getsockname()[1]
        served = Served(tmp_path / "run", port)
        assert served.stop() == 0


@pytest.mark.parametrize("command", ["kamailio", "kamcmd", "sqlite3", "ss"])
def test_run_names_the_command_that_is_missing(tmp_path, command):
    (tmp_path / "bin").mkdir()
    err = refused(tmp_path, "127.0.0.1", 5060,
                  PATH=path_without(tmp_path / "bin", command))
    assert "the command %s is not in PATH" % command in err


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "5060 ", "1e3",
                                  "00000000005060"])
def test_run_refuses_what_is_no_port(tmp_path, port):
    assert "is no port number" in refused(tmp_path, "127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.9", "no.such.host.invalid", "x y"])
def test_run_refuses_an_address_of_another_machine(tmp_path, host):
    err = refused(tmp_path, host, 5060)
    assert "RUN_HOST=%s is no address of this machine" % host in err
    assert "127.0.0.1" in err


def test_run_refuses_all_addresses(tmp_path):
    err = refused(tmp_path, "0.0.0.0", 5060)
    assert "RUN_HOST=0.0.0.0 is no single address" in err
    assert "127.0.0.1" in err


def test_run_says_that_the_modules_are_not_built(tmp_path):
    err = refused(tmp_path, "127.0.0.1", 5060, KX_MODULES=tmp_path)
    assert "registrar.so is not built" in err and "run make" in err


def test_run_says_that_its_directory_is_too_deep(tmp_path):
    deep = tmp_path / ("d" * 90)
    err = refused(tmp_path, "127.0.0.1", free_port(), KX_RUN_DIR=deep)
    assert "too long for a unix socket" in err and "KX_RUN_DIR=" in err


def test_run_in_vain_keeps_no_half_made_database(tmp_path):
    (tmp_path / "bin").mkdir()
    path = path_without(tmp_path / "bin", "sqlite3")
    fake(tmp_path / "bin", "sqlite3", "exit 1")
    err = refused(tmp_path, "127.0.0.1", free_port(), PATH=path)
    assert "can't be made" in err
    assert not (tmp_path / "run/kamailio.db").exists()


def test_run_passes_on_that_kamailio_does_not_start(tmp_path):
    (tmp_path / "bin").mkdir()
    path = path_without(tmp_path / "bin", "kamailio")
    fake(tmp_path / "bin", "kamailio",
         'case $1 in -I) exec %s -I;; esac; echo "no, because" >&2; exit 1'
         % "/usr/sbin/kamailio")
    err = refused(tmp_path, "127.0.0.1", free_port(), PATH=path)
    assert "no, because" in err and "did not start" in err


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("make-run") / "run", free_port())
    yield served
    served.stop(signal.SIGTERM)


def test_run_prints_kamcmd_calls_that_work(served):
    calls = re.findall(r"^ +(kamcmd -s \S+ .*?) *(?:#.*)?$", served.output(),
                       re.M)
    assert len(calls) == 5
    for call in calls:
        words = call.replace(" ID", " no-such-id").split()
        done = subprocess.run(words, text=True, capture_output=True,
                              timeout=10, cwd=ROOT)
        wanted = 1 if "no-such-id" in words else 0
        text = done.stdout + done.stderr
        assert ("error" in text) == bool(wanted), (call, text)


def test_run_twice_in_one_directory_is_refused(tmp_path, served):
    err = refused(tmp_path, "127.0.0.1", free_port(), KX_RUN_DIR=served.dir)
    assert "already running in %s" % served.dir in err


def test_run_keeps_passwords_and_files_to_this_user(served):
    assert stat.S_IMODE(served.dir.stat().st_mode) == 0o700
    for name in ("kamailio.db", "accounts.txt"):
        assert stat.S_IMODE((served.dir / name).stat().st_mode) == 0o600
    stored = (served.dir / "kamailio.db").read_bytes()
    for password in served.passwords.values():
        assert password.encode() not in stored # hashes only


def test_run_ends_what_hangs(tmp_path):
    served = Served(tmp_path / "run", free_port())
    hangs = max(served.members())
    os.kill(hangs, signal.SIGSTOP)
    assert served.stop() == 0
    until(served.members, [])


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_everything_and_keeps_the_database(tmp_path, how):
    first = Served(tmp_path / "run", free_port())
    assert len(first.members()) > 5
    assert first.stop(how) == 0
    until(first.members, [])
    assert {p.name for p in first.dir.iterdir()} \
        == {"kamailio.db", "accounts.txt", "lock"}
    before = (first.dir / "kamailio.db").read_bytes()
    status, out, _ = sh(RUN, "prepare", KX_RUN_DIR=first.dir)
    assert (status, out) == (0, "%s\n" % (first.dir / "kamailio.db"))
    assert (first.dir / "kamailio.db").read_bytes() == before


def test_a_database_of_before_gets_the_table_of_kept_registrations(tmp_path):
    made = tmp_path / "run"
    assert sh(RUN, "prepare", KX_RUN_DIR=made)[0] == 0
    path = made / "kamailio.db"
    with sqlite3.connect(path) as db:
        new = db.execute("select sql from sqlite_master").fetchall()
        db.execute("drop table uacreg_state")
        db.execute("delete from version where table_name = 'uacreg_state'")
        db.execute("update subscriber set username = 'carol'"
                   " where username = 'bob'")
    db.close()
    for _ in range(2):
        status, _, err = sh(RUN, "prepare", KX_RUN_DIR=made)
        assert (status, err) == (0, "")
        with sqlite3.connect(path) as db:
            assert set(db.execute("select sql from sqlite_master")) \
                == set(new)
            assert db.execute(
                "select table_version from version where table_name ="
                " 'uacreg_state'").fetchall() == [(1,)]
            assert db.execute("select username from subscriber order by"
                              " username").fetchall() \
                == [("alice",), ("carol",)]
        db.close()


# --- make demo --------------------------------------------------------------


@pytest.fixture
def short_tmp():
    """A directory with a short path: the demo makes unix sockets in it."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="kx-"))
    yield made
    shutil.rmtree(made)


def demo(tmp_path, modules, **env):
    done = subprocess.run(
        ["/usr/bin/python3", str(ROOT / "scripts/demo.py")], text=True,
        capture_output=True, timeout=100,
        env={**os.environ, "KX_MODULES": str(modules),
             "TMPDIR": str(tmp_path), **env})
    return done.returncode, done.stdout, done.stderr


def test_demo_with_real_phones(short_tmp):
    status, out, err = demo(short_tmp, OURS)
    assert status == 0, out + err
    assert len(re.findall(r"acct\d\d@provider.example .* online", out)) == 8
    assert "and 42 more" in out
    assert list(short_tmp.iterdir()) == []


def test_demo_w_u13_fails_when_something_did_not_happen(short_tmp):
    """With the stock uac the counter regactive is wrong, so the demo must
    say so and fail."""
    stock = short_tmp / "stock"
    stock.mkdir()
    for name in ("registrar.so", "uac.so"):
        (stock / name).symlink_to(os.path.join(STOCK.split(":")[0], name))
    status, out, err = demo(short_tmp, stock, KX_STATE="no")
    assert status == 1, out
    assert "demo: FAILED: 50 accounts are online, the counter regactive" in err


# --- make install -----------------------------------------------------------


def loads(mpath_line, tmp_path):
    cfg = tmp_path / "kamailio.cfg"
    cfg.write_text("\n".join([
        "#!KAMAILIO", mpath_line, *[
            'loadmodule "%s.so"' % m
            for m in "sl tm rr usrloc registrar uac".split()],
        "request_route { exit; }", ""]))
    done = subprocess.run(
        ["kamailio", "-c", "-Y", str(tmp_path), "-f", str(cfg)], text=True,
        capture_output=True, timeout=20)
    return done.returncode == 0, done.stdout + done.stderr


def test_install_under_a_prefix_and_load_by_the_printed_line(tmp_path):
    prefix = tmp_path / "opt"
    status, out, err = sh(INSTALL, OURS, "", prefix)
    assert status == 0, err
    where = prefix / "lib/kamailio/modules-registrar-uac"
    assert {p.name for p in where.iterdir()} == {"registrar.so", "uac.so"}
    line = re.search(r"^ *(mpath=.*)$", out, re.M).group(1)
    assert line == 'mpath="%s:%s"' % (where, STOCK)
    ok, text = loads(line, tmp_path)
    assert ok, text


def test_install_with_destdir_is_beside_the_stock_directory(tmp_path):
    status, out, err = sh(INSTALL, OURS, tmp_path, "")
    assert status == 0, err
    where = pathlib.Path(STOCK.split(":")[0]).parent / "modules-registrar-uac"
    made = tmp_path / where.relative_to("/")
    assert {p.name for p in made.iterdir()} == {"registrar.so", "uac.so"}
    # the line names the place after packaging, not DESTDIR
    assert 'mpath="%s:' % where in out


@pytest.mark.parametrize("args,env,words", [
    ((OURS, "", "opt"), {}, "no absolute path"),
    (("/nonexistent", "", "/tmp/x"), {}, "is not built"),
    ((OURS, "", "/proc/nowhere"), {}, "can't be written")])
def test_install_refuses(tmp_path, args, env, words):
    status, out, err = sh(INSTALL, *args, **env)
    assert status == 1 and out == ""
    assert words in err


def test_install_never_over_files_of_a_package(tmp_path):
    where = tmp_path / "lib/kamailio/modules-registrar-uac"
    where.mkdir(parents=True)
    (where / "uac.so").write_text("of a package")
    (tmp_path / "bin").mkdir()
    path = path_without(tmp_path / "bin", "dpkg-query")
    fake(tmp_path / "bin", "dpkg-query", 'echo "kamailio:amd64: $2"')
    status, out, err = sh(INSTALL, OURS, "", tmp_path, PATH=path)
    assert status == 1 and "belongs to a package (kamailio)" in err
    assert [p.read_text() for p in where.iterdir()] == ["of a package"]


def test_install_again_replaces_and_does_not_rewrite(tmp_path):
    """A Kamailio that runs has the old files mapped."""
    where = tmp_path / "lib/kamailio/modules-registrar-uac"
    assert sh(INSTALL, OURS, "", tmp_path)[0] == 0
    with open(where / "uac.so", "rb") as mapped:
        assert sh(INSTALL, OURS, "", tmp_path)[0] == 0
        assert os.fstat(mapped.fileno()).st_nlink == 0
    assert (where / "uac.so").stat().st_nlink == 1


# --- set-up -----------------------------------------------------------------


@pytest.fixture
def bin_dir(tmp_path):
    (tmp_path / "bin").mkdir()
    path_without(tmp_path / "bin", "sudo", "apt-get")
    return tmp_path / "bin"


def test_setup_without_root_and_sudo(bin_dir):
    fake(bin_dir, "apt-get", "exit 99")
    fake(bin_dir, "dpkg-query", "exit 1")
    fake(bin_dir, "id", "echo 1000")
    status, out, err = sh(SETUP, "packages", "run", PATH=bin_dir)
    assert status == 1
    assert "run this command as root, or install sudo" in err
    assert re.search(r"apt-get install .*kamailio-sqlite-modules", err)


def test_setup_without_apt(bin_dir):
    fake(bin_dir, "dpkg-query", "exit 1")
    status, out, err = sh(SETUP, "packages", "run", PATH=bin_dir)
    assert status == 1 and "there is no apt-get" in err
    assert "kamailio-sqlite-modules" in err


@pytest.mark.parametrize("apt_get,words", [
    ("echo 'E: down' >&2; exit 100", "lists can't be fetched"),
    ('case "$*" in *source*--download*) echo "E: none" >&2; exit 100; esac',
     "no mirror of this machine has the source of kamailio")])
def test_setup_without_the_source_package(tmp_path, bin_dir, apt_get, words):
    fake(bin_dir, "apt-get", apt_get)
    status, out, err = sh(SETUP, "source", tmp_path / "tree", PATH=bin_dir,
                          KX_CACHE=tmp_path / "cache")
    assert status == 1
    assert words in err and "E: " in err and "KAMAILIO_SRC" in err
    # nothing half-done is left
    left = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert left == [] and not (tmp_path / "tree").exists()


def test_setup_packages_that_are_there_need_nothing(bin_dir):
    fake(bin_dir, "dpkg-query", "echo installed")
    status, out, err = sh(SETUP, "packages", "build", "run", "test",
                          PATH=bin_dir)
    assert (status, out, err) == (0, "", "")


def old_tree(directory):
    for name in ("core/sr_module.h", "modules/usrloc/usrloc.h",
                 "modules/tm/tm_load.h"):
        (directory / "src" / name).parent.mkdir(parents=True)
        (directory / "src" / name).touch()
    (directory / "src/Makefile.defs").write_text(
        "VERSION = 5\nPATCHLEVEL = 5\nSUBLEVEL =  7\n")


def test_setup_wrong_kamailio_src(tmp_path):
    for tree in (tmp_path, tmp_path / "none", ROOT / "build/kamailio/src"):
        status, out, err = sh(SETUP, "check-tree", tree)
        assert status == 1
        assert "KAMAILIO_SRC=%s is no Kamailio source tree" % tree in err
    old_tree(tmp_path)
    status, out, err = sh(SETUP, "check-tree", tmp_path)
    assert status == 1 and "is Kamailio 5.5" in err and "5.6 or later" in err
