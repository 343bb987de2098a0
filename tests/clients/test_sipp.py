# SPDX-License-Identifier: GPL-2.0-or-later
"""SIPp registers many users with passwords, and its built-in scenarios call
each other through our registrar."""

import subprocess

import pytest

from kamtest.kamailio import ROOT
from kamtest.net import free_port

REGISTER = ROOT / "tests/clients/programs/sipp_register.xml"
PASSWORD = "sipp-secret"
# The built-in caller knows no Record-Route: all of a call is looked up.
CONFIG = '''
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route {
	if(is_method("REGISTER")) {
		if(!pv_www_authenticate("sipp.example", "%s", "0")) {
			auth_challenge("sipp.example", "1");
			exit;
		}
		if(!save("location")) sl_reply_error();
		exit;
	}
	if(is_method("CANCEL") && !t_check_trans()) exit;
	if(!lookup("location")) {
		sl_send_reply("404", "Not Found");
		exit;
	}
	t_relay();
}
''' % PASSWORD


@pytest.fixture(scope="module")
def server(kam_module):
    # one process: SIPp's caller gives up when a 200 overtakes its 180
    return kam_module(CONFIG, tcp=True, children=1, name="sipp")


@pytest.fixture
def sipp(server, tmp_path):
    """sipp(over, *args): SIPp that was started, and ends with the test."""
    made = []

    def start(over, *args, port=None):
        with open(tmp_path / ("sipp-%d" % len(made)), "wb") as out:
            made.append(subprocess.Popen(
                ["sipp", "127.0.0.1:%d" % server.port, "-i", "127.0.0.1",
                 "-p", str(port or free_port()),
                 "-t", {"udp": "u1", "tcp": "t1"}[over], "-nostdin",
                 "-timeout", "60", "-timeout_error", *map(str, args)],
                stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, cwd=tmp_path,
                start_new_session=True))
        return made[-1]
    yield start
    for proc in made:
        if proc.poll() is None:
            proc.kill()
        proc.wait()
    for file in sorted(tmp_path.glob("*[!v]")): # not the users.csv
        print(file.read_text(errors="replace")[-3000:])


def register(sipp, tmp_path, over, users, password=PASSWORD, port=9):
    """What SIPp ends with when these users have registered."""
    (tmp_path / "users.csv").write_text("SEQUENTIAL\n" + "".join(
        "%s;[authentication username=%s password=%s];%d\n"
        % (user, user, password, port) for user in users))
    return sipp(over, "-sf", REGISTER, "-inf", tmp_path / "users.csv",
                "-m", len(users), "-r", 500, "-trace_err").wait(70)


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_registers_a_thousand_users(server, sipp, tmp_path, over):
    before = server.stat("usrloc", "registered_users")
    users = ["%s%04d" % (over, n) for n in range(1000)]
    assert register(sipp, tmp_path, over, users) == 0
    assert server.stat("usrloc", "registered_users") == before + 1000


def test_wrong_password_is_refused(server, sipp, tmp_path):
    before = server.stat("registrar", "accepted_regs")
    assert register(sipp, tmp_path, "udp", ["mallory"], "guess") == 1
    errors = next(tmp_path.glob("*_errors.log")).read_text()
    assert "SIP/2.0 401" in errors
    assert server.stat("registrar", "accepted_regs") == before


@pytest.mark.parametrize("callee", ["udp", "tcp"])
@pytest.mark.parametrize("caller", ["udp", "tcp"])
def test_builtin_uac_calls_builtin_uas(sipp, tmp_path, caller, callee):
    user, port = "%s-to-%s" % (caller, callee), free_port()
    assert register(sipp, tmp_path, callee, [user], port=port) == 0
    sipp(callee, "-sn", "uas", port=port)
    uac = sipp(caller, "-sn", "uac", "-s", user, "-m", 300, "-r", 150)
    assert uac.wait(70) == 0  # every call went as its scenario has it
