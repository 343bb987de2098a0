# SPDX-License-Identifier: GPL-2.0-or-later
"""Our uac registers with a password at registrars that nobody here wrote,
over UDP, TCP and TLS: Net::SIP, ejabberd, and Kamailio with the packaged
registrar and its default configuration."""

import pytest

from kamtest import accounts, registrars
from kamtest.baresip import eventually
from kamtest.net import free_port
from kamtest.stockcfg import DOMAIN, PASSWORDS


class Far:
    """A registrar and its account."""

    def __init__(self, ports, user, password):
        self.ports, self.user, self.password = ports, user, password


@pytest.fixture(scope="module", params=["net-sip", "ejabberd", "kamailio"])
def far(request, certificate):
    if request.param == "kamailio":
        site = request.getfixturevalue("make_site")("stock")
        yield Far(site.ports, "bob", PASSWORDS["bob"])
        return
    kind = {"net-sip": registrars.NetSip, "ejabberd": registrars.Ejabberd}
    registrar = kind[request.param](certificate)
    registrar.wait()
    yield Far(registrar.ports, registrars.USER, registrars.PASSWORD)
    registrar.stop()


@pytest.fixture
def start(kam, tmp_path, far, certificate):
    """start(over, password): a Kamailio with the account."""
    def run(over, password):
        accounts.create(tmp_path / "uac.db")
        accounts.insert(tmp_path / "uac.db", [accounts.account(
            "1", DOMAIN, r_username=far.user, realm=DOMAIN,
            auth_username=far.user, auth_password=password,
            auth_proxy="sip:127.0.0.1:%d;transport=%s"
            % (far.ports[over], over))])
        return kam(accounts.config(accounts.url(tmp_path / "uac.db"),
                                   certificate.kamailio()),
                   tcp=True, globals_=certificate.listen(free_port()))
    return run


def seen(kamailio):
    """(state of the account, last answer, how many answers came)"""
    listed = kamailio.rpc("uac.reg_list")
    account = listed["accounts"][0]
    return account["state"], account["code"], listed["answered"]


@pytest.mark.parametrize("over", ["udp", "tcp", "tls"])
def test_registers_refreshes_and_unregisters(start, far, over):
    kamailio = start(over, far.password)
    # asked for the password, which was right
    eventually("the account is online",
               lambda: seen(kamailio) == ("online", 200, 2), 15)
    assert kamailio.stat("uac", "regactive") == 1
    kamailio.rpc("uac.reg_register", "l_uuid", "1")
    eventually("it is refreshed", lambda: seen(kamailio)[:2]
               == ("online", 200) and seen(kamailio)[2] > 2, 15)
    kamailio.rpc("uac.reg_unregister", "l_uuid", "1")
    eventually("it is offline",
               lambda: seen(kamailio)[:2] == ("unregistered", 200), 15)
    assert kamailio.stat("uac", "regactive") == 0


@pytest.mark.parametrize("over", ["udp", "tcp", "tls"])
def test_wrong_password_is_refused(start, over):
    kamailio = start(over, "guess")
    # asked for the password, and asked again
    eventually("the password is refused",
               lambda: seen(kamailio) == ("disabled", 401, 2), 15)
    assert kamailio.stat("uac", "regactive") == 0
