-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- An account at a SIP provider, for the table uacreg. Copy it, put your own
-- values in, load it and tell Kamailio to read the table again:
--
--   sqlite3 DATABASE <trunk.sql
--   kamcmd uac.reg_reload

INSERT INTO uacreg (l_uuid, l_username, l_domain,
	r_username, r_domain, realm,
	auth_username, auth_password, auth_proxy,
	expires, reg_delay)
VALUES (
	-- The user part of the Contact the provider sends calls to. Unique, and
	-- hard to guess: whoever knows it can ring the local user.
	'tr-8d1f0c7e5b',
	-- The local user: gets the calls that come in for the account, and makes
	-- calls through it.
	'alice', 'registrar.example',
	-- The account: From and To of the REGISTER are this user at this domain.
	'4912345', 'provider.example',
	-- The realm the provider challenges with.
	'provider.example',
	-- The digest user, often the same as the account, and the password.
	'4912345', 'the password the provider gave you',
	-- Where REGISTER and calls are sent.
	'sip:provider.example:5060',
	-- Ask for that many seconds; the provider may grant less. Wait that many
	-- seconds after the start before the first REGISTER.
	600, 0);
