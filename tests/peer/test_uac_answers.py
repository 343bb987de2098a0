# SPDX-License-Identifier: GPL-2.0-or-later
"""uac_auth(): challenges of every shape, and where the credentials are from,
side by side."""

import hashlib
import itertools
import random

import pytest

from .scene import Scenario
from .uac_answers import PASSWORDS, REALM, Challenged, challenge, setup
from .uac_intended import ANSWERS

PLAIN = setup("auth")


def ha1(user, realm=REALM):
    return hashlib.md5(("%s:%s:%s" % (
        user, realm, PASSWORDS[user])).encode()).hexdigest()


HASHED = setup("auth-ha1", passwords={
    "alice": ha1("alice"), "bob": ha1("bob", "other.example")})

QOPS = (None, "auth", "auth,auth-int", "auth-int,auth", "auth-int", "=auth",
        "AUTH", "auth, auth-int", "foo", "", "auth-conf", " auth")
ALGORITHMS = (None, "=MD5", "=md5", "MD5", "=MD5-sess", "MD5-sess",
              "=SHA-256", "=SHA-512-256", "=foo", "=AKAv1-MD5")
FIELDS = {
    "opaque": ({"opaque": "op-1"}, {"opaque": ""}, {"opaque": "a b,c=d"},
               {"opaque": "=bare"}),
    "stale": ({"stale": "=true"}, {"stale": "=false"}, {"stale": "true"},
              {"stale": "=junk"}, {"stale": ""}),
    "domain": ({"domain": "sip:trunk.example"}, {"domain": "=x"}),
    "unknown": ({"x": "y"}, {"charset": "=UTF-8"}, {"userhash": "=true"},
                {"userhash": "=false"}, {"auth-param": "=1"}),
    "nonce": ({"nonce": "n" * 300}, {"nonce": ""}, {"nonce": None},
              {"nonce": "=bare"}, {"nonce": r"a\"b"}, {"nonce": "a b"},
              {"nonce": "n" * 1500}),
    "realm": ({"realm": "other.example"}, {"realm": "nobody.example"},
              {"realm": "TRUNK.example"}, {"realm": ""}, {"realm": None},
              {"realm": "=trunk.example"}, {"realm": r"tr\"unk"},
              {"realm": "trunk.example "})}
TEXTS = {
    "basic": "Basic realm=\"%s\"", "lower": "digest realm=\"%s\",nonce=\"{me}\"",
    "upper": "DIGEST REALM=\"%s\",NONCE=\"{me}\",QOP=\"auth\"",
    "tight": "Digest realm=\"%s\",nonce=\"{me}\",qop=\"auth\",algorithm=MD5",
    "loose": "Digest  realm = \"%s\" , nonce = \"{me}\" , qop = \"auth\"",
    "swapped": "Digest nonce=\"{me}\", qop=\"auth\", realm=\"%s\"",
    "qop first": "Digest qop=\"auth\", algorithm=MD5, realm=\"%s\","
                 " nonce=\"{me}\", opaque=\"o\"",
    "trailing comma": "Digest realm=\"%s\", nonce=\"{me}\",",
    "twice": "Digest realm=\"%s\", realm=\"x\", nonce=\"{me}\"",
    "unterminated": "Digest realm=\"%s\", nonce=\"n",
    "no scheme": "realm=\"%s\", nonce=\"{me}\"", "empty": "%.0s",
    "only scheme": "Digest%.0s", "bearer": "Bearer realm=\"%s\""}
# ways to have credentials: headers for the script
WAYS = {
    "params": [], "mode 0": [("X-Call", "0")],
    "auth_mode 0": [("X-Call", "mode-0")],
    "avps": [("X-User", "carol"), ("X-Realm", REALM),
             ("X-Password", PASSWORDS["carol"])],
    "avps of any realm": [("X-User", "dave"),
                          ("X-Password", PASSWORDS["dave"])],
    "avps of another realm": [("X-User", "carol"), ("X-Realm", "x.example"),
                              ("X-Password", PASSWORDS["carol"])],
    "avps over params": [("X-User", "bob"), ("X-Realm", REALM),
                         ("X-Password", PASSWORDS["bob"])],
    "half the avps": [("X-User", "carol"), ("X-Realm", REALM)],
    "a quote in the user": [("X-User", "o'user"), ("X-Realm", REALM),
                            ("X-Password", PASSWORDS["o'user"])]}


def shapes():
    for qop, algorithm in itertools.product(QOPS, ALGORITHMS):
        yield "qop %s algorithm %s" % (qop, algorithm), [challenge(
            qop=qop, algorithm=algorithm)]
    for name, all_ in FIELDS.items():
        for fields in all_:
            for qop in (None, "auth"):
                text = ["%s=%.20s" % f for f in fields.items()]
                yield "%s qop %s" % (text[0], qop), [challenge(
                    qop=qop, **fields)]
    for name, text in TEXTS.items():
        yield name, [(401, ("WWW-Authenticate", text % REALM))]
    both = challenge("other.example", "{me}n2")[1]
    for name, headers in {
            "two realms": [challenge()[1], both],
            "unknown realm first": [challenge("nobody.example")[1], both],
            "same realm twice": [challenge()[1],
                                 challenge(nonce="{me}n3", qop="auth")[1]],
            "strong first": [challenge(algorithm="=SHA-256")[1],
                             challenge(algorithm="=MD5", nonce="{me}m")[1]],
            "basic first": [("WWW-Authenticate", "Basic realm=\"x\""),
                            challenge()[1]],
            "header of the other kind": [
                challenge(code=407)[1]], "no challenge": [],
            "both kinds": [challenge()[1], challenge(code=407)[1]]}.items():
        yield name, [(401, *headers)]
    yield "both codes", [challenge(), challenge("other.example", code=407)]
    yield "again", [challenge(), challenge(nonce="{me}n2")]
    yield "again, stale", [challenge(), challenge(nonce="{me}n2", stale="=true")]
    yield "stale thrice", [challenge(nonce=n, stale="=true") for n in "abc"]
    yield "again, same nonce", [challenge(), challenge()]
    yield "again, other realm", [challenge(), challenge("other.example")]


def ways():
    for name, headers in WAYS.items():
        for code, qop in itertools.product((401, 407), (None, "auth")):
            yield "%s %d qop %s" % (name, code, qop), Challenged(
                challenge(code=code, qop=qop), headers=headers)


def requests():
    own = 'Digest username="x", realm="%s", nonce="y", uri="sip:z"'
    for name, more in {
            "invite": {"method": "INVITE"}, "body": {"body": "hello\r\n"},
            "uri params": {"ruri": "sip:bob@trunk.example;x=y?h=v"},
            "tel": {"ruri": "tel:+493012345"},
            "long uri": {"ruri": "sip:%s@trunk.example" % ("b" * 400)},
            "credentials of another": {"headers": [
                ("Authorization", own % "elsewhere.example")]},
            "credentials of the caller": {"headers": [
                ("Authorization", own % REALM)]}}.items():
        for code, qop in itertools.product((401, 407), (None, "auth")):
            yield "%s %d qop %s" % (name, code, qop), Challenged(
                challenge(code=code, qop=qop), **more)


def hashed():
    avps = [("X-User", "carol"), ("X-Realm", REALM),
            ("X-Password", ha1("carol"))]
    for call, (code, qop) in itertools.product(("1", "mode-1"), (
            (401, None), (401, "auth"), (407, "auth"))):
        for name, headers in (("params", []), ("avps", avps)):
            yield "%s by %s, %d qop %s" % (call, name, code, qop), Challenged(
                challenge(code=code, qop=qop),
                headers=[*headers, ("X-Call", call)])
    short = [*avps[:2], ("X-Password", "0123"), ("X-Call", "1")]
    yield "no HA1", Challenged(challenge(), headers=short)
    upper = [*avps[:2], ("X-Password", ha1("carol").upper()),
             ("X-Call", "1")]
    yield "upper case", Challenged(challenge(), headers=upper)
    yield "strong challenge", Challenged(
        challenge(algorithm="=SHA-256"), headers=[("X-Call", "1")])
    yield "clear after hashed", Challenged(challenge(), headers=[
        *avps[:2], ("X-Password", PASSWORDS["carol"])])


def by_chance(count, seed=6):
    """Challenges with a bit of everything."""
    rng = random.Random(seed)
    for n in range(count):
        fields = {"qop": rng.choice((None, "auth", "auth,auth-int")),
                  "algorithm": rng.choice((None, "=MD5", "MD5"))}
        for name in rng.sample(sorted(FIELDS), rng.randrange(4)):
            fields.update(rng.choice(FIELDS[name][:2]))
        code = rng.choice((401, 407))
        way = rng.choice(sorted(WAYS))
        yield "%d" % n, Challenged(
            challenge(code=code, **fields), headers=WAYS[way],
            method=rng.choice(("INVITE", "MESSAGE", "SUBSCRIBE")),
            body=rng.choice(("", "text")))


SCENARIOS = [
    *(Scenario(PLAIN, name, [Challenged(*answers)])
      for name, answers in shapes()),
    *(Scenario(PLAIN, name, [step]) for name, step in ways()),
    *(Scenario(PLAIN, name, [step]) for name, step in requests()),
    *(Scenario(PLAIN, "by chance " + name, [step])
      for name, step in by_chance(60)),
    *(Scenario(HASHED, name, [step]) for name, step in hashed())]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_answer(peers, scenario):
    peers.check(scenario, ANSWERS)
