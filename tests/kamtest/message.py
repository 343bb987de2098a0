# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages as the tests see them: a start line, headers in order, a body.

Nothing is normalised: a test that sends rubbish sends exactly that rubbish.
"""

COMPACT = {
    "v": "via", "f": "from", "t": "to", "m": "contact", "i": "call-id",
    "l": "content-length", "c": "content-type", "k": "supported",
    "s": "subject", "e": "content-encoding", "o": "event",
}


def _key(name):
    name = name.strip().lower()
    return COMPACT.get(name, name)


class Message:
    """One SIP message; `headers` is a list of (name, value) in wire order."""

    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)
        self.body = body.encode() if isinstance(body, str) else body
        self.source = None

    @classmethod
    def parse(cls, data):
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("utf-8", "replace").split("\r\n")
        headers = []
        for line in lines[1:]:
            if line[:1] in (" ", "\t") and headers:
                name, value = headers[-1]
                headers[-1] = (name, value + " " + line.strip())
                continue
            name, _, value = line.partition(":")
            headers.append((name.strip(), value.strip()))
        return cls(lines[0], headers, body)

    def encode(self):
        lines = [self.start]
        lines += ["%s: %s" % pair for pair in self.headers]
        if "content-length" not in [_key(n) for n, _ in self.headers]:
            lines.append("Content-Length: %d" % len(self.body))
        return ("\r\n".join(lines) + "\r\n\r\n").encode(
            errors="surrogateescape") + self.body

    def get(self, name, default=None):
        """The first header of that name, long or compact form."""
        values = self.all(name)
        return values[0] if values else default

    def all(self, name):
        return [v for n, v in self.headers if _key(n) == _key(name)]

    def set(self, name, value):
        """Replace every header of that name by one; None removes it."""
        where = [i for i, (n, _) in enumerate(self.headers)
                 if _key(n) == _key(name)]
        for i in reversed(where):
            del self.headers[i]
        if value is not None:
            at = where[0] if where else len(self.headers)
            self.headers.insert(at, (name, value))
        return self

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0")

    @property
    def method(self):
        return self.start.split(" ")[0] if self.is_request else None

    @property
    def ruri(self):
        return self.start.split(" ")[1]

    @property
    def status(self):
        return int(self.start.split(" ")[1])

    @property
    def reason(self):
        return self.start.split(" ", 2)[2]

    @property
    def cseq(self):
        number, method = self.get("CSeq").split()
        return int(number), method

    def contacts(self):
        """Every contact of every Contact header, as text."""
        out = []
        for value in self.all("Contact"):
            out += split_list(value)
        return out

    def __repr__(self):
        return "<%s>" % self.start


def split_list(value):
    """Split at commas outside of quotes and angle brackets."""
    out, item, quoted, depth, skip = [], "", False, 0, False
    for ch in value:
        if skip:
            skip = False
        elif quoted:
            if ch == "\\":
                skip = True
            elif ch == '"':
                quoted = False
        elif ch == '"':
            quoted = True
        elif ch in "<>":
            depth += 1 if ch == "<" else -1
        elif ch == "," and depth == 0:
            out.append(item.strip())
            item = ""
            continue
        item += ch
    if item.strip():
        out.append(item.strip())
    return out


def split_params(text):
    """'<sip:a@b>;x=1;y' -> ('<sip:a@b>', {'x': '1', 'y': None})."""
    parts, item, quoted, depth = [], "", False, 0
    for ch in text:
        if ch == '"':
            quoted = not quoted
        elif ch in "<>" and not quoted:
            depth += 1 if ch == "<" else -1
        elif ch == ";" and not quoted and depth == 0:
            parts.append(item.strip())
            item = ""
            continue
        item += ch
    parts.append(item.strip())
    params = {}
    for part in parts[1:]:
        name, eq, value = part.partition("=")
        params[name.strip().lower()] = value.strip() if eq else None
    return parts[0], params
