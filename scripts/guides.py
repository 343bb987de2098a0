# SPDX-License-Identifier: GPL-2.0-or-later
"""The admin guides as one document each: doc/NAME.xml with what it includes,
and the facts of every parameter from the table the code is made of.

    guides.py OUTPUT_DIR NAME...

writes OUTPUT_DIR/NAME.xml, a book, and OUTPUT_DIR/NAME-man.xml, the same as a
manual page. What the sources say by attributes:

  section role     parameter, function, rpc, variable, event, statistic:
                   documents the thing its id ends with
  section revision the release the stock module has it since, or "ours"
  listing role     what the test of the guides does with it, see
                   tests/kamtest/guides.py
"""

import copy
import pathlib
import re
import sys
import textwrap
import xml.etree.ElementInclude as include
import xml.etree.ElementTree as et

ROOT = pathlib.Path(__file__).resolve().parents[1]
TABLES = {"registrar": ROOT / "registrar" / "reg_params.def",
          "uac": ROOT / "uac" / "ua_params.def"}
DOCTYPE = ('<?xml version="1.0" encoding="UTF-8"?>\n'
           '<!DOCTYPE %s PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN"\n'
           ' "http://www.oasis-open.org/docbook/xml/4.5/docbookx.dtd">\n')
INT_MAX = "2147483647"


class Parameter:
    """One row of a .def table."""

    def __init__(self, module, macro, args):
        self.module = module
        self.name = args.pop(0)
        self.cfg = args.pop(0) if "CFG" in macro else None
        self.is_number = macro.endswith("INT")
        self.text = args.pop()
        self.default = args.pop(0) if args else ""
        self.range = tuple(args)

    def facts(self):
        """[(what, text)] of the section's list."""
        kind = "integer" if self.is_number else "string"
        default = self.default or "none"
        rows = [("Type", kind), ("Default", default)]
        if self.is_number:
            rows.append(("Range", "%s to %s" % self.range))
        rows.append(("Change at run time", "kamcmd cfg.set_now_%s %s %s ..." % (
            "int" if self.is_number else "string", self.module, self.cfg)
            if self.cfg else "no"))
        return rows

    def short_range(self):
        """The range in a cell of a table."""
        if self.range[1:] == (INT_MAX,):
            return "%s and up" % self.range[0]
        return " to ".join(self.range)


def _arguments(text):
    """What stands between a macro's brackets: words, or texts without their
    quotes, adjacent ones joined."""
    out, joined = [], None
    for token in re.findall(r'"(?:[^"\\]|\\.)*"|[\w-]+|,', text):
        if token == ",":
            out.append(joined)
            joined = None
        elif token[0] == '"':
            joined = (joined or "") + token[1:-1]
        else:
            joined = INT_MAX if token == "INT32_MAX" else token
    return [*out, joined]


def parameters(name):
    """[Parameter] of a module's table, in its order."""
    text = re.sub(r"/\*.*?\*/", "", TABLES[name].read_text(), flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    found = re.findall(r'(\w+)\(((?:"(?:[^"\\]|\\.)*"|[^")])*)\)', text)
    return [Parameter(name, macro, _arguments(args)) for macro, args in found]


def since(section):
    """Which releases of the stock module have what a section documents."""
    revision = section.get("revision", "")
    return "none, it is ours" if revision == "ours" else revision + " and later"


def _member(what, text):
    member = et.Element("member")
    member.text = "%s: %s" % (what, text)
    return member


def _facts_of(section):
    """The list of facts of a section; made behind its title if missing."""
    for child in section:
        if child.tag == "simplelist" and child.get("role") == "facts":
            return child
    facts = et.Element("simplelist", role="facts")
    section.insert(1, facts)
    return facts


def _row(cells, link=None):
    row = et.Element("row")
    for i, text in enumerate(cells):
        entry = et.SubElement(row, "entry")
        if i == 0 and link:
            entry = et.SubElement(entry, "link", linkend=link)
        entry.text = text
    return row


def _table(name, rows):
    """The table of all parameters at the head of their chapter."""
    table = et.Element("table", frame="all", role="parameters",
                       id="%s.parameters.table" % name)
    et.SubElement(table, "title").text = "All parameters"
    group = et.SubElement(table, "tgroup", cols="6")
    head = et.SubElement(group, "thead")
    head.append(_row(["Name", "Default", "Range", "Run time",
                      "Since", "What"]))
    body = et.SubElement(group, "tbody")
    for row in rows:
        body.append(row)
    return table


def _add_parameters(name, book):
    rows = []
    sections = {s.get("id"): s for s in book.iter("section")
                if s.get("role") == "parameter"}
    for parameter in parameters(name):
        section = sections.get("%s.p.%s" % (name, parameter.name))
        if section is None:
            continue  # the test of the guides says so
        facts = _facts_of(section)
        for i, fact in enumerate(parameter.facts()):
            facts.insert(i, _member(*fact))
        rows.append(_row([
            parameter.name, parameter.default or "none",
            parameter.short_range(), "yes" if parameter.cfg else "no",
            section.get("revision"), parameter.text], section.get("id")))
    for parent in book.iter():
        for i, child in enumerate(list(parent)):
            if child.get("role") == "parameter-table":
                parent[i] = _table(name, rows)


def load(name):
    """The book as a tree, complete."""
    path = ROOT / "doc" / (name + ".xml")
    book = et.parse(path).getroot()
    include.include(book, base_url=str(path))
    _add_parameters(name, book)
    for tag in ("programlisting", "screen"):
        for listing in book.iter(tag):
            listing.text = textwrap.dedent(listing.text).strip("\n\t")
    for section in book.iter("section"):
        if section.get("revision"):
            _facts_of(section).append(
                _member("Stock module", since(section)))
    return book


def manual_page(name, book):
    """The book as a refentry: chapters and sections become its sections."""
    page = et.Element("refentry", id=name + ".man")
    info = et.SubElement(page, "refentryinfo")
    et.SubElement(info, "corpauthor").text = "see the project's history"
    meta = et.SubElement(page, "refmeta")
    et.SubElement(meta, "refentrytitle").text = "kamailio-" + name
    et.SubElement(meta, "manvolnum").text = "7"
    for kind, text in (("source", "Kamailio"), ("version", "registrar, uac"),
                       ("manual", "Kamailio modules")):
        et.SubElement(meta, "refmiscinfo", attrib={"class": kind}).text = text
    named = et.SubElement(page, "refnamediv")
    et.SubElement(named, "refname").text = "kamailio-" + name
    et.SubElement(named, "refpurpose").text = \
        book.findtext("bookinfo/subtitle")
    for chapter in book.findall("chapter"):
        page.append(_refsect(copy.deepcopy(chapter), 1))
    return page


def _refsect(section, depth):
    section.tag = "refsect%d" % depth
    for child in list(section):
        if child.tag == "section":
            _refsect(child, depth + 1)
        elif child.get("role") == "parameters":
            section.remove(child)  # each has its facts in its section
    return section


def write(name, out):
    book = load(name)
    for suffix, root in (("", book), ("-man", manual_page(name, book))):
        path = pathlib.Path(out) / (name + suffix + ".xml")
        path.write_text(DOCTYPE % root.tag
                        + et.tostring(root, encoding="unicode") + "\n")


if __name__ == "__main__":
    for guide in sys.argv[2:]:
        write(guide, sys.argv[1])
