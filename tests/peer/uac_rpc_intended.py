# SPDX-License-Identifier: GPL-2.0-or-later
"""What RPC commands do differently on purpose."""

import re

from .intended import Entry
from .uac_rpc import Row


def matching(pattern, stock=None):
    """Values of ours that match, where stock's do (any, if None)."""
    def when(case):
        return [f for f in case.fields
                if re.fullmatch(pattern, case.one("ours", f) or "")
                and (stock is None or re.fullmatch(
                    stock, case.one("stock", f) or ""))]
    return when


def calls(case):
    return getattr(case.step, "command", "")


def was_told(case, command):
    return any(getattr(s, "command", "") == command
               and "fault" not in ours for s, _, ours in case.before)


def is_invalid(case):
    """An account with which nothing can be done is not added."""
    return calls(case) == "reg_add" and "fault" in case.ours and re.search(
        "^400 .* (is empty|is neither a password nor an HA1|makes no SIP URI"
        "|is missing, negative or too large)$", case.one("ours", "fault")) \
        and case.one("stock", "fault") in (
            None, "500 Failed to add record - invalid password or ha1")


def numbers_are_texts(case):
    """kamcmd makes numbers of what looks like one."""
    return any(isinstance(a, int) for a in case.step.args) \
        and case.one("stock", "fault") == "400 Invalid Parameters" \
        and case.one("ours", "fault") in (
            "404 Record not found",
            "400 auth_ha1 is neither a password nor an HA1")


def unregistered(case):
    return was_told(case, "reg_unregister") and [
        f for f in case.fields if case.one("stock", f) == "0"]


def is_newer(case):
    return calls(case) == "reg_register" and case.one(
        "stock", "fault") == "500 Method Not Found"


def flags_given(case):
    """Only "disabled" is a flag that an account can be given."""
    first = case.scenario.steps[0]
    given = first.changes.get("flags", 0) if isinstance(first, Row) else (
        first.args[11] if len(first.args) > 11 else 0)
    return [f for f in case.fields if given > 1
            and case.one("stock", f) == str(given)
            and case.one("ours", f) == str(given & 1)]


def waits_for_activity(case):
    """Stock's has an attempt under way (2), ours is new (16)."""
    return (was_told(case, "reg_unregister")
            or was_told(case, "reg_register")) and [
        f for f in case.fields if (case.one("stock", f), case.one(
            "ours", f)) in (("2", "16"), ("2", "0"), ("3", "1"))]


def row_is_invalid(case):
    return calls(case) == "reg_refresh" and "fault" not in case.stock \
        and case.one("ours", "fault") == "404 Record not found"


def needs_no_proxy(case):
    return any(isinstance(s, Row) and s.changes.get("auth_proxy") == ""
               for s, _, _ in case.before) \
        and case.one("ours", "result.0.auth_proxy") == "none"


def row_is_gone(case):
    """reg_refresh: neither is the account there any more."""
    return was_told_in_vain(case, "reg_refresh") and case.one(
        "ours", "result.count") == "0"


def was_told_in_vain(case, command):
    return any(getattr(s, "command", "") == command
               and ours.get("fault") == ["404 Record not found"]
               for s, _, ours in case.before)


def remove_nothing(case):
    return calls(case) == "reg_remove" and case.step.args == ("",) \
        and case.one("ours", "fault") == "404 Record not found" \
        and "fault" not in case.stock


RPC = [
    Entry("W-U22", "no secrets", "result*auth_password result*auth_ha1",
          matching(r"\*\*\*")),
    Entry("W-U20", "accounts are looked at before they are added", "fault",
          is_invalid, ends=True),
    Entry("A.14", "a number is a fine name", "fault", numbers_are_texts),
    Entry("A.17", "reg_register, from 6.0 on", "*", is_newer,
          until=(5, 99)),
    Entry("W-U9", "timer_expires is when the binding ends, not when a"
          " command was given", "result*timer_expires",
          matching("0", "⟨.*")),
    Entry("W-U12", "unregistering keeps the lifetime", "result*expires",
          unregistered),
    Entry("W-U20", "flags that are states cannot be given", "result*flags",
          flags_given),
    Entry("W-U20", "a negative delay is none", "result*reg_delay",
          matching("0", "-1")),
    Entry("A.14", "a dot or nothing is no value", "result*realm"
          " result*auth_proxy", matching("none", r"None|\.?")),
    Entry("A.14", "a dot or nothing is no value", "result*socket",
          matching("None", r"\.?")),
    Entry("W-U18", "an account whose row is gone is, too", "result*",
          row_is_gone, ends=True),
    Entry("W-U18", "reg_refresh says when the row cannot be used", "fault",
          row_is_invalid),
    Entry("W-U20", "an account needs no auth_proxy", "result*",
          needs_no_proxy, ends=True),
    Entry("W-U14", "reg_active 0: what a command asks for waits, too",
          "result*flags", waits_for_activity),
    Entry("W-U20", "an account without a name cannot be removed", "fault",
          remove_nothing),
]
