#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make demo` does: phones, trunks and calls between real SIP programs,
unattended, and tables of what happened.

Three baresip phones, our Kamailio (scripts/run.sh with examples/kamailio.cfg)
and a provider (the distribution's Kamailio, stock modules, passwords on):

    alice, bob --- our Kamailio === 50 accounts === provider --- carol

Exits 0 when everything happened, 1 with the reason when something did not.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from kamtest.baresip import Baresip, Failure, eventually  # noqa: E402
from kamtest.kamailio import STOCK  # noqa: E402
from kamtest.net import free_port  # noqa: E402

HOST = "127.0.0.1"
DOMAIN = "registrar.example"
PROVIDER = "provider.example"
ACCOUNTS = 50
CALLED = 7  # the account that carol calls; it belongs to bob
SCHEMA = "/usr/share/kamailio/db_sqlite/%s-create.sql"

ONLINE = 4 # among the flags of uac.reg_dump


class Server:
    """A Kamailio the demo started, and its JSON-RPC socket."""

    def __init__(self, name, directory):
        self.name = name
        self.dir = directory
        self.dir.mkdir(mode=0o700, exist_ok=True)
        self.port = free_port(HOST)
        self.log = self.dir / "log"
        self.proc = None

    def start(self, command, env=None):
        with open(self.log, "wb") as log:
            self.proc = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **(env or {})})
        eventually("%s answers" % self.name, self.ready, 20)

    def ready(self):
        if self.proc.poll() is not None:
            raise Failure("%s did not start:\n%s" % (self.name, self.tail()))
        try:
            return self.rpc("core.version")
        except OSError:
            return None

    def tail(self, lines=12):
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join("    " + line for line in text[-lines:])

    def rpc(self, method, *params):
        own = self.dir / "rpc-client.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            own.unlink(missing_ok=True)
            sock.bind(str(own))
            sock.settimeout(5)
            sock.connect(str(self.dir / "kamailio_rpc.sock"))
            sock.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                  "params": params}).encode())
            data = sock.recv(1 << 20)
        reply = json.loads(data.rstrip(b"\0").decode("utf-8", "replace"))
        if "error" in reply:
            raise Failure("%s: %s answered %s" % (
                self.name, method, reply["error"].get("message")))
        return reply["result"]

    def bindings(self):
        """[(user, contact, expires)] of the location table."""
        out = []
        for domain in self.rpc("ul.dump").get("Domains", []):
            for record in domain["Domain"].get("AoRs", []):
                info = record["Info"]
                for contact in info["Contacts"]:
                    contact = contact["Contact"]
                    out.append((info["AoR"], contact["Address"],
                                contact["Expires"]))
        return sorted(out)

    def stop(self):
        """SIGTERM; what is left of its group after that, SIGKILL."""
        if self.proc is None:
            return
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.wait()


def call(caller, number, callee):
    """A call that is answered, lasts a moment and is ended by the caller."""
    caller.command("dial", number)
    ended = "CALL_CLOSED"
    for phone in (callee, caller):
        event = phone.wait("CALL_ESTABLISHED", ended)
        if event["type"] == ended:
            raise Failure("the call of %s to %s ended before it was answered:"
                          " %s" % (caller.user, number, event.get("param")))
        if phone is callee:
            peer = event.get("peeruri", "?")
    time.sleep(0.3) # some RTP each way
    caller.command("hangup")
    for phone in (caller, callee):
        phone.wait(ended)
    return peer


def table(title, head, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    width = [max(len(row[i]) for row in [head, *rows])
             for i in range(len(head))]
    print("\n%s\n" % title)
    for row in [head, ["-" * w for w in width], *rows]:
        print("  " + "  ".join(c.ljust(w) for c, w in zip(row, width)).rstrip())


class Demo:
    def __init__(self, directory):
        self.dir = directory
        self.ours = Server("our Kamailio", directory / "ours")
        self.provider = Server("the provider", directory / "provider")
        self.phones = {}
        self.steps = []
        self.started = time.time()

    def note(self, text):
        self.steps.append(text)
        print("%5.1f s  %s" % (time.time() - self.started, text), flush=True)

    # --- set-up

    def prepare(self):
        """Both databases: two phones and 50 accounts here, the same accounts
        and carol with their passwords at the provider."""
        env = {"KX_RUN_DIR": str(self.ours.dir)}
        done = subprocess.run(
            ["sh", str(ROOT / "scripts/run.sh"), "prepare"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30,
            env={**os.environ, **env})
        if done.returncode != 0:
            raise Failure(done.stdout.strip())
        self.passwords = dict(
            line.split() for line in
            (self.ours.dir / "accounts.txt").read_text().splitlines())
        secret = os.urandom(6).hex()
        self.passwords["carol"] = "carol-" + secret

        there = sqlite3.connect(self.provider.dir / "kamailio.db")
        for name in ("standard", "auth_db"):
            there.executescript(pathlib.Path(SCHEMA % name).read_text())
        here = sqlite3.connect(self.ours.dir / "kamailio.db")
        customers = [("carol", self.passwords["carol"])]
        for n in range(1, ACCOUNTS + 1):
            account, password = "acct%02d" % n, "pw-%02d-%s" % (n, secret)
            customers.append((account, password))
            here.execute(
                "INSERT INTO uacreg (l_uuid, l_username, l_domain, r_username,"
                " r_domain, realm, auth_username, auth_password, auth_proxy,"
                " expires) VALUES (?,?,?,?,?,?,?,?,?,?)",
                ("trunk-%02d" % n, "bob" if n == CALLED else "alice", DOMAIN,
                 account, PROVIDER, PROVIDER, account, password,
                 "sip:%s:%d" % (HOST, self.provider.port), 300))
        there.executemany("INSERT INTO subscriber (username, domain, password)"
                          " VALUES (?, '%s', ?)" % PROVIDER, customers)
        for db in (here, there):
            db.commit()
            db.close()

    def start_servers(self):
        p = self.provider
        self.provider.start(
            ["kamailio", "-f", str(ROOT / "scripts/demo_provider.cfg"), "-DD",
             "-E", "-Y", str(p.dir), "-w", str(p.dir),
             *["--substdef=!%s!%s!g" % pair for pair in (
                 ("SIP_HOST", HOST), ("SIP_PORT", p.port),
                 ("SIP_DOMAIN", PROVIDER), ("MODULE_PATH", STOCK),
                 ("DB_URL", "sqlite:///%s" % (p.dir / "kamailio.db")),
                 ("RUN_DIR", p.dir))]])
        self.ours.start(
            ["sh", str(ROOT / "scripts/run.sh"), HOST, str(self.ours.port)],
            {"KX_RUN_DIR": str(self.ours.dir)})
        self.note("our Kamailio listens on %s:%d, the provider on %s:%d"
                  % (HOST, self.ours.port, HOST, p.port))

    def phone(self, name, domain, server, password=None):
        phone = Baresip(name, password or self.passwords[name], domain,
                        server.port, self.dir / ("phone-%d" % len(self.phones)))
        self.phones[len(self.phones)] = phone
        return phone

    # --- what is shown

    def register_phones(self):
        self.alice = self.phone("alice", DOMAIN, self.ours)
        self.bob = self.phone("bob", DOMAIN, self.ours)
        self.carol = self.phone("carol", PROVIDER, self.provider)
        for phone in (self.alice, self.bob, self.carol):
            event = phone.wait("REGISTER_OK", "REGISTER_FAIL")
            if event["type"] != "REGISTER_OK":
                raise Failure("%s could not register: %s"
                              % (phone.aor, event.get("param")))
        here = {user for user, _, _ in self.ours.bindings()}
        if here != {"alice", "bob"}:
            raise Failure("ul.dump should have alice and bob, it has %s"
                          % (", ".join(sorted(here)) or "nobody"))
        self.note("alice and bob registered at our Kamailio with passwords,"
                  " carol at the provider")

    def refuse_wrong_password(self):
        guess = self.phone("alice", DOMAIN, self.ours, "not-the-password")
        event = guess.wait("REGISTER_OK", "REGISTER_FAIL")
        guess.stop()
        if event["type"] == "REGISTER_OK":
            raise Failure("a phone registered as alice with a wrong password")
        if len(self.ours.bindings()) != 2:
            raise Failure("a refused phone left a contact")
        self.note("a phone with a wrong password was refused")

    def accounts_online(self):
        def check():
            self.accounts = self.ours.rpc("uac.reg_dump")
            online = [r for r in self.accounts if int(r["flags"]) & ONLINE]
            return len(online) == ACCOUNTS
        try:
            eventually("%d accounts online" % ACCOUNTS, check, 30)
        except Failure as failure:
            self.show_accounts()
            raise Failure("%s\n%s" % (failure, self.ours.tail()))
        known = {user: contact for user, contact, _
                 in self.provider.bindings()}
        for n in range(1, ACCOUNTS + 1):
            want = "sip:trunk-%02d@%s:%d" % (n, HOST, self.ours.port)
            if known.get("acct%02d" % n) != want:
                raise Failure("the provider has %s for acct%02d, not %s"
                              % (known.get("acct%02d" % n), n, want))
        stats = dict(
            line.replace(" ", "").split("=") for line in
            self.ours.rpc("stats.get_statistics", "uac:"))
        if stats.get("uac:regactive") != str(ACCOUNTS):
            raise Failure("%d accounts are online, the counter regactive is %s"
                          % (ACCOUNTS, stats.get("uac:regactive")))
        self.note("our uac registered %d accounts at the provider, which asked"
                  " each for its password" % ACCOUNTS)

    def calls(self):
        call(self.alice, self.bob.aor, self.bob)
        self.note("alice called bob through our registrar: answered, ended")
        account = "sip:acct%02d@%s" % (CALLED, PROVIDER)
        call(self.carol, account, self.bob)
        self.note("carol called %s at the provider: bob's phone rang"
                  " (uac_reg_lookup), answered, ended" % account)
        peer = call(self.alice, "sip:+49301234567@%s" % DOMAIN, self.carol)
        self.note("alice called +49301234567 through her account: the provider"
                  " asked for the password (uac_auth), carol answered %s"
                  % peer)

    # --- tables

    def show_accounts(self):
        local = {r["l_uuid"]: r["l_username"] for r in self.accounts}
        rows = []
        for r in self.ours.rpc("uac.reg_list", "all", 0, ACCOUNTS)["accounts"]:
            rows.append(("%s@%s" % (r["r_username"], r["r_domain"]),
                         r["l_uuid"], local.get(r["l_uuid"], ""), r["state"],
                         "in %d s" % r["expires_in"], "in %d s" % r["next_in"],
                         "%d %s" % (r["code"], r["reason"])))
        rows.sort(key=lambda row: row[1])
        more = len(rows) - 8
        if more > 0:
            rows[8:] = [("... and %d more" % more, *[""] * 6)]
        table("Accounts at the provider (uac.reg_list)",
              ["account", "l_uuid", "for", "state", "expires", "next refresh",
               "last reply"], rows)

    def show(self):
        table("Phones at our Kamailio (ul.dump)",
              ["user", "contact", "expires"],
              [(u, c, "in %s s" % e) for u, c, e in self.ours.bindings()])
        self.show_accounts()

    def run(self):
        self.prepare()
        self.start_servers()
        self.register_phones()
        self.refuse_wrong_password()
        self.accounts_online()
        self.calls()
        self.show()

    def stop(self):
        for phone in self.phones.values():
            phone.stop()
        self.ours.stop()
        self.provider.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--keep", action="store_true",
                        help="keep the directory with logs and databases")
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="kx-demo-"))
    demo, reason = None, None
    try:
        demo = Demo(directory)
        demo.run()
    except (Failure, OSError) as failure:
        reason = failure
    except KeyboardInterrupt:
        reason = "interrupted"
    finally:
        if demo is not None:
            demo.stop()
    if reason is not None:
        print("\ndemo: FAILED: %s" % reason, file=sys.stderr)
        print("demo: logs and databases are in %s" % directory,
              file=sys.stderr)
        return 1
    print("\ndemo: all of it happened, in %.1f s"
          % (time.time() - demo.started))
    if options.keep:
        print("demo: logs and databases are in %s" % directory)
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
