# SPDX-License-Identifier: GPL-2.0-or-later
"""What was seen of one step: {field: [text, ...]}. Comparing two of them.

A number that is a time stands in marks, as in `expires=<3599>` with other
brackets: near() makes them. They are equal when they are near each other.
"""

import re

NEAR_S = 3
_MARKED = re.compile("⟨(-?[0-9]+)⟩")
_RUID = re.compile(r"uloc-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+")
# The rest of a temporary GRUU is the registrar's own business.
_TEMP_GRUU = re.compile(r"(sips?:{ruid\d*}-)[^@]*@")


def near(number):
    return "⟨%d⟩" % int(number)


class Names:
    """Ids that a server makes up get numbers, in the order in which they were
    made; rank(pid): where a process stands among the server's. While
    is_learning is off, one not seen before gets none."""

    def __init__(self, rank):
        self.rank = rank
        self.seen = []
        self.is_learning = True

    def _made(self, ruid):
        """Where a ruid was made, and its serial number (lowest digit
        first)."""
        process, serial = ruid.split("-")[2:]
        return self.rank(int(process, 16)), int(serial[::-1], 16)

    def learn(self, text):
        """Note the ids of a text; returns it."""
        return _RUID.sub(self._note, text)

    def _note(self, match):
        if match[0] not in self.seen:
            if not self.is_learning:
                return "{ruid}"
            self.seen.append(match[0])
            self.seen.sort(key=self._made)
        return match[0]

    def normal(self, text):
        """A text that was learnt from, with names for all ids."""
        text = _RUID.sub(
            lambda m: "{ruid%d}" % (self.seen.index(m[0]) + 1), text)
        return _TEMP_GRUU.sub(r"\1...@", text)

    def fill(self, text):
        """What scenarios write as {ruid1}. One never seen stays as it is."""
        for i, ruid in enumerate(self.seen):
            text = text.replace("{ruid%d}" % (i + 1), ruid)
        return text


def _same_text(a, b):
    a, b = _MARKED.split(a), _MARKED.split(b)
    return (a[::2] == b[::2] and len(a) == len(b)
            and all(abs(int(m) - int(n)) <= NEAR_S
                    for m, n in zip(a[1::2], b[1::2])))


def same(a, b):
    """Whether two lists of texts are the same, times nearly."""
    return len(a) == len(b) and all(map(_same_text, a, b))


def differing(stock, ours):
    """Names of the fields that are not the same, in order."""
    fields = [*stock, *(f for f in ours if f not in stock)]
    return [f for f in fields if not same(stock.get(f, []), ours.get(f, []))]


def normal_reply(message, stage, prefix="reply"):
    """Fields of a reply: status and every header. Via as it came is left
    out, a tag of the server's is as good as another one."""
    out = {prefix: [message.start]}
    for name, value in message.headers:
        name = name.lower()
        if name == "to":
            value = re.sub(r"(;tag=)[^;]*", r"\1{tag}", value)
        if name == "contact":
            value = re.sub(r"(;expires=)(-?\d+)",
                           lambda m: m[1] + stage.near(m[2]), value)
        out.setdefault("%s.%s" % (prefix, name), []).append(
            stage.normal(value))
    return out


def normal_request(message, stage):
    """A request as a target gets it: one text, the branch of each Via that
    the server made up named."""
    lines = [message.start]
    for name, value in message.headers:
        if name.lower() == "via":
            value = re.sub(r"(;branch=z9hG4bK)(?!%s)[^;]*" % stage.me,
                           r"\1{branch}", value)
        lines.append("%s: %s" % (name, value))
    return stage.normal("\n".join(lines)) + "\n" + message.body.decode(
        "utf-8", "replace")
