# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of registrar's admin guide, as an operator finds them there:
the parameters together with the calls, in one configuration each."""

import re

from kamtest.registrar import MODULES, Phone, request

MODPARAMS = '''
modparam("registrar", "default_expires", 1800)
modparam("registrar", "default_expires_range", 30) # +- 30% from default_expires
modparam("registrar", "expires_range", 30) # expires within [0.7*expires .. expires]
modparam("registrar", "min_expires", 60)
modparam("registrar", "min_expires_mode", 1)
modparam("registrar", "max_expires", 120)
modparam("registrar", "default_q", 1000)
modparam("registrar", "realm_prefix", "sip.")
modparam("registrar", "append_branches", 0)
modparam("registrar", "case_sensitive", 1)
modparam("registrar", "received_avp", "$avp(s:rcv)")
modparam("registrar", "received_param", "rcv")
modparam("registrar", "max_contacts", 10)
modparam("registrar", "retry_after", 30)
modparam("registrar", "sock_flag", 18)
modparam("registrar", "sock_hdr_name", "Sock-Info")
modparam("registrar", "sock_mode", 1)
modparam("registrar", "method_filtering", 1)
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("registrar", "path_use_received", 1)
modparam("registrar", "path_check_local", 1)
modparam("registrar", "xavp_cfg", "reg")
modparam("registrar", "xavp_rcd", "ulrcd")
modparam("registrar", "xavp_rcd_mask", 16)
modparam("registrar", "gruu_enabled", 0)
modparam("registrar", "outbound_mode", 2)
modparam("registrar", "regid_mode", 1)
modparam("registrar", "flow_timer", 25)
modparam("registrar", "contact_max_size", 1024)
modparam("registrar", "event_callback", "ksr_registrar_event")
modparam("registrar", "lookup_filter_mode", 1)
modparam("registrar", "use_expired_contacts", 1)
'''

ROUTES = '''
modparam("registrar", "xavp_cfg", "reg")
request_route {
    if(method == "REGISTER") {
        if(is_present_hf("X-1")) save("location", "0x01");
        else if(is_present_hf("X-2")) {
            $xavp(reg=>max_contacts) = 4;
            $xavp(reg[0]=>expires) = 600;
            save("location");
        } else if(is_present_hf("X-3")) {
            save("location", "0x2");
            reg_send_reply();
        } else if(is_present_hf("X-4"))
            save("location", "0x00", "sip:test@kamailio.org");
        else save("location");
        exit;
    }
    if(method == "OPTIONS") {
        lookup("location");
        switch($retcode) {
            case -1:
            case -3:
                sl_send_reply("404", "Not Found");
                exit;
            case -2:
                sl_send_reply("405", "Not Found");
                exit;
        }
        sl_send_reply("200", "found");
        exit;
    }
    if(method == "MESSAGE") {
        $xavp(reg=>match_received) = $su;
        if(registered("location", "$rz:$rU@$rd", 2)) {
            sl_send_reply("100", "Trying");
        }
        lookup_to_dset("location");
        lookup_branches("location");
        add_sock_hdr("Sock-Info");
        unregister("location", "$ru", "$ulc(caller=>ruid)");
        unregister("location", "", "$ruid");
        reg_free_contacts("callee");
        sl_send_reply("200", "done");
        exit;
    }
    if(reg_fetch_contacts("location", "$fu", "caller")) {
        xlog("L_ERR", "caller=>aor: $(ulc(caller=>aor))\\n");
        xlog("L_ERR", "caller=>domain: $(ulc(caller=>domain))\\n");
        xlog("L_ERR", "caller=>aorhash $(ulc(caller=>aorhash))\\n");
        xlog("L_ERR", "caller=>count $(ulc(caller=>count))\\n");
        $var(i) = 0;
        while($var(i) < $(ulc(caller=>count))) {
            xlog("L_ERR", "--- contact [$var(i)]\\n");
            xlog("L_ERR", "caller=>addr:       $(ulc(caller=>addr)[$var(i)])\\n");
            xlog("L_ERR", "caller=>q:          $(ulc(caller=>q)[$var(i)])\\n");
            xlog("L_ERR", "caller=>socket:     $(ulc(caller=>socket)[$var(i)])\\n");
            $var(i) = $var(i) + 1;
        }
    }
    unregister("location", "sip:user@kamailio.org");
    unregister("location", "$fu");
    sl_send_reply("200", "done");
}
event_route[usrloc:contact-expired] {
    xlog("expired contact for $ulc(exp=>aor)\\n");
}
'''

LOADS = "\n".join('loadmodule "%s.so"' % m
                  for m in [*MODULES, "usrloc", "registrar"])


def test_the_parameters_of_the_guide_start(kam):
    assert len(re.findall("^modparam", MODPARAMS, re.M)) == 33
    server = kam(LOADS + MODPARAMS + "request_route { exit; }")
    assert server.rpc("cfg.get", "registrar", "max_expires") == 120
    assert server.kamcmd("cfg.set_now_int", "registrar",
                         "use_expired_contacts", "0")[0] == 0
    assert server.rpc("cfg.get", "registrar", "use_expired_contacts") == 0


def test_the_functions_of_the_guide_run(kam, udp):
    server = kam(LOADS + ROUTES)
    phone = Phone(udp(), server)
    assert phone.register(phone.contact()).status == 200
    for name in "1234":
        reply = phone.register(phone.contact(user="p" + name),
                               headers=[("X-" + name, "y")])
        assert reply.status == 200, name
        if name == "2":
            assert "expires=600" in reply.get("Contact")

    def ask(method, ruri=None):
        phone.peer.send(request(phone.peer, method, ruri or phone.aor,
                                user=phone.user), server.addr)
        return phone.peer.recv().status
    assert ask("OPTIONS") == 200
    assert ask("OPTIONS", "sip:test@example.org") == 200
    assert ask("OPTIONS", "sip:nobody@example.org") == 404
    assert ask("INFO") == 200
    log = server.log()
    assert "caller=>aor: %s" % phone.user in log
    assert "caller=>count 4" in log and "--- contact [3]" in log
    assert ask("OPTIONS") == 404
    phone.register(phone.contact())
    assert ask("MESSAGE") in (100, 200)
