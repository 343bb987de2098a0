# SPDX-License-Identifier: GPL-2.0-or-later
"""A server with examples/http.cfg: a registrar and accounts at providers."""

from . import accounts
from .kamailio import ROOT
from .net import free_port
from .registrar import head

ROUTES = """
request_route {
    if(method == "REGISTER") save("location");
    else sl_send_reply("404", "Not Found");
}
"""


class Http:
    """addr: where it serves HTTP; kamailio: the server."""

    def __init__(self, factory, directory, rows=(), port=None, extra="",
                 **options):
        self.db = directory / "uac.db"
        self.addr = ("127.0.0.1", port or free_port())
        accounts.create(self.db)
        accounts.insert(self.db, rows)
        self.kamailio = factory(
            head(modules=["db_sqlite", "uac"], extra="\n".join([
                'modparam("uac", "reg_db_url", "%s")' % accounts.url(self.db),
                'modparam("uac", "reg_contact_addr", "127.0.0.1:5999")',
                extra, 'include_file "%s/examples/http.cfg"' % ROOT,
                ROUTES])),
            tcp=True, args=["--substdef=!HTTP_PORT!%d!g" % self.addr[1],
                            "--substdef=!STATUS_DIR!%s/examples/status!g"
                            % ROOT], **options)

    def url(self, path):
        return "http://%s:%d%s" % (*self.addr, path)
