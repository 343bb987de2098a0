-- SPDX-License-Identifier: GPL-2.0-or-later
--
-- What uac remembers of its accounts at providers over a restart, one row for
-- each: reg_state_table. For PostgreSQL, after Kamailio's own tables:
--
--   psql kamailio <uacreg_state-postgres.sql
--
-- uac writes it, nothing is put in by hand, and rows may be deleted at any
-- time: an account without a row registers as at its first start.
--
-- l_uuid            the account, as in uacreg
-- node              the server that wrote the row
-- account           fingerprint of the account's configuration: a row of what
--                   the account was before its change counts for nothing
-- contact           what is registered at the provider
-- own_contact       what the server that wrote the row registers
-- registered_until, next_due, saved
--                   seconds since 1970 in UTC; registered_until 0: not registered
-- granted           seconds that the provider gave
-- failures          in a row
-- challenge, nc, proxy_challenge, proxy_nc
--                   to authenticate without being asked again
-- service_route, path, associated_uri
--                   of the last 200, for the calls of the account
-- is_exact          nothing was sent after the row was written
--
-- A row whose l_uuid begins with "server " is of no account: it says whether
-- that server has ended in order.

CREATE TABLE uacreg_state (
    id BIGSERIAL PRIMARY KEY NOT NULL,
    l_uuid VARCHAR(64) NOT NULL,
    node VARCHAR(128) DEFAULT '' NOT NULL,
    account CHAR(32) DEFAULT '' NOT NULL,
    state VARCHAR(24) DEFAULT '' NOT NULL,
    contact VARCHAR(512) DEFAULT '' NOT NULL,
    own_contact VARCHAR(512) DEFAULT '' NOT NULL,
    registered_until BIGINT DEFAULT 0 NOT NULL,
    granted INTEGER DEFAULT 0 NOT NULL,
    next_due BIGINT DEFAULT 0 NOT NULL,
    failures INTEGER DEFAULT 0 NOT NULL,
    callid VARCHAR(64) DEFAULT '' NOT NULL,
    fromtag VARCHAR(64) DEFAULT '' NOT NULL,
    cseq BIGINT DEFAULT 0 NOT NULL,
    challenge VARCHAR(2048) DEFAULT '' NOT NULL,
    nc BIGINT DEFAULT 0 NOT NULL,
    proxy_challenge VARCHAR(2048) DEFAULT '' NOT NULL,
    proxy_nc BIGINT DEFAULT 0 NOT NULL,
    service_route VARCHAR(2048) DEFAULT '' NOT NULL,
    path VARCHAR(2048) DEFAULT '' NOT NULL,
    associated_uri VARCHAR(2048) DEFAULT '' NOT NULL,
    is_exact INTEGER DEFAULT 0 NOT NULL,
    saved BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT uacreg_state_l_uuid_idx UNIQUE (l_uuid)
);

CREATE INDEX uacreg_state_node_idx ON uacreg_state (node);
CREATE INDEX uacreg_kept_saved_idx ON uacreg_state (saved);

INSERT INTO version (table_name, table_version) values ('uacreg_state','1');
