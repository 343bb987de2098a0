/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes: what is written comes back, and nothing else is
 * believed. */
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

#include "beat.h"
#include "unit.h"
#include "unit_hashes.h"

static struct uax_key key_of(const char *passwd)
{
	str secret = unit_str(passwd);
	struct uax_key key;

	uax_key_init(&key, &secret, &unit_hashes.sha256);
	return key;
}

static struct uax_beat alive(void)
{
	return (struct uax_beat){.type = UAX_BEAT_ALIVE,
			.node = unit_str("sip:192.0.2.1:5060"),
			.boot = 1790000000000,
			.seq = 17,
			.weight = 100,
			.is_settled = 1,
			.view = 0x0123456789abcdef,
			.heard = {{7, 1790000000001}, {0xfedcba9876543210, 2}},
			.n_heard = 2};
}

static struct uax_beat tell(void)
{
	return (struct uax_beat){.type = UAX_BEAT_TELL,
			.node = unit_str("sip:192.0.2.1:5060"),
			.boot = 1790000000000,
			.seq = 1,
			.uuid = unit_str("trunk 01"),
			.command = UAX_E_DISABLE};
}

/* A copy that ends where its memory ends. */
static str written(const struct uax_beat *beat, const struct uax_key *key)
{
	char mem[UAX_BEAT_SIZE];
	struct kx_buf b;
	str text;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(uax_beat_write(&b, beat, key), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &text), KX_OK);
	return unit_bytes(text.s, text.len);
}

static void same(const struct uax_beat *a, const struct uax_beat *b)
{
	int i;

	ck_assert_int_eq(a->type, b->type);
	ck_assert(kx_str_eq(&a->node, &b->node));
	ck_assert(a->boot == b->boot);
	ck_assert(a->seq == b->seq);
	ck_assert(a->weight == b->weight);
	ck_assert_int_eq(a->is_leaving, b->is_leaving);
	ck_assert_int_eq(a->is_gone, b->is_gone);
	ck_assert_int_eq(a->is_settled, b->is_settled);
	ck_assert(a->view == b->view);
	ck_assert_int_eq(a->n_heard, b->n_heard);
	for(i = 0; i < a->n_heard; i++) {
		ck_assert(a->heard[i].key == b->heard[i].key);
		ck_assert(a->heard[i].boot == b->heard[i].boot);
	}
	ck_assert(kx_str_eq(&a->uuid, &b->uuid));
	ck_assert_int_eq(a->command, b->command);
}

static void comes_back(const struct uax_beat *beat)
{
	struct uax_key key[2] = {key_of(""), key_of("secret")};
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_beat got;
	int i;

	for(i = 0; i < 2; i++) {
		str text = written(beat, &key[i]);

		ck_assert_int_lt(text.len, UAX_BEAT_SIZE);
		ck_assert_int_eq(
				uax_beat_read(&text, &key[i], mem, &got), UAX_BEAT_GOOD);
		same(beat, &got);
	}
}

/* The format is a promise to other releases: byte for byte. */
START_TEST(looks_as_it_always_did)
{
	struct uax_beat beat = alive(), command = tell();
	struct uax_key none = key_of("");

	ck_str_is(written(&beat, &none), "uacreg 1\r\n"
									 "type: alive\r\n"
									 "node: sip:192.0.2.1:5060\r\n"
									 "boot: 1790000000000\r\n"
									 "seq: 17\r\n"
									 "weight: 100\r\n"
									 "leaving: 0\r\n"
									 "gone: 0\r\n"
									 "settled: 1\r\n"
									 "view: 0123456789abcdef\r\n"
									 "heard: 0000000000000007/000001a0c4506c01"
									 " fedcba9876543210/0000000000000002\r\n");
	ck_str_is(written(&command, &none), "uacreg 1\r\n"
										"type: tell\r\n"
										"node: sip:192.0.2.1:5060\r\n"
										"boot: 1790000000000\r\n"
										"seq: 1\r\n"
										"uuid: trunk%2001\r\n"
										"command: disable\r\n");
}
END_TEST

START_TEST(the_check_value_is_siphash_of_all_before_it)
{
	struct uax_beat beat = alive();
	struct uax_key none = key_of(""), key = key_of("secret");
	str plain = written(&beat, &none), text = written(&beat, &key);
	unsigned char raw[32], mac[16];
	char line[64];
	size_t size = sizeof(mac), got;
	OSSL_PARAM params[] = {
			OSSL_PARAM_construct_size_t("size", &size), OSSL_PARAM_END};
	EVP_MAC *alg = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(alg);
	int i, len = snprintf(line, sizeof(line), "mac: ");

	EVP_Digest("secret", 6, raw, NULL, EVP_sha256(), NULL);
	ck_assert(EVP_MAC_init(ctx, raw, 16, params) == 1);
	ck_assert(EVP_MAC_update(ctx, (unsigned char *)plain.s, plain.len) == 1);
	ck_assert(EVP_MAC_final(ctx, mac, &got, size) == 1 && got == size);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(alg);
	for(i = 0; i < 16; i++)
		len += snprintf(line + len, sizeof(line) - len, "%02x", mac[i]);
	ck_assert_int_eq(text.len, plain.len + len + 2);
	ck_assert_mem_eq(text.s, plain.s, plain.len);
	ck_assert_mem_eq(text.s + plain.len, line, len);
	ck_assert_mem_eq(text.s + plain.len + len, "\r\n", 2);
}
END_TEST

START_TEST(numbers_come_back_at_their_bounds)
{
	struct uax_beat beat = alive();
	char name[UAX_BEAT_NODE_MAX];

	comes_back(&beat);
	beat.boot = 1;
	beat.seq = 1;
	beat.weight = 0;
	beat.is_settled = 0;
	beat.is_leaving = 1;
	beat.view = 0;
	beat.n_heard = 0;
	beat.node = unit_str("!");
	comes_back(&beat);
	beat.boot = INT64_MAX;
	beat.seq = UINT32_MAX;
	beat.weight = UAX_WEIGHT_MAX;
	beat.is_leaving = 0;
	beat.is_gone = 1;
	beat.view = UINT64_MAX;
	memset(name, '~', sizeof(name));
	beat.node = unit_bytes(name, sizeof(name));
	for(; beat.n_heard < UAX_NODES_MAX; beat.n_heard++) {
		beat.heard[beat.n_heard].key = UINT64_MAX - beat.n_heard;
		beat.heard[beat.n_heard].boot = INT64_MAX;
	}
	comes_back(&beat);
}
END_TEST

START_TEST(each_command_has_its_word)
{
	static const struct
	{
		enum uax_event event;
		const char *line;
	} commands[] = {{UAX_E_ENABLE, "\r\ncommand: enable\r\n"},
			{UAX_E_DISABLE, "\r\ncommand: disable\r\n"},
			{UAX_E_REGISTER, "\r\ncommand: register\r\n"},
			{UAX_E_UNREGISTER, "\r\ncommand: unregister\r\n"}};
	struct uax_key none = key_of("");
	struct uax_beat beat = tell();
	int i;

	for(i = 0; i < 4; i++) {
		size_t len = strlen(commands[i].line);
		str text;

		beat.command = commands[i].event;
		text = written(&beat, &none);
		ck_assert_mem_eq(text.s + text.len - len, commands[i].line, len);
		comes_back(&beat);
	}
}
END_TEST

START_TEST(texts_come_back_whatever_is_in_them)
{
	struct uax_beat beat = tell();
	char uuid[UAX_BEAT_UUID_MAX];
	int c;

	for(c = 0; c < 256; c++) {
		memset(uuid, c, sizeof(uuid));
		beat.uuid = unit_bytes(uuid, 1);
		comes_back(&beat);
		beat.uuid = unit_bytes(uuid, sizeof(uuid));
		comes_back(&beat);
	}
}
END_TEST

START_TEST(what_nobody_would_read_is_not_written)
{
	struct uax_key key = key_of("");
	char mem[UAX_BEAT_SIZE], name[UAX_BEAT_NODE_MAX + 1];
	struct kx_buf b;
	struct uax_beat bad;

#define REFUSED(make, change)                                               \
	do {                                                                    \
		kx_buf_init(&b, mem, sizeof(mem));                                  \
		bad = make();                                                       \
		change;                                                             \
		ck_assert_msg(                                                      \
				uax_beat_write(&b, &bad, &key) == KX_E_RANGE && b.len == 0, \
				"%s", #change);                                             \
	} while(0)

	memset(name, 'n', sizeof(name));
	REFUSED(alive, bad.node.len = 0);
	REFUSED(alive, bad.node = unit_bytes(name, sizeof(name)));
	REFUSED(alive, bad.node = unit_str("sip:a b"));
	REFUSED(alive, bad.node = unit_str("sip:a\r\nweight: 1"));
	REFUSED(alive, bad.node = unit_str("sip:\xc3\xa4"));
	REFUSED(alive, bad.boot = 0);
	REFUSED(alive, bad.boot = (uint64_t)INT64_MAX + 1);
	REFUSED(alive, bad.seq = 0);
	REFUSED(alive, bad.weight = UAX_WEIGHT_MAX + 1);
	REFUSED(alive, bad.n_heard = UAX_NODES_MAX + 1);
	REFUSED(alive, bad.n_heard = -1);
	REFUSED(alive, bad.heard[1].boot = 0);
	REFUSED(alive, bad.heard[1].key = bad.heard[0].key);
	REFUSED(alive, bad.type = UAX_BEAT_TYPE_COUNT);
	REFUSED(tell, bad.uuid.len = 0);
	REFUSED(tell, bad.uuid = unit_bytes(name, UAX_BEAT_UUID_MAX + 1));
	REFUSED(tell, bad.command = UAX_E_RELEASE);
	REFUSED(tell, bad.command = UAX_E_COUNT);
#undef REFUSED
	/* and a buffer that is too small says so, with and without a key */
	bad = alive();
	kx_buf_init(&b, mem, 100);
	ck_assert_int_eq(uax_beat_write(&b, &bad, &key), KX_E_TOO_LONG);
	key = key_of("secret");
	kx_buf_init(&b, mem, 100);
	ck_assert_int_eq(uax_beat_write(&b, &bad, &key), KX_E_TOO_LONG);
}
END_TEST

#define HEAD "uacreg 1\r\ntype: alive\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n"
#define ALIVE HEAD "weight: 1\r\nview: 1\r\n"
#define TELL                                                     \
	"uacreg 1\r\ntype: tell\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n" \
	"command: enable\r\n"

START_TEST(other_ways_to_write_it)
{
	static const char *const row[] = {
			ALIVE,
			/* flags and whom it hears may be left out */
			ALIVE "leaving: 0\r\ngone: 0\r\nsettled: 0\r\nheard:\r\n",
			/* line feeds alone, blanks, any order */
			"uacreg 1\nweight:1\nseq:\t1 \nview: 0001\nboot:  1\nnode:n\n"
			"type:alive\n",
			/* a later release knows more */
			ALIVE "colour: blue\r\ncolour: red\r\nload: \x01\xff\r\nx:\r\n",
			/* of the other type */
			ALIVE "uuid: %\r\ncommand: jump\r\n",
			/* no password here */
			ALIVE "mac: 00\r\n",
			"uacreg 1\r\nmac: 00\r\ntype: alive\r\nnode: n\r\nboot: 001\r\n"
			"seq: 1\r\nweight: 1\r\nview: 1\r\n",
	};
	struct uax_key key = key_of("");
	struct uax_beat want = {.type = UAX_BEAT_ALIVE,
			.node = unit_str("n"),
			.boot = 1,
			.seq = 1,
			.weight = 1,
			.view = 1};
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_beat got;
	str text = unit_str(row[_i]);

	ck_assert_msg(uax_beat_read(&text, &key, mem, &got) == UAX_BEAT_GOOD, "%s",
			row[_i]);
	same(&want, &got);
}
END_TEST

START_TEST(broken_messages)
{
	static const struct
	{
		const char *text;
		enum uax_beat_fault fault;
	} row[] = {
			{"", UAX_BEAT_SYNTAX},
			{"\n", UAX_BEAT_SYNTAX},
			{"uacreg", UAX_BEAT_SYNTAX},
			{"uacreg \r\n", UAX_BEAT_SYNTAX},
			{"uacreg 1", UAX_BEAT_SYNTAX},
			{"uacreg 1\r\n", UAX_BEAT_SYNTAX},
			{"UACREG 1\r\n", UAX_BEAT_SYNTAX},
			{"hello 1\r\n", UAX_BEAT_SYNTAX},
			{" " ALIVE, UAX_BEAT_SYNTAX},
			{"uacreg 2\r\n", UAX_BEAT_VERSION},
			{"uacreg 11\r\n", UAX_BEAT_VERSION},
			{"uacreg 1.1\r\ntype: alive\r\n", UAX_BEAT_VERSION},
			{"uacreg 2\r\nwhatever it is", UAX_BEAT_VERSION},
			/* lines */
			{ALIVE "\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "gone\r\n", UAX_BEAT_SYNTAX},
			{ALIVE ": 1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "gone: 1", UAX_BEAT_SYNTAX},
			{ALIVE "gone: 1\r", UAX_BEAT_SYNTAX},
			{ALIVE "seq: 1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "gone: 0\r\ngone: 0\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "uuid: a\r\nuuid: a\r\n", UAX_BEAT_SYNTAX},
			/* something is missing */
			{"uacreg 1\r\nnode: n\r\nboot: 1\r\nseq: 1\r\nweight: 1\r\n"
			 "view: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nboot: 1\r\nseq: 1\r\nweight: 1\r\n"
			 "view: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\nseq: 1\r\nweight: 1\r\n"
			 "view: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\nboot: 1\r\nweight: 1\r\n"
			 "view: 1\r\n",
					UAX_BEAT_SYNTAX},
			{HEAD "view: 1\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: 1\r\n", UAX_BEAT_SYNTAX},
			{TELL, UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: tell\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n"
			 "uuid: a\r\n",
					UAX_BEAT_SYNTAX},
			/* values */
			{"uacreg 1\r\ntype: dead\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n"
			 "weight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: a b\r\nboot: 1\r\nseq: 1\r\n"
			 "weight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode:\r\nboot: 1\r\nseq: 1\r\n"
			 "weight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\nboot: 0\r\nseq: 1\r\n"
			 "weight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\n"
			 "boot: 9223372036854775808\r\nseq: 1\r\nweight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\nboot: 1\r\nseq: 0\r\n"
			 "weight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: alive\r\nnode: n\r\nboot: 1\r\n"
			 "seq: 4294967296\r\nweight: 1\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{HEAD "weight: 1001\r\nview: 1\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: -1\r\nview: 1\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: 1 2\r\nview: 1\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: 18446744073709551617\r\nview: 1\r\n",
					UAX_BEAT_SYNTAX},
			{HEAD "weight: 1\r\nview:\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: 1\r\nview: 0x1\r\n", UAX_BEAT_SYNTAX},
			{HEAD "weight: 1\r\nview: 12345678123456781\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "leaving: 2\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "gone: yes\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "settled:\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: /1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/0\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/8000000000000000\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/1/1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/1 1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1 1/1\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/1,2/2\r\n", UAX_BEAT_SYNTAX},
			{ALIVE "heard: 1/1 01/2\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid:\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: a b\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: %\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: %\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: %4\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: %4g\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: %g4\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: \xff\r\n", UAX_BEAT_SYNTAX},
			{TELL "uuid: "
				  "0123456789012345678901234567890123456789012345678901234567"
				  "8901234\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: tell\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n"
			 "uuid: a\r\ncommand: remove\r\n",
					UAX_BEAT_SYNTAX},
			{"uacreg 1\r\ntype: tell\r\nnode: n\r\nboot: 1\r\nseq: 1\r\n"
			 "uuid: a\r\ncommand: enable now\r\n",
					UAX_BEAT_SYNTAX},
	};
	struct uax_key key = key_of("");
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_beat got;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str text = unit_str(row[i].text);

		ck_row(uax_beat_read(&text, &key, mem, &got) == row[i].fault,
				row[i].text);
	}
}
END_TEST

START_TEST(too_many_nodes)
{
	struct uax_key key = key_of("");
	char mem[UAX_BEAT_UUID_MAX], text[UAX_BEAT_SIZE];
	struct uax_beat got;
	int extra, i, len;

	for(extra = 0; extra < 2; extra++) {
		str body;

		len = snprintf(text, sizeof(text), "%sheard:", ALIVE);
		for(i = 0; i < UAX_NODES_MAX + extra; i++)
			len += snprintf(text + len, sizeof(text) - len, " %x/1", i);
		len += snprintf(text + len, sizeof(text) - len, "\n");
		body = unit_bytes(text, len);
		ck_assert_int_eq(uax_beat_read(&body, &key, mem, &got),
				extra ? UAX_BEAT_SYNTAX : UAX_BEAT_GOOD);
	}
}
END_TEST

/* NUL is a byte like any other one, and ends nothing. */
START_TEST(nothing_hides_behind_a_nul)
{
	static const char node[] =
			"uacreg 1\ntype: alive\nnode: n\0\nboot: 1\nseq: 1\nweight: 1\n"
			"view: 1\n";
	struct uax_key key = key_of("");
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_beat got;
	str text = unit_bytes(node, sizeof(node) - 1), none = {NULL, 0};

	ck_assert_int_eq(uax_beat_read(&text, &key, mem, &got), UAX_BEAT_SYNTAX);
	ck_assert_int_eq(uax_beat_read(&none, &key, mem, &got), UAX_BEAT_SYNTAX);
}
END_TEST

/* At the end of every shorter text its memory ends, too. */
START_TEST(truncated_anywhere)
{
	struct uax_beat beat[2] = {alive(), tell()}, got;
	struct uax_key none = key_of(""), key = key_of("secret");
	char mem[UAX_BEAT_UUID_MAX];
	str plain = written(&beat[_i], &none), text = written(&beat[_i], &key);
	int len;

	for(len = 0; len < text.len; len++) {
		str part = unit_bytes(text.s, len);

		ck_assert_msg(uax_beat_read(&part, &key, mem, &got) != UAX_BEAT_GOOD,
				"good with %d of %d bytes", len, text.len);
	}
	/* without a key whole lines may be gone, but no part of one */
	for(len = 0; len < plain.len; len++) {
		str part = unit_bytes(plain.s, len);

		if(uax_beat_read(&part, &none, mem, &got) == UAX_BEAT_GOOD)
			ck_assert_int_eq(plain.s[len - 1], '\n');
	}
}
END_TEST

START_TEST(a_bit_that_flips)
{
	struct uax_beat beat[2] = {alive(), tell()}, got;
	struct uax_key key = key_of("secret");
	char mem[UAX_BEAT_UUID_MAX];
	str text = written(&beat[_i], &key);
	int i, bit;

	for(i = 0; i < text.len; i++) {
		for(bit = 0; bit < 8; bit++) {
			enum uax_beat_fault fault;

			text.s[i] ^= 1 << bit;
			fault = uax_beat_read(&text, &key, mem, &got);
			/* the version is read before the check value */
			ck_assert_msg(
					i < 10 ? fault != UAX_BEAT_GOOD : fault == UAX_BEAT_FORGED,
					"bit %d of byte %d: %s", bit, i,
					uax_beat_fault_name(fault));
			text.s[i] ^= 1 << bit;
		}
	}
	ck_assert_int_eq(uax_beat_read(&text, &key, mem, &got), UAX_BEAT_GOOD);
}
END_TEST

START_TEST(without_the_password_nobody_is_believed)
{
	struct uax_beat beat = alive(), got;
	struct uax_key none = key_of(""), key = key_of("secret");
	struct uax_key other = key_of("Secret");
	char mem[UAX_BEAT_UUID_MAX], longer[UAX_BEAT_SIZE];
	str plain = written(&beat, &none), text = written(&beat, &other);
	str right = written(&beat, &key), more;
	int len;

	ck_assert_int_eq(uax_beat_read(&plain, &key, mem, &got), UAX_BEAT_FORGED);
	ck_assert_int_eq(uax_beat_read(&text, &key, mem, &got), UAX_BEAT_FORGED);
	/* who has no password believes whom it always did */
	ck_assert_int_eq(uax_beat_read(&right, &none, mem, &got), UAX_BEAT_GOOD);
	/* and a line after the check value takes it away */
	len = snprintf(
			longer, sizeof(longer), "%.*sgone: 1\r\n", right.len, right.s);
	more = unit_bytes(longer, len);
	ck_assert_int_eq(uax_beat_read(&more, &key, mem, &got), UAX_BEAT_FORGED);
	/* the right check value of what is broken */
	more = unit_str("uacreg 1\r\n");
	ck_assert_int_eq(uax_beat_read(&more, &key, mem, &got), UAX_BEAT_FORGED);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(uax_beat_type_name(UAX_BEAT_ALIVE), "alive");
	ck_assert_str_eq(uax_beat_type_name(UAX_BEAT_TELL), "tell");
	ck_assert_str_eq(uax_beat_type_name(UAX_BEAT_TYPE_COUNT), "invalid");
	ck_assert_str_eq(uax_beat_fault_name(UAX_BEAT_GOOD), "good");
	ck_assert_str_eq(uax_beat_fault_name(UAX_BEAT_FORGED), "forged");
	ck_assert_str_eq(uax_beat_fault_name(UAX_BEAT_FAULT_COUNT), "invalid");
	ck_assert_str_eq(
			uax_beat_fault_text(UAX_BEAT_VERSION), "it is of another version");
	ck_assert_str_eq(uax_beat_fault_text(UAX_BEAT_FAULT_COUNT), "invalid");
}
END_TEST

Suite *suite_uax_beat(void)
{
	Suite *s = suite_create("uax_beat");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, looks_as_it_always_did);
	tcase_add_test(t, the_check_value_is_siphash_of_all_before_it);
	tcase_add_test(t, numbers_come_back_at_their_bounds);
	tcase_add_test(t, each_command_has_its_word);
	tcase_add_test(t, texts_come_back_whatever_is_in_them);
	tcase_add_test(t, what_nobody_would_read_is_not_written);
	tcase_add_loop_test(t, other_ways_to_write_it, 0, 7);
	tcase_add_test(t, broken_messages);
	tcase_add_test(t, too_many_nodes);
	tcase_add_test(t, nothing_hides_behind_a_nul);
	tcase_add_loop_test(t, truncated_anywhere, 0, 2);
	tcase_add_loop_test(t, a_bit_that_flips, 0, 2);
	tcase_add_test(t, without_the_password_nobody_is_believed);
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}
