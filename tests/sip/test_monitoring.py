# SPDX-License-Identifier: GPL-2.0-or-later
"""examples/http.cfg and examples/monitoring: what the rules and the dashboard
name is what a server shows to Prometheus."""

import http.client
import json
import re

import pytest
import yaml

from kamtest.counters import scrape
from kamtest.httpd import Http
from kamtest.kamailio import ROOT
from kamtest.net import free_port
from kamtest.served import Served

MONITORING = ROOT / "examples/monitoring"
METRIC = re.compile(r"\bkamailio_\w+")
RECORDED = re.compile(r"\bkamailio:\w+")


@pytest.fixture(scope="module")
def server(kam_module, tmp_path_factory):
    return Http(kam_module, tmp_path_factory.mktemp("http"))


def rules():
    return [rule for group in yaml.safe_load(
        (MONITORING / "rules.yml").read_text())["groups"]
        for rule in group["rules"]]


def panels():
    board = json.loads((MONITORING / "dashboard.json").read_text())
    return board, [p for p in board["panels"] if p["type"] != "row"]


def test_rules_name_what_is_there(server):
    there = scrape(server)
    named = {name for rule in rules() for name in METRIC.findall(rule["expr"])}
    assert named and named <= set(there)
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = {name for rule in rules() if "alert" in rule
            for name in RECORDED.findall(rule["expr"])}
    assert used == recorded


def test_every_alert_says_where_and_how_bad():
    alerts = [rule for rule in rules() if "alert" in rule]
    assert len({rule["alert"] for rule in alerts}) == len(alerts) > 0
    for rule in alerts:
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert "$labels.server" in rule["annotations"]["summary"]


def test_the_histogram_has_every_bucket(server):
    """Those of the server, with the bounds their names say."""
    want = {name: "+Inf" if bound == "inf" else "%g" % (int(bound[:-2]) / 1000)
            for name in scrape(server)
            if (bound := name.partition("kamailio_uac_reg_rtt_le_")[2])}
    assert {rule["expr"]: rule["labels"]["le"] for rule in rules()
            if "record" in rule} == want


def test_dashboard_names_what_is_there(server):
    board, shown = panels()
    expressions = [t["expr"] for p in shown for t in p["targets"]]
    expressions += [v["query"] for v in board["templating"]["list"]]
    there = set(scrape(server))
    named = {name for e in expressions for name in METRIC.findall(e)}
    assert named and named <= there
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert {n for e in expressions for n in RECORDED.findall(e)} == recorded
    # the states and ends of REGISTERs are shown whole
    for group in ("reg_state_", "reg_end_"):
        assert {n for n in there if "uac_" + group in n} <= named


def test_dashboard_fits_together():
    board, shown = panels()
    assert board["title"] and len(shown) > 10
    ids = [p["id"] for p in board["panels"]]
    assert len(ids) == len(set(ids))
    cells = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"])
               for y in range(at["y"], at["y"] + at["h"])}
        assert not own & cells and at["x"] + at["w"] <= 24
        cells |= own
    for panel in shown:
        refs = [t["refId"] for t in panel["targets"]]
        assert len(refs) == len(set(refs)) > 0, panel["title"]


def test_prometheus_scrapes_where_http_cfg_listens():
    told = yaml.safe_load((MONITORING / "prometheus.yml").read_text())
    job, = told["scrape_configs"]
    target, = job["static_configs"][0]["targets"]
    text = (ROOT / "examples/http.cfg").read_text()
    defaults = [re.search("!HTTP_%s!(.+?)!g" % what, text)[1]
                for what in ("HOST", "PORT")]
    assert target == ":".join(defaults)
    assert job["metrics_path"] == "/metrics"
    assert told["rule_files"] == ["rules.yml"]


def ask(addr, path="/metrics", host=None):
    """The status of a request for that host."""
    connection = http.client.HTTPConnection(*addr, timeout=20)
    connection.request("GET", path,
                       headers={"Host": host or "%s:%d" % addr})
    status = connection.getresponse().status
    connection.close()
    return status


def test_only_by_its_own_name_and_port(server):
    assert ask(server.addr) == 200
    assert ask(server.addr, host="localhost:%d" % server.addr[1]) == 200
    # a name somebody else has made to mean this machine
    assert ask(server.addr, host="evil.example:%d" % server.addr[1]) == 403
    # the port of the phones
    assert ask(server.kamailio.addr) == 403
    assert ask(server.addr, "/RPC") == 404
    assert ask(server.addr, "/%s" % ("x" * 500)) == 404


def test_another_port(kam, tmp_path):
    port = free_port()
    assert ask(Http(kam, tmp_path, port=port).addr) == 200


def test_make_run_serves_the_page(tmp_path):
    """examples/kamailio.cfg with WITH_HTTP, and its files."""
    port = free_port()
    served = Served(tmp_path / "run", free_port(), HTTP_PORT=str(port))
    try:
        assert "http://127.0.0.1:%d/" % port in served.output()
        for path in ("/", "/metrics", "/status/uPlot.iife.min.js",
                     "/status/accounts/all/0/20/", "/status/users/0/20/"):
            assert ask(("127.0.0.1", port), path) == 200
    finally:
        served.stop()


@pytest.mark.parametrize("path", [
    "accounts/all/0/20/%22,%22", "accounts/all/-1/20/", "accounts/all/0/200/",
    "accounts/all/0/20", "users/0/20/a/b", "users/0/20/%00", "due/0x10/6",
    "due/1/2/3", "../../../etc/passwd", "vendor/uPlot.LICENSE",
    "dump/0/20/", "accounts/all;x/0/20/", "accounts/all/00/20/",
    "users/0/07/", "due/0/10"])
def test_the_page_asks_for_nothing_else(server, path):
    assert ask(server.addr, "/status/" + path) == 404


def test_what_the_page_may_do(server):
    """Run nothing of others, be shown in no frame."""
    connection = http.client.HTTPConnection(*server.addr, timeout=20)
    connection.request("GET", "/", headers={"Host": "%s:%d" % server.addr})
    reply = connection.getresponse()
    connection.close()
    assert reply.status == 200
    policy = reply.getheader("Content-Security-Policy")
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert reply.getheader("X-Content-Type-Options") == "nosniff"
