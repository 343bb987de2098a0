# SPDX-License-Identifier: GPL-2.0-or-later
"""What uac.reg_list and uac.reg_due show: searching, who fails, when who is
due."""

import re

import pytest

from kamtest import accounts
from kamtest.kamailio import ROOT, RpcError
from kamtest.wait import until
from kamtest.regs import far, start  # noqa: F401


def found(kamailio, *wish):
    got = kamailio.rpc("uac.reg_list", *wish)
    assert got["shown"] == len(got["accounts"])
    return sorted(row["l_uuid"] for row in got["accounts"]), got["matching"]


@pytest.mark.parametrize("text,want", [
    ("trunk-a", ["trunk-a"]), ("TRUNK", ["trunk-a", "trunk-b"]),
    ("4930", ["other"]), ("OfficE", ["trunk-b"]), ("example", ["other"]),
    ("nowhere", []), ("", ["other", "trunk-a", "trunk-b"])])
def test_text(start, far, text, want):  # noqa: F811
    kamailio = start([
        accounts.account("trunk-a", far.addr, flags=1),
        accounts.account("trunk-b", far.addr, flags=1, l_username="office"),
        accounts.account("other", "far.example", flags=1,
                         r_username="4930123")])
    assert found(kamailio, "all", 0, 50, text) == (want, len(want))
    assert found(kamailio, "disabled", 0, 50, text) == (want, len(want))
    assert found(kamailio, "online", 0, 50, text) == ([], 0)
    _, shown = kamailio.kamcmd("uac.reg_list", "all", "0", "50", text)
    assert shown.count("l_uuid:") == len(want)


def test_failing(start, far):  # noqa: F811
    """Those whose last attempt failed; also while the next one goes on."""
    kamailio = start([accounts.account("1", far.addr)],
                     'modparam("uac", "reg_retry_interval", 600)\n'
                     'modparam("tm", "retr_timer1", 20000)\n'
                     'modparam("tm", "retr_timer2", 20000)')
    assert found(kamailio, "failing") == ([], 0)
    far.answer(far.get(), 403, "Forbidden")
    until(lambda: found(kamailio, "failing"), (["1"], 1))
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    request = far.get()
    got = kamailio.rpc("uac.reg_list", "failing")
    row, = got["accounts"]
    assert (row["state"], row["failures"], row["code"], row["reason"]) == \
        ("trying", 1, 403, "Forbidden")
    assert got["failing"] == 1
    far.accept(request)
    until(lambda: found(kamailio, "failing"), ([], 0))
    assert kamailio.rpc("uac.reg_list")["failing"] == 0


def test_due(start, far):  # noqa: F811
    kamailio = start([
        accounts.account("off", far.addr, flags=1),
        *(accounts.account("soon%d" % i, far.addr, reg_delay=95)
          for i in range(3)),
        accounts.account("later", far.addr, reg_delay=5000)])
    got = kamailio.rpc("uac.reg_due", 100, 10)
    assert got == {"step": 100, "due": [3] + [0] * 9, "later": 1, "none": 1}
    got = kamailio.rpc("uac.reg_due", 3600, 2)
    assert got == {"step": 3600, "due": [3, 1], "later": 0, "none": 1}
    got = kamailio.rpc("uac.reg_due")
    assert (got["step"], len(got["due"]), sum(got["due"])) == (10, 60, 3)
    # some time has gone by, but not a minute
    assert sum(got["due"][3:10]) == 3


@pytest.mark.parametrize("wish", [(0,), (-1,), (10, 0), (10, 361)])
def test_due_of_no_sense(start, far, wish):  # noqa: F811
    kamailio = start([])
    with pytest.raises(RpcError) as fault:
        kamailio.rpc("uac.reg_due", *wish)
    assert fault.value.code == 400


def test_the_readme_shows_what_kamcmd_prints(start, far):  # noqa: F811
    """Every line of the listing in README.md, in its order."""
    readme = (ROOT / "README.md").read_text()
    listing = readme.split("# kamcmd uac.reg_list failing")[1].split("\nand ")[0]
    keys = re.findall(r"^ +([a-z]\w*):", listing, re.M)
    kamailio = start([accounts.account(n, far.addr) for n in "12"],
                     'modparam("uac", "reg_retry_interval", 600)')
    requests = [far.get() for _ in range(2)]
    far.answer(requests[0], 403, "Forbidden")
    far.accept(requests[1])
    until(lambda: found(kamailio, "failing")[1], 1)
    until(lambda: kamailio.stat("uac", "regactive"), 1)
    status, shown = kamailio.kamcmd("uac.reg_list", "failing")
    printed = re.findall(r"^\s*([a-z]\w*):", shown, re.M)
    # the states of the listing come in the order of the machine
    rest = iter([key for key in printed if key not in ("online", "backoff")])
    assert status == 0 and len(keys) > 10
    assert all(key in rest for key in keys if key not in ("online", "backoff"))
