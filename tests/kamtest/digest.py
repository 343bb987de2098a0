# SPDX-License-Identifier: GPL-2.0-or-later
"""HTTP digest (RFC 2617, 7616, 8760) with Python's hashlib: the second,
independent implementation the modules are checked against."""

import hashlib
import re


def _sha512_256(data):
    return hashlib.new("sha512_256", data)


HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256,
          "SHA-512-256": _sha512_256}


def _h(algorithm, text):
    name = algorithm.upper()
    if name.endswith("-SESS"):
        name = name[:-5]
    return HASHES[name](text.encode()).hexdigest()


def parse(value):
    """'Digest a="b", c=d' -> ('Digest', {'a': 'b', 'c': 'd'})."""
    scheme, _, rest = value.strip().partition(" ")
    fields = {}
    for name, quoted, token in re.findall(
            r'([A-Za-z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))', rest):
        fields[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) or token
    return scheme, fields


def response(method, uri, user, realm, password, nonce, algorithm="MD5",
             qop=None, nc=None, cnonce=None, body=b""):
    ha1 = _h(algorithm, "%s:%s:%s" % (user, realm, password))
    if algorithm.upper().endswith("-SESS"):
        ha1 = _h(algorithm, "%s:%s:%s" % (ha1, nonce, cnonce))
    a2 = "%s:%s" % (method, uri)
    if qop == "auth-int":
        a2 += ":" + _h(algorithm, body.decode("latin-1"))
    ha2 = _h(algorithm, a2)
    if qop:
        return _h(algorithm, ":".join((ha1, nonce, nc, cnonce, qop, ha2)))
    return _h(algorithm, ":".join((ha1, nonce, ha2)))


def verify(header, method, password, body=b""):
    """Whether an Authorization value is right; returns (ok, fields)."""
    scheme, f = parse(header)
    if scheme.lower() != "digest":
        return False, f
    try:
        want = response(method, f["uri"], f["username"], f["realm"], password,
                        f["nonce"], f.get("algorithm", "MD5"), f.get("qop"),
                        f.get("nc"), f.get("cnonce"), body)
    except KeyError:
        return False, f
    return f.get("response") == want, f


def rspauth(fields, password, body=b""):
    """What a server that knows the password proves by (RFC 7616 3.5)."""
    f = fields
    return response("", f["uri"], f["username"], f["realm"], password,
                    f["nonce"], f.get("algorithm", "MD5"), f.get("qop"),
                    f.get("nc"), f.get("cnonce"), body)


def hashed_user(user, fields):
    """What stands for a user where userhash is asked for."""
    return _h(fields.get("algorithm", "MD5"),
              "%s:%s" % (user, fields.get("realm", "")))


def answer(challenge, method, uri, user, password, nc=1, cnonce="00112233",
           qop="auth"):
    """An Authorization value for a challenge, as a phone would make it."""
    _, f = parse(challenge)
    algorithm = f.get("algorithm", "MD5")
    use_qop = qop if "qop" in f else None
    ncs = "%08x" % nc
    fields = ['username="%s"' % user, 'realm="%s"' % f["realm"],
              'nonce="%s"' % f["nonce"], 'uri="%s"' % uri,
              'response="%s"' % response(method, uri, user, f["realm"],
                                         password, f["nonce"], algorithm,
                                         use_qop, ncs, cnonce),
              'algorithm=%s' % algorithm]
    if use_qop:
        fields += ["qop=%s" % use_qop, "nc=%s" % ncs, 'cnonce="%s"' % cnonce]
    if "opaque" in f:
        fields.append('opaque="%s"' % f["opaque"])
    return "Digest " + ", ".join(fields)
