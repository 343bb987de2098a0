/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <openssl/hmac.h>

#include "gruu_token.h"
#include "unit.h"

/* A keyed hash that is not the module's own. */
static void hmac(const void *key, const uint8_t *data, size_t len,
		uint8_t out[RGR_MAC_LEN])
{
	unsigned int n = RGR_MAC_LEN;

	HMAC(EVP_sha256(), key, (int)strlen(key), data, len, out, &n);
}

static const struct rgr_mac one = {hmac, "one key of sixteen"};
static const struct rgr_mac two = {hmac, "another of sixteen"};
static const str ruid = KX_STR("uloc-65c0-1a2b-3"), call = KX_STR("call");

static struct rgr_gruu_owner owner(int is_sips)
{
	struct rgr_gruu_owner o = {KX_STR("alice"), {0, 0}, is_sips, 0xfedc0123,
			KX_STR("example.com")};

	return o;
}

/* Write a GRUU to mem (256 bytes); the view of its user part. */
static str written(char *mem, const struct rgr_mac *mac, const str *id,
		const str *callid, uint64_t nonce)
{
	struct rgr_gruu_owner o = owner(0);
	struct kx_buf b;
	str text, user;

	kx_buf_init(&b, mem, 256);
	ck_assert_int_eq(
			rgr_gruu_token_write(&b, &o, mac, id, callid, nonce), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &text), KX_OK);
	user = kx_str_span(text.s + strlen("sip:"), kx_str_chr(&text, '@'));
	/* a copy that ends where its memory ends */
	return unit_bytes(user.s, user.len);
}

START_TEST(r5627_3_what_is_written_is_read_back)
{
	struct rgr_gruu_token t;
	char mem[256], id[65];
	str user, longest = {id, 64};
	int len;

	memset(id, 'r', sizeof(id));
	for(len = 1; len <= 64; len++) {
		longest.len = len;
		user = written(mem, &one, &longest, &call, 7);
		ck_often(rgr_gruu_token_read(&one, &user, &t) == KX_OK, "%d", len);
		ck_often(kx_str_eq(&t.ruid, &longest), "%d", len);
		ck_often(t.aor_hash == 0xfedc0123, "%d", len);
		ck_often(t.callid_tag == rgr_gruu_callid_tag(&one, &call), "%d", len);
	}
	/* letters in either case: a proxy may fold them */
	for(len = 0; len < user.len; len++)
		user.s[len] = kx_lower(user.s[len]) >= 'a' ? user.s[len] & ~0x20
												   : user.s[len];
	ck_assert_int_eq(rgr_gruu_token_read(&one, &user, &t), KX_OK);
}
END_TEST

START_TEST(has_the_scheme_and_domain_of_its_owner)
{
	struct rgr_gruu_owner o = owner(1);
	char mem[256];
	struct kx_buf b;
	str text;

	kx_buf_init(&b, mem, sizeof(mem));
	rgr_gruu_token_write(&b, &o, &one, &ruid, &call, 1);
	ck_assert_int_eq(kx_buf_end(&b, &text), KX_OK);
	ck_assert_int_eq(strncmp(text.s, "sips:tgruu-", 11), 0);
	ck_assert_str_eq(text.s + text.len - 15, "@example.com;gr");
}
END_TEST

static int has(const str *text, const char *part)
{
	int i, len = (int)strlen(part);

	for(i = 0; i + len <= text->len; i++) {
		if(memcmp(text->s + i, part, len) == 0)
			return 1;
	}
	return 0;
}

START_TEST(r5627_4_reveals_nothing)
{
	char a[256], b[256];
	str x = written(a, &one, &ruid, &call, 1);
	str y = written(b, &one, &ruid, &call, 2);
	int i, same = 0;

	ck_assert(!has(&x, "alice"));
	ck_assert(!has(&x, "uloc"));
	/* "75 6c 6f 63", "fedc0123": nor in hexadecimal */
	ck_assert(!has(&x, "756c6f63"));
	ck_assert(!has(&x, "fedc0123"));
	/* two of one binding have no more in common than chance makes */
	ck_assert_int_eq(x.len, y.len);
	for(i = 6; i < x.len; i++)
		same += x.s[i] == y.s[i];
	ck_assert_int_lt(same, (x.len - 6) / 4);
	/* the same nonce: equal, and no more than that */
	y = written(b, &one, &ruid, &call, 1);
	ck_assert(kx_str_eq(&x, &y));
}
END_TEST

START_TEST(w_r16_a_change_of_any_digit_is_seen)
{
	struct rgr_gruu_token t;
	char mem[256];
	str user = written(mem, &one, &ruid, &call, 9);
	int i, d;

	for(i = 6; i < user.len; i++) {
		char was = user.s[i];

		for(d = 1; d < 16; d++) {
			user.s[i] = "0123456789abcdef"[(kx_hex_value(was) + d) % 16];
			ck_often(rgr_gruu_token_read(&one, &user, &t) == KX_E_NONE,
					"digit %d", i);
		}
		user.s[i] = 'g';
		ck_often(rgr_gruu_token_read(&one, &user, &t) == KX_E_NONE, "digit %d",
				i);
		user.s[i] = was;
	}
	ck_assert_int_eq(rgr_gruu_token_read(&one, &user, &t), KX_OK);
	/* nor is one of another key, or a part of one, read */
	ck_assert_int_eq(rgr_gruu_token_read(&two, &user, &t), KX_E_NONE);
	for(i = 0; i < user.len; i++) {
		str part = unit_bytes(user.s, i);

		ck_often(rgr_gruu_token_read(&one, &part, &t) == KX_E_NONE, "%d", i);
	}
}
END_TEST

START_TEST(reads_no_other_user)
{
	static const char *const row[] = {"", "t", "tgruu", "tgruu-", "tgruu-0",
			"alice", "tgruu-zz",
			"tgruv-0000000000000000000000000000000000000000000000000000000000"
			"00000000000000000000000000"};
	struct rgr_gruu_token t;
	char many[6 + 2 * (16 + 20 + 64) + 3];
	str user;
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		user = unit_str(row[i]);
		ck_row(rgr_gruu_token_read(&one, &user, &t) == KX_E_NONE, row[i]);
	}
	/* the longest there can be, and a byte more */
	memset(many, '0', sizeof(many));
	memcpy(many, "tgruu-", 6);
	user = unit_bytes(many, sizeof(many) - 3);
	ck_assert_int_eq(rgr_gruu_token_read(&one, &user, &t), KX_E_NONE);
	user = unit_bytes(many, sizeof(many) - 1);
	ck_assert_int_eq(rgr_gruu_token_read(&one, &user, &t), KX_E_NONE);
}
END_TEST

START_TEST(what_can_not_be_written_is_refused)
{
	struct rgr_gruu_owner o = owner(0);
	char mem[256], id[65] = "r";
	str none = {0, 0}, longer = {id, sizeof(id)};
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(
			rgr_gruu_token_write(&b, &o, &one, &none, &call, 1), KX_E_RANGE);
	ck_assert_int_eq(
			rgr_gruu_token_write(&b, &o, &one, &longer, &call, 1), KX_E_RANGE);
	ck_assert_int_eq(b.len, 0);
	kx_buf_init(&b, mem, 40);
	ck_assert_int_eq(
			rgr_gruu_token_write(&b, &o, &one, &ruid, &call, 1), KX_E_TOO_LONG);
}
END_TEST

START_TEST(r5627_3_a_call_id_has_its_tag)
{
	char text[300];
	str none = {0, 0}, a = KX_STR("a"), b = KX_STR("b"), most = {text, 255};

	memset(text, 'x', sizeof(text));
	ck_assert(rgr_gruu_callid_tag(&one, &a) != rgr_gruu_callid_tag(&one, &b));
	ck_assert(rgr_gruu_callid_tag(&one, &a) != rgr_gruu_callid_tag(&two, &a));
	ck_assert(rgr_gruu_callid_tag(&one, &most)
			  != rgr_gruu_callid_tag(&one, &none));
	/* longer than any that is let in: as good as none, and no overrun */
	most.len = 300;
	ck_assert(rgr_gruu_callid_tag(&one, &most)
			  == rgr_gruu_callid_tag(&one, &none));
}
END_TEST

Suite *suite_gruu_token(void)
{
	Suite *s = suite_create("gruu_token");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r5627_3_what_is_written_is_read_back);
	tcase_add_test(t, has_the_scheme_and_domain_of_its_owner);
	tcase_add_test(t, r5627_4_reveals_nothing);
	tcase_add_test(t, w_r16_a_change_of_any_digit_is_seen);
	tcase_add_test(t, reads_no_other_user);
	tcase_add_test(t, what_can_not_be_written_is_refused);
	tcase_add_test(t, r5627_3_a_call_id_has_its_tag);
	suite_add_tcase(s, t);
	return s;
}
