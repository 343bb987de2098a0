# SPDX-License-Identifier: GPL-2.0-or-later
"""What registrations do differently on purpose."""

from kamtest import digest

from .intended import Entry
from .uac_accounts import Message


def answer(case):
    """(status, headers) of the answer to a step's message; None."""
    if not isinstance(case.step, Message):
        return None
    script, n = case.scenario.answers, case.step.number
    return script[n] if n < len(script) else (0,)


def status(case):
    got = answer(case)
    return got[0] if got else 0


def header(case, name):
    got = answer(case) or (0,)
    return next((v for n, v in got[1:] if n == name), None)


def asked(case):
    value = header(case, "WWW-Authenticate") or header(
        case, "Proxy-Authenticate") or ""
    return digest.parse(value)[1]


def flags(case):
    """What both say: (stock's, ours)."""
    return tuple(int(getattr(case, side).get("state.flags", ["-1"])[0])
                 for side in ("stock", "ours"))


ONLINE, DISABLED, INIT, ONGOING, AUTH = 4, 1, 16, 2, 8


def no_binding_yet(case):
    """Stock's is when something is to be done next."""
    return [f for f in case.fields if case.one("ours", f) in ("0", "⟨0⟩")
            and case.one("stock", f).startswith("⟨")]


def any_success(case):
    return status(case) in (202, 204) and flags(case)[1] == INIT | ONLINE


def ours_is_found(case):
    """A 200 that stock makes nothing of, or nothing that lasts."""
    grants = ("no contact", "a bad one first", "only another", "star",
              "no lifetime", "no contact but expires")
    return status(case) == 200 and case.scenario.name in [
        "grant " + g for g in grants] and flags(case)[1] == INIT | ONLINE


def granted_nothing(case):
    return case.scenario.name == "grant expires 0" and status(case) == 200 \
        and not flags(case)[1] & ONLINE


def off_is_all(case):
    return [f for f in case.fields
            if flags(case) == (DISABLED | INIT, DISABLED)]


def stronger(case):
    return asked(case).get("algorithm") == "SHA-256" \
        and flags(case)[1] == INIT | ONGOING | AUTH


def unknown_algorithm(case):
    return asked(case).get("algorithm") == "foo" \
        and not flags(case)[1] & AUTH


def asked_for_more(case):
    """423: the REGISTER that follows has left already, what is configured
    stays."""
    return [f for f in case.fields if 423 in [
        a[0] for a in case.scenario.answers] and (
            f == "state.expires" and case.one("ours", f) == "600"
            or f == "state.flags" and status(case) == 423
            and flags(case)[1] & ONGOING)]


def before(case):
    """The answer before the one to a step's message."""
    n = case.step.number - 1 if isinstance(case.step, Message) else -1
    return case.scenario.answers[n] if 0 <= n < len(
        case.scenario.answers) else (0,)


def goes_on(case):
    """The REGISTER that follows a 423 is one more of the same."""
    return before(case)[0] == 423 and case.one(
        "ours", "request.call-id") == "{call1}"


def algorithm_as_asked(case):
    return [f for f in case.fields if case.one("stock", f) == "MD5"
            and case.one("ours", f) is None
            and "algorithm" not in digest.parse(before(case)[1][1])[1]]


def auth_int(case):
    return before(case)[0] == 401 and '"auth-int"' in before(case)[1][1]


def answered_again(case):
    """The second challenge was stale, or another server's."""
    return status(case) in (401, 407) and status(case) != 0 and (
        asked(case).get("stale") == "true" or status(case) == 407
        and before(case)[0] == 401) \
        and flags(case)[1] == INIT | ONGOING | AUTH


def nonce_is_kept(case):
    """Ours answers a challenge it has had; stock waits for another one."""
    return any("authorization" in ours for _, _, ours in case.before) \
        and "authorization" not in case.stock \
        and case.one("ours", "authorization response") == "right"


def counted(case):
    """One account, that is or is not online."""
    right = {"state.regtotal": 1, "state.regdisabled": 0,
             "state.regactive": int(flags(case)[1] & ONLINE != 0)}
    return [f for f in case.fields
            if case.one("ours", f) == str(right.get(f))]


def retry_after(case):
    return header(case, "Retry-After") and flags(case) == (
        DISABLED | INIT, INIT)


def followed(case):
    return status(case) == 302 and header(case, "Contact") \
        and flags(case)[1] & ONGOING


ACCOUNTS = [
    Entry("W-U3g", "other algorithms than MD5 (A.17: from 6.1 on)", "*",
          stronger, ends=True),
    Entry("A22-8", "an algorithm that is not known is not answered by MD5",
          "*", unknown_algorithm, ends=True),
    Entry("U3261-7", "any 2xx is a success", "state*", any_success,
          ends=True),
    Entry("W-U11", "our contact is found, or is what was asked for",
          "state*", ours_is_found, ends=True),
    Entry("U3261-5", "a lifetime of 0 is no binding", "state*",
          granted_nothing, ends=True),
    Entry("W-U10", "423: at once, and the configured lifetime is kept",
          "state.expires state.flags", asked_for_more),
    Entry("U3261-10", "Retry-After is waited for", "state*", retry_after,
          ends=True),
    Entry("U3261-11", "a redirection is followed", "state*", followed,
          ends=True),
    Entry("U3261-3", "423: the same Call-ID and tag, a higher CSeq",
          "request.call-id request.from request.cseq", goes_on),
    Entry("A7616-3", "algorithm as in the challenge, or none",
          "*authorization*algorithm", algorithm_as_asked),
    Entry("W-U2", "auth-int: the wrong digest", "authorization*qop"
          " authorization*response", auth_int),
    Entry("W-U3d", "a nonce that was stale, or another server's challenge,"
          " is no refusal", "state*", answered_again, ends=True),
    Entry("W-U3d", "a nonce is good for more than one request", "*",
          nonce_is_kept, ends=True),
    Entry("W-U13", "statistics are what there is", "state.reg*", counted),
    Entry("W-U13", "flags are what the account is: one that is disabled is"
          " nothing else", "state.flags", off_is_all),
    Entry("W-U9", "timer_expires is when the binding ends",
          "state.timer_expires state.diff_expires", no_binding_yet),
]
