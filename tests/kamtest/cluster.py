# SPDX-License-Identifier: GPL-2.0-or-later
"""Several Kamailios that know each other through the stock dmq module, each at
a loopback address of its own."""

from .net import free_port
from .wait import until

# the shortest interval that dmq takes
PING_S = 5
# for request_route: what dmq sends goes to it and nowhere else
KDMQ = 'if(method == "KDMQ") { dmq_handle_message(); exit; }'
# and before that: while $shv(cut) is set nothing of the other nodes comes in
CUT = 'if($shv(cut) == 1 && method == "KDMQ") { exit; }'
# which pv, loaded before, has to know
CUT_PARAM = 'modparam("pv", "shvset", "cut=i:0")'

# the modules of servers that share accounts of uac, and what makes them do so
UAC = """
    loadmodule "kex.so"
    loadmodule "tm.so"
    loadmodule "rr.so"
    loadmodule "sl.so"
    loadmodule "pv.so"
    loadmodule "textops.so"
    loadmodule "db_mysql.so"
    %(dmq)s
    loadmodule "uac.so"
    modparam("uac", "reg_db_url", "%(db)s")
    modparam("uac", "reg_contact_addr", "%(contact)s")
    modparam("uac", "reg_state_table", "uacreg_state")
    modparam("uac", "reg_cluster", "uac")
"""


class Place:
    """Where one node of a cluster is. text: the loadmodule and modparam lines
    of dmq for its kamailio.cfg; others: the places of the other nodes."""

    def __init__(self, index):
        self.index = index
        self.host = "127.0.1.%d" % (11 + index)
        self.port = free_port(self.host)
        self.others = []

    @property
    def uri(self):
        return "sip:%s:%d" % (self.host, self.port)

    @property
    def text(self):
        values = [("server_address", '"%s"' % self.uri),
                  *(("notification_address", '"%s"' % other.uri)
                    for other in self.others),
                  ("ping_interval", PING_S), ("num_workers", 2)]
        return "\n".join(['loadmodule "dmq.so"', *(
            'modparam("dmq", "%s", %s)' % pair for pair in values)])


def places(count):
    """So many places that know each other."""
    made = [Place(index) for index in range(count)]
    for one in made:
        one.others = [other for other in made if other is not one]
    return made


class Cluster:
    """The nodes, started and known to each other.

    factory: the fixture kam or kam_module; config: makes the kamailio.cfg of
    a Place, as a Kamailio takes it; its dmq lines are place.text, its
    request_route has KDMQ. start=False leaves starting to the test.
    """

    def __init__(self, factory, count, config, start=True, **options):
        self.factory = factory
        self.places = places(count)
        self.nodes = [factory(config(place), start=False,
                              name="node%d" % (place.index + 1),
                              host=place.host, port=place.port, **options)
                      for place in self.places]
        if start:
            for index in range(count):
                self.start(index)
            self.wait()

    def __getitem__(self, index):
        return self.nodes[index]

    def __len__(self):
        return len(self.nodes)

    def start(self, index):
        """Start a node, or start it again."""
        self.nodes[index].may_die = False
        return self.factory.start(self.nodes[index])

    def kill(self, index):
        """A node ends without a word to the others."""
        self.nodes[index].kill()

    def alive(self):
        return [node for node in self.nodes if node.alive()]

    def wait(self):
        """Until every live node lists every live node as active."""
        want = {("%s:%d" % node.addr) for node in self.alive()}
        for node in self.alive():
            until(lambda: want - active(node), set())


def cut(cluster, is_cut):
    """No node hears another, where request_route has CUT; or each does
    again."""
    for node in cluster.nodes:
        node.rpc("pv.shvSet", "cut", "int", int(is_cut))


def active(node):
    """The addresses of the nodes that dmq of this one holds for alive."""
    listed = node.rpc("dmq.list_nodes")
    listed = listed if isinstance(listed, list) else [listed]
    return {"%s:%s" % (one["host"], one["port"]) for one in listed
            if one["status"] == "active"}
