# SPDX-License-Identifier: GPL-2.0-or-later
"""W-U3i: credentials of a file, and reading it again while the server runs."""

import pytest

from kamtest import digest, memory
from kamtest.challenger import (Answers, TrunkCall, challenge, check, config,
                                credentials)
from kamtest.kamailio import RpcError
from kamtest.net import Timeout

ONE = credentials("al:trunk.example:pw")


def start(server, udp):
    return TrunkCall(server, udp("caller"), udp("trunk")).send()


@pytest.fixture
def credential_file(tmp_path):
    path = tmp_path / "credentials"

    def write(*lines):
        path.write_text("\n".join(lines) + "\n")
        return 'modparam("uac", "credential_file", "%s")' % path
    write.path = path
    return write


def asked(server, udp, realm="trunk.example"):
    """A challenged message; (user, password) it is answered as, or None."""
    one = start(server, udp)
    one.challenged(challenge(realm=realm))
    try:
        request = one.arrives(3)
    except Timeout:
        assert one.final().status == 480
        return None
    value, fields = Answers(request).of(realm)
    one.reply(request, 200)
    assert one.final().status == 200
    for password in ("pw", "first", "Second2", "any"):
        if digest.verify(value, request.method, password, request.body)[0]:
            return fields["username"], password
    raise AssertionError(value)


def test_w_u3i_credentials_are_reloaded_in_every_process(
        kam, udp, credential_file):
    params = credential_file("# ours", "", "al ice: trunk.example :first")
    server = kam(config(ONE + "\n" + params), children=4)
    # the file counts, for it comes last
    assert asked(server, udp) == ("al ice", "first")
    assert asked(server, udp, "elsewhere") is None
    credential_file("bo b:trunk.example:Second2", "x:*:any")
    assert server.rpc("uac.cred_reload") == {"realms": 2}
    for _ in range(8):
        assert asked(server, udp) == ("bo b", "Second2")
    assert asked(server, udp, "elsewhere") == ("x", "any")
    # what the file does not say the parameter does
    credential_file("# nobody")
    assert server.rpc("uac.cred_reload") == {"realms": 1}
    for _ in range(4):
        assert asked(server, udp) == ("al", "pw")
    status, out = server.kamcmd("uac.cred_reload")
    assert status == 0 and "realms: 1" in out
    assert "Second2" not in server.log() + out


@pytest.mark.parametrize("spoil, words", [
    (lambda path: path.write_text("a:b:c\nu:Secret1\n"), "Line 2"),
    (lambda path: path.unlink(), "No such file"),
    (lambda path: (path.unlink(), path.mkdir()), "Invalid argument"),
], ids=["line", "gone", "directory"])
def test_w_u3i_a_reload_that_fails_changes_nothing(
        kam, udp, credential_file, spoil, words):
    server = kam(config(credential_file("al:trunk.example:first")))
    spoil(credential_file.path)
    with pytest.raises(RpcError, match=words):
        server.rpc("uac.cred_reload")
    assert asked(server, udp) == ("al", "first")
    assert "Secret1" not in server.log() and "credential_file" in server.log()


def test_w_u3i_without_a_file_there_is_nothing_to_reload(kam, udp):
    server = kam(config(ONE))
    with pytest.raises(RpcError, match="credential_file is not set"):
        server.rpc("uac.cred_reload")
    assert asked(server, udp) == ("al", "pw")


def test_w_u3i_a_bad_file_keeps_the_server_from_starting(
        kam, credential_file):
    server = kam(config(credential_file("al:b:c", "x:Secret1")), start=False)
    with pytest.raises(AssertionError, match="did not start"):
        server.start()
    server.says("credential_file, line 2")
    assert "Secret1" not in server.log()


def test_w_u3i_reloads_take_no_memory_and_disturb_nobody(
        kam, udp, credential_file):
    many = ["u%d:realm%d:first" % (i, i) for i in range(20000)]
    server = kam(config(credential_file("al:trunk.example:first", *many),
                        modules='loadmodule "kex.so"'),
                 children=2)
    server.rpc("uac.cred_reload")
    before = memory.at_rest(server)
    for turn in range(20):
        password = "first" if turn % 2 else "Second2"
        credential_file("al:trunk.example:" + password, *many)
        one = start(server, udp)
        assert server.rpc("uac.cred_reload") == {"realms": 20001}
        one.challenged(challenge())
        assert check(one.accepted(), password)
    assert asked(server, udp, "realm19999") == ("u19999", "first")
    # one set has 2 MB
    memory.stays(server, before, 1000000)
