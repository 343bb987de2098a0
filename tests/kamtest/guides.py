# SPDX-License-Identifier: GPL-2.0-or-later
"""The admin guides as tests see them: what they document, and their listings.

The role of a listing says what a test does with it:

  modparam  lines for kamailio.cfg: one server has those of a guide together
  script    statements: each is the route of a request, whose method is the
            listing's condition
  cfg       routes and loadmodule lines: kamailio -c takes each; the server of
            the scripts has them too, but for those whose condition is alone
  full      a whole kamailio.cfg, started
  lua       Lua for KEMI, of one guide together; each ex_ function is called
  python    a whole script for app_python3, started
  kamcmd    commands, run one after the other
  sql       run in SQLite, one after the other
  file      the content of credential_file
  mpath     what make install prints
  drawing   nothing
"""

import importlib.util
import re

from .kamailio import ROOT

NAMES = ("registrar", "uac")
ROLES = ("modparam", "script", "cfg", "full", "lua", "python", "kamcmd",
         "sql", "file", "mpath", "drawing")


def _load():
    spec = importlib.util.spec_from_file_location(
        "guides_source", ROOT / "scripts" / "guides.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


source = _load()


class Listing:
    """One programlisting: where it stands, what it is, its text."""

    def __init__(self, where, element):
        self.where = where
        self.role = element.get("role")
        self.condition = element.get("condition")
        self.text = element.text


class Guide:
    def __init__(self, name):
        self.name = name
        self.book = source.load(name)
        self.listings = []
        self._collect(self.book, name)

    def _collect(self, element, where):
        where = element.get("id", where)
        for child in element:
            if child.tag == "programlisting":
                self.listings.append(Listing(where, child))
            else:
                self._collect(child, where)

    def of(self, role):
        return [one for one in self.listings if one.role == role]

    def text(self, role):
        return "\n".join(one.text for one in self.of(role)) + "\n"

    def sections(self, role):
        return [s for s in self.book.iter("section") if s.get("role") == role]

    def words(self, role, within=None):
        """Texts of the elements of a role, below an id or anywhere."""
        top = self.book
        if within is not None:
            top = next(e for e in self.book.iter() if e.get("id") == within)
        return [e.text.strip() for e in top.iter() if e.get("role") == role]

    def functions(self):
        """{name: (least arguments, most, {routes})} as titles and facts say.

        [[x,] y] and x[, y] are both forms of an optional argument."""
        out = {}
        for section in self.sections("function"):
            routes = set(" ".join(self._routes(section)).split())
            for title in section.iter("function"):
                if title not in list(section.find("title")):
                    continue
                name, _, args = title.text.partition("(")
                most = len(re.findall(r"\w+", args))
                least = len(re.findall(r"\w+", _required(args)))
                if name in out:
                    least = min(least, out[name][0])
                    most = max(most, out[name][1])
                out[name] = (least, most, routes - {"none"})
        return out

    @staticmethod
    def _routes(section):
        return [e.text for e in section.iter("code")
                if e.get("role") == "routes"]

    def kemi(self):
        """{name: [type of the result, types of the arguments]}"""
        out = {}
        for text in self.words("kemi"):
            form = re.fullmatch(r"(\w+)\((.*)\)(?:: (\w+))?",
                                " ".join(text.split()))
            assert form, text
            args = [a.split()[0] for a in form[2].split(", ") if a]
            out[form[1]] = [form[3] or "int", *args]
        return out


def _required(args):
    """Without what stands in square brackets."""
    before = None
    while before != args:
        before, args = args, re.sub(r"\[[^][]*\]", "", args)
    return args


def words_of(path):
    """Every word that a string of a binary ends with: a literal that the
    linker has laid into the end of a longer one is among them."""
    words = set()
    for text in re.findall(rb"[A-Za-z][\w-]{0,40}(?=\0)", path.read_bytes()):
        text = text.decode()
        words |= {text[i:] for i in range(len(text))}
    return sorted(words)


def events_of(path):
    """Names of event routes among the strings of a binary."""
    found = re.findall(rb"\0((?:uac|registrar|usrloc):[a-z]+-?[a-z]*)\0",
                       path.read_bytes().replace(b"\0", b"\0\0"))
    return {name.decode() for name in found}
