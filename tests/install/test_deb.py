# SPDX-License-Identifier: GPL-2.0-or-later
"""The Debian package: what is in it, what Debian's own checker says, and that
it is installed, used and removed in a root of its own."""

import pathlib
import re

import pytest

from kamtest.deb import DROP_IN, NAME, SCRIPT, build, run, snapshot
from kamtest.kamailio import ROOT, STOCK
from kamtest.served import Phone
from kamtest.stockcfg import DOMAIN, DefaultKamailio

STOCK_DIR = pathlib.Path(STOCK.split(":")[0])
OWN_DIR = str(STOCK_DIR.parent / "modules-registrar-uac").lstrip("/")
DOC = "usr/share/doc/" + NAME
GUIDES = ("registrar", "uac")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return build(tmp_path_factory.mktemp("deb"))


@pytest.fixture(scope="module")
def facts():
    """Version, time and maintainer, from the commit."""
    return run("sh", SCRIPT, "facts").splitlines()


# --- what is in it ----------------------------------------------------------


def test_files(package):
    examples = {str(p.relative_to(ROOT)) for p in
                (ROOT / "examples").rglob("*")
                if p.is_file() and "__pycache__" not in p.parts}
    tables = {"sql/" + p.name for p in (ROOT / "doc/sql").iterdir()}
    assert package.files() == {
        DROP_IN, "usr/share/lintian/overrides/" + NAME,
        *("%s/%s.so" % (OWN_DIR, name) for name in GUIDES),
        *("usr/share/man/man7/kamailio-%s.7.gz" % name for name in GUIDES),
        *("%s/README.%s.gz" % (DOC, name) for name in GUIDES),
        *("%s/html/%s.html" % (DOC, name) for name in GUIDES),
        *("%s/%s" % (DOC, name) for name in (
            "html/guide.css", "README.md.gz", "README.Debian", "copyright",
            "changelog.gz")),
        *("%s/%s" % (DOC, name) for name in examples | tables)}


def test_no_configuration_files_and_no_scripts(package):
    """So nothing is asked, nothing happens and nothing stays."""
    assert package.files("--ctrl-tarfile") == {"control", "md5sums"}


def test_version_and_time_are_the_commits(package, facts):
    version, epoch, maintainer = facts
    assert re.fullmatch(re.escape(version) + r"\+[a-z]+[\d.]*",
                        package.field("Version"))
    assert package.field("Maintainer") == maintainer
    assert {m.mtime for m in package.members()} == {int(epoch)}


def test_version_does_not_need_git(facts):
    given = "0~git1\n2\nSomebody <somebody@example.org>"
    assert run("sh", SCRIPT, "facts", env={
        "KX_DEB_FACTS": given, "PATH": "/bin"}).strip() == given


def test_nothing_of_this_machine_is_in_it(package, tmp_path):
    run("dpkg-deb", "-x", package.file, tmp_path)
    places = [str(ROOT).encode(), str(package.file.parent).encode()]
    for path in filter(pathlib.Path.is_file, tmp_path.rglob("*")):
        data = path.read_bytes()
        assert not any(place in data for place in places), path


@pytest.mark.parametrize("release,fits,others", [
    ("5.6.3", ["5.6.3-2", "5.6.3-2+deb12u1", "5.6.3+bpo12"],
     ["5.6.2-1", "5.6.3~rc1-1", "5.6.4~rc1-1", "5.6.4-1", "5.7.0-1", "6.0.1-1"]),
    ("6.0.9", ["6.0.9-1"], ["6.0.8-1", "6.0.10-1", "6.0.10~rc1"]),
    ("6.2.0-dev1", ["6.2.0~dev1-1"], ["6.2.0~dev0-1", "6.2.1-1"])])
def test_needs_the_release_it_was_built_for(tmp_path, release, fits, others):
    flags = tmp_path / "kamflags.mk"
    flags.write_text("KAM_RELEASE := %s\n" % release)
    line = run("sh", SCRIPT, "depends", flags).strip()
    low, high = re.fullmatch(
        r"kamailio:Depends=kamailio \(>= (\S+)\), kamailio \(<< (\S+)\)",
        line).groups()
    compare = "dpkg --compare-versions '%s' ge '%s' && " \
        "dpkg --compare-versions '%s' lt '%s' && echo yes || echo no"
    for version in fits + others:
        said = run("sh", "-c", compare % (version, low, version, high))
        assert (said.strip() == "yes") == (version in fits), version


def test_lintian_has_nothing_to_say(package):
    said = run("lintian", "--profile", "debian", "--allow-root",
               package.changes, timeout=300)
    assert re.findall(r"^[EW]: .*", said, re.M) == []


# --- installed, used, removed -----------------------------------------------


class ScratchRoot:
    """A root with dpkg's records of Kamailio and the C library; what was
    there before is another package's file."""

    def __init__(self, directory):
        self.dir = directory
        records = directory / "var/lib/dpkg"
        for name in ("info", "updates", "triggers"):
            (records / name).mkdir(parents=True)
        (records / "status").write_text(
            run("dpkg-query", "-s", "kamailio", "libc6"))
        self.other = directory / STOCK_DIR.relative_to("/") / "registrar.so"
        self.other.parent.mkdir(parents=True)
        self.other.write_text("of the kamailio package")

    def dpkg(self, *words):
        return run("fakeroot", "dpkg", "--root=%s" % self.dir,
                   "--log=/dev/null", *words)

    def snapshot(self):
        return snapshot(self.dir, without=("var/lib/dpkg",))

    def status(self):
        said = (self.dir / "var/lib/dpkg/status").read_text()
        return "\nPackage: %s\n" % NAME in "\n" + said


@pytest.fixture(scope="module")
def root(package, tmp_path_factory):
    """With the package in it, installed as dpkg does."""
    root = ScratchRoot(tmp_path_factory.mktemp("root"))
    root.before = root.snapshot()
    root.dpkg("--install", package.file)
    return root


def test_installed_beside_others(root, package):
    after = root.snapshot()
    assert {path: after[path] for path in root.before} == root.before
    new = {path for path in set(after) - set(root.before)
           if not (root.dir / path).is_dir()}
    assert new == package.files()


def test_both_modules_load(root):
    run("sh", ROOT / "scripts/check-load.sh", root.dir / OWN_DIR)


def test_the_drop_in_names_where_the_modules_are(root):
    text = (root.dir / DROP_IN).read_text()
    assert re.findall(r"^[^#\n].*", text, re.M) \
        == ['mpath="/%s:%s"' % (OWN_DIR, STOCK)]
    assert '#   import_file "/%s"' % DROP_IN in text


def test_readme_has_the_lines(root):
    text = (root.dir / DOC / "README.Debian").read_text()
    assert re.findall(r"^  (\w+[ =]\".*)", text, re.M) == [
        'import_file "/%s"' % DROP_IN, 'mpath="/%s:%s"' % (OWN_DIR, STOCK)]


def test_stock_configuration_with_the_one_line(root, kam, udp, tmp_path):
    """As the drop-in has it, but for where this root is."""
    line = (root.dir / DROP_IN).read_text().replace(
        '"/' + OWN_DIR, '"%s/%s' % (root.dir, OWN_DIR))
    (tmp_path / "mpath.cfg").write_text(line)
    server = kam('import_file "%s"' % (tmp_path / "mpath.cfg"), start=False,
                 kind=DefaultKamailio, modules="stock")
    assert server.check()[0], server.check()[1]
    kam.start(server)
    alice = Phone(udp("alice"), "alice", server.addr, domain=DOMAIN)
    reply = alice.send("REGISTER", "sip:%s:%d" % server.addr,
                       "sip:alice@%s:%d" % server.addr)
    assert reply.status == 200 and alice.contact in reply.contacts()[0]
    maps = pathlib.Path("/proc/%d/maps" % server.proc.pid).read_text()
    assert "%s/%s/registrar.so" % (root.dir, OWN_DIR) in maps


def test_removed_without_a_trace(root):
    """Last: of its files and directories nothing is left."""
    assert root.status()
    root.dpkg("--purge", NAME)
    assert root.snapshot() == root.before
    assert not root.status()
