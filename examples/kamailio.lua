-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- The routing of kamailio.cfg in Lua (KEMI). Settings, modules and their
-- parameters stay in kamailio.cfg, started with the define WITH_LUA:
--
--   kamailio -f kamailio.cfg -A WITH_LUA --substdef='!KEMI_DIR!/etc/kamailio!g'

local WITH_NAT = KSR.nathelper ~= nil -- loaded with the define WITH_NAT

local FLT_NATS = 5
local FLB_NATB = 6
local FLB_NATSIPPING = 7

local ALLOW = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, MESSAGE\r\n"

local function notice(text)
	KSR.notice(text .. "\n")
end

local function source()
	return KSR.pv.get("$si") .. ":" .. KSR.pv.get("$sp")
end

local function relay()
	if WITH_NAT then
		if KSR.isbflagset(FLB_NATB) then
			KSR.rr.add_rr_param(";nat=yes")
		end
		KSR.tm.t_on_reply("ksr_nat_reply")
	end
	if KSR.tm.t_relay() < 0 then
		KSR.sl.sl_reply_error()
	end
end

-- What is refused whoever sends it.
local function is_refused()
	if KSR.maxfwd.process_maxfwd(10) < 0 then
		KSR.sl.send_reply(483, "Too Many Hops")
		return true
	end
	if KSR.sanity.sanity_check(17895, 7) < 0 then
		KSR.warn("malformed " .. KSR.pv.get("$rm") .. " from "
			.. source() .. "\n")
		return true
	end
	return false
end

-- Only signalling is mended here; media behind NAT needs a relay beside.
local function nat_detect()
	if not WITH_NAT then
		return
	end
	KSR.force_rport()
	if KSR.nathelper.nat_uac_test(19) > 0 then
		if KSR.is_REGISTER() then
			KSR.nathelper.fix_nated_register()
		elseif KSR.siputils.is_first_hop() > 0 then
			KSR.nathelper.set_contact_alias()
		end
		KSR.setflag(FLT_NATS)
	end
end

-- Ask for the password of the user the request says it comes from. The same
-- user may not use another one's name: auth_check's third argument. True when
-- the request may go on; else it has been answered.
local function is_authorized()
	local domain = KSR.pv.get("$shv(domain)")
	local rc = KSR.auth_db.auth_check(domain, "subscriber", 1)
	if rc > 0 then
		KSR.auth.consume_credentials()
		return true
	end
	if rc == -8 then -- a right password, but for another From or To
		KSR.warn(KSR.pv.get("$au") .. " from " .. source()
			.. " used the name " .. KSR.pv.gete("$fU") .. "\n")
		KSR.sl.send_reply(403, "Forbidden")
		return false
	end
	if rc == -2 or rc == -3 then -- one answer for both
		KSR.warn("wrong password for " .. KSR.pv.gete("$fU") .. " from "
			.. source() .. "\n")
	end
	KSR.auth.auth_challenge(domain, 1)
	return false
end

-- Requests inside a dialog follow the route it was set up with.
local function in_dialog()
	if KSR.rr.loose_route() > 0 then
		if WITH_NAT then
			KSR.nathelper.handle_ruri_alias()
		end
		if KSR.is_NOTIFY() then
			KSR.rr.record_route()
		end
		relay()
	elseif KSR.is_ACK() then
		if KSR.tm.t_check_trans() > 0 then
			relay()
		end
	else
		KSR.sl.send_reply(404, "Not Here")
	end
end

-- REGISTER of a phone: the password, then the binding.
local function register()
	if not is_authorized() then
		return
	end
	if KSR.isflagset(FLT_NATS) then
		KSR.setbflag(FLB_NATB)
		KSR.setbflag(FLB_NATSIPPING)
	end
	local verdict = "accepted"
	if KSR.registrar.save("location", 0) < 0 then
		verdict = "refused" -- save() has answered
	end
	notice("REGISTER of " .. KSR.pv.gete("$tU") .. " from " .. source() .. " "
		.. verdict)
end

-- To a phone that is registered here.
local function to_user()
	local rc = KSR.registrar.lookup("location")
	if rc == -2 then
		KSR.sl.send_reply(405, "Method Not Allowed")
	elseif rc == -1 then
		notice("not registered: " .. KSR.pv.gete("$rU"))
		-- a public GRUU names a phone that comes back (RFC 5627 5.1)
		if KSR.siputils.is_gruu() == 1 then
			KSR.sl.send_reply(480, "Temporarily Unavailable")
		else
			KSR.sl.send_reply(404, "Not Found")
		end
	elseif rc ~= 1 then
		KSR.sl.send_reply(500, "Server Error")
	else
		notice("call of " .. KSR.pv.gete("$fU") .. " for "
			.. KSR.pv.gete("$tU") .. ": to " .. KSR.pv.get("$ru"))
		KSR.rr.record_route()
		relay()
	end
end

-- Out to a provider, by the first account whose l_username is the caller.
-- False when the caller has none. The second argument says by what the
-- account is chosen: 0 by its l_uuid, 1 by its l_username.
local function to_trunk()
	local number = KSR.pv.get("$rU")
	if KSR.uac.uac_reg_request_to(KSR.pv.gete("$fU"), 1) < 0 then
		return false
	end
	KSR.pv.sets("$rU", number)
	notice("call of " .. KSR.pv.gete("$fU") .. " for " .. number
		.. ": to trunk " .. KSR.pv.get("$rd") .. " by " .. KSR.pv.get("$du"))
	KSR.rr.record_route()
	KSR.tm.t_on_failure("ksr_failure_trunk")
	relay()
	return true
end

-- A first INVITE, or a MESSAGE.
local function call()
	if not KSR.is_myself_ruri() then
		KSR.sl.send_reply(403, "Relaying Forbidden")
		return
	end
	-- From a provider: the user part is the l_uuid of one of our accounts.
	local user = KSR.pv.gete("$rU")
	if user ~= "" and KSR.uac.uac_reg_lookup(user, "$var(l)") > 0 then
		notice("call from trunk " .. user .. ", for "
			.. KSR.pv.get("$var(l)"))
		KSR.pv.sets("$ru", KSR.pv.get("$var(l)"))
		to_user()
		return
	end
	if not is_authorized() then
		return
	end
	if string.match(user, "^%+?%d+$") and to_trunk() then
		return
	end
	to_user()
end

function ksr_request_route()
	if is_refused() then
		return 1
	end
	nat_detect()
	if KSR.is_CANCEL() then
		if KSR.tm.t_check_trans() > 0 then
			relay()
		end
		return 1
	end
	if KSR.siputils.has_totag() > 0 then
		in_dialog()
		return 1
	end

	-- A retransmission of what is being handled ends here.
	if KSR.tmx.t_precheck_trans() > 0 then
		KSR.tm.t_check_trans()
		return 1
	end
	if KSR.tm.t_check_trans() == 0 then
		return 1
	end

	if KSR.is_REGISTER() then
		register()
	elseif KSR.is_INVITE() or KSR.is_MESSAGE() then
		KSR.hdr.remove("Route")
		call()
	elseif KSR.is_OPTIONS() then
		KSR.sl.send_reply(200, "OK")
	elseif not KSR.is_ACK() then
		KSR.hdr.append_to_reply(ALLOW)
		KSR.sl.send_reply(405, "Method Not Allowed")
	end
	return 1
end

-- The challenge of a provider is not for the phone, which would answer it
-- with its own password.
local function trunk_refused()
	KSR.warn("trunk " .. KSR.pv.gete("$rd") .. " refused the account of "
		.. KSR.pv.gete("$fU") .. "\n")
	KSR.tm.t_reply(500, "Trunk Refused")
end

-- The provider wants a password for the call.
function ksr_failure_trunk()
	if KSR.tm.t_is_canceled() > 0 or KSR.tm.t_check_status("401|407") < 0 then
		return 1
	end
	if KSR.uac.uac_auth() > 0 then
		KSR.tm.t_on_failure("ksr_failure_trunk_refused")
		relay()
	else
		trunk_refused()
	end
	return 1
end

-- It wants another password than we have.
function ksr_failure_trunk_refused()
	if KSR.tm.t_is_canceled() < 0 and KSR.tm.t_check_status("401|407") > 0 then
		trunk_refused()
	end
	return 1
end

function ksr_nat_reply()
	if KSR.nathelper.nat_uac_test(1) > 0 and KSR.siputils.is_first_hop() > 0 then
		KSR.nathelper.set_contact_alias()
	end
	return 1
end

-- modparam("registrar", "event_callback", ...)
function ksr_contact_expired(event)
	notice("contact " .. KSR.pv.gete("$ulc(exp=>addr)") .. " of "
		.. KSR.pv.gete("$ulc(exp=>aor)") .. " expired")
	return 1
end
