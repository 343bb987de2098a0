# SPDX-License-Identifier: GPL-2.0-or-later
"""How the intended differences of the registrars are recognised."""

import re

from .record import same
from .reg_steps import Request


def saves(case):
    """The step, when it is a REGISTER to be saved; or None."""
    step = case.step
    if isinstance(step, Request) and step.method == "REGISTER":
        return step
    return None


def saved(case):
    """All REGISTERs so far, this one included."""
    steps = [b[0] for b in case.before] + [case.step]
    return [s for s in steps
            if isinstance(s, Request) and s.method == "REGISTER"]


def status(case, side):
    got = case.one(side, "reply")
    return int(got.split()[1]) if got else 0


def contacts(step):
    return [v for n, v in step.headers if n == "Contact"]


def does(case, *calls):
    return isinstance(case.step, Request) and case.step.get("X-Do") in calls


def param(case, name, default=0):
    return case.setup.params.get(name, default)


def uri_of(contact):
    return re.search("<([^>]*)|$", contact)[1] or contact.split(";")[0]


def instance_of(contact):
    return re.search('instance="([^"]*)|$', contact)[1]


# What a REGISTER is refused for, or not

def lists_in_a_refusal(case):
    return (saves(case) and (case.one("ours", "x-rc") or "").startswith("-")
            and case.one("stock", "x-rc") == case.one("ours", "x-rc")
            and status(case, "stock") == status(case, "ours")
            and "reply.contact" not in case.ours)


def path_is_refused(case):
    step = saves(case)
    return (step and param(case, "use_path") and step.has("Path")
            and param(case, "path_mode", 2) == 2
            and not step.has("Supported", "path")
            and status(case, "stock") == status(case, "ours")
            and status(case, "ours") == (0 if is_flag(step, 2) else 420))


def outbound_is_required(case):
    step = saves(case)
    return step and param(case, "outbound_mode") == 2 and case.one(
        "ours", "x-stat") == "accepted +0 rejected +1" \
        and not step.has("Supported", "outbound")


def brief_for_an_hour(case):
    """RFC 3261: no 423 to a lifetime of an hour or more."""
    return saves(case) and param(case, "min_expires") > 3600 \
        and (status(case, "stock"), status(case, "ours")) == (423, 200)


def bad_reg_id(case):
    return saves(case) and case.one(
        "ours", "reply.p-registrar-error") == "Invalid reg-id value"


def brief_by_default(case):
    """Nobody asked for the lifetime that is too brief."""
    step = saves(case)
    return (step and param(case, "min_expires_mode")
            and not step.has("Expires")
            and not any("expires=" in c for c in contacts(step))
            and status(case, "stock") == 423 and status(case, "ours") == 200)


def aor_is_long(case):
    """stock: a user of 64 bytes or a domain of 129 is too long until 5.8, an
    AoR of about 255 since 6.0, which then does not reply."""
    step = saves(case)
    return step and len(step.get("To") or "") > 80 \
        and case.one("stock", "x-rc") == "-1" and case.one(
            "stock", "reply.p-registrar-error") in (
                "Address Of Record too long", None)


def lives_very_long(case):
    step = saves(case)
    return step and any(int(n) >= 1 << 31 for n in re.findall(
        "[0-9]{10,}", (step.get("Expires") or "") + "".join(contacts(step))))


def contact_is_no_uri(case):
    step = saves(case)
    return step and (status(case, "stock"), status(case, "ours")) \
        == (200, 400) and case.one("ours", "reply.p-registrar-error") in (
            "Contact parse error", "Contact URI not acceptable")


def half_was_stored(case):
    return any(len(contacts(s)) > 1 and "q=9" in contacts(s)[-1]
               for s in saved(case))


def uri_is_rubbish(case):
    """stock: no reply, nothing counted; since 6.0 also for a To."""
    step = saves(case)
    return step and ((step.get("X-Flags") or "").endswith("u")
                     or "%zz" in (step.get("To") or "")) \
        and status(case, "stock") == 0 and status(case, "ours") == 400


def to_is_rubbish(case):
    step = saves(case)
    return step and step.get("To") in ("rubbish", "<sip:@example.org>") \
        and status(case, "ours") == 400


def refused_as_stale(case):
    step = saves(case)
    return (step and status(case, "stock") == 200
            and status(case, "ours") == 400 and case.one(
                "ours", "reply.p-registrar-error") == "Invalid CSeq number")


def star_is_stale(case):
    return refused_as_stale(case) and contacts(case.step) == ["*"]


def single_is_stale(case):
    return refused_as_stale(case) and is_flag(case.step, 4)


def instance_is_stale(case):
    step = saves(case)
    return step and any(map(instance_of, contacts(step))) and (
        refused_as_stale(case) or step.has("CSeq")
        and status(case, "stock") == status(case, "ours") == 200)


def contact_comes_twice(case):
    step = saves(case)
    if not step:
        return False
    every = contacts(step)
    uris = [uri_of(c) for c in every]
    return len(every) > 1 and len(set(uris)) < len(uris)


def contacts_of_one_call(case):
    step = saves(case)
    return (step and len(contacts(step)) > 1
            and case.setup.usrloc.get("matching_mode") == 3)


def instance_and_others(case):
    step = saves(case)
    return (step and len(contacts(step)) > 1
            and any(map(instance_of, contacts(step))))


def counted_otherwise(case):
    return (saves(case) and (param(case, "max_contacts")
                             or case.step.has("X-Max"))
            and (status(case, "stock"), status(case, "ours"))
            in ((503, 200), (503, 423), (200, 503)))


def deregisters_with_xavp(case):
    step = saves(case)
    return step and step.has("X-Exp") and (
        step.get("Expires") == "0" or any(
            "expires=0" in c for c in contacts(step)))


def is_flag(step, flag):
    return int((step.get("X-Flags") or "0").rstrip("u")) & flag


def one_contact_of_several(case):
    step = saves(case)
    return step and is_flag(step, 4) and len(contacts(step)) > 1


def reply_was_kept_back(case):
    """A 200 with contacts of a save() that sent none, from before."""
    step = saves(case)
    return (step and contacts(step) == ["*"] and status(case, "ours") == 200
            and "reply.contact" not in case.ours)


def flows_of_one_instance(case):
    step = saves(case)
    return step and any(map(instance_of, contacts(step))) and any(
        "reg-id" in c for s in saved(case) for c in contacts(s)) and len(
            saved(case)) > 1 and (param(case, "regid_mode")
                                  or param(case, "outbound_mode"))


# What a reply says

def outbound_without_flow(case):
    step = saves(case)
    return (step and param(case, "outbound_mode")
            and "reply.require" not in case.ours
            and (step.get("Expires") == "0"
                 or not any("reg-id" in c and "expires=0" not in c
                            for c in contacts(step))))


def several_with_a_flow(case):
    return saves(case) and case.one("ours", "x-rc") == "-1" and any(
        "reg-id" in c for c in contacts(case.step)) and len(
            contacts(case.step)) > 1 and param(case, "outbound_mode")


def another_reason_first(case):
    """Both refuse, ours before it looks at the bindings."""
    step = saves(case)
    return (step and status(case, "stock") in (423, 503)
            and status(case, "ours") == 420 and step.has("Path"))


def requires_outbound(case):
    step = saves(case)
    return (step and step.has("Require", "outbound")
            and param(case, "outbound_mode") == 2
            and (status(case, "stock"), status(case, "ours")) == (421, 200))


def q_of_another_contact(case):
    """stock: a q that comes after a removal is not read."""
    step = saves(case)
    return (step and len(contacts(step)) > 1
            and any("expires=0" in c for c in contacts(step))
            and same_but(case, lambda v: re.sub(";q=[0-9.]+", "", v)))


def row_of_memory_only(case):
    """stock: what was refreshed with 0x01 keeps its row when it is removed by
    others than REGISTER, or replaced."""
    return any(is_flag(s, 1) for s in saved(case)) and [
        f for f in case.fields if f not in case.ours]


def regid_without_outbound(case):
    return not param(case, "regid_mode") and any(
        "reg-id" in c and not (param(case, "outbound_mode")
                               and s.has("Supported", "outbound"))
        for s in saved(case) for c in contacts(s))


def path_of_nothing(case):
    return saves(case) and "reply.path" not in case.stock \
        and "reply.contact" not in case.ours


# What lookup and others find

def in_another_order(case):
    def all_of(side):
        return [case.one(side, "x-ruri")] + [
            b.split(" | ")[0] for b in getattr(case, side).get("x-branch", [])]
    stock, ours = all_of("stock"), all_of("ours")
    if not isinstance(case.step, Request) or len(saved(case)) < 2:
        return False
    if not param(case, "append_branches", 1):
        return len(stock) == len(ours) == 1 and any(
            ";q=" in c for s in saved(case) for c in contacts(s))
    return stock != ours and sorted(stock) == sorted(ours)


def gruu_in_dset(case):
    return does(case, "dset", "dset-uri") and "gruu" in (
        case.step.get("X-Uri") or case.step.ruri) \
        and "x-branch" not in case.stock


def more_records(case):
    """stock: the Request-URI's, or that of the last look-up."""
    if not does(case, "lookup", "lookup-uri", "relay", "branches", "dset",
                "dset-uri") or not param(case, "xavp_rcd"):
        return False
    ours = case.ours.get("x-rcd", [])
    return case.step.has("X-Br") or ours[:1] == case.stock.get(
        "x-rcd", ours)[:1]


def gruu_of_nobody(case):
    return ";gr" in getattr(case.step, "ruri", "") and (
        case.one("stock", "x-rc"), case.one("ours", "x-rc")) == ("-3", "-1")


def host_of_the_argument(case):
    """stock until 5.8: temporary GRUUs of save()'s URI have the To's host."""
    step = saves(case)
    return step and step.has("X-Uri") and step.has("Supported", "gruu") \
        and same_but(case, lambda v: re.sub(
            "(temp-gruu=[^@]*@)[^;]*", r"\1", v))


def next_hop_of_a_path(case):
    return does(case, "xavp") and any(s.has("Path") for s in saved(case))


def transport_is_left_out(case):
    """stock: reg_from_user() with the bit for the protocol takes a URI
    without a transport for none, not for UDP."""
    return does(case, "from-3") and case.one("ours", "x-rc") == "1"


def sent_once(case):
    step = saves(case)
    return step and step.has("X-Later") and not is_flag(step, 2)


def record_has_leftovers(case):
    if not (saves(case) and param(case, "xavp_rcd")):
        return False
    stock = case.stock.get("x-rcd", [""])[0].split(" | ")
    ours = case.ours.get("x-rcd", ["x"])[0].split(" | ")
    return all(s == o or o == "<null>" for s, o in zip(stock, ours))


def branch_without_details(case):
    """stock: the URI, next hop and q of a branch only."""
    def short(side):
        return [b.split(" | ")[0] for b in getattr(case, side)["x-branch"]]
    return does(case, "branches") and case.step.has("X-Br") \
        and short("stock") == short("ours")


def advertised(text):
    """What stands for an advertised socket is taken out."""
    for part in ("Socket=None", "socket=None", "Socket=", "socket=", "{server}",
                 "{second}", "192.0.2.9:5061", "udp:"):
        text = text.replace(part, "")
    return text.replace("|  |", "| |").strip()


def same_but(case, change):
    """The fields that are the same when both sides' texts are changed."""
    return [f for f in case.fields
            if same([change(v) for v in case.stock.get(f, [])],
                    [change(v) for v in case.ours.get(f, [])])]


def advertised_is_kept(case):
    return param(case, "sock_mode") and any(
        s.to == "second" for s in saved(case)) and same_but(case, advertised)


def rest_of_the_path(case):
    """stock: cuts a first hop off by its length, with a blank before the
    rest, or what else is there."""
    return param(case, "path_check_local") and same_but(
        case, lambda v: advertised(v.replace(" ", "").replace("p=1,", "")))


def port_of_the_hop(case):
    """stock: another server on the same host is taken for this one."""
    return param(case, "path_check_local") and any(
        "127.0.0.1:" in (s.get("Path") or "") for s in saved(case))


def prefix_in_capitals(case):
    return param(case, "realm_prefix") and "SIP." in case.step.ruri


def unregisters_by_ruid(case):
    """stock: is refused, and ends the server in db_mode 3 (5.6.3)."""
    return does(case, "unregister-only-ruid")


def reads_changed_settings(case):
    return "stats.get_statistics" in str(case.step) and any(
        "cfg.set" in str(b[0]) for b in case.before)


def record_without_contacts(case):
    """stock: unregister() of the last contact by its ruid leaves a record."""
    return does(case, "fetch") and any(
        isinstance(b[0], Request) and b[0].has("X-Ruid") for b in case.before) \
        and case.one("ours", "x-rc") == "-1"


def fetches_the_expired(case):
    return does(case, "fetch") and any(
        c.endswith(";expires=5") for s in saved(case) for c in contacts(s))
