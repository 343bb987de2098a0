# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs that nobody here wrote register at: Kamailio with its own
default configuration, passwords, bindings in MariaDB, NAT traversal and TLS,
and our modules."""

import pytest

from kamtest.certs import Certificate
from kamtest.mariadb import MariaDB
from kamtest.net import free_port
from kamtest.rtpproxy import RtpProxy
from kamtest.stockcfg import DOMAIN, LOCAL, PASSWORDS, DefaultKamailio

TLS = '''
#!define WITH_TLS
#!subst "!/[a-z/]*/tls.cfg!%s!"
listen=tls:127.0.0.1:%d
listen=tls:127.0.0.1:%d
'''
TLS_CFG = '''
[server:default]
method = TLSv1.2+
private_key = %s
certificate = %s
[server:127.0.0.1:%d]
method = TLSv1.2
private_key = %s
certificate = %s
[client:default]
method = TLSv1.2+
'''


@pytest.fixture(scope="session")
def mariadb():
    with MariaDB(("standard", "auth_db", "usrloc", "acc")) as server:
        server.insert("subscriber", [
            {"username": user, "domain": DOMAIN, "password": password}
            for user, password in PASSWORDS.items()])
        yield server


@pytest.fixture(scope="session")
def rtpproxy():
    proxy = RtpProxy()
    yield proxy
    proxy.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("cert"), DOMAIN)


@pytest.fixture(scope="module")
def make_site(kam_module, mariadb, rtpproxy, certificate):
    """make_site("ours" or "stock"): such a server; ports has its ports."""
    def make(modules):
        mariadb.sql("delete from location")
        port, old_port = free_port(), free_port()
        files = (certificate.key, certificate.cert)
        tls_cfg = certificate.cert.with_name("tls-%s.cfg" % modules)
        tls_cfg.write_text(TLS_CFG % (*files, old_port, *files))
        site = kam_module(LOCAL % (DOMAIN, mariadb.url, rtpproxy.port)
                          + TLS % (tls_cfg, port, old_port), modules=modules,
                          kind=DefaultKamailio, tcp=True, name="site")
        site.ports = {"udp": site.port, "tcp": site.port, "tls": port,
                      "tls1.2": old_port}
        return site
    return make


@pytest.fixture(scope="module")
def site(make_site):
    return make_site("ours")
