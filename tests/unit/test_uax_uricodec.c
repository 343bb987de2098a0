/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Record-Route text of a changed From or To. OpenSSL is the second
 * implementation of its hash functions. */
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "unit.h"
#include "unit_hashes.h"
#include "uricodec.h"

/* SipHash-2-4 with 128 bits, by OpenSSL. */
static void openssl_siphash(const unsigned char *key, const void *data,
		size_t len, unsigned char *out)
{
	size_t size = 16, got;
	OSSL_PARAM params[] = {
			OSSL_PARAM_construct_size_t("size", &size), OSSL_PARAM_END};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	ck_assert(EVP_MAC_init(ctx, key, 16, params) == 1);
	ck_assert(EVP_MAC_update(ctx, data, len) == 1);
	ck_assert(EVP_MAC_final(ctx, out, &got, size) == 1 && got == size);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

/* ChaCha20 over a text, by OpenSSL. */
static void openssl_chacha(const unsigned char *key, const unsigned char *nonce,
		unsigned char *text, int len)
{
	unsigned char iv[16] = {0}; /* block number, nonce */
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int got;

	memcpy(iv + 4, nonce, 12);
	ck_assert(EVP_EncryptInit(ctx, EVP_chacha20(), key, iv) == 1);
	ck_assert(EVP_EncryptUpdate(ctx, text, &got, text, len) == 1 && got == len);
	EVP_CIPHER_CTX_free(ctx);
}

/* The keys of a password, as the published layout tells. */
static void keys_of(
		const char *secret, unsigned char *check, unsigned char *stream)
{
	EVP_Digest(secret, strlen(secret), check, NULL, EVP_sha256(), NULL);
	EVP_Digest(check, 32, stream, NULL, EVP_sha256(), NULL);
}

/* One changed header of one dialog, and who looks at it. */
struct fixture
{
	struct uax_key key;
	struct uax_binding to;
	str other_tag;
	struct uax_change change;
	char mem[UAX_TOKEN_MAX + 1];
	struct kx_buf token;
	str text;
};

static void begin(struct fixture *f, const char *secret)
{
	str s = unit_str(secret);

	memset(f, 0, sizeof(*f));
	uax_key_init(&f->key, &s, &unit_hashes.sha256);
	f->to.callid = unit_str("call-1@host");
	f->to.tag = unit_str("caller");
	f->other_tag = unit_str("callee");
	f->change.old_uri = unit_str("sip:alice@a.example");
	f->change.new_uri = unit_str("sip:+491234@a.example");
	kx_buf_init(&f->token, f->mem, sizeof(f->mem));
}

static int write_token(struct fixture *f)
{
	int err;

	kx_buf_clear(&f->token);
	err = uax_token_write(&f->token, &f->change, &f->to, &f->key);
	if(err == KX_OK)
		ck_assert_int_eq(kx_buf_end(&f->token, &f->text), KX_OK);
	return err;
}

/* Read f->text; what comes out must be what went in. */
static int read_token(const struct fixture *f)
{
	char mem[UAX_TOKEN_SCRATCH];
	struct kx_buf b;
	struct uax_change out;
	int way;

	kx_buf_init(&b, mem, sizeof(mem));
	way = uax_token_read(&b, &f->text, &f->to, &f->other_tag, &f->key, &out);
	if(way < 0)
		return way;
	ck_assert(kx_str_eq(&out.old_uri, &f->change.old_uri));
	ck_assert(kx_str_eq(&out.new_uri, &f->change.new_uri));
	ck_assert_int_eq(out.has_display, f->change.has_display);
	if(out.has_display) {
		ck_assert(kx_str_eq(&out.old_display, &f->change.old_display));
		ck_assert(kx_str_eq(&out.new_display, &f->change.new_display));
	}
	return way;
}

struct pair_row
{
	const char *sentence;
	const char *a, *z;
	const char *da, *dz; /* display names; NULL: not changed */
};

static const struct pair_row pair_rows[] = {
		{"equal in length", "sip:aaa@x", "sip:bbb@x", NULL, NULL},
		{"shorter", "sip:alice@a.example", "sip:a@n", NULL, NULL},
		{"longer", "sip:a@n", "sip:alice.the.first@a.example;x=y", NULL, NULL},
		{"a part of the other", "sip:aa@x", "sip:aaaa@x", NULL, NULL},
		{"the other way round", "sip:aaaa@x", "sip:aa@x", NULL, NULL},
		{"nothing in common", "sip:a@b", "tel:+4912", NULL, NULL},
		{"parameters", "sip:a@b;p=1;q", "sip:a@b;p=2", NULL, NULL},
		{"the URI is the same", "sip:a@b", "sip:a@b", "\"A\"", "B"},
		{"a name added", "sip:a@b", "sip:c@b", "", "\"Anonymous\""},
		{"a name removed", "sip:a@b", "sip:c@b", "\"Alice\"", ""},
		{"a name changed", "sip:a@b", "sip:a@b", "\"Alice\"", "\"Alicia\""},
		{"any byte", "sip:\xff\x01@b", "\x80\x81\x82", "\xc3\xbc", "\t"},
};

START_TEST(both_addresses_come_back)
{
	static const char *secrets[] = {"", "s",
			"a secret that is quite a bit longer than one block of the hash "
			"is, which is 64 bytes"};
	const struct pair_row *r = &pair_rows[_i];
	struct fixture f;
	str tag;
	int i;

	for(i = 0; i < 3; i++) {
		begin(&f, secrets[i]);
		f.change.old_uri = unit_str(r->a);
		f.change.new_uri = unit_str(r->z);
		if(r->da != NULL) {
			f.change.has_display = 1;
			f.change.old_display = unit_str(r->da);
			f.change.new_display = unit_str(r->dz);
		}
		ck_assert_int_eq(write_token(&f), KX_OK);
		ck_assert_msg(read_token(&f) == 0, "%s", r->sentence);
		tag = f.to.tag; /* a request of the callee */
		f.to.tag = f.other_tag;
		f.other_tag = tag;
		ck_assert_msg(read_token(&f) == 1, "%s", r->sentence);
	}
}
END_TEST

START_TEST(the_longest_comes_back_and_longer_ones_are_refused)
{
	struct fixture f;
	char *mem = malloc(4000);
	int len, fits = 0;

	memset(mem, 'x', 4000);
	begin(&f, "secret");
	for(len = 100; len < 4000; len += 7) {
		f.change.new_uri = (str){mem, len};
		if(write_token(&f) != KX_OK)
			continue;
		ck_assert_int_eq(fits, len - 100); /* no gap */
		fits += 7;
		ck_assert_int_eq(read_token(&f), 0);
	}
	ck_assert_int_gt(fits, 1300);
	f.change.new_uri = (str){mem, 3000};
	ck_assert_int_eq(write_token(&f), KX_E_RANGE);
	ck_assert_int_eq(f.token.len, 0);
	free(mem);
}
END_TEST

START_TEST(it_fits_in_a_uri_parameter)
{
	struct fixture f;
	int i;

	begin(&f, "secret");
	ck_assert_int_eq(write_token(&f), KX_OK);
	ck_assert_int_le(f.text.len, 80); /* rr has room for 512 */
	for(i = 0; i < f.text.len; i++)
		ck_assert(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
						 "0123456789-_",
						  f.text.s[i])
				  != NULL);
}
END_TEST

START_TEST(w_u29_no_byte_may_change)
{
	struct fixture f;
	int i, bit;

	begin(&f, _i ? "secret" : "");
	ck_assert_int_eq(write_token(&f), KX_OK);
	for(i = 0; i < f.text.len; i++) {
		for(bit = 0; bit < 8; bit++) {
			f.text.s[i] ^= 1 << bit;
			ck_assert_int_lt(read_token(&f), 0);
			f.text.s[i] ^= 1 << bit;
		}
	}
	ck_assert_int_eq(read_token(&f), 0);
	while(--f.text.len >= 0)
		ck_assert_int_lt(read_token(&f), 0);
}
END_TEST

START_TEST(w_u29_another_dialog_or_header_does_not_verify)
{
	struct fixture f, g;

	begin(&f, _i ? "secret" : "");
	ck_assert_int_eq(write_token(&f), KX_OK);
	g = f;
	g.to.callid = unit_str("call-2@host");
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
	g = f;
	g.to.is_to = 1;
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
	g = f;
	g.to.tag = unit_str("somebody");
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
	g = f; /* bytes may not move from one field to the next */
	g.to.callid = unit_str("call-1@hostc");
	g.to.tag = unit_str("aller");
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
}
END_TEST

START_TEST(w_u29_another_key_does_not_verify)
{
	struct fixture f, g;

	begin(&f, "secret");
	ck_assert_int_eq(write_token(&f), KX_OK);
	begin(&g, "Secret");
	g.text = f.text;
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
	begin(&g, "");
	g.text = f.text;
	ck_assert_int_eq(read_token(&g), KX_E_NONE);
}
END_TEST

START_TEST(a_secret_hides_the_addresses)
{
	struct fixture f, g;
	int i, same = 0;

	begin(&f, "secret");
	begin(&g, "secret");
	ck_assert_int_eq(write_token(&f), KX_OK);
	g.to.callid = unit_str("call-2@host");
	ck_assert_int_eq(write_token(&g), KX_OK);
	ck_assert_int_eq(f.text.len, g.text.len);
	for(i = 0; i < f.text.len; i++)
		same += f.text.s[i] == g.text.s[i];
	ck_assert_int_lt(same, f.text.len / 3); /* of two dialogs nothing alike */
}
END_TEST

/* Old texts of the stock module, and junk. */
static const char *foreign[] = {"", "-", "--", "----", "A", "AA", "AAAA",
		"AAAAAAACBg0lLk9LHRkMHRwJZQ--", "BwwcAElbW3FQLmV4YW1wbGU-",
		"c2VjcnxYYwYGMgRaFh0CHxUYFg--", "%41%42%43%44%45%46%47%48%49%50%51%52",
		"\"quoted\"", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"________________________________________________________"};

START_TEST(w_u29b_foreign_texts_restore_nothing)
{
	struct fixture f;
	char longest[3 * UAX_TOKEN_MAX];

	begin(&f, "secret");
	f.text = unit_str(foreign[_i]);
	ck_assert_int_lt(read_token(&f), 0);
	begin(&f, "");
	f.text = unit_str(foreign[_i]);
	ck_assert_int_lt(read_token(&f), 0);
	memset(longest, foreign[_i][0] ? foreign[_i][0] : 'A', sizeof(longest));
	f.text = (str){longest, sizeof(longest)};
	ck_assert_int_eq(read_token(&f), KX_E_SYNTAX);
	f.text.len = UAX_TOKEN_MAX;
	ck_assert_int_lt(read_token(&f), 0);
}
END_TEST

START_TEST(siphash_is_siphash)
{
	unsigned char key[16], data[100], want[16], got[16];
	struct uax_siphash_key k;
	struct uax_siphash h;
	int len, i, step;

	for(i = 0; i < 100; i++)
		data[i] = i;
	memcpy(key, data, 16);
	uax_siphash_key(&k, key);
	for(len = 0; len <= 100; len++) {
		openssl_siphash(key, data, len, want);
		for(step = 1; step <= 17; step++) { /* fed in pieces */
			uax_siphash_init(&h, &k);
			for(i = 0; i < len; i += step)
				uax_siphash_add(&h, data + i, len - i < step ? len - i : step);
			uax_siphash_end(&h, got);
			ck_assert_mem_eq(got, want, 16);
		}
	}
}
END_TEST

/* RFC 8439 2.4 has a vector that begins at block 1; OpenSSL has all. */
START_TEST(chacha_is_chacha)
{
	unsigned char key[32], nonce[12], text[300], want[300];
	struct uax_chacha_key k;
	int i, len;

	for(i = 0; i < 32; i++)
		key[i] = 7 * i;
	for(i = 0; i < 12; i++)
		nonce[i] = 0xf0 - 3 * i;
	uax_chacha_key(&k, key);
	for(len = 0; len <= (int)sizeof(text); len++) {
		for(i = 0; i < len; i++)
			text[i] = want[i] = i;
		uax_chacha_xor(&k, nonce, text, len);
		openssl_chacha(key, nonce, want, len);
		ck_assert_mem_eq(text, want, len);
	}
}
END_TEST

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
							 "stuvwxyz0123456789-_";

/* base64url of a multiple of three bytes. */
static void encode(const unsigned char *raw, int len, char *out)
{
	int i;

	for(i = 0; i < len; i += 3) {
		uint32_t n = raw[i] << 16 | raw[i + 1] << 8 | raw[i + 2];

		*out++ = base64[n >> 18];
		*out++ = base64[n >> 12 & 63];
		*out++ = base64[n >> 6 & 63];
		*out++ = base64[n & 63];
	}
}

/* The check value, and what is hidden, by OpenSSL. */
START_TEST(the_text_has_the_published_layout)
{
	static const unsigned char input[] = "\0\0\0\0"
										 "\0\0\0\1"
										 "\0\0\0\1"
										 "ct"
										 "\x20\4\2\1\1sip:a@bz";
	unsigned char check[32], stream[32], raw[12 + 15], sum[16];
	char text[4 * sizeof(raw) / 3];
	struct fixture f;
	int len = 13;

	begin(&f, "key");
	f.to.callid = unit_str("c");
	f.to.tag = unit_str("t");
	f.change.old_uri = unit_str("sip:a@b");
	f.change.new_uri = unit_str("sip:z@b");
	ck_assert_int_eq(write_token(&f), KX_OK);
	keys_of("key", check, stream);
	openssl_siphash(check, input, sizeof(input) - 1, sum);
	memcpy(raw, sum, 12);
	memcpy(raw + 12, input + 14, len);
	openssl_chacha(stream, raw, raw + 12, len);
	raw[12 + len] = raw[12 + len + 1] = 0;
	encode(raw, sizeof(raw), text);
	ck_assert_int_eq(f.text.len, (12 + len) * 4 / 3 + 1);
	ck_assert_mem_eq(f.text.s, text, f.text.len);
}
END_TEST

struct find_row
{
	const char *sentence;
	const char *params;
	const char *want; /* NULL: not there */
};

static const struct find_row find_rows[] = {
		{"among others", "lr=on;ftag=1;vsf=abc;did=2", "abc"},
		{"first", "vsf=abc;lr", "abc"},
		{"with a ';' before it", ";vsf=abc", "abc"},
		{"another case", "lr;VsF=abc", "abc"},
		{"the first one counts", "vsf=abc;vsf=def", "abc"},
		{"a name that only ends so", "xvsf=abc", NULL},
		{"a name that only begins so", "vsfx=abc", NULL},
		{"in a value", "a=vsf=abc", NULL},
		{"no value", "vsf;lr", NULL},
		{"an empty value", "vsf=;lr", ""},
		{"a blank before the next", "vsf=abc ;lr", "abc"},
		{"nothing", "", NULL},
		{"semicolons", ";;;", NULL},
		{"cut off", "lr;vs", NULL},
};

START_TEST(the_parameter_is_found)
{
	const struct find_row *r = &find_rows[_i];
	str params = unit_str(r->params), name = unit_str("vsf"), value;
	int err = uax_token_find(&params, &name, &value);

	ck_assert_msg((err == KX_OK) == (r->want != NULL), "%s", r->sentence);
	if(r->want != NULL)
		ck_str_is(value, r->want);
}
END_TEST

/* Who knows an empty key can make any plain text; reading it must be safe.
 * Random plain texts with a right check value. */
START_TEST(well_made_nonsense_is_refused_or_read_within_bounds)
{
	unsigned char raw[12 + 60], input[200], sum[16];
	unsigned char check[32], stream[32];
	char text[100], mem[UAX_TOKEN_SCRATCH];
	struct fixture f;
	struct uax_change out;
	struct kx_buf b;
	unsigned int seed = 1;
	int round, i;

	begin(&f, "");
	keys_of("", check, stream);
	for(round = 0; round < 2000; round++) {
		for(i = 12; i < (int)sizeof(raw); i++)
			raw[i] = rand_r(&seed) >> 8;
		raw[12] = 0x20 | (round & 1);
		for(i = 13; i < 17; i++)
			raw[i] &= round & 2 ? 0x1f : 0x0f;
		memcpy(input, "\0\0\0\0\0\0\0\13\0\0\0\6call-1@hostcaller", 29);
		memcpy(input + 29, raw + 12, 60);
		openssl_siphash(check, input, 89, sum);
		memcpy(raw, sum, 12);
		encode(raw, sizeof(raw), text);
		f.text = (str){text, 96};
		kx_buf_init(&b, mem, sizeof(mem));
		i = uax_token_read(&b, &f.text, &f.to, &f.other_tag, &f.key, &out);
		ck_assert_int_ne(i, KX_E_NONE); /* the check value is right */
		if(i < 0)
			continue;
		ck_assert(out.old_uri.s >= mem && out.new_uri.s >= mem);
		ck_assert(out.new_uri.s + out.new_uri.len <= mem + b.len);
	}
}
END_TEST

#define ROWS(t) (int)(sizeof(t) / sizeof((t)[0]))

Suite *suite_uax_uricodec(void)
{
	Suite *s = suite_create("uax_uricodec");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, both_addresses_come_back, 0, ROWS(pair_rows));
	tcase_add_test(t, the_longest_comes_back_and_longer_ones_are_refused);
	tcase_add_test(t, it_fits_in_a_uri_parameter);
	tcase_add_loop_test(t, w_u29_no_byte_may_change, 0, 2);
	tcase_add_loop_test(
			t, w_u29_another_dialog_or_header_does_not_verify, 0, 2);
	tcase_add_test(t, w_u29_another_key_does_not_verify);
	tcase_add_test(t, a_secret_hides_the_addresses);
	tcase_add_loop_test(
			t, w_u29b_foreign_texts_restore_nothing, 0, ROWS(foreign));
	tcase_add_loop_test(t, the_parameter_is_found, 0, ROWS(find_rows));
	tcase_add_test(t, siphash_is_siphash);
	tcase_add_test(t, chacha_is_chacha);
	tcase_add_test(t, the_text_has_the_published_layout);
	tcase_add_test(t, well_made_nonsense_is_refused_or_read_within_bounds);
	suite_add_tcase(s, t);
	return s;
}
