#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make run` does: a database with two phones in it, then Kamailio in the
# foreground with examples/kamailio.cfg and this project's modules.
#
#   run.sh HOST PORT     serve there until Ctrl-C
#   run.sh prepare       only make the database, print its path
#
# Environment, for the tests and the demo:
#   KX_RUN_DIR   where the database and the sockets are (build/run)
#   KX_MODULES   the two modules (build/modules)
#   KAM_TREE     a Kamailio source tree, for the table definitions when the
#                installed packages bring none
#   KX_DEBUG     Kamailio's debug level
#   KX_STATE     no: registrations are not kept (the stock module can't)
#   ENGINE       cfg, lua or python: what the routing is written in
set -eu
umask 077

here=$(cd "$(dirname "$0")/.." && pwd)
dir=${KX_RUN_DIR:-$here/build/run}
modules=${KX_MODULES:-$here/build/modules}
db=$dir/kamailio.db
accounts=$dir/accounts.txt
state=$here/doc/sql/uacreg_state-sqlite.sql
domain=registrar.example
kam=
nap=

say() { printf '%s\n' "$*"; }
die() {
	printf 'run: %s\n' "$1" >&2
	shift
	for line; do printf '     %s\n' "$line" >&2; done
	exit 1
}

need() {
	for cmd; do
		command -v "$cmd" >/dev/null 2>&1 || die \
			"the command $cmd is not in PATH ($PATH)" \
			"make run installs what it needs; sbin must be in PATH"
	done
}

# --- the database -----------------------------------------------------------

schema_dir() {
	for at in /usr/share/kamailio/db_sqlite \
		/usr/local/share/kamailio/db_sqlite \
		"${KAM_TREE:-$here/build/kamailio}/utils/kamctl/db_sqlite"; do
		[ -f "$at/uac-create.sql" ] || continue
		say "$at"
		return 0
	done
	return 1
}

# Passwords are made anew for every database: RUN_HOST may be an address that
# others reach.
new_password() {
	od -An -N6 -tx1 /dev/urandom | tr -d ' \n'
}

add_phone() {
	password=$(new_password)
	ha1=$(printf '%s' "$1:$domain:$password" | md5sum | cut -d' ' -f1)
	say "$1 $password" >>"$2"
	say "INSERT INTO subscriber (username, domain, ha1)" \
		"VALUES ('$1', '$domain', '$ha1');"
}

# A database of before there was this table gets it.
add_state() {
	[ -z "$(sqlite3 "$db" \
		"select 1 from sqlite_master where name = 'uacreg_state'")" ] || return 0
	{
		say 'BEGIN;'
		cat "$state"
		say 'COMMIT;'
	} | sqlite3 -bail "$db" || die \
		"the table uacreg_state can't be added to the database $db" \
		"remove $dir for a new database"
}

prepare() {
	need sqlite3 md5sum
	mkdir -p "$dir" || die "the directory $dir can't be made"
	if [ -s "$db" ] && [ -s "$accounts" ]; then
		add_state
		return 0
	fi
	from=$(schema_dir) || die \
		"the table definitions of Kamailio for SQLite are not on this machine" \
		"they are in Debian's package kamailio-sqlite-modules"
	rm -f "$db.part" "$accounts.part"
	{
		cat "$from/standard-create.sql" "$from/auth_db-create.sql" \
			"$from/uac-create.sql" "$state"
		add_phone alice "$accounts.part"
		add_phone bob "$accounts.part"
	} | sqlite3 -bail "$db.part" || die "the database $db can't be made"
	mv "$accounts.part" "$accounts"
	mv "$db.part" "$db"
}

# --- before the start: what Kamailio would say less clearly -----------------

check_port() {
	case $port in
		'' | *[!0-9]* | ??????*) die "RUN_PORT=$port is no port number" ;;
	esac
	if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
		die "RUN_PORT=$port is no port number"
	fi
	if [ "$port" -lt 1024 ] && [ "$(id -u)" != 0 ]; then
		die "RUN_PORT=$port is only for root" \
			"choose one from 1024 on: make run RUN_PORT=5060"
	fi
}

check_host() {
	case $host in
		0.0.0.0 | :: | '')
			die "RUN_HOST=$host is no single address" \
				"it is also what phones and providers send to; give one of:" \
				"$(ip -o addr | awk '{sub("/.*", "", $4); print $4}' |
					tr '\n' ' ')" ;;
	esac
	case $(ip route get "$host" 2>/dev/null) in
		local*) ;;
		*) die "RUN_HOST=$host is no address of this machine" \
			"give one of: $(ip -o addr |
				awk '{sub("/.*", "", $4); print $4}' | tr '\n' ' ')" ;;
	esac
}

# The routing: examples/kamailio.cfg itself, or in Lua or Python.
check_engine() {
	case ${ENGINE:-cfg} in
		cfg) engine='' && return 0 ;;
		lua) engine=WITH_LUA so=app_lua.so package=kamailio-lua-modules ;;
		python) engine=WITH_PYTHON so=app_python3.so \
			package=kamailio-python3-modules ;;
		*) die "ENGINE=$ENGINE is none of cfg, lua, python" ;;
	esac
	[ -f "${stock%%:*}/$so" ] || die \
		"ENGINE=$ENGINE needs $so of the package $package" \
		"apt-get install $package"
}

# Sockets on our port that would be in the way: on our address or on all.
check_free() {
	taken=$(ss -H -l -n -t -u "sport = :$port" | awk '{print $5}' |
		grep -Fx -e "$bracketed:$port" -e "0.0.0.0:$port" -e "*:$port" \
			-e "[::]:$port" | sort -u | tr '\n' ' ') || :
	[ -z "$taken" ] || die \
		"port $port on $host is taken (something listens on ${taken% })" \
		"choose another: make run RUN_PORT=$((port < 65525 ? port + 10 : 5070))"
}

# --- what the operator reads ------------------------------------------------

short() {
	case $1 in
		"$PWD"/*) say "${1#"$PWD"/}" ;;
		*) say "$1" ;;
	esac
}

banner() {
	kamcmd="kamcmd -s unix:$(short "$ctl")"
	trunks=$(sqlite3 "$db" 'select count(*) from uacreg')
	say ""
	say "SIP registrar on $bracketed:$port, UDP and TCP, domain $domain"
	say ""
	say "Phones can register with these accounts:"
	say ""
	printf '    %-8s %-14s %s\n' user password address
	while read -r user password; do
		printf '    %-8s %-14s %s\n' "$user" "$password" "sip:$user@$domain"
	done <"$accounts"
	say ""
	say "  In the phone: domain (or registrar) $domain, outbound proxy" \
		"$bracketed:$port"
	say "  Or, where it has no field for a proxy: domain $bracketed:$port"
	say ""
	say "Accounts at providers (table uacreg of $(short "$db")): $trunks"
	sqlite3 -separator ' ' "$db" "select '    ' || l_uuid, r_username || '@' ||
		r_domain, 'by ' || auth_proxy, 'for ' || l_username
		from uacreg order by l_uuid limit 10"
	say "  Add one: edit a copy of examples/sql/trunk.sql, then"
	say "    sqlite3 $(short "$db") <my-trunk.sql"
	say "    $kamcmd uac.reg_reload"
	say ""
	say "See what is going on:"
	say "    $kamcmd ul.dump             # phones, their contacts"
	say "    $kamcmd uac.reg_list        # accounts at providers, their state"
	say "    $kamcmd uac.reg_info l_uuid ID"
	say "    $kamcmd stats.get_statistics registrar: uac:"
	say ""
	if [ -n "${HTTP_PORT:-}" ]; then
		say "The same as a page: http://127.0.0.1:$HTTP_PORT/"
		say ""
	fi
	say "Ctrl-C ends it. What happens is logged below."
	say ""
}

# --- start and stop ---------------------------------------------------------

stop() {
	trap '' INT TERM HUP
	[ -z "$nap" ] || kill "$nap" 2>/dev/null || :
	if [ -n "$kam" ] && kill -TERM "$kam" 2>/dev/null; then
		tries=100
		while kill -0 "$kam" 2>/dev/null && [ $tries -gt 0 ]; do
			# one that Kamailio had just forked did not hear it
			[ $tries -ne 80 ] || kill -TERM "-$kam" 2>/dev/null || :
			sleep 0.1
			tries=$((tries - 1))
		done
		kill -KILL "-$kam" 2>/dev/null || : # its session, if it hangs
	fi
	rm -f "$dir/kamailio_ctl" "$dir/kamailio_rpc.sock"
	say "run: stopped"
	exit 0
}

serve() {
	need kamailio kamcmd ss ip awk flock setsid
	for so in registrar.so uac.so; do
		[ -f "$modules/$so" ] || die "$modules/$so is not built" "run make"
	done
	stock=$(kamailio -I | sed -n 's/^ *Default paths to modules: *//p')
	check_engine
	kept=WITH_STATE
	[ "${KX_STATE:-yes}" != no ] || kept=
	check_port
	check_host
	ctl=$dir/kamailio_ctl
	[ ${#dir} -le 80 ] || die \
		"the path $dir is too long for a unix socket" \
		"give a shorter one: make run KX_RUN_DIR=/tmp/registrar"
	prepare
	exec 9>"$dir/lock"
	flock -n 9 || die "make run is already running in $dir" \
		"end that one, or use another directory: make run KX_RUN_DIR=DIR"
	check_free

	# a session of its own: Ctrl-C is for this script, which ends Kamailio
	trap stop INT TERM HUP
	setsid kamailio -f "$here/examples/kamailio.cfg" -DD -E -Y "$dir" -w "$dir" \
		--substdef="!SIP_HOST!$bracketed!g" \
		--substdef="!SIP_PORT!$port!g" \
		--substdef="!SIP_DOMAIN!$domain!g" \
		--substdef="!DB_URL!sqlite:///$db!g" \
		--substdef="!RUN_DIR!$dir!g" \
		--substdef="!MODULE_PATH!$modules:$stock!g" \
		--substdef="!KEMI_DIR!$here/examples!g" ${engine:+-A "$engine"} \
		${kept:+-A "$kept"} \
		${HTTP_PORT:+-A WITH_HTTP "--substdef=!HTTP_PORT!$HTTP_PORT!g" \
			"--substdef=!STATUS_DIR!$here/examples/status!g"} \
		${KX_DEBUG:+--debug="$KX_DEBUG"} >/dev/null &
	kam=$!
	tries=0
	until kamcmd -s "unix:$ctl" core.version >/dev/null 2>&1; do
		kill -0 "$kam" 2>/dev/null || die \
			"Kamailio did not start; its reason is in the messages above"
		tries=$((tries + 1))
		[ $tries -lt 300 ] || {
			kill -TERM "$kam"
			die "Kamailio did not answer on unix:$ctl in 30 s"
		}
		sleep 0.1
	done
	banner
	# A signal that comes just before a wait is noticed only after it: wait in
	# small pieces.
	while kill -0 "$kam" 2>/dev/null; do
		sleep 2 9>&- &
		nap=$!
		wait "$nap" || :
	done
	status=0
	wait "$kam" || status=$?
	die "Kamailio ended by itself (status $status); see the messages above"
}

case ${1:-} in
	prepare)
		prepare
		say "$db"
		;;
	'') die "usage: run.sh HOST PORT | run.sh prepare" ;;
	*)
		host=${1#[}
		host=${host%]}
		port=${2:-5060}
		case $host in
			*:*) bracketed="[$host]" ;;
			*) bracketed=$host ;;
		esac
		serve
		;;
esac
