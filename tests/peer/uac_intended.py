# SPDX-License-Identifier: GPL-2.0-or-later
"""What uac_auth() does differently on purpose.

Ids are of the lists of defects (W-...) and of RFC points (A...)."""

import re

from kamtest import digest

from .intended import Entry

# What stock modules make of algorithms: before 6.1 they know one.
NEWER = ("md5-sess", "sha-256", "sha-512-256")


def came_to(case, side):
    """What became of the first challenge, in a word."""
    seen = getattr(case, side)
    if "end" in seen:
        return seen["end"][0]
    if any("\nX-Rc: -1" in text for text in seen.get("at c", [])):
        return "refused"
    if any(f.endswith(" response") and v == ["wrong"]
           for f, v in seen.items()):
        return "wrong"
    return "right" if any(f.startswith("answer") for f in seen) else "refused"


def ways(case):
    return came_to(case, "stock"), came_to(case, "ours")


def asked(case, n=0):
    """Fields of a challenge (of the n-th answer, its first header)."""
    answers = case.step.answers
    if n >= len(answers) or len(answers[n]) < 2:
        return {}
    return digest.parse(case.step.answers[n][1][1])[1]


def written(pattern):
    """A challenge, the only header of the reply, that stock cannot read."""
    def when(case):
        first = case.step.answers[0]
        return len(first) == 2 and re.search(pattern, first[1][1]) \
            and ways(case) == ("refused", "right")
    return when


def named(*names, came=None):
    """One scenario; came: what it came to on both sides."""
    def when(case):
        return case.scenario.name.startswith(names) and (
            came is None or ways(case) == came)
    return when


def count(case, side):
    return sum(f.endswith(" username") for f in getattr(case, side))


def more_challenges(case):
    """There is more than one, and we have answered more of them."""
    headers = [h for a in case.step.answers for h in a[1:]]
    return len(headers) > 1 and ways(case)[1] == "right" \
        and count(case, "ours") > count(case, "stock")


def refused_before(case):
    """The last challenge says that the answer before was no good."""
    last = asked(case, len(case.step.answers) - 1)
    return len(case.step.answers) > 1 \
        and last.get("realm") == asked(case).get("realm") \
        and ways(case) == ("right", "refused") \
        and count(case, "stock") == count(case, "ours") + 1


def nonce_came_again(case):
    """In another scenario: there it was used already."""
    return "{me}" not in asked(case).get("nonce", "") and all(
        case.one("stock", f) == "00000001" < case.one("ours", f)
        for f in case.fields if f.endswith(" nc"))


def own_credentials(case):
    """The request had some for that realm: theirs is replaced."""
    return case.step.get("Authorization") and asked(case).get(
        "realm") in case.step.get("Authorization") \
        and case.step.answers[0][0] == 401 \
        and count(case, "stock") == count(case, "ours") + 1


def wants_userhash(case):
    return asked(case).get("userhash") == "true"


def qop_kills(case):
    return ways(case)[0] == "died" and not asked(case).get(
        "qop", "auth").startswith("auth") and ways(case)[1] in (
            "right", "refused")


def auth_int(case):
    qop = asked(case).get("qop", "").split(",")[0]
    return qop not in ("", "auth") and qop.startswith("auth") \
        and ways(case) in (("wrong", "right"), ("wrong", "refused"))


def newer_algorithm(case):
    return asked(case).get("algorithm", "").lower() in NEWER \
        and ways(case) == ("refused", "right")


def unknown_algorithm(case):
    return asked(case).get("algorithm") == "foo" \
        and ways(case) == ("right", "refused")


def algorithm_as_asked(case):
    """Only the text of that field differs."""
    out = []
    for f in case.fields:
        if f.endswith(" algorithm") and case.one("stock", f) == "MD5":
            ours, challenges = case.one("ours", f), [
                digest.parse(v)[1] for a in case.step.answers
                for _, v in a[1:]]
            if any(c.get("algorithm") == ours for c in challenges):
                out.append(f)
    return out


def opaque_is_empty(case):
    return asked(case).get("opaque") == "" and all(
        getattr(case, side).get(f) in (None, ['""'])
        for f in case.fields if f.endswith(" opaque")
        for side in ("stock", "ours"))


def challenged():
    """What holds for every challenge, whoever answers it."""
    return [
        Entry("W-U1", "a qop that does not begin with auth ends the server",
              "*", qop_kills),
        Entry("W-U2", "auth-int: the wrong digest", "*", auth_int),
        Entry("W-U3g", "other algorithms than MD5 (A.17: from 6.1 on)", "*",
              newer_algorithm),
        Entry("A22-8", "an algorithm that is not known is not answered by MD5",
              "*", unknown_algorithm),
        Entry("A7616-3", "algorithm as in the challenge, or none",
              "answer*algorithm", algorithm_as_asked),
        Entry("A7616-3", "opaque as in the challenge, also an empty one",
              "answer*opaque", opaque_is_empty),
    ]


ANSWERS = [
    *challenged(),
    Entry("W-U3c", "nc counts how often a nonce is used", "answer*nc",
          nonce_came_again),
    Entry("A7616-7", "userhash", "answer*userhash answer*username",
          wants_userhash),
    Entry("W-U3f", "quoted pairs", "*", written(r'\\"')),
    Entry("W-U3e", "an empty nonce", "*", written('nonce=""')),
    Entry("W-U3e", "values without quotes", "*",
          written('(realm|nonce|opaque|domain)=[^"]')),
    Entry("W-U3g", "a value of stale that says nothing", "*",
          written('stale=(junk|"")')),
    Entry("W-U3g", "a parameter nobody knows", "*",
          written("auth-param=1")),
    Entry("W-U3g", "of a parameter that comes twice the first counts", "*",
          named("twice", came=("refused", "right"))),
    Entry("W-U3g", "a string that never ends takes the rest", "*",
          named("unterminated", came=("refused", "right"))),
    Entry("W-U3h", "every challenge is answered", "*", more_challenges),
    Entry("W-U3h", "whatever the status of the reply", "*",
          named("header of the other kind", came=("refused", "right"))),
    Entry("W-U3h", "credentials for that realm are replaced", "*",
          own_credentials),
    Entry("W-U3", "an HA1 of the wrong length is no HA1", "*",
          named("no HA1", came=("wrong", "refused"))),
    Entry("W-U3", "an HA1 may have capitals", "answer*response",
          named("upper case", came=("wrong", "right"))),
    Entry("W-U3b", "a mode is for one call", "answer*response",
          named("clear after", came=("wrong", "right"))),
    Entry("A22-3", "what was refused is not answered again, but once when"
          " it was stale", "*", refused_before),
]


def codes(case, side):
    """What the events of an order said."""
    return [v[0] for f, v in getattr(case, side).items()
            if f.startswith("event ") and f.endswith(" code")]


def on_failure(case):
    """Every final answer from 300 up makes an event; 401 and 407 are
    answered where there are credentials for it."""
    step = case.step
    if step.keys.get("evroute") != 2:
        return False
    sent = len(case.ours.get("at p0", []))
    told = [a[0] for a in step.answers[:sent]]
    return codes(case, "stock") == [] and codes(case, "ours") == [
        str(c) for c in told if c >= 300]


def not_sent(case):
    return case.ours.get("at p0") is None and "rc -1" in case.one(
        "ours", "at c")


def refused(key, pattern):
    """A value that cannot be sent: nothing is."""
    def when(case):
        value = case.step.keys.get(key)
        return value and re.search(pattern, value) and not_sent(case)
    return when


def joined_headers(case):
    return any(re.search("\\S(Proxy-)?Authorization: Digest", text)
               for where in ("at p0", "at p1")
               for text in case.stock.get(where, [])) \
        and ways(case)[1] == "right"


def left_over(case):
    return case.step.leave and count(case, "stock") == 1 \
        and count(case, "ours") == 0


REQUESTS = [
    *challenged(),
    Entry("W-U25d", "evroute 2 is for failures and leaves authentication"
          " alone; the packaged module has no event and may end its server",
          "*", on_failure),
    Entry("W-U25", "a Call-ID with blanks is refused", "*",
          refused("callid", " ")),
    Entry("W-U25c", "a header without a colon is refused", "*",
          refused("hdrs", "^rubbish$")),
    Entry("W-U25c", "headers need no line end to be followed by credentials",
          "*", joined_headers),
    Entry("W-U25", "values are as long as they are", "*",
          named("long values")),
    Entry("W-U24", "all resets the credentials, too", "*", left_over),
    Entry("W-U3h", "the challenge of a second server is answered, too",
          "*", more_challenges),
]
