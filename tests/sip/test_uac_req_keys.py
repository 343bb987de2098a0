# SPDX-License-Identifier: GPL-2.0-or-later
"""$uac_req(key): what each key reads and takes (spec/interface.md A.15)."""

import re

import pytest

from kamtest.uacreq import MODULES, NUMBERS, TEXTS, config, order

KEYS = TEXTS + NUMBERS


def show(label, keys=KEYS):
    return "".join('xlog("KEY|%s|%s|$uac_req(%s)|\\n");' % (label, key, key)
                   for key in keys)


def each(label, keys, template):
    return "".join(template.replace("KEY", key) + show(label, [key])
                   for key in keys)


def null_check(label):
    return "".join(
        'if($uac_req(%s) == $null) xlog("KEY|%s|%s|really null|\\n");'
        % (key, label, key) for key in KEYS)


SCRIPT = """
switch($rU) {
case "fresh":
    %s
    break;
case "texts":
    %s
    break;
case "numbers":
    %s
    break;
case "wrong":
    %s
    break;
case "all":
    %s
    xlog("KEY|between|all|$uac_req(all)|\\n");
    $uac_req(all) = "something";
    %s
    $uac_req(all) = $null;
    %s
    break;
}
sl_send_reply("200", "rc 1");
exit;
""" % (
    null_check("fresh") + show("fresh"),
    each("set", TEXTS, '$uac_req(KEY) = "value-KEY";')
    + each("empty", TEXTS, '$uac_req(KEY) = "";')
    + each("null", TEXTS, '$uac_req(KEY) = "again"; $uac_req(KEY) = $null;'),
    each("set", NUMBERS, "$uac_req(KEY) = 7;")
    + each("null", NUMBERS, "$uac_req(KEY) = $null;"),
    each("text", NUMBERS, '$uac_req(KEY) = 7; $uac_req(KEY) = "abc";')
    + each("negative", NUMBERS, "$uac_req(KEY) = 7; $uac_req(KEY) = -1;")
    + each("number", TEXTS, '$uac_req(KEY) = "old"; $uac_req(KEY) = 5;'),
    "".join('$uac_req(%s) = "x";' % key for key in TEXTS)
    + "".join("$uac_req(%s) = 7;" % key for key in NUMBERS),
    show("kept"), show("all"))


@pytest.fixture(scope="module")
def server(kam_module):
    return kam_module(config(SCRIPT), children=1)


@pytest.fixture
def ask(server, udp):
    """Run a case; returns {label: {key: what was read}}."""
    def run(case):
        mark = len(server.log())
        assert order(server, udp("order"), user=case) == 1
        out = {}
        for label, key, value in re.findall(
                r"KEY\|(\w+)\|(\w+)\|(.*)\|$", server.log()[mark:], re.M):
            out.setdefault(label, {})
            out[label].setdefault(key, []).append(value)
        return {label: {key: values[-1] if len(values) == 1 else values
                        for key, values in read.items()}
                for label, read in out.items()}
    return run


def test_unset_texts_are_null_and_numbers_zero(ask):
    got = ask("fresh")["fresh"]
    assert got == {**{key: ["really null", "<null>"] for key in TEXTS},
                   **{key: "0" for key in NUMBERS}}


def test_texts_are_read_as_set_and_null_unsets(ask):
    got = ask("texts")
    assert got["set"] == {key: "value-" + key for key in TEXTS}
    assert got["empty"] == {key: "<null>" for key in TEXTS}
    # the stock module keeps `sock`
    assert got["null"] == {key: "<null>" for key in TEXTS}


def test_numbers_are_read_as_set_and_null_unsets(ask):
    got = ask("numbers")
    assert got["set"] == {key: "7" for key in NUMBERS}
    assert got["null"] == {key: "0" for key in NUMBERS}


def test_w_u25_wrong_types_fail_and_leave_no_former_value(ask, server):
    mark = len(server.log())
    got = ask("wrong")
    assert got["text"] == {key: "0" for key in NUMBERS}
    assert got["negative"] == {key: "0" for key in NUMBERS}
    assert got["number"] == {key: "<null>" for key in TEXTS}
    for key in KEYS:
        assert "$uac_req(%s) can't take this value" % key \
            in server.log()[mark:]


def test_w_u24_all_null_leaves_nothing_behind(ask):
    got = ask("all")
    assert got["between"] == {"all": "0"}
    # anything but $null means nothing, as ever
    assert got["kept"] == {**{key: "x" for key in TEXTS},
                           **{key: "7" for key in NUMBERS}}
    assert got["all"] == {**{key: "<null>" for key in TEXTS},
                          **{key: "0" for key in NUMBERS}}


@pytest.mark.parametrize("key", ["", "Method", "sent_callid", "bogus"])
def test_an_unknown_key_is_found_at_start(kam, key):
    server = kam(MODULES + "request_route { $uac_req(%s) = $null; }" % key,
                 start=False)
    ok, text = server.check()
    assert not ok, text
