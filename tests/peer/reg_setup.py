# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars to compare: their kamailio.cfg, in which headers of a request
choose the function and its arguments, and their location table."""

import sqlite3
import time

from kamtest.kamailio import RELEASE
from kamtest.registrar import head

from .pair import SYNC
from .record import near
from .scene import Setup

TARGETS = 4  # branches and records that are shown
# What scripts may bring along: header, and what is done with it.
GIVEN = """
    if(is_present_hf("X-Bflags")) setbflag(3);
    if(is_present_hf("X-Flag")) setflag(18);
    if(is_present_hf("X-Rcv")) $avp(rcv) = $hdr(X-Rcv);
    if(is_present_hf("X-Du")) $du = $hdr(X-Du);
    if(is_present_hf("X-Br")) append_branch("$hdr(X-Br)");
    if(is_present_hf("X-Keep")) $xavp(ulx=>note) = $hdr(X-Keep);
    if(is_present_hf("X-Max")) $xavp(reg=>max_contacts) = $(hdr(X-Max){s.int});
    if(is_present_hf("X-Exp")) $xavp(reg=>expires) = $(hdr(X-Exp){s.int});
    if(is_present_hf("X-Q")) $xavp(reg=>q) = $(hdr(X-Q){s.int});
    if(is_present_hf("X-Socket")) $xavp(reg=>socket) = $hdr(X-Socket);
    if(is_present_hf("X-Rlf")) $xavp(reg=>rlf_bflags) = 8;
    if(is_present_hf("X-Mc")) $xavp(reg=>match_callid) = $hdr(X-Mc);
    if(is_present_hf("X-Mr")) $xavp(reg=>match_received) = $hdr(X-Mr);
    if(is_present_hf("X-Mk")) $xavp(reg=>match_contact) = $hdr(X-Mk);
"""
TAKEN = """
    append_to_reply("X-Ruri: $ru\\r\\nX-Duri: $du\\r\\nX-Bflags: $bf\\r\\n");
    append_to_reply("X-Sock: $fs\\r\\nX-Ruid: $ruid\\r\\n");
    append_to_reply("X-Ua: $location_ua\\r\\n");
    append_to_reply("X-Note: $xavp(ulx[0]=>note) $xavp(ulx[1]=>note)\\r\\n");
    append_to_reply("X-Branches: $branch(count)\\r\\n");
"""
BRANCH = ("uri dst_uri path q flags ruid send_socket location_ua").split()
RCD = ["contact", "ruid", "received", "path"]
ULC = ("aor domain addr path received callid q cseq flags cflags user_agent"
       " socket methods count ruid regid instance conid server_id").split()
XAVP = ["uri", "dsturi", "socket"]


def _shown(name, values):
    return 'append_to_reply("X-%s: %s\\r\\n");' % (name, " | ".join(values))


def _show():
    rows = [TAKEN]
    for i in range(TARGETS):
        rows.append('if($branch(count) > %d) %s' % (i, _shown("Branch", [
            "$(branch(%s)[%d])" % (key, i) for key in BRANCH])))
        rows.append('if($xavp(rcd[%d]) != $null) %s' % (i, _shown("Rcd", [
            "$xavp(rcd[%d]=>%s)" % (i, key) for key in RCD])
            + _shown("RcdTime", ["$xavp(rcd[%d]=>expires)" % i])))
    return "\n".join(rows)


def _save(db_mode):
    """One call for every number of flags: the stock module takes no
    variables there, and in db_mode 3 no 0x01."""
    rows = []
    for flags in range(0, 32, 2 if db_mode == 3 else 1):
        for uri, more in (("", ""), ("u", ', "$hdr(X-Uri)"')):
            rows.append('case "%d%s": save("location", "%d"%s); break;'
                        % (flags, uri, flags, more))
    rows.append('default: save("location");')
    return "switch($hdr(X-Flags)) {\n%s\n}" % "\n".join(rows)


def _registered():
    rows = ['case "0": registered("location"); break;',
            'case "1": registered("location", "$hdr(X-Uri)"); break;']
    for match in range(8):
        rows.append('case "m%d": registered("location", "$hdr(X-Uri)", "%d");'
                    ' break;' % (match, match))
        for action in range(4):
            rows.append(
                'case "m%da%d": registered("location", "$hdr(X-Uri)", "%d",'
                ' "%d"); break;' % (match, action, match, action))
    return "switch($hdr(X-Form)) {\n%s\n}" % "\n".join(rows)


def _fetched(at):
    return [_shown("Ulc", ["%s=$(ulc(c=>%s)[%s])" % (key, key, at)
                           for key in ULC]),
            _shown("UlcTime", ["$(ulc(c=>expires)[%s])" % at,
                               "$(ulc(c=>modified)[%s])" % at])]


CALLS = {
    "lookup": 'lookup("location");',
    "lookup-uri": 'lookup("location", "$hdr(X-Uri)");',
    "dset": 'lookup_to_dset("location");',
    "dset-uri": 'lookup_to_dset("location", "$hdr(X-Uri)");',
    "branches": 'lookup_branches("location");',
    "registered": _registered(),
    "unregister": 'unregister("location", "$hdr(X-Uri)");',
    "unregister-ruid":
        'unregister("location", "$hdr(X-Uri)", "$hdr(X-Ruid)");',
    "unregister-only-ruid": 'unregister("location", "", "$hdr(X-Ruid)");',
    "sockhdr": 'add_sock_hdr("Sock-Info"); $var(rc) = $rc;'
               ' msg_apply_changes();'
               ' append_to_reply("X-S: $hdr(Sock-Info)\\r\\n");',
    "fetch": 'reg_fetch_contacts("location", "$hdr(X-Uri)", "c");'
             ' $var(rc) = $rc;\n%s\nreg_free_contacts("c");\n%s' % (
                 "\n".join(_fetched("0") + _fetched("1") + _fetched("-1")),
                 _shown("Freed", ["$rc", "$ulc(c=>count)"])),
    "relay": 'lookup("location"); $var(rc) = $rc; if($var(rc) > 0) {'
             ' route(SHOW); sl_send_reply("183", "relayed"); t_relay();'
             ' exit; }'}
NEWER = {
    "xavp": 'lookup_xavp("location", "$hdr(X-Uri)", "rr", "cc");'
            ' $var(rc) = $rc;\n%s' % "\n".join(
                [_shown("Rec", ["$xavp(rr=>aor)", "$xavp(rr=>count)"])]
                + [_shown("Con", ["$xavp(cc[%d]=>%s)" % (i, k)
                                  for k in XAVP]) for i in range(2)]),
    "from-0": 'reg_from_user("location", "$hdr(X-Uri)", "0");',
    "from-1": 'reg_from_user("location", "$hdr(X-Uri)", "1");',
    "from-3": 'reg_from_user("location", "$hdr(X-Uri)", "3");'}


def routes(given="", db_mode=0):
    """The routes; given: script of one's own before the function."""
    calls = dict(CALLS, **(NEWER if RELEASE >= (5, 7) else {}))
    cases = "\n".join('case "%s": %s%s break;' % (
        name, text, "" if "$var(rc)" in text else " $var(rc) = $rc;")
        for name, text in calls.items())
    return "\n".join([
        "request_route {", SYNC, GIVEN, given,
        '$var(rc) = "none";',
        'if(method == "REGISTER" && !is_present_hf("X-Do")) route(SAVE);',
        "else switch($hdr(X-Do)) {", cases, "}", "route(SHOW);",
        'append_to_reply("X-Stat: $stat(accepted_regs)'
        ' $stat(rejected_regs)\\r\\n");',
        'sl_send_reply("299", "done");', "exit;", "}",
        "route[SAVE] {", _save(db_mode), "$var(rc) = $rc;",
        'if(is_present_hf("X-Later")) {'
        ' reg_send_reply();'
        ' $var(later) = $rc;'
        ' $var(rc) = "" + $var(rc) + " " + $var(later); }', "}",
        "route[SHOW] {", 'append_to_reply("X-Rc: $var(rc)\\r\\n");', _show(),
        "}", ""])


def setup(name, params=(), usrloc=(), given="", extra="", modules=(),
          more="", globals_="", **options):
    """A Setup of the registrar; params, usrloc: dictionaries. more: further
    routes."""
    params, usrloc = dict(params), dict(usrloc)
    # what is in memory goes to the database by usrloc's timer
    usrloc.setdefault("timer_interval",
                      1 if usrloc.get("db_mode") == 2 else 600)
    if usrloc.get("db_mode"):
        usrloc["db_url"] = "sqlite:///{db}"
        modules = [*modules, "db_sqlite"]
    text = head(params.items(), usrloc.items(), extra,
                ["textopsx", *modules])
    one = Setup(name, "\n".join([text, routes(given, usrloc.get("db_mode")), more]), globals_,
                look, **options)
    one.by_chance = bool(params.get("expires_range")
                         or params.get("default_expires_range"))
    one.params = params
    one.usrloc = usrloc
    return one


def look(side, stages):
    """The location table by RPC and, where there is one, by SQL."""
    seen = {stage: {} for stage in stages}
    if side.setup.usrloc.get("db_mode") == 2:
        _settle(side)
    by_me = {stage.me: stage for stage in stages}
    for aor, contacts in _dump(side):
        stage = by_me.get(aor[:5])
        if stage:
            seen[stage]["dump %s" % aor] = [
                _contact(stage, c["Contact"]) for c in contacts]
    if side.database:
        for row in _rows(side):
            stage = by_me.get(row["username"][:5])
            if stage:
                seen[stage].setdefault("table " + row["username"], []).append(
                    _row(stage, row))
    return seen


def _dump(side):
    for domain in side.kam.rpc("ul.dump")["Domains"]:
        for info in domain["Domain"]["AoRs"]:
            info = info["Info"]
            yield info["AoR"], info.get("Contacts", [])


def _settle(side):
    """Wait until usrloc's timer has written everything."""
    end = time.time() + 8
    while time.time() < end and any(
            c["Contact"]["Expires"] == "deleted"
            or c["Contact"]["State"] != "CS_SYNC" and not c["Contact"]["Flags"]
            for _, contacts in _dump(side) for c in contacts):
        time.sleep(0.05)


TIMES = ("Last-Modified", "Last-Keepalive")


def _contact(stage, row):
    now = time.time()
    out = []
    for key, value in row.items():
        if key in TIMES:
            value = near(int(value) - now) if value else value
        elif key == "Expires" and str(value).lstrip("-").isdigit():
            value = stage.near(value)
        out.append("%s=%s" % (key, value))
    return stage.normal(" ".join(out))


def _rows(side):
    with sqlite3.connect(side.database.path, timeout=10) as db:
        db.row_factory = sqlite3.Row
        return db.execute("select * from location order by id").fetchall()


def _row(stage, row):
    out = []
    for key in row.keys():
        value = row[key]
        if key == "last_modified":
            value = near(_age(value))
        if key == "expires":
            value = stage.near(_age(value))
        if key != "id":
            out.append("%s=%s" % (key, value))
    return stage.normal(" ".join(out))


def _age(days):
    """Seconds since a Julian day, which is what SQLite has."""
    return round((float(days) - 2440587.5) * 86400 - time.time())
