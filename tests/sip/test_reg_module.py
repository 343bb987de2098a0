# SPDX-License-Identifier: GPL-2.0-or-later
"""The module as the server sees it: it loads, takes every parameter, and
refuses what can't be meant."""

import pytest

from kamtest.registrar import config

PARAMS = [
    ("default_expires", 1800), ("default_expires_range", 30),
    ("expires_range", 30), ("default_q", 500), ("append_branches", 0),
    ("case_sensitive", 1), ("realm_prefix", "sip."), ("min_expires", 30),
    ("max_expires", 7200), ("min_expires_mode", 1), ("received_param", "rcv"),
    ("received_avp", "$avp(s:rcv)"), ("max_contacts", 10),
    ("retry_after", 30), ("sock_mode", 1), ("sock_flag", 18),
    ("sock_hdr_name", "Sock-Info"), ("method_filtering", 1), ("use_path", 1),
    ("path_mode", 0), ("path_use_received", 1), ("path_check_local", 1),
    ("xavp_cfg", "reg"), ("xavp_rcd", "ulrcd"), ("xavp_rcd_mask", 16),
    ("gruu_enabled", 0), ("outbound_mode", 1), ("regid_mode", 1),
    ("flow_timer", 25), ("contact_max_size", 1024),
    ("event_callback", "ksr_registrar_event"), ("lookup_filter_mode", 3),
    ("use_expired_contacts", 1)]

CFG_GROUP = {
    "realm_pref": "sip.", "default_expires": 1800,
    "default_expires_range": 30, "expires_range": 30, "min_expires": 30,
    "max_expires": 7200, "max_contacts": 10, "retry_after": 30,
    "case_sensitive": 1, "default_q": 500, "append_branches": 0,
    "use_expired_contacts": 1}


def refusal(kam, text):
    """Start a server that must not come up; what it logged at ERROR."""
    server = kam(text, start=False)
    with pytest.raises(AssertionError, match="did not start"):
        server.start()
    return [line for line in server.log().splitlines() if "ERROR" in line]


def test_all_33_parameters_are_taken(kam):
    assert len(PARAMS) == 33
    assert kam(config(params=PARAMS)).alive()


def test_the_cfg_group_shows_what_modparam_set(kam):
    server = kam(config(params=PARAMS))
    got = {name: server.rpc("cfg.get", "registrar", name)
           for name in CFG_GROUP}
    assert got == CFG_GROUP


@pytest.mark.parametrize("name, value", [
    ("default_expires_range", 101), ("expires_range", -1),
    ("min_expires_mode", 2), ("path_mode", 3), ("outbound_mode", 3),
    ("flow_timer", 1000), ("sock_flag", 32), ("lookup_filter_mode", 4),
    ("contact_max_size", 0), ("max_expires", -1)])
def test_a_value_out_of_bounds_is_named_and_stops_the_start(
        kam, name, value):
    params = [(name, value)]
    if name == "flow_timer":
        params.append(("outbound_mode", 1))
    assert any(name in line and str(value) in line
               for line in refusal(kam, config(params=params)))


def test_flow_timer_needs_outbound(kam):
    assert any("flow_timer needs outbound_mode" in line for line in
               refusal(kam, config(params=[("flow_timer", 25)])))


def test_received_avp_must_be_an_avp(kam):
    assert any("received_avp is no AVP" in line for line in
               refusal(kam, config(params=[("received_avp", "$ru")])))


def test_default_q_is_clamped_as_in_the_stock_module(kam):
    server = kam(config(params=[("default_q", 5000)]))
    assert server.rpc("cfg.get", "registrar", "default_q") == 1000


@pytest.mark.parametrize("there, missing", [("sl", "usrloc"),
                                            ("usrloc", "sl")])
def test_a_missing_module_is_named(kam, there, missing):
    text = ('loadmodule "%s.so"\nloadmodule "registrar.so"\n'
            'request_route { exit; }' % there)
    assert any("can't bind %s" % missing in line
               for line in refusal(kam, text))


def test_a_run_time_change_takes_effect_at_once(kam, udp):
    from kamtest.registrar import Phone, parse_contact
    server = kam(config())
    phone = Phone(udp(), server)
    server.rpc("cfg.set_now_int", "registrar", "default_expires", 777)
    reply, _ = phone.save(phone.contact())
    assert parse_contact(reply.get("Contact"))[1]["expires"] == "777"


def test_w_r25_statistics_follow_run_time_changes(kam):
    server = kam(config())
    for name, stat in (("default_expires", "default_expire"),
                       ("max_contacts", "max_contacts"),
                       ("max_expires", "max_expires"),
                       ("expires_range", "expires_range"),
                       ("default_expires_range", "default_expires_range")):
        server.rpc("cfg.set_now_int", "registrar", name, 77)
        assert server.stat("registrar", stat) == 77


def test_all_seven_statistics_exist(kam):
    server = kam(config(params=[
        ("max_expires", 7200), ("max_contacts", 3), ("default_expires", 100),
        ("default_expires_range", 5), ("expires_range", 6)]))
    names = {"max_expires": 7200, "max_contacts": 3, "default_expire": 100,
             "default_expires_range": 5, "expires_range": 6,
             "accepted_regs": 0, "rejected_regs": 0}
    assert {n: server.stat("registrar", n) for n in names} == names
