# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that answer others."""

from kamtest.message import Message


def reply_to(request, status, reason="Peer", headers=(), tag="",
             keep=("via", "from", "to", "call-id", "cseq", "record-route")):
    """A reply; tag: of To, where there is none."""
    rows = [(n, v) for n, v in request.headers if n.lower() in keep]
    if tag:
        rows = [(n, v + ";tag=" + tag if n.lower() == "to"
                 and ";tag=" not in v else v) for n, v in rows]
    return Message("SIP/2.0 %d %s" % (status, reason), [*rows, *headers])


def ack_of(request, reply):
    """The ACK of a reply that is no 2xx."""
    keep = ("via", "max-forwards", "from", "call-id", "route")
    return Message("ACK %s SIP/2.0" % request.ruri, [
        (n, v) for n, v in request.headers if n.lower() in keep] + [
        ("To", reply.get("To")), ("CSeq", "%d ACK" % request.cseq[0])])
