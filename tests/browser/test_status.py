# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/status in a browser: it loads, keeps up, searches, turns pages,
and shows what came over the wire as text."""

import os
import pathlib

import pytest

from kamtest import accounts
from kamtest.httpd import Http
from kamtest.net import Trace, UdpPeer
from kamtest.registrar import Phone
from kamtest.wait import until, until_true

ROWS = 20  # a page has
EXTRA = """
modparam("uac", "reg_retry_interval", 600)
modparam("tm", "retr_timer1", 20000)
modparam("tm", "retr_timer2", 20000)
modparam("usrloc", "use_domain", 1)
"""
# what a provider says to whom; the others are accepted
SAYS = {3: (403, "Forbidden"), 8: (404, "Not Found"), 15: (403, "Forbidden"),
        21: (480, "Temporarily Unavailable"), 33: (500, "Server Error")}
NASTY = "<img src=x onerror=document.title='owned'>"


def row(i, addr):
    name = "trunk-%02d" % i
    return accounts.account(
        name, "sip.provider.example", auth_proxy="sip:" + addr,
        l_username=("alice", "bob", "carol", "office")[i % 4],
        r_username="49305550%02d" % i, flags=1 if i in (5, 29) else 0)


class World:
    """Forty accounts of which five fail and two are disabled, and 25 users."""

    def __init__(self, factory, directory):
        self.provider = accounts.Registrar(UdpPeer(Trace(), "provider"))
        self.http = Http(factory, directory,
                         [row(i, self.provider.addr) for i in range(40)],
                         extra=EXTRA)
        for _ in range(38):
            request = self.provider.get()
            number = int(request.get("To").split("@")[0][-2:])
            if number in SAYS:
                self.provider.answer(request, *SAYS[number])
            else:
                self.provider.accept(request, 600 + 80 * number)
        self.phones = UdpPeer(Trace(), "phones")
        for i in range(25):
            self.phone("user%02d" % i)

    def phone(self, user, uri="", agent="Phone/1.0"):
        phone = Phone(self.phones, self.http.kamailio, user)
        reply = phone.register(phone.contact(";expires=3600", user=user + uri),
                               headers=[("User-Agent", agent)])
        assert reply.status == 200
        return phone

    def close(self):
        self.provider.peer.close()
        self.phones.close()


@pytest.fixture(scope="module")
def world(kam_module, tmp_path_factory):
    world = World(kam_module, tmp_path_factory.mktemp("status"))
    yield world
    world.close()


@pytest.fixture
def page(browser, world):
    """The page, drawn; afterwards the console has nothing to say."""
    browser.open(world.http.url("/status/"))
    until_true(lambda: browser.texts("#users tbody tr"))
    until_true(lambda: told(browser).startswith("as of"))
    yield browser
    assert browser.complaints() == []


def told(page):
    return page.texts("#told")[0]


def numbers(page):
    return {name: int(n.replace(",", "")) for n, name in zip(
        page.texts(".number b"), page.texts(".number span"))}


def column(page, table, i):
    return page.texts("#%s tbody td:nth-child(%d)" % (table, i))


def range_of(page, table):
    return page.texts("#%s .pages span" % table)[0]


def test_loads(page):
    assert numbers(page) == {
        "accounts": 40, "registered": 33, "failing": 5, "disabled": 2,
        "waiting for room": 0, "users": 25, "contacts": 25}
    states = page.texts("#legend button")
    assert states == ["online33", "backoff5", "disabled2"]
    assert page.all("#chart canvas")
    assert page.script("return document.title") == "Registrations"
    # nothing is asked of anybody else
    assert page.script(
        "return performance.getEntriesByType('resource').every("
        "e => e.name.startsWith(location.origin))")
    target = os.environ.get("KX_SCREENSHOT")
    if target:
        page.write("#accounts input", "trunk-1")
        until(lambda: range_of(page, "accounts"), "1 to 10 of 10")
        page.script("document.activeElement.blur()")
        page.screenshot(pathlib.Path(target), 1900)


def test_failing_accounts_with_their_last_reply(page):
    assert sorted(zip(column(page, "failing", 2), column(page, "failing", 4),
                      column(page, "failing", 3))) == [
        ("trunk-%02d" % i, "%d %s" % SAYS[i], "backoff") for i in sorted(SAYS)]
    page.write("#failing input", "TRUNK-3")
    until(lambda: column(page, "failing", 2), ["trunk-33"])


def test_next_refreshes_over_time(page):
    """An hour of one-minute slots; 600 to 3,800 seconds were granted."""
    due = page.script("return chart.data[1]")
    assert len(due) == 60 and 30 <= sum(due) <= 38
    page.choose("#span", "360")
    until(lambda: page.script("return chart.data[0][1] - chart.data[0][0]"),
          360)
    assert sum(page.script("return chart.data[1]")) == 38
    until_true(lambda: page.texts("#due-told")[0] == "38 due, 0 later")


def test_pages(page):
    assert range_of(page, "accounts") == "1 to 20 of 40"
    first = column(page, "accounts", 2)
    assert len(first) == ROWS
    page.click("#accounts .pages button:last-child")
    until(lambda: range_of(page, "accounts"), "21 to 40 of 40")
    second = column(page, "accounts", 2)
    assert sorted(first + second) == ["trunk-%02d" % i for i in range(40)]
    last = page.one("#accounts .pages button:last-child")
    assert not last.is_enabled()
    page.click("#accounts .pages button:nth-child(2)")
    until(lambda: column(page, "accounts", 2), first)


def test_filters(page):
    page.choose("#accounts select", "disabled")
    until(lambda: sorted(column(page, "accounts", 2)),
          ["trunk-05", "trunk-29"])
    page.write("#accounts input", "29")
    until(lambda: column(page, "accounts", 2), ["trunk-29"])
    page.choose("#accounts select", "online")
    until(lambda: page.texts("#accounts tbody td"), ["none"])
    page.choose("#accounts select", "all")
    page.write("#accounts input", "provider.example")
    until(lambda: range_of(page, "accounts"), "1 to 20 of 40")
    # a state of the legend is a filter, too
    page.click("#legend li:nth-child(2) button")
    until(lambda: set(column(page, "accounts", 4)), {"backoff"})


def test_a_search_that_cannot_be_is_marked(page):
    page.write("#users input", 'a"b')
    assert page.all("#users input:invalid")
    page.write("#users input", "user07")
    until(lambda: column(page, "users", 1), ["user07@example.org"])
    assert not page.all("#users input:invalid")


def test_users_with_contacts(page):
    assert range_of(page, "users") == "1 to 20 of 25"
    page.write("#users input", "user12@example")
    until(lambda: column(page, "users", 1), ["user12@example.org"])
    contact, = column(page, "users", 2)
    assert contact.startswith("sip:user12@127.0.0.1:")
    assert column(page, "users", 3) == ["Phone/1.0"]
    assert column(page, "users", 4)[0].startswith("in ")


def test_keeps_up_and_pauses(page, world):
    """A user who comes is there without a reload, unless it is paused."""
    page.write("#users input", "late")
    until(lambda: page.texts("#users tbody td"), ["none"])
    phone = world.phone("late")
    until(lambda: column(page, "users", 1), ["late@example.org"])
    page.click("#pause")
    # an update that is on its way has ended before
    until(lambda: page.script("return isBusy"), False)
    before = told(page)
    phone.register("*", headers=[("Expires", "0")])
    assert page.texts("#pause") == ["Go on"]
    assert told(page) == before
    assert column(page, "users", 1) == ["late@example.org"]
    page.click("#pause")
    until(lambda: page.texts("#users tbody td"), ["none"])


def test_the_wire_is_shown_as_text(page, world):
    """Markup of a provider and of a phone; and no parameter of a push
    service."""
    world.http.kamailio.rpc("uac.reg_register", "l_uuid", "trunk-08")
    world.provider.answer(world.provider.get(), 404, NASTY)
    phone = world.phone("nasty", ";pn-provider=x;pn-prid=secret", NASTY)
    page.write("#users input", "nasty")
    page.write("#failing input", "trunk-08")
    until(lambda: column(page, "users", 3), [NASTY])
    until(lambda: column(page, "failing", 4), ["404 " + NASTY[:39]])
    assert "secret" not in page.script("return document.body.textContent")
    assert not page.all("td img")
    assert page.script("return document.title") == "Registrations"
    phone.register("*", headers=[("Expires", "0")])


def test_tells_when_the_server_is_gone(browser, kam, tmp_path):
    http = Http(kam, tmp_path)
    browser.open(http.url("/"))
    until_true(lambda: told(browser).startswith("as of"))
    assert browser.complaints() == []
    http.kamailio.stop()
    until_true(lambda: told(browser).startswith("not up to date"))
    assert browser.complaints()  # of the connections that failed
