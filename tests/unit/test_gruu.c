/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gruu.h"
#include "unit.h"

START_TEST(r5627_2_writes_the_public_gruu)
{
	static const struct
	{
		const char *name;
		const char *user, *domain;
		int is_sips;
		const char *instance, *want;
	} row[] = {
			{"of an instance", "alice", "example.com", 0,
					"<urn:uuid:f81d4fae-7dec>",
					"sip:alice@example.com;gr=urn:uuid:f81d4fae-7dec"},
			{"without brackets", "alice", "example.com", 0, "urn:uuid:1",
					"sip:alice@example.com;gr=urn:uuid:1"},
			{"sips of a sips AoR", "alice", "example.com", 1, "<urn:1>",
					"sips:alice@example.com;gr=urn:1"},
			{"what a parameter can't hold is escaped", "a", "h", 0,
					"<urn:a;b=\"c\\%@?\xff>",
					"sip:a@h;gr=urn:a%3bb%3d%22c%5c%25%40%3f%ff"},
			{"what it can is not", "a", "h", 0, "<[]/:&+$-_.!~*'()>",
					"sip:a@h;gr=[]/:&+$-_.!~*'()"},
			{"nor what would be taken for an escape or a password", "a%3b:b",
					"[::1]", 0, "<urn:1>", "sip:a%253b%3ab@[::1];gr=urn:1"},
			{"what no URI may have can't end the quotes around it",
					"a\"b\\<c d", "h\">", 0, "<urn:1>",
					"sip:a%22b%5c%3cc%20d@h%22%3e;gr=urn:1"},
			{"an '@' of the AoR's user can't end it", "a@b;gr=x", "h", 0,
					"<urn:1>", "sip:a%40b;gr=x@h;gr=urn:1"},
			{"bytes around letters and digits", "a", "h", 0, "<`{|^,;\x7f\t>",
					"sip:a@h;gr=%60%7b%7c%5e%2c%3b%7f%09"},
			{"all of them", "a\x7f\t", "h", 0, "<azAZ09>",
					"sip:a%7f%09@h;gr=azAZ09"},
			{"an AoR's user in another script", "\xc3\xa4", "h", 0, "<urn:1>",
					"sip:\xc3\xa4@h;gr=urn:1"},
	};
	char mem[256];
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_gruu_owner owner = {unit_str(row[i].user),
				unit_str(row[i].domain), row[i].is_sips, 7};
		str instance = unit_str(row[i].instance), out = {0, 0};
		struct kx_buf b;

		kx_buf_init(&b, mem, sizeof(mem));
		ck_row(rgr_gruu_pub_write(&b, &owner, &instance) == KX_OK, row[i].name);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		ck_row_str(out, row[i].want, row[i].name);
	}
}
END_TEST

START_TEST(the_owner_of_an_aor)
{
	static const struct
	{
		const char *name, *aor;
		int has_domain;
		const char *user, *domain;
	} row[] = {
			{"user and domain", "a@example.com", 1, "a", "example.com"},
			{"an '@' in the user", "a@b@h", 1, "a@b", "h"},
			{"no user", "example.com", 1, "", "example.com"},
			{"the user alone", "a", 0, "a", "To.example"},
			{"with an '@'", "a@b", 0, "a@b", "To.example"},
	};
	str host = unit_str("To.example");
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_gruu_owner owner;
		str aor = unit_str(row[i].aor);

		rgr_gruu_owner_read(&aor, row[i].has_domain, &host, &owner);
		ck_row_str(owner.aor_user, row[i].user, row[i].name);
		ck_row_str(owner.aor_domain, row[i].domain, row[i].name);
		ck_row_str(owner.host, "To.example", row[i].name);
	}
}
END_TEST

START_TEST(a_temporary_gruu_is_read_back)
{
	struct rgr_gruu_owner owner = {
			unit_str("alice"), {0, 0}, 0, 0xabc, unit_str("example.com")};
	str ruid = unit_str("uloc-5f-1a-3"), out = {0, 0}, user, params;
	struct rgr_gruu g;
	char mem[128];
	struct kx_buf b;

	kx_buf_init(&b, mem, sizeof(mem));
	ck_assert_int_eq(rgr_gruu_temp_write(&b, &owner, &ruid), KX_OK);
	ck_assert_int_eq(kx_buf_end(&b, &out), KX_OK);
	ck_str_is(out, "sip:uloc-5f-1a-3-00000abc@example.com;gr");
	user = kx_str_span(out.s + 4, kx_str_chr(&out, '@'));
	params = kx_str_span(kx_str_chr(&out, ';') + 1, out.s + out.len);
	rgr_gruu_read(&user, &params, &g);
	ck_assert_int_eq(g.kind, RGR_GRUU_TEMP);
	ck_str_is(g.ruid, "uloc-5f-1a-3");
	ck_assert_uint_eq(g.aor_hash, 0xabc);
	/* sips of a sips AoR; too long is said */
	owner.is_sips = 1;
	kx_buf_clear(&b);
	rgr_gruu_temp_write(&b, &owner, &ruid);
	ck_assert_int_eq(memcmp(mem, "sips:uloc", 9), 0);
	kx_buf_init(&b, mem, 20);
	ck_assert_int_eq(rgr_gruu_temp_write(&b, &owner, &ruid), KX_E_TOO_LONG);
	ck_assert_int_eq(rgr_gruu_pub_write(&b, &owner, &ruid), KX_E_TOO_LONG);
}
END_TEST

START_TEST(reads_gruus)
{
	static const struct
	{
		const char *name;
		const char *user, *params;
		int kind;
		const char *instance, *ruid;
		uint32_t hash;
	} row[] = {
			{"an ordinary URI", "alice", "transport=tcp", RGR_GRUU_NONE, "", "",
					0},
			{"no parameters", "alice", "", RGR_GRUU_NONE, "", "", 0},
			{"a public one", "alice", "x;gr=urn:uuid:1%3b;y", RGR_GRUU_PUB,
					"urn:uuid:1%3b", "", 0},
			{"a name in capitals", "alice", "GR=urn:1", RGR_GRUU_PUB, "urn:1",
					"", 0},
			{"a value with a comma", "alice", "gr=a,b", RGR_GRUU_PUB, "a,b", "",
					0},
			{"a temporary one", "uloc-1-2-ff", "gr", RGR_GRUU_TEMP, "",
					"uloc-1-2", 0xff},
			{"an empty value", "uloc-1-ff", "gr=", RGR_GRUU_TEMP, "", "uloc-1",
					0xff},
			{"the largest hash", "u-FFFFffff", "gr", RGR_GRUU_TEMP, "", "u",
					0xffffffffu},
			{"a longer hash is not ours", "u-0ffffffff", "gr", RGR_GRUU_TEMP,
					"", "", 0},
			{"no hash", "uloc-", "gr", RGR_GRUU_TEMP, "", "", 0},
			{"a hash that is none", "uloc-xyz", "gr", RGR_GRUU_TEMP, "", "", 0},
			{"no dash", "alice", "gr", RGR_GRUU_TEMP, "", "", 0},
			{"nothing before the dash", "-ff", "gr", RGR_GRUU_TEMP, "", "", 0},
			{"one byte", "-", "gr", RGR_GRUU_TEMP, "", "", 0},
			{"no user", "", "gr", RGR_GRUU_TEMP, "", "", 0},
	};
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		str user = unit_str(row[i].user), params = unit_str(row[i].params);
		struct rgr_gruu g;

		memset(&g, 0xee, sizeof(g));
		rgr_gruu_read(&user, &params, &g);
		ck_row((int)g.kind == row[i].kind, row[i].name);
		ck_row_str(g.instance, row[i].instance, row[i].name);
		ck_row_str(g.ruid, row[i].ruid, row[i].name);
		if(g.ruid.len > 0)
			ck_row(g.aor_hash == row[i].hash, row[i].name);
	}
}
END_TEST

START_TEST(r5627_6_an_instance_is_found_by_its_gruu)
{
	static const struct
	{
		const char *name;
		const char *gr, *instance;
		int want;
	} row[] = {
			{"as it is", "urn:uuid:1", "<urn:uuid:1>", 1},
			{"escaped", "urn%3auuid:1", "<urn:uuid:1>", 1},
			{"stored without brackets", "urn:uuid:1", "urn:uuid:1", 1},
			{"brackets in the GRUU", "<urn:uuid:1>", "<urn:uuid:1>", 1},
			{"another", "urn:uuid:2", "<urn:uuid:1>", 0},
			{"shorter", "urn:uuid:", "<urn:uuid:1>", 0},
			{"longer", "urn:uuid:11", "<urn:uuid:1>", 0},
			{"another letter", "urn:uuid:A", "<urn:uuid:a>", 0},
			{"escapes of the instance are its text", "urn:x%2541", "<urn:x%41>",
					1},
			{"they stand for nothing", "urn:xA", "<urn:x%41>", 0},
			{"a GRUU in the stock format", "urn:x%41", "<urn:x%41>", 1},
	};
	char mem[128];
	size_t i;

	for(i = 0; i < UNIT_ROWS(row); i++) {
		struct rgr_gruu_owner owner = {unit_str("a"), unit_str("h"), 0, 0};
		str gr = unit_str(row[i].gr), instance = unit_str(row[i].instance);
		str out = {0, 0};
		struct kx_buf b;

		ck_row(rgr_gruu_is_instance(&gr, &instance) == row[i].want,
				row[i].name);
		/* and by the one that is written for it */
		kx_buf_init(&b, mem, sizeof(mem));
		rgr_gruu_pub_write(&b, &owner, &instance);
		ck_row(kx_buf_end(&b, &out) == KX_OK, row[i].name);
		gr = kx_str_span(out.s + strlen("sip:a@h;gr="), out.s + out.len);
		ck_row(rgr_gruu_is_instance(&gr, &instance), row[i].name);
	}
}
END_TEST

Suite *suite_gruu(void)
{
	Suite *s = suite_create("gruu");
	TCase *t = tcase_create("all");

	tcase_add_test(t, r5627_2_writes_the_public_gruu);
	tcase_add_test(t, the_owner_of_an_aor);
	tcase_add_test(t, a_temporary_gruu_is_read_back);
	tcase_add_test(t, reads_gruus);
	tcase_add_test(t, r5627_6_an_instance_is_found_by_its_gruu);
	suite_add_tcase(s, t);
	return s;
}
