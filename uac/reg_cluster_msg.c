/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between servers. */
#include "core/dprint.h"
#include "core/parser/msg_parser.h"
#include "core/sr_module.h"
#include "core/ut.h"
#include "modules/dmq/bind_dmq.h"

#include "kam/kam_time.h"
#include "msgscan.h"
#include "reg_cluster.h"
#include "reg_cluster_priv.h"
#include "reg_load.h"
#include "reg_stats.h"
#include "reg_step.h"
#include "reg_table.h"
#include "reg_term.h"
#include "ua_cfg.h"
#include "ua_hash.h"

enum
{
	/* least time between two messages, whatever happens */
	URGENT_MS = 100,
	/* how long a server that ends waits until its accounts are saved */
	SAVE_MS = 5000,
	POLL_US = 10000,
	/* between two lines about messages that are ignored */
	LOG_MS = 1000,
	/* between the two good-byes: one may be lost, and nobody sends it again */
	GOODBYE_US = 50000
};

static struct
{
	dmq_api_t dmq;
	dmq_peer_t *peer;
	str name;
	str content_type;
	struct uax_key key;
	dmq_resp_cback_t on_answer;
	/* of one process each */
	int64_t beat_ms;   /* when a message was sent */
	int64_t logged_ms; /* when one that was ignored was logged */
	int is_stuck;	   /* dmq did not come to all of its nodes */
} msgs;

/* The address under which dmq knows this server; it has no function that says
 * so. */
static int find_name(void)
{
	struct sr_module *dmq = find_module_by_name("dmq");
	modparam_t type;
	str *address;

	if(dmq == NULL)
		return -1;
	address = find_param_export(dmq, "server_address", PARAM_STR, &type);
	if(address == NULL || address->len <= 0 || address->len > UAX_BEAT_NODE_MAX)
		return -1;
	msgs.name = *address;
	return 0;
}

static int on_message(
		struct sip_msg *msg, peer_reponse_t *resp, dmq_node_t *node);
static int on_reply(
		struct sip_msg *msg, int code, dmq_node_t *node, void *param);

int ua_cluster_msg_init(void)
{
	dmq_peer_t peer;

	msgs.content_type = KX_STR("text/plain");
	msgs.on_answer.f = on_reply;
	uax_key_init(&msgs.key, &ua_cfg.reg_cluster_passwd, &ua_hashes()->sha256);
	if(find_module_by_name("dmq") == NULL || dmq_load_api(&msgs.dmq) != 0) {
		LM_ERR("reg_cluster needs the module dmq, loaded before uac\n");
		return -1;
	}
	if(find_name() != 0) {
		LM_ERR("reg_cluster needs the parameter server_address of dmq, up to "
			   "%d bytes\n",
				UAX_BEAT_NODE_MAX);
		return -1;
	}
	memset(&peer, 0, sizeof(peer));
	peer.peer_id = ua_cfg.reg_cluster;
	peer.description = KX_STR("registrations of uac");
	peer.callback = on_message;
	msgs.peer = msgs.dmq.register_dmq_peer(&peer);
	if(msgs.peer == NULL) {
		LM_ERR("can't join dmq as '%.*s': it must be loaded before uac, and "
			   "the name must be free\n",
				ua_cfg.reg_cluster.len, ua_cfg.reg_cluster.s);
		return -1;
	}
	return 0;
}

const str *ua_cluster_msg_name(void)
{
	return &msgs.name;
}

/* dmq wants somebody to hear of an answer; a server that is silent is noticed
 * by its own messages. */
static int on_reply(
		struct sip_msg *msg, int code, dmq_node_t *node, void *param)
{
	return 0;
}

/* The next server after this one that was not heard since then.
 * @param name [out] in mem. @return its number, or -1 */
static int next_silent(int i, int64_t since_ms, char *mem, str *name)
{
	const struct uax_members *m = &ua_cluster->members;
	str known;

	if(ua_term_lock(&ua_cluster->lock) != 0)
		return -1;
	for(i++; i < m->n && m->node[i].heard_ms >= since_ms; i++)
		;
	if(i < m->n) {
		known = uax_member_name(&m->node[i]);
		memcpy(mem, known.s, known.len);
		*name = kx_str_span(mem, mem + known.len);
	} else {
		i = -1;
	}
	lock_release(&ua_cluster->lock);
	return i;
}

/* Send to one server, whatever else dmq knows of it; dmq takes a copy. */
static void send_one(const str *name, str *body)
{
	dmq_node_t node;

	memset(&node, 0, sizeof(node));
	node.orig_uri = *name;
	if(parse_uri(name->s, name->len, &node.uri) != 0
			|| msgs.dmq.send_message(msgs.peer, body, &node, &msgs.on_answer, 1,
					   &msgs.content_type)
					   < 0)
		LM_WARN("a message could not be sent to %.*s\n", name->len, name->s);
}

/* To all that were ever heard, and that dmq knows. */
static void send_each(str *body)
{
	char mem[UAX_BEAT_NODE_MAX];
	int i = 0;
	str name;

	while((i = next_silent(i, INT64_MAX, mem, &name)) > 0) {
		if(msgs.dmq.find_dmq_node_uri(&name) != NULL)
			send_one(&name, body);
	}
}

/* @return 0; -1: dmq gave up at one that it can't send to, and did not come
 * to those behind it */
static int send_all(str *body)
{
	return msgs.dmq.bcast_message(
			msgs.peer, body, NULL, &msgs.on_answer, 1, &msgs.content_type);
}

/* A new message; uuid, command: as in struct uax_beat.
 * @param body [out] in mem, which has UAX_BEAT_SIZE bytes
 * @return -1: there is none, the process is to end */
static int make(enum uax_beat_type type, const str *uuid,
		enum uax_event command, char *mem, str *body)
{
	struct uax_beat beat;
	struct kx_buf b;

	if(ua_term_lock(&ua_cluster->lock) != 0)
		return -1;
	uax_members_speak(&ua_cluster->members, type, kam_now_ms(), &beat);
	if(type == UAX_BEAT_ALIVE)
		ua_cluster->is_urgent = 0;
	lock_release(&ua_cluster->lock);
	/* the name does not change */
	beat.node = msgs.name;
	beat.uuid = *uuid;
	beat.command = command;
	kx_buf_init(&b, mem, UAX_BEAT_SIZE);
	if(uax_beat_write(&b, &beat, &msgs.key) != KX_OK
			|| kx_buf_end(&b, body) != KX_OK) {
		LM_BUG("a message to the other servers can't be written\n");
		return -1;
	}
	ua_stats_count(UA_STATS_BEATS);
	return 0;
}

static void speak(
		enum uax_beat_type type, const str *uuid, enum uax_event command)
{
	char mem[UAX_BEAT_SIZE];
	str body;

	if(make(type, uuid, command, mem, &body) != 0)
		return;
	if(send_all(&body) == 0) {
		msgs.is_stuck = 0;
		return;
	}
	if(!msgs.is_stuck)
		LM_WARN("dmq can't send to one of its nodes and leaves out others: "
				"each is sent to by itself from here on\n");
	msgs.is_stuck = 1;
	/* Who has this heartbeat would take it for a replay. A command is the same,
	 * or it would be carried out twice. */
	if(type == UAX_BEAT_ALIVE && make(type, uuid, command, mem, &body) != 0)
		return;
	send_each(&body);
}

static void speak_alive(void)
{
	static const str none;

	speak(UAX_BEAT_ALIVE, &none, 0);
}

void ua_cluster_tell(const str *uuid, enum uax_event event)
{
	if(ua_cluster != NULL)
		speak(UAX_BEAT_TELL, uuid, event);
}

static void obey(const struct uax_beat *beat)
{
	struct ua_rec *rec = ua_table_find(UA_KEY_UUID, &beat->uuid);

	if(rec == NULL)
		return; /* not loaded here yet */
	ua_step_plain(rec, beat->command, kam_now_ms());
	ua_rec_drop(rec);
}

/* Whether a message is from the address of the server it says it is of. */
static int is_from(const struct sip_msg *msg, const dmq_node_t *node)
{
	unsigned int port = node->uri.port_no > 0 ? node->uri.port_no : SIP_PORT;

	if(!ip_addr_cmp((struct ip_addr *)&msg->rcv.src_ip,
			   (struct ip_addr *)&node->ip_address))
		return 0;
	/* a connection has a port of its own at the far end */
	return msg->rcv.proto != PROTO_UDP || msg->rcv.src_port == port;
}

/* A message changes nothing; the log is not for whoever sends many. */
static void refuse(struct sip_msg *msg, const char *why)
{
	int64_t now_ms = kam_now_ms();

	ua_stats_count(UA_STATS_REFUSED);
	if(msgs.logged_ms != 0 && now_ms - msgs.logged_ms < LOG_MS)
		return;
	msgs.logged_ms = now_ms;
	LM_WARN("a message to the cluster from %s is ignored: %s\n",
			ip_addr2a(&msg->rcv.src_ip), why);
}

static void take(struct sip_msg *msg, const str *body, dmq_node_t *node)
{
	char uuid[UAX_BEAT_UUID_MAX];
	struct uax_beat beat;
	enum uax_beat_fault fault;
	enum uax_hearing hearing;
	int is_urgent = 0;

	fault = uax_beat_read(body, &msgs.key, uuid, &beat);
	if(fault != UAX_BEAT_GOOD) {
		refuse(msg, uax_beat_fault_text(fault));
		return;
	}
	if(node == NULL || msgs.dmq.find_dmq_node_uri(&beat.node) != node
			|| !is_from(msg, node)) {
		refuse(msg, "it is not from a server that dmq knows by that name");
		return;
	}
	lock_get(&ua_cluster->lock);
	hearing = uax_members_hear(
			&ua_cluster->members, &beat, kam_now_ms(), &is_urgent);
	ua_cluster->is_urgent |= is_urgent;
	lock_release(&ua_cluster->lock);
	if(hearing != UAX_HEAR_OK)
		refuse(msg, uax_hearing_text(hearing));
	else if(beat.type == UAX_BEAT_TELL)
		obey(&beat);
	else
		ua_stats_count(UA_STATS_HEARD);
}

/* dmq's callback; the name is its own spelling */
static int on_message(
		struct sip_msg *msg, peer_reponse_t *resp, dmq_node_t *node)
{
	str text = {msg->buf, (int)msg->len}, body;

	uax_message_body(&text, &body);
	take(msg, &body, node);
	resp->resp_code = 200;
	resp->reason = KX_STR("OK");
	return 0;
}

/* Who is not known to dmq any more is gone. dmq is asked without our lock; its
 * list has none that we could take, so not oftener than needed. */
static void forget_strangers(void)
{
	char mem[UAX_BEAT_NODE_MAX];
	int64_t since_ms = kam_now_ms() - 2000LL * ua_cfg.reg_cluster_heartbeat;
	int i = 0;
	str name;

	while((i = next_silent(i, since_ms, mem, &name)) > 0) {
		if(msgs.dmq.find_dmq_node_uri(&name) != NULL)
			continue;
		lock_get(&ua_cluster->lock);
		uax_members_lose(&ua_cluster->members, i);
		lock_release(&ua_cluster->lock);
	}
}

void ua_cluster_beat(int64_t now_ms)
{
	int is_new, is_urgent, others;

	lock_get(&ua_cluster->lock);
	/* one that can't read its accounts has no share of them */
	if(ua_load_is_done())
		ua_cluster->members.node[0].weight = ua_cfg.reg_cluster_weight;
	is_new = uax_members_tick(&ua_cluster->members, now_ms);
	is_urgent = ua_cluster->is_urgent || is_new;
	others = uax_members_others(&ua_cluster->members);
	lock_release(&ua_cluster->lock);
	if(is_new)
		LM_NOTICE("the cluster has %d servers now\n", others + 1);
	if(now_ms - msgs.beat_ms
			< (is_urgent ? URGENT_MS : ua_cfg.reg_cluster_heartbeat * 1000LL)) {
		if(is_new) {
			lock_get(&ua_cluster->lock);
			ua_cluster->is_urgent = 1;
			lock_release(&ua_cluster->lock);
		}
		return;
	}
	msgs.beat_ms = now_ms;
	forget_strangers();
	speak_alive();
}

static int is_saved(void)
{
	int yes;

	if(ua_term_lock(&ua_cluster->lock) != 0)
		return 0;
	yes = ua_cluster->is_saved;
	lock_release(&ua_cluster->lock);
	return yes;
}

void ua_cluster_leave(void)
{
	int64_t began_ms = kam_now_ms();

	if(ua_term_lock(&ua_cluster->lock) != 0)
		return; /* the others will miss it */
	uax_members_leave(&ua_cluster->members, 1);
	uax_members_tick(&ua_cluster->members, began_ms);
	lock_release(&ua_cluster->lock);
	speak_alive();
	while(!is_saved() && kam_now_ms() - began_ms < SAVE_MS)
		sleep_us(POLL_US);
	if(ua_term_lock(&ua_cluster->lock) != 0)
		return;
	ua_cluster->members.node[0].is_gone = 1;
	lock_release(&ua_cluster->lock);
	speak_alive();
	sleep_us(GOODBYE_US);
	speak_alive();
}
