# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrar scenarios by chance, the same ones for the same seed.

A setup takes a few parameters of PARAMS and the modes of USRLOC; each of its
scenarios is a phone's life: registrations of many shapes, then somebody asks
for it. Shapes that a parameter is about are likelier where it is set.
"""

import random

from .reg_setup import setup
from .reg_steps import DOMAIN, call, contact, register
from .scene import Scenario, Wait

USRLOC = {
    "db_mode": (0, 0, 1, 2, 3), "matching_mode": (0, 0, 1, 2, 3),
    "use_domain": (0, 1), "cseq_delay": (20, 20, 0), "nat_bflag": (None, 5),
    "desc_time_order": (0, 0, 1), "xavp_contact": (None, "ulx")}

# Each is a theme: parameters that are chosen together.
PARAMS = [
    {"default_expires": (120, 900)},
    {"min_expires": (0, 120, 300), "max_expires": (0, 400, 3600)},
    {"min_expires": (200,), "min_expires_mode": (1,)},
    {"max_expires": (100, 1000)},
    {"default_q": (0, 380, 1000)},
    {"append_branches": (0,)},
    {"case_sensitive": (1,)},
    {"realm_prefix": ("sip.",)},
    {"received_avp": ("$avp(rcv)",), "received_param": ("rcv", "", None)},
    {"max_contacts": (1, 2, 3), "retry_after": (None, 30)},
    {"sock_mode": (1,)},
    {"sock_flag": (18,), "sock_hdr_name": ("Sock-Info",)},
    {"method_filtering": (1,)},
    {"use_path": (1,), "path_mode": (0, 1, 2, None),
     "path_use_received": (None, 1), "path_check_local": (None, 1)},
    {"xavp_cfg": ("reg",)},
    {"xavp_rcd": ("rcd",), "xavp_rcd_mask": (None, 1, 2, 8, 16, 27)},
    {"gruu_enabled": (0,)},
    {"outbound_mode": (1, 1, 2), "flow_timer": (None, 25),
     "use_path": (1, None)},
    {"regid_mode": (1,)},
    {"contact_max_size": (60,)},
    {"lookup_filter_mode": (1,), "xavp_cfg": ("reg",)},
    {"expires_range": (40,)},
    {"default_expires_range": (40,)},
]
# What expires takes a wait: these are no second theme.
EXPIRING = [{"use_expired_contacts": (1,), "min_expires": (1,)},
            {"min_expires": (1,)}]
BRIEF_S = 5


def _chosen(rng, table):
    got = {k: rng.choice(v) for k, v in table.items()}
    return {k: v for k, v in got.items() if v is not None}


class Maker:
    """Scenarios of one setup."""

    def __init__(self, rng, params, usrloc):
        self.rng = rng
        self.params = params
        self.usrloc = usrloc

    def some(self, chance):
        return self.rng.random() < chance

    def about(self, name, chance=0.6, else_=0.08):
        """Whether to do what a parameter is about."""
        return self.some(chance if name in self.params else else_)

    def expires(self):
        if self.about("min_expires", 0.5, 0.3):
            return self.rng.choice(
                ["0", "30", "60", "100", "119", "120", "250", "600",
                 "3600", "86400"])
        return self.rng.choice(["300", "1200", "3600", "7200"])

    def contact_params(self):
        out = []
        if self.some(0.35):
            out.append("expires=" + self.expires())
        if self.about("default_q", 0.4, 0.3):
            out.append("q=" + self.rng.choice(
                ["0", "0.1", "0.5", "0.55", "0.999", "1", "1.0"]))
        if self.about("gruu_enabled", 0.6, 0.1) or self.about(
                "outbound_mode", 0.5, 0) or self.about("regid_mode", 0.6, 0):
            out.append('+sip.instance="<urn:uuid:%s>"'
                       % self.rng.choice(["{me}-1", "{me}-2"]))
            if self.about("outbound_mode", 0.6, 0.02) or self.about(
                    "regid_mode", 0.6, 0):
                out.append("reg-id=" + self.rng.choice("12"))
        if self.about("method_filtering", 0.5, 0.04):
            out.append('methods="%s"' % self.rng.choice(
                ["INVITE,ACK", "MESSAGE", "OPTIONS, MESSAGE, INVITE"]))
        if self.some(0.08):
            out.append(self.rng.choice(
                ["audio", "mobility=fixed", '+sip.x="a;b"']))
        self.rng.shuffle(out)
        return "".join(";" + p for p in out)

    def contact(self):
        rng = self.rng
        uri = rng.choice(["", "", "", "", ";ob", ";transport=udp", ";x=1"])
        text = contact(rng.choice("abc"), rng.choice(["p0", "p1", "p2"]),
                       self.contact_params(), uri)
        return rng.choice(['"A. B" ', "", "", "", "", ""]) + text

    def path_headers(self):
        rng, out = self.rng, []
        if not self.about("use_path", 0.6, 0.04):
            return out
        first = "<sip:{p3};lr%s>" % rng.choice(
            ["", "", ";ob", ";received=sip:127.0.0.1:7%3Btransport%3Dudp"])
        more = rng.choice([[], [], ["<sip:edge@{p2};lr>"]])
        if "path_check_local" in self.params and self.some(0.4):
            first, more = "<sip:{server};lr>", ["<sip:{p3};lr>"]
        if more and self.some(0.5):
            out += [("Path", first), ("Path", more[0])]
        else:
            out.append(("Path", ", ".join([first, *more])))
        return out

    def given_headers(self):
        """What the script is to do before it saves."""
        rng, out = self.rng, []
        if self.about("received_avp", 0.6, 0):
            out.append(("X-Rcv", "sip:{%s}" % rng.choice(["p1", "p3"])))
        if self.about("sock_flag", 0.7, 0):
            out.append(("Sock-Info", rng.choice(
                ["udp:{second}", "udp:{server}", "{second}", "udp:1.2.3.4"])))
            if self.some(0.7):
                out.append(("X-Flag", "y"))
        if self.about("xavp_cfg", 0.6, 0):
            out.append(rng.choice([
                ("X-Exp", "777"), ("X-Q", "333"), ("X-Max", "1"),
                ("X-Socket", "udp:{second}")]))
        if self.about("lookup_filter_mode", 0.5, 0.05):
            out.append(("X-Bflags", "y"))
        if self.about("xavp_contact", 0, 0.1) or (
                "xavp_contact" in self.usrloc and self.some(0.4)):
            out.append(("X-Keep", "note"))
        return out

    def headers(self):
        rng, out = self.rng, []
        if self.some(0.3):
            out.append(("Expires", self.expires()))
        tags = [t for t, p, c in (("path", "use_path", 0.7),
                                  ("outbound", "outbound_mode", 0.7),
                                  ("gruu", "gruu_enabled", 0.6))
                if self.about(p, c, 0.12)]
        if tags:
            out.append(("Supported", ", ".join(tags)))
        if self.about("outbound_mode", 0.1, 0.02):
            out.append(("Require", "outbound"))
        if self.some(0.2):
            out.append(("User-Agent", rng.choice(["Phone/1", "Phone/2"])))
        if self.about("method_filtering", 0.4, 0.1):
            out.append(("Allow", rng.choice(
                ["INVITE, ACK, BYE", "MESSAGE", "INVITE, MESSAGE, OPTIONS"])))
        return out + self.path_headers() + self.given_headers()

    def odd(self):
        """A request that is refused, or read in an odd way."""
        return self.rng.choice([
            lambda: register("*", headers=[("Expires", "60")]),
            lambda: register("*"),
            lambda: register("*", contact(), headers=[("Expires", "0")]),
            lambda: register(contact(params=";q=7")),
            lambda: register(contact(params=";q=")),
            lambda: register(contact(params=";expires=soon")),
            lambda: register(contact(params=";expires=")),
            lambda: register(contact(), headers=[("Expires", "soon")]),
            lambda: register(contact(), headers=[("Call-ID", None)]),
            lambda: register(contact(), headers=[("CSeq", None)]),
            lambda: register(contact(), headers=[("To", None)]),
            lambda: register(contact(), headers=[("To", "rubbish")]),
            lambda: register("sip:{me}bare@{p1};expires=200"),
            lambda: register("<sip:{me}a@{p0}"),
            lambda: register(""),
            lambda: register("<sip:{me}%s@{p0}>" % ("l" * 600)),
            lambda: register(contact(), callid="{me}" + "l" * 300),
            lambda: register(contact(), user="l" * 300),
            lambda: register(contact(), headers=[
                ("To", '"D. N." <sip:{me}a@%s;x=1>;y=2' % DOMAIN)]),
            lambda: register(contact(), headers=[
                ("To", "<sip:{me}%%61@%s:5070>" % DOMAIN)]),
            lambda: register(contact(), headers=[
                ("To", "sip:{me}a@%s" % DOMAIN.upper())]),
            lambda: register(contact(), contact("b"), contact("c"),
                             contact("d"), contact("e"), contact("f")),
            lambda: register("%s,%s" % (contact(), contact("b"))),
            lambda: register(contact(), contact()),
            lambda: register(headers=[("Expires", "0")]),
        ])()

    def registers(self):
        """One more request of the phone."""
        rng = self.rng
        if self.some(0.16):
            return self.odd()
        if self.some(0.06):
            return register("*", headers=[("Expires", "0")])
        if self.some(0.06):
            return register(headers=self.headers())
        options = {"via": rng.choice(["p0", "p0", "p1"])}
        if self.some(0.15):
            options["callid"] = "{me}-other"
        if self.some(0.07):
            options["cseq"] = rng.choice([1, 5, 400])
        if self.some(0.2):
            options["flags"] = rng.choice(
                [0, 2, 4, 4, 6, 8, 12, 16] + ([1, 3, 5] if self.usrloc.get(
                    "db_mode") != 3 else []))
        if self.about("realm_prefix", 0.5, 0.02):
            options["domain"] = "sip." + DOMAIN
        if self.about("sock_mode", 0.7, 0.02):
            options["to"] = "second"
        if self.about("case_sensitive", 0.4, 0.03):
            options["user"] = "A"
        headers = self.headers()
        if "flags" in options and self.some(0.2):
            headers.append(("X-Uri", "sip:{me}a@" + DOMAIN))
        contacts = [self.contact()]
        if self.some(0.15):
            contacts.append(contact("d", "p2", ";q=0.2"))
        return register(*contacts, headers=headers, **options)

    def asks(self):
        """Somebody asks for the phone."""
        rng = self.rng
        headers, options = [], {}
        if self.about("lookup_filter_mode", 0.4, 0):
            headers.append(("X-Rlf", "y"))
        if self.about("case_sensitive", 0.4, 0.05):
            options["user"] = "A"
        if self.some(0.1):
            headers.append(("X-Br", "sip:more@{p3}"))
        if self.some(0.1):
            headers.append(("X-Du", "sip:{p3}"))
        if self.about("method_filtering", 0.6, 0.2):
            options["method"] = rng.choice(["INFO", "MESSAGE", "OPTIONS"])
        if self.about("realm_prefix", 0.3, 0):
            options["ruri"] = "sip:{me}a@sip.%s" % DOMAIN
        elif self.about("gruu_enabled", 0.3, 0.08):
            options["ruri"] = rng.choice(["{pub-gruu}", "{temp-gruu}"])
        do = rng.choice(["lookup", "lookup", "lookup-uri", "dset",
                         "dset-uri", "relay", "relay", "branches", "fetch",
                         "registered", "registered", "unregister",
                         "unregister-ruid"])
        if do in ("lookup-uri", "dset-uri", "registered", "unregister",
                  "unregister-ruid", "fetch"):
            options["uri"] = True
        if do == "registered":
            match = rng.choice([0, 0, 1, 2, 4, 7])
            headers.append(("X-Form", rng.choice(
                ["0", "1", "m%d" % match, "m%da%d" % (
                    match, rng.randrange(4))])))
            if match and "xavp_cfg" in self.params:
                headers += [("X-Mc", "{me}-call"), ("X-Mr", "sip:{p1}"),
                            ("X-Mk", "sip:{me}a@{p0}")]
        if do == "unregister-ruid":
            headers.append(("X-Ruid", rng.choice(["{ruid1}", "no-such"])))
        return call(do, headers=headers, **options)

    def life(self):
        """A scenario's steps."""
        rng = self.rng
        steps = [register(self.contact(), headers=self.headers())]
        for _ in range(rng.randrange(2, 6)):
            steps.append(self.registers() if self.some(0.6) else self.asks())
        if self.params.get("min_expires") == 1:
            steps.insert(1, register(contact(
                "z", params=";expires=%d" % BRIEF_S)))
            # usrloc's timer takes what has expired, in db_mode 2 soon
            steps.append(Wait(BRIEF_S + (
                3.5 if self.usrloc.get("db_mode") == 2 else 1.5)))
        steps.append(self.asks())
        return [*steps, register()]


def make_setup(seed, number, scenarios):
    """Setup `number` of a seed, with so many scenarios."""
    rng = random.Random("%s-%d" % (seed, number))
    # every theme is the first of some setups
    first = PARAMS + EXPIRING
    themes = [first[number % len(first)],
              *rng.sample(PARAMS, rng.randrange(0, 4))]
    params, usrloc = {}, _chosen(rng, USRLOC)
    for theme in themes:
        params.update((k, v) for k, v in _chosen(rng, theme).items()
                      if k not in params)
    if usrloc["db_mode"] == 3:
        # its order is by seconds, what comes within one by chance
        usrloc["desc_time_order"] = 0
    if not params.get("outbound_mode"):
        params.pop("flow_timer", None)
    one = setup("g%d" % number, params, usrloc,
                globals_="listen=udp:{second}%s" % (
                    " advertise 192.0.2.9:5061"
                    if "sock_mode" in params else ""))
    one.brief_s = BRIEF_S - 1.5 if params.get("min_expires") == 1 else None
    maker = Maker(rng, params, usrloc)
    for n in range(scenarios):
        Scenario(one, str(n), maker.life())
    return one


def generate(seed, setups, scenarios):
    """Scenarios of so many setups, so many each."""
    return [sc for n in range(setups)
            for sc in make_setup(seed, n, scenarios).scenarios]
