# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of From and To differently on purpose."""

from .intended import Entry
from .uac_calls import ADDRESS, Cancel, First, Reply, Within


def split(value):
    """(what is around the URI up to it, the URI)"""
    found = ADDRESS.match(value.strip())
    return found.groups()[:2] if found else ("", value.split(";")[0])


class Known:
    """From and To of the first request, as sent and as shown."""

    def __init__(self, case):
        first = case.before[0] if case.before else (
            case.step, case.stock, case.ours)
        me = case.scenario.me
        self.sent = {"from": split(first[0].from_.replace("{me}", me)),
                     "to": split(first[0].to)}
        self.shown = {end: (first[2]["%s p0.1 form" % end][0].partition("U")[0],
                            first[2]["%s p0.1 uri" % end][0])
                      for end in ("from", "to")}

    def at(self, where):
        """What may stand there: [(name, URI)]"""
        return list((self.sent if where == "c" else self.shown).values())


def place(field):
    """"from p0.2 uri" -> p0"""
    return field.split()[1].partition(".")[0]


def has_uri_of_the_call(case, field):
    return case.one("ours", field) in [
        uri for _, uri in Known(case).at(place(field))]


def last_request(case):
    """The request within the call that a step answers; or None."""
    for step, _, _ in reversed(case.before):
        if isinstance(step, Within) and step.method != "ACK":
            return step
    return None


def name_is_kept(case):
    """One of the names that this side knows, where stock has another one."""
    if isinstance(case.step, First):
        return []
    known = Known(case)
    return [f for f in case.fields if f.endswith(" form")
            and (case.one("ours", f) or "U").rpartition("U")[0].strip(" <")
            in [name.strip(" <") for name, _ in known.at(place(f))]]


def cancel_as_request(case):
    return [f for f in case.fields if isinstance(case.step, Cancel)
            and has_uri_of_the_call(case, f)]


def early_bye(case):
    return [f for f in case.fields
            if case.setup.is_dialog and "early bye" in case.scenario.name
            and has_uri_of_the_call(case, f)]


def compact(case):
    return [f for f in case.fields
            if case.setup.is_dialog and case.scenario.steps[0].compact
            and isinstance(case.step, Within) and case.step.by == "p0"
            and has_uri_of_the_call(case, f)]


def only_the_name(case):
    """Nothing but the Record-Route parameter is more."""
    def rest(side):
        return [t.replace(";vsf={kept}", "").replace(";vst={kept}", "")
                for t in getattr(case, side).get(case.fields[0], [])]
    return (case.scenario.steps[0].get("X-From") == "-"
            and rest("stock") == rest("ours"))


def brackets(case):
    """Where there were none and the new URI has parameters."""
    first = case.scenario.steps[0]
    out = []
    for end, header in (("from", "X-From"), ("to", "X-To")):
        new = first.get(header) or ""
        if ";" in new and "<" not in getattr(first, {
                "from": "from_"}.get(end, end)):
            out += [f for f in case.fields
                    if case.one("ours", f) == new
                    or case.one("ours", f).startswith("<U>")]
    return out


def reply_as_request(case):
    """The reply to a request within the call: ours has From and To as the
    request had."""
    step, known = last_request(case), Known(case)
    if not isinstance(case.step, Reply) or step is None or not (
            case.setup.mode == "manual" or case.setup.is_dialog):
        return []
    want = known.sent if step.by == "c" else {
        "from": known.shown["to"], "to": known.shown["from"]}
    return [f for f in case.fields if f.endswith(" uri")
            and case.one("ours", f) == want[f.split()[0]][1]]


CALLS = [
    Entry("W-U29", "display names are restored, too", "from*form to*form",
          name_is_kept),
    Entry("W-U29", "a display name alone is kept, too", "at *",
          only_the_name),
    Entry("RFC 3261 20", "a URI with parameters gets its brackets",
          "from* to*", brackets),
    Entry("RFC 3261 8.2.6.2", "restore_mode manual, restore_dlg: replies to"
          " requests within the call have From and To of the request",
          "from*uri to*uri", reply_as_request),
    Entry("RFC 3261 9.1", "restore_mode none: a CANCEL has the To of its"
          " request", "to*p0.1*uri", cancel_as_request),
    Entry("W-U29d", "restore_dlg: the BYE of an early dialog, too",
          "from*uri to*uri", early_bye),
    Entry("RFC 3261 7.3.3", "restore_dlg: compact headers, too",
          "from*uri to*uri", compact),
]
