# SPDX-License-Identifier: GPL-2.0-or-later
"""What every wire test has: sockets that write down what passes them,
Kamailios that are ended, and both in the report of a test that fails."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import pytest  # noqa: E402

from kamtest.kamailio import Kamailio  # noqa: E402
from kamtest.net import TcpListener, TcpPeer, Trace, UdpPeer  # noqa: E402
from kamtest.reports import found  # noqa: E402

# every server that runs now -> length of its log when this test began
_running = {}
# reports of guarded.sh's tool that a test has failed for
_told = set()
# words in a log that no test may cause, unless it says so by
# kamailio.allow.append("words of the line")
_alarms = ("BUG:", "exited by a signal", "core was generated",
           ": runtime error: ")


class Factory:
    """Starts Kamailios and ends them: factory(config, **as Kamailio), of
    another kind of Kamailio with kind=class.

    KX_SIDE=stock in the environment runs the tests against the
    distribution's modules: a test of a defect fails there.
    """

    def __init__(self):
        self.made = []

    def __call__(self, config, start=True, kind=Kamailio, **options):
        options.setdefault("modules", os.environ.get("KX_SIDE", "ours"))
        kamailio = kind(config, **options)
        kamailio.allow = []
        kamailio.may_die = False
        self.made.append(kamailio)
        if start:
            self.start(kamailio)
        return kamailio

    def start(self, kamailio):
        """Start one made with start=False."""
        kamailio.start()
        _running[kamailio] = 0
        return kamailio

    def close(self):
        for kamailio in self.made:
            _running.pop(kamailio, None)
            kamailio.remove()
        self.made = []


@pytest.fixture
def kam(_watch):
    """Servers of one test."""
    factory = Factory()
    yield factory
    factory.close()


@pytest.fixture(scope="module")
def kam_module():
    """Servers that the tests of a module share."""
    factory = Factory()
    yield factory
    factory.close()


@pytest.fixture
def trace(request):
    trace = Trace()
    request.node.sip_trace = trace
    return trace


class _Opener:
    """Opens sockets and closes them: opener(...) -> one of them."""

    def __init__(self, trace, make):
        self.trace = trace
        self.make = make
        self.made = []

    def __call__(self, *args, **options):
        one = self.make(self.trace, *args, **options)
        self.made.append(one)
        return one

    def close(self):
        for one in self.made:
            one.close()


def _opener_fixture(make, text):
    def fixture(trace):
        opener = _Opener(trace, make)
        yield opener
        opener.close()
    fixture.__doc__ = text
    return pytest.fixture(fixture)


udp = _opener_fixture(UdpPeer, "udp(name='peer', host=..., port=0): UdpPeer")
tcp = _opener_fixture(TcpPeer, "tcp(name, to=(host, port)): TcpPeer")
tcp_listener = _opener_fixture(TcpListener, "tcp_listener(): TcpListener")


def _log_since(kamailio, mark):
    return kamailio.log()[mark:]


@pytest.fixture(autouse=True)
def _watch(request):
    """Marks the logs, and after the test looks whether all is well."""
    for kamailio in _running:
        _running[kamailio] = len(kamailio.log())
    yield
    # runs before servers of the module, after those of the test are ended
    for kamailio, mark in _running.items():
        _check(kamailio, mark)
    _check_reports()


def _check_reports():
    """scripts/guarded.sh has a directory where its tool writes."""
    if "KX_REPORTS" not in os.environ:
        return
    for file, parts in found(pathlib.Path(os.environ["KX_REPORTS"])).items():
        if file not in _told:
            _told.add(file)
            pytest.fail("%s:\n%s" % (file, "\n".join(parts)[:6000]),
                        pytrace=False)


def _check(kamailio, mark):
    # stopped by the test itself, or by nobody
    assert kamailio.may_die or kamailio.proc is None or kamailio.alive(), \
        "%s has died" % kamailio.name
    bad = [line for line in _log_since(kamailio, mark).splitlines()
           if any(a in line for a in _alarms)
           and not any(a in line for a in kamailio.allow)]
    assert not bad, "%s: %s" % (kamailio.name, bad[0])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Servers of the test itself are looked at while they still run."""
    outcome = yield
    if outcome.excinfo is None:
        try:
            for kamailio, mark in list(_running.items()):
                _check(kamailio, mark)
        except AssertionError as error:
            outcome._excinfo = (type(error), error, error.__traceback__)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the SIP messages and the logs of its case."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed:
        return
    trace = getattr(item, "sip_trace", None)
    if trace is not None and trace.entries:
        report.sections.append(("SIP messages", trace.text()))
    for kamailio, mark in _running.items():
        log = "\n".join(_log_since(kamailio, mark).splitlines()[-120:])
        report.sections.append(("log of %s" % kamailio.name, log))


def pytest_collection_modifyitems(items):
    """A typo in an environment variable must not turn tests off silently."""
    modules = os.environ.get("KX_MODULES")
    if items and modules and not os.path.isdir(modules):
        pytest.exit("KX_MODULES is no directory: %s" % modules)
