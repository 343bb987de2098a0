# SPDX-License-Identifier: GPL-2.0-or-later
"""The routing of kamailio.cfg in Python 3 (KEMI). Settings, modules and their
parameters stay in kamailio.cfg, started with the define WITH_PYTHON:

  kamailio -f kamailio.cfg -A WITH_PYTHON --substdef='!KEMI_DIR!/etc/kamailio!g'
"""

import re

import KSR

FLT_NATS = 5
FLB_NATB = 6
FLB_NATSIPPING = 7

ALLOW = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE\r\n"


def get(name):
    """A variable as text, "" when it has no value."""
    return KSR.pv.gete(name)


def source():
    return "%s:%s" % (get("$si"), get("$sp"))


class Router:
    """Kamailio calls the methods whose names begin with ksr_."""

    def child_init(self, rank):
        # the module is there when the define WITH_NAT is
        self.with_nat = hasattr(KSR, "nathelper")
        return 0

    def relay(self):
        if self.with_nat:
            if KSR.isbflagset(FLB_NATB):
                KSR.rr.add_rr_param(";nat=yes")
            KSR.tm.t_on_reply("ksr_nat_reply")
        if KSR.tm.t_relay() < 0:
            KSR.sl.sl_reply_error()

    def is_refused(self):
        """What is refused whoever sends it."""
        if KSR.maxfwd.process_maxfwd(10) < 0:
            KSR.sl.send_reply(483, "Too Many Hops")
            return True
        if KSR.sanity.sanity_check(17895, 7) < 0:
            KSR.warn("malformed %s from %s\n" % (get("$rm"), source()))
            return True
        return False

    def nat_detect(self):
        """Only signalling is mended here; media behind NAT needs a relay
        beside."""
        if not self.with_nat:
            return
        KSR.force_rport()
        if KSR.nathelper.nat_uac_test(19) > 0:
            if KSR.is_REGISTER():
                KSR.nathelper.fix_nated_register()
            elif KSR.siputils.is_first_hop() > 0:
                KSR.nathelper.set_contact_alias()
            KSR.setflag(FLT_NATS)

    def is_authorized(self):
        """Ask for the password of the user the request says it comes from.
        The same user may not use another one's name: auth_check's third
        argument. When not true, the request has been answered."""
        domain = get("$shv(domain)")
        rc = KSR.auth_db.auth_check(domain, "subscriber", 1)
        if rc > 0:
            KSR.auth.consume_credentials()
            return True
        if rc == -8:  # a right password, but for another From or To
            KSR.warn("%s from %s used the name %s\n"
                     % (get("$au"), source(), get("$fU")))
            KSR.sl.send_reply(403, "Forbidden")
            return False
        if rc in (-2, -3):  # one answer for both
            KSR.warn("wrong password for %s from %s\n"
                     % (get("$fU"), source()))
        KSR.auth.auth_challenge(domain, 1)
        return False

    def in_dialog(self):
        """Requests inside a dialog follow the route it was set up with."""
        if KSR.rr.loose_route() > 0:
            if self.with_nat:
                KSR.nathelper.handle_ruri_alias()
            if KSR.is_NOTIFY():
                KSR.rr.record_route()
            self.relay()
        elif KSR.is_ACK():
            if KSR.tm.t_check_trans() > 0:
                self.relay()
        else:
            KSR.sl.send_reply(404, "Not Here")

    def register(self):
        """REGISTER of a phone: the password, then the binding."""
        if not self.is_authorized():
            return
        if KSR.isflagset(FLT_NATS):
            KSR.setbflag(FLB_NATB)
            KSR.setbflag(FLB_NATSIPPING)
        verdict = "accepted"
        if KSR.registrar.save("location", 0) < 0:
            verdict = "refused"  # save() has answered
        KSR.notice("REGISTER of %s from %s %s\n"
                   % (get("$tU"), source(), verdict))

    def to_user(self):
        """To a phone that is registered here."""
        rc = KSR.registrar.lookup("location")
        if rc == -2:
            KSR.sl.send_reply(405, "Method Not Allowed")
        elif rc == -1:
            KSR.notice("not registered: %s\n" % get("$rU"))
            # a public GRUU names a phone that comes back (RFC 5627 5.1)
            if KSR.siputils.is_gruu() == 1:
                KSR.sl.send_reply(480, "Temporarily Unavailable")
            else:
                KSR.sl.send_reply(404, "Not Found")
        elif rc != 1:
            KSR.sl.send_reply(500, "Server Error")
        else:
            KSR.notice("call of %s for %s: to %s\n"
                       % (get("$fU"), get("$tU"), get("$ru")))
            KSR.rr.record_route()
            self.relay()

    def to_trunk(self):
        """Out to a provider, by the first account whose l_username is the
        caller; False when the caller has none. The second argument says by
        what the account is chosen: 0 by its l_uuid, 1 by its l_username."""
        number = get("$rU")
        if KSR.uac.uac_reg_request_to(get("$fU"), 1) < 0:
            return False
        KSR.pv.sets("$rU", number)
        KSR.notice("call of %s for %s: to trunk %s by %s\n"
                   % (get("$fU"), number, get("$rd"), get("$du")))
        KSR.rr.record_route()
        KSR.tm.t_on_failure("ksr_failure_trunk")
        self.relay()
        return True

    def call(self):
        """A first INVITE, or a MESSAGE."""
        if not KSR.is_myself_ruri():
            KSR.sl.send_reply(403, "Relaying Forbidden")
            return
        # From a provider: the user part is the l_uuid of one of our accounts.
        user = get("$rU")
        if user and KSR.uac.uac_reg_lookup(user, "$var(l)") > 0:
            KSR.notice("call from trunk %s, for %s\n" % (user, get("$var(l)")))
            KSR.pv.sets("$ru", get("$var(l)"))
            self.to_user()
            return
        if not self.is_authorized():
            return
        if re.fullmatch(r"\+?[0-9]+", user) and self.to_trunk():
            return
        self.to_user()

    def ksr_request_route(self, msg):
        if self.is_refused():
            return 1
        self.nat_detect()
        if KSR.is_CANCEL():
            if KSR.tm.t_check_trans() > 0:
                self.relay()
            return 1
        if KSR.siputils.has_totag() > 0:
            self.in_dialog()
            return 1

        # A retransmission of what is being handled ends here.
        if KSR.tmx.t_precheck_trans() > 0:
            KSR.tm.t_check_trans()
            return 1
        if KSR.tm.t_check_trans() == 0:
            return 1

        if KSR.is_REGISTER():
            self.register()
        elif KSR.is_INVITE() or KSR.is_MESSAGE():
            KSR.hdr.remove("Route")
            self.call()
        elif KSR.is_OPTIONS():
            KSR.sl.send_reply(200, "OK")
        elif not KSR.is_ACK():
            KSR.hdr.append_to_reply(ALLOW)
            KSR.sl.send_reply(405, "Method Not Allowed")
        return 1

    def trunk_refused(self):
        """The challenge of a provider is not for the phone, which would
        answer it with its own password."""
        KSR.warn("trunk %s refused the account of %s\n"
                 % (get("$rd"), get("$fU")))
        KSR.tm.t_reply(500, "Trunk Refused")

    def ksr_failure_trunk(self, msg):
        """The provider wants a password for the call."""
        if (KSR.tm.t_is_canceled() > 0
                or KSR.tm.t_check_status("401|407") < 0):
            return 1
        if KSR.uac.uac_auth() > 0:
            KSR.tm.t_on_failure("ksr_failure_trunk_refused")
            self.relay()
        else:
            self.trunk_refused()
        return 1

    def ksr_failure_trunk_refused(self, msg):
        """It wants another password than we have."""
        if (KSR.tm.t_is_canceled() < 0
                and KSR.tm.t_check_status("401|407") > 0):
            self.trunk_refused()
        return 1

    # Kamailio 5.6 looks for these two in any case, and an AttributeError that
    # nobody catches then ends the next call of a KSR function.
    def ksr_onsend_route(self, msg):
        return 1

    def ksr_reply_route(self, msg):
        return 1

    def ksr_nat_reply(self, msg):
        if (KSR.nathelper.nat_uac_test(1) > 0
                and KSR.siputils.is_first_hop() > 0):
            KSR.nathelper.set_contact_alias()
        return 1

    def ksr_contact_expired(self, msg, event):
        """modparam("registrar", "event_callback", ...)"""
        KSR.notice("contact %s of %s expired\n"
                   % (get("$ulc(exp=>addr)"), get("$ulc(exp=>aor)")))
        return 1


def mod_init():
    """Called once; what it returns gets the events."""
    return Router()
