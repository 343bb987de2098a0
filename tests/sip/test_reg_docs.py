# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables in doc/ name tests that exist and leave out no parameter."""

import re

import pytest

from kamtest.kamailio import ROOT

TESTS = "".join(path.read_text()
                for path in (ROOT / "tests" / "sip").glob("test_reg_*.py"))


@pytest.mark.parametrize("name", ["tests-registrar.md", "rfcmap.md"])
def test_every_test_the_tables_name_exists(name):
    text = (ROOT / "doc" / name).read_text()
    if name == "rfcmap.md":
        text = text.partition("## registrar")[2].partition("\n## ")[0]
    named = set(re.findall(r"\btest_(?!reg_)\w+", text))
    there = set(re.findall(r"^def (test_\w+)", TESTS, re.M))
    assert named and named - there == set()


def test_every_parameter_is_in_a_table():
    rows = (ROOT / "registrar" / "reg_params.def").read_text()
    params = set(re.findall(r"^REG_(?:CFG_)?(?:INT|STR)\((\w+)", rows, re.M))
    table = (ROOT / "doc" / "tests-registrar.md").read_text()
    listed = set(re.findall(r"^\| (\w+) \|", table, re.M))
    assert len(params) >= 33 and params - listed == set()
