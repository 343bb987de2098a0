# SPDX-License-Identifier: GPL-2.0-or-later
"""A certificate made for one test: its own authority, good for loopback."""

import subprocess


class Certificate:
    """The files cert and key in a directory; cert is also what to trust."""

    def __init__(self, directory, *names):
        self.cert = directory / "cert.pem"
        self.key = directory / "key.pem"
        also = ["DNS:%s" % name for name in names]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-subj", "/CN=127.0.0.1", "-days", "2",
             "-addext", "subjectAltName=" + ",".join(
                 ["IP:127.0.0.1", "DNS:localhost", *also]),
             "-keyout", str(self.key), "-out", str(self.cert)],
            check=True, capture_output=True)

    def kamailio(self):
        """What a Kamailio loads to have this certificate and to ask for
        it; it listens on TLS as well."""
        return '''loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "private_key", "%s")
modparam("tls", "certificate", "%s")
modparam("tls", "ca_list", "%s")
modparam("tls", "verify_certificate", 1)
''' % (self.key, self.cert, self.cert)

    @staticmethod
    def listen(port):
        return "enable_tls=yes\nlisten=tls:127.0.0.1:%d" % port
