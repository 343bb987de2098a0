# SPDX-License-Identifier: GPL-2.0-or-later
"""Registrars that share their bindings: what makes the kamailio.cfg of a Place
of kamtest.cluster."""

from .cluster import CUT, CUT_PARAM, KDMQ
from .registrar import config

DMQ_USRLOC = """
loadmodule "dmq_usrloc.so"
modparam("dmq_usrloc", "enable", 1)
modparam("dmq_usrloc", "sync", 1)
modparam("dmq_usrloc", "batch_msg_contacts", 50)
"""
PARAMS = [("use_path", 1), ("path_mode", 0), ("keep_params", 1),
          ("min_expires", 1)]
USRLOC = [("use_domain", 1), ("xavp_contact", "ulx")]


def by_dmq(place, before="", extra="", modules=()):
    """Each node has all bindings in its memory."""
    return config(usrloc=USRLOC, before_lookup=before + KDMQ,
                  params=PARAMS, extra=place.text + DMQ_USRLOC + extra,
                  modules=modules)


def by_database(url, before="", modules=()):
    """No node keeps any."""
    def of(place):
        return config(usrloc=[*USRLOC, ("db_url", url), ("db_mode", 3)],
                      before_lookup=KDMQ + before,
                      params=PARAMS, extra=place.text,
                      modules=["db_mysql", *modules])
    return of


def by_dmq_with_cuts(place):
    """by_dmq, where cut() works, and tm gives up what it sends meanwhile before
    the nodes hear each other again."""
    return by_dmq(place, CUT + "\n",
                  CUT_PARAM + '\nmodparam("tm", "fr_timer", 1000)')


# What a node loses that takes the first copy of each message for lost: tm
# sends another one after half a second, if its node still lives.
LOSES = """
if(method == "KDMQ" && $rU == "usrloc" && $sht(seen=>$ci) == $null) {
    $sht(seen=>$ci) = 1;
    exit;
}
"""


def by_lossy_dmq(place):
    """by_dmq, where all nodes but the first lose so much."""
    return by_dmq(place, LOSES if place.index else "",
                  'modparam("htable", "htable", "seen=>size=14;")',
                  ["htable"])
