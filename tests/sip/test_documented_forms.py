# SPDX-License-Identifier: GPL-2.0-or-later
"""Every form in which the documents of the stock modules show a parameter, a
function, a variable or an event route: a configuration that uses them all is
accepted and served. The packaged modules take the same text, which shows that
it says what it should."""

import pytest

from kamtest.message import Message
from kamtest.net import unique

REGISTRAR_PARAMS = """
default_expires 1200
default_expires_range 25
expires_range 20
min_expires 90
min_expires_mode 1
max_expires 240
default_q 700
realm_prefix "voip."
append_branches 0
case_sensitive 1
received_avp "$avp(s:source)"
received_param "src"
max_contacts 4
retry_after 15
sock_flag 17
sock_hdr_name "X-Socket"
sock_mode 1
method_filtering 1
use_path 1
path_mode 0
path_use_received 1
path_check_local 1
xavp_cfg "regcfg"
xavp_rcd "record"
xavp_rcd_mask 20
gruu_enabled 0
outbound_mode 2
regid_mode 1
flow_timer 30
contact_max_size 700
event_callback "ksr_contact_gone"
lookup_filter_mode 3
use_expired_contacts 1
"""

UAC_PARAMS = """
rr_from_store_param "ofrom"
rr_to_store_param "oto"
restore_mode "auto"
restore_dlg 1
restore_passwd "between us"
restore_from_avp "$avp(first_from)"
restore_to_avp "$avp(first_to)"
credential "carol:example.org:secret"
credential "dave:example.net:other-secret"
auth_realm_avp "$avp(i:20)"
auth_username_avp "$avp(i:21)"
auth_password_avp "$avp(i:22)"
reg_db_url "sqlite:///%(db)s"
reg_timer_interval 40
reg_retry_interval 120
reg_random_delay 10
reg_db_table "uacreg"
reg_contact_addr "127.0.0.1:5099"
reg_keep_callid 1
reg_active 1
reg_gc_interval 100
reg_hash_size 6
reg_use_domain 1
default_socket "udp:127.0.0.1:%(port)d"
"""

ROUTES = r"""
request_route {
	if(is_method("OPTIONS")) {
		sl_send_reply("200", "OK");
		exit;
	}
	route(REG);
	route(UAC);
}

route[REG] {
	save("location");
	save("location", "0x01");
	save("location", "0x02", "sip:u@example.org");
	reg_send_reply();
	$xavp(regcfg=>rlf_bflags) = 4;
	lookup("location");
	switch($retcode) {
		case -1:
		case -3:
			sl_send_reply("404", "Not Found");
			exit;
		case -2:
			sl_send_reply("405", "Not Allowed");
			exit;
	}
	lookup("location", "sip:u@example.org");
	lookup_to_dset("location");
	lookup_to_dset("location", "$fu");
	lookup_branches("location");
	if(registered("location") && registered("location", "$fu")
			&& registered("location", "$fu", "3")
			&& registered("location", "$fu", "3", "1"))
		xlog("$xavp(record[0]=>ruid) $xavp(record[0]=>contact)"
			" $xavp(record[0]=>received) $xavp(record[0]=>path)\n");
	add_sock_hdr("X-Socket");
	unregister("location", "$fu");
	unregister("location", "$ru", "$ulc(own=>ruid)");
	if(reg_fetch_contacts("location", "$fu", "own")) {
		$var(i) = 0;
		while($var(i) < $(ulc(own=>count))) {
			xlog("$(ulc(own=>addr)[$var(i)]) $(ulc(own=>path)[$var(i)])"
				" $(ulc(own=>received)[$var(i)])"
				" $(ulc(own=>expires)[$var(i)]) $(ulc(own=>q)[$var(i)])"
				" $(ulc(own=>callid)[$var(i)]) $(ulc(own=>cseq)[$var(i)])"
				" $(ulc(own=>flags)[$var(i)]) $(ulc(own=>cflags)[$var(i)])"
				" $(ulc(own=>user_agent)[$var(i)])"
				" $(ulc(own=>socket)[$var(i)])"
				" $(ulc(own=>modified)[$var(i)])"
				" $(ulc(own=>methods)[$var(i)]) $(ulc(own=>ruid)[$var(i)])"
				" $(ulc(own=>regid)[$var(i)])"
				" $(ulc(own=>instance)[$var(i)])"
				" $(ulc(own=>conid)[$var(i)])"
				" $(ulc(own=>server_id)[$var(i)])\n");
			$var(i) = $var(i) + 1;
		}
		xlog("$ulc(own=>aor) $ulc(own=>domain) $ulc(own=>aorhash)\n");
		reg_free_contacts("own");
	}
}

route[UAC] {
	uac_replace_from("$avp(s:name)", "$avp(s:uri)");
	uac_replace_from("zorro", "");
	uac_replace_from("\"zorro\"", "");
	uac_replace_from("", "sip:diego@example.org");
	uac_replace_from("", "");
	uac_replace_from("sip:diego@example.org");
	uac_restore_from();
	uac_replace_to("$avp(name)", "$avp(uri)");
	uac_replace_to("zorro", "");
	uac_replace_to("\"zorro\"", "");
	uac_replace_to("", "sip:diego@example.org");
	uac_replace_to("", "");
	uac_replace_to("sip:diego@example.org");
	uac_restore_to();

	$uac_req(all) = $null;
	$uac_req(method) = "MESSAGE";
	$uac_req(ruri) = "sip:u@example.org";
	$uac_req(furi) = "sip:us@example.org";
	$uac_req(turi) = "sip:u@example.org";
	$uac_req(ouri) = "sip:127.0.0.1:5098";
	$uac_req(sock) = "udp:127.0.0.1:5098";
	$uac_req(callid) = $(mb{s.md5});
	$uac_req(hdrs) = "Subject: a test\r\n";
	$uac_req(body) = "text";
	$uac_req(auser) = "u";
	$uac_req(apasswd) = "p";
	$uac_req(flags) = 0;
	$uac_req(evroute) = 1;
	$uac_req(evparam) = "mine";
	uac_req_send();

	if(uac_reg_lookup("$rU", "$ru"))
		lookup("location");
	if(uac_reg_lookup_uri("$ru", "$var(local)"))
		xlog("$var(local)\n");
	$var(status) = uac_reg_status("$rU");
	if(uac_reg_request_to("$fU", 0)) {
		t_on_failure("TRUNK");
		t_relay();
	}
	uac_reg_request_to("$fU", "1");
	uac_reg_enable("l_uuid", "$rU");
	uac_reg_disable("l_uuid", "$rU");
	uac_reg_refresh("$rU");
}

failure_route[TRUNK] {
	if(t_is_canceled())
		exit;
	if(t_check_status("401|407")) {
		$avp(i:21) = "u";
		$avp(i:22) = "p";
		uac_auth();
		uac_auth("0");
		uac_auth_mode("1");
		t_relay();
	}
}

event_route[uac:reply] {
	xlog("$uac_req(evcode) $uac_req(evtype) $uac_req(evparam)\n");
}

event_route[usrloc:contact-expired] {
	xlog("$ulc(exp=>aor) $ulc(exp=>addr)\n");
}
"""


def modparams(module, text):
    rows = [line.split(" ", 1) for line in text.strip().splitlines()]
    return "\n".join('modparam("%s", "%s", %s)' % (module, name, value)
                     for name, value in rows)


def config(db, port):
    modules = ("kex tm tmx sl rr dialog pv textops siputils xlog outbound"
               " db_sqlite usrloc registrar uac").split()
    return "\n".join([
        *['loadmodule "%s.so"' % name for name in modules],
        'modparam("rr", "append_fromtag", 1)',
        'modparam("dialog", "enable_stats", 1)',
        modparams("registrar", REGISTRAR_PARAMS),
        modparams("uac", UAC_PARAMS % {"db": db, "port": port}),
        ROUTES])


@pytest.mark.parametrize("modules", ["ours", "stock"])
def test_every_documented_form_is_taken(kam, udp, tmp_path, modules):
    server = kam("", start=False, modules=modules,
                 globals_='alias="example.org"')
    server.config += config(tmp_path / "none.db", server.port)
    server.start()
    peer = udp()
    peer.send(Message("OPTIONS sip:%s:%d SIP/2.0" % server.addr, [
        ("Via", "SIP/2.0/UDP %s;branch=%s" % (peer.addr, unique("z9hG4bK"))),
        ("Max-Forwards", "70"), ("From", "<sip:a@example.org>;tag=1"),
        ("To", "<sip:b@example.org>"), ("Call-ID", unique()),
        ("CSeq", "1 OPTIONS")]), server.addr)
    assert peer.recv().status == 200


@pytest.mark.parametrize("url", [
    "mysql://kamailio:password@localhost/kamailio",
    "sqlite:////var/lib/kamailio/kamailio.db"])
def test_documented_database_urls_are_taken(kam, url):
    server = kam("""
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "db_mysql.so"
loadmodule "db_sqlite.so"
loadmodule "uac.so"
modparam("uac", "restore_mode", "none")
modparam("uac", "reg_contact_addr", "127.0.0.1")
modparam("uac", "reg_db_url", "%s")
request_route { exit; }
""" % url, start=False)
    ok, output = server.check()
    assert ok, output
