# SPDX-License-Identifier: GPL-2.0-or-later
"""The admin guides document what the modules have, and nothing else: names are
asked of the .so files in a running server, not of their source."""

import importlib
import re

import pytest

from kamtest import accounts, guides, module, registrar
from kamtest.kamailio import OURS, ROOT

GUIDES = {name: guides.Guide(name) for name in guides.NAMES}
LIST = 'loadmodule "%s"\nloadmodule "counters.so"\n'
# words tried in one RPC
MANY = 400


class Exports:
    """What a module tells the core about itself."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.rows = [line.split(" ") for line in
                     server.rpc("kxlist.exports", name)]

    def of(self, kind):
        return [row[1:] for row in self.rows if row[0] == kind]

    def keys(self, form):
        """Every word of the binary that makes a variable in this form."""
        words = [w for w in guides.words_of(OURS / (self.name + ".so"))
                 if re.fullmatch(r"\w+", w)]
        found = set()
        for i in range(0, len(words), MANY):
            found.update(self.server.rpc(
                "kxlist.variables", form, " ".join(words[i:i + MANY])) or [])
        return {word.lower() for word in found}


@pytest.fixture(scope="module")
def exports(kam_module, tmp_path_factory):
    """{name: Exports}; no parameter is set but what uac needs."""
    extra = LIST % module.build("kxlist")
    db = tmp_path_factory.mktemp("guides") / "uac.db"
    accounts.create(db)
    # what is tried by the thousand and refused is logged as an error
    configs = {"registrar": registrar.config(extra=extra),
               "uac": accounts.config(accounts.url(db), extra)}
    return {name: Exports(kam_module(text, debug=-3, pkg=16), name)
            for name, text in configs.items()}


@pytest.fixture(params=guides.NAMES)
def both(request, exports):
    """(Guide, Exports) of each module."""
    return GUIDES[request.param], exports[request.param]


def documented(guide, role):
    """Last part of the ids of the sections of a role."""
    return [s.get("id").rpartition(".")[2] for s in guide.sections(role)]


def test_parameters(both):
    guide, module_ = both
    names = documented(guide, "parameter")
    assert len(names) == len(set(names))
    assert set(names) == {row[0] for row in module_.of("param")}


def test_defaults_of_parameters(both):
    """As the server has them, where the test did not set them itself."""
    guide, module_ = both
    rows = {p.name: p for p in guides.source.parameters(guide.name)}
    for name, kind, *value in module_.of("param"):
        if kind == "function" or name in ("reg_db_url", "reg_contact_addr"):
            continue
        assert rows[name].is_number == (kind == "int"), name
        assert rows[name].default == " ".join(value), name


def test_uac_has_no_cfg_group():
    """Its parameters are fixed at the start."""
    assert {p.cfg for p in guides.source.parameters("uac")} == {None}


def test_cfg_group(exports):
    rows = {p.cfg for p in guides.source.parameters("registrar") if p.cfg}
    listed = exports["registrar"].server.rpc("cfg.list", "registrar")
    assert rows == {line.partition(": ")[2] for line in listed}


def test_functions(both):
    guide, module_ = both
    there = {}
    for name, count, *routes in module_.of("function"):
        least, most, _ = there.get(name, (99, -1, None))
        there[name] = (min(least, int(count)), max(most, int(count)),
                       {"ONREPLY" if "ONREPLY" in r else r for r in routes})
    assert guide.functions() == there


def test_kemi_functions(both):
    guide, module_ = both
    there = {name: types for name, *types in module_.of("kemi")}
    assert guide.kemi() == there


def test_variables(both):
    guide, module_ = both
    assert set(documented(guide, "variable")) \
        == {name for name, in module_.of("variable")}


@pytest.mark.parametrize("name,variable,form", [
    ("registrar", "ulc", "$ulc(x=>?)"), ("uac", "uac_req", "$uac_req(?)"),
    ("uac", "uac_reg", "$uac_reg(?)")])
def test_keys_of_variables(exports, name, variable, form):
    keys = GUIDES[name].words("key", "%s.v.%s" % (name, variable))
    assert len(keys) == len(set(keys))
    assert set(keys) == exports[name].keys(form)


def test_statistics(both):
    guide, module_ = both
    names = guide.words("statistic")
    assert len(names) == len(set(names))
    assert set(names) == set(module_.server.rpc("cnt.var_list", guide.name))


def test_rpc_commands(both):
    guide, module_ = both
    there = {m for m in module_.server.rpc("system.listMethods")
             if m.startswith(guide.name + ".")}
    assert {guide.name + "." + name for name in documented(guide, "rpc")} \
        == there


def test_event_routes(both):
    guide, _ = both
    named = {re.fullmatch(r"event_route\[(.+)\]", text)[1]
             for text in guide.words("event-route")}
    assert named == guides.events_of(OURS / (guide.name + ".so"))


def shows(section):
    """Whether a section has a listing with what it is about in it; an event
    has one of its route. Functions for other modules are not for scripts."""
    name = section.get("id").rpartition(".")[2]
    listings = [p.text for p in section.iter("programlisting")]
    if section.get("role") == "event":
        return any("event_route[" in text for text in listings)
    if name.startswith("bind_"):
        return True
    return any(re.search(r"\b%s\b" % name, text) for text in listings)


def formats_of(path, letters):
    """Patterns of what the printf formats of a binary write, those that have
    so many letters of their own."""
    out = []
    for text in re.findall(rb"[\x20-\x7e]{8,}(?=\n?\0)", path.read_bytes()):
        parts = re.split(r"%(?:\.\*)?[sdux]", text.decode())
        if len(re.findall("[a-z]", "".join(parts))) >= letters:
            out.append(re.compile(".*".join(map(re.escape, parts))))
    return out


def test_lines_of_the_log(both):
    """A format of the module writes each. What is hardly more than a cause in
    capitals has one that is known."""
    guide, _ = both
    path = OURS / (guide.name + ".so")
    words = set(guides.words_of(path))
    formats = {few: formats_of(path, 6 if few else 12) for few in (0, 1)}
    assert guide.words("log")
    for line in guide.words("log"):
        causes = set(re.findall(r"\b[A-Z_]{4,}\b", line)) - {"REGISTER"}
        assert any(f.fullmatch(line) for f in formats[bool(causes)]), line
        assert causes <= words, line


def test_everything_has_an_example(both):
    guide, _ = both
    for role in ("parameter", "function", "rpc", "variable", "event"):
        for section in guide.sections(role):
            assert shows(section), section.get("id")


@pytest.mark.parametrize("role", ["key", "cfg-key", "rcd-key", "record-key",
                                  "contact-key", "column"])
def test_every_key_is_in_an_example(role):
    for guide in GUIDES.values():
        shown = "\n".join(one.text for one in guide.listings)
        for key in guide.words(role):
            assert re.search(r"\b%s\b" % key, shown), key


@pytest.mark.parametrize("name", guides.NAMES)
def test_every_difference_that_is_tested_is_listed(name):
    letter = {"registrar": "r", "uac": "u"}[name]
    tests = "".join(path.read_text() for path in
                    (ROOT / "tests" / "sip").glob("test_*.py"))
    tested = set(re.findall(r"w_%s\d+[a-z]?(?=_)" % letter, tests))
    listed = {entry.text for entry in GUIDES[name].book.iter("entry")}
    assert tested and {t.upper().replace("_", "-")[:3] + t[3:]
                       for t in tested} <= listed


def test_every_difference_the_peers_show_is_listed():
    """tests/peer plays both modules and names what differs on purpose: by an
    id of the defects or the RFCs, or of the interface (A.1 and so on) where
    the stock module does not do what its own document says."""
    names = (ROOT / "tests" / "peer").glob("*_intended.py")
    lists = [value for name in names for value in
             vars(importlib.import_module("peer." + name.stem)).values()
             if isinstance(value, list)]
    assert lists
    listed = {entry.text for guide in GUIDES.values()
              for entry in guide.book.iter("entry")}
    points = (ROOT / "doc" / "rfcmap.md").read_text()
    for entry in sum(lists, []):
        assert re.match(r"A\.\d+\b", entry.id) or entry.id in listed \
            or re.search(r"\b%s\b" % re.escape(entry.id), points), entry.id


def test_every_section_says_since_when(both):
    guide, _ = both
    for role in ("parameter", "function", "rpc", "variable", "event"):
        for section in guide.sections(role):
            assert re.fullmatch(r"5\.6|5\.7|6\.[0-2]|ours",
                                section.get("revision", "")), section.get("id")


def test_links_and_ids():
    """What make doc's xmllint looks at too, here without it."""
    for guide in GUIDES.values():
        ids = [e.get("id") for e in guide.book.iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        assert {e.get("linkend") for e in guide.book.iter()
                if e.get("linkend")} <= set(ids)


# a number outside is taken as the nearer end, as its section says
CLAMPED = "default_q"
LOADED = """
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "dialog.so"
loadmodule "usrloc.so"
loadmodule "%s.so"
modparam("usrloc", "xavp_contact", "kept")
"""


def numbers(guide, value):
    """A configuration with all numbers of a module; {name: value of it}."""
    values = {p.name: value(*map(int, p.range))
              for p in guides.source.parameters(guide.name)
              if p.is_number and p.name != CLAMPED}
    values = {name: v for name, v in values.items() if v is not None}
    rows = ['modparam("%s", "%s", %d)' % (guide.name, *pair)
            for pair in values.items()]
    return values, "\n".join([LOADED % guide.name, *rows,
                              "request_route { exit; }"])


@pytest.mark.parametrize("name", guides.NAMES)
@pytest.mark.parametrize("outside", [
    lambda low, high: low - 1,
    lambda low, high: high + 1 if high < 2**31 - 1 else None])
def test_numbers_out_of_their_range_are_named(kam, name, outside):
    values, config = numbers(GUIDES[name], outside)
    server = kam(config, start=False)
    with pytest.raises(AssertionError):
        server.start()
    assert values and set(re.findall(r"parameter (\w+) is -?\d+, it must be",
                                     server.log())) == set(values)


@pytest.mark.parametrize("name", guides.NAMES)
@pytest.mark.parametrize("inside", [lambda low, high: low,
                                    lambda low, high: min(high, 2**20)])
def test_ends_of_the_ranges_are_taken(kam, name, inside):
    _, config = numbers(GUIDES[name], inside)
    assert kam(config).alive()
