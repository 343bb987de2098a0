/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes: how they are written, and that what is written comes
 * back. */
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>

#include "beats.h"

static void comes_back(const struct uax_beat *beat)
{
	struct uax_key key[2] = {unit_key(""), unit_key("secret")};
	char mem[UAX_BEAT_UUID_MAX];
	struct uax_beat got;
	int i;

	for(i = 0; i < 2; i++) {
		str text = unit_beat_written(beat, &key[i]);

		ck_assert_int_lt(text.len, UAX_BEAT_SIZE);
		ck_assert_int_eq(
				uax_beat_read(&text, &key[i], mem, &got), UAX_BEAT_GOOD);
		unit_beat_same(beat, &got);
	}
}

/* The format is a promise to other releases: byte for byte. */
START_TEST(looks_as_it_always_did)
{
	struct uax_beat beat = unit_alive(), command = unit_tell();
	struct uax_key none = unit_key("");

	ck_str_is(unit_beat_written(&beat, &none),
			"uacreg 1\r\n"
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
	ck_str_is(unit_beat_written(&command, &none), "uacreg 1\r\n"
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
	struct uax_beat beat = unit_alive();
	struct uax_key none = unit_key(""), key = unit_key("secret");
	str plain = unit_beat_written(&beat, &none),
		text = unit_beat_written(&beat, &key);
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
	struct uax_beat beat = unit_alive();
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
	struct uax_key none = unit_key("");
	struct uax_beat beat = unit_tell();
	int i;

	for(i = 0; i < 4; i++) {
		size_t len = strlen(commands[i].line);
		str text;

		beat.command = commands[i].event;
		text = unit_beat_written(&beat, &none);
		ck_assert_mem_eq(text.s + text.len - len, commands[i].line, len);
		comes_back(&beat);
	}
}
END_TEST

START_TEST(texts_come_back_whatever_is_in_them)
{
	struct uax_beat beat = unit_tell();
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
	struct uax_key key = unit_key("");
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
	REFUSED(unit_alive, bad.node.len = 0);
	REFUSED(unit_alive, bad.node = unit_bytes(name, sizeof(name)));
	REFUSED(unit_alive, bad.node = unit_str("sip:a b"));
	REFUSED(unit_alive, bad.node = unit_str("sip:a\r\nweight: 1"));
	REFUSED(unit_alive, bad.node = unit_str("sip:\xc3\xa4"));
	REFUSED(unit_alive, bad.boot = 0);
	REFUSED(unit_alive, bad.boot = (uint64_t)INT64_MAX + 1);
	REFUSED(unit_alive, bad.seq = 0);
	REFUSED(unit_alive, bad.weight = UAX_WEIGHT_MAX + 1);
	REFUSED(unit_alive, bad.n_heard = UAX_NODES_MAX + 1);
	REFUSED(unit_alive, bad.n_heard = -1);
	REFUSED(unit_alive, bad.heard[1].boot = 0);
	REFUSED(unit_alive, bad.heard[1].key = bad.heard[0].key);
	REFUSED(unit_alive, bad.type = UAX_BEAT_TYPE_COUNT);
	REFUSED(unit_tell, bad.uuid.len = 0);
	REFUSED(unit_tell, bad.uuid = unit_bytes(name, UAX_BEAT_UUID_MAX + 1));
	REFUSED(unit_tell, bad.command = UAX_E_RELEASE);
	REFUSED(unit_tell, bad.command = UAX_E_COUNT);
#undef REFUSED
	/* and a buffer that is too small says so, with and without a key */
	bad = unit_alive();
	kx_buf_init(&b, mem, 100);
	ck_assert_int_eq(uax_beat_write(&b, &bad, &key), KX_E_TOO_LONG);
	key = unit_key("secret");
	kx_buf_init(&b, mem, 100);
	ck_assert_int_eq(uax_beat_write(&b, &bad, &key), KX_E_TOO_LONG);
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
	tcase_add_test(t, names);
	suite_add_tcase(s, t);
	return s;
}
