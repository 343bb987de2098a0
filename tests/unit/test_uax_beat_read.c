/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes that are read: other ways to write them are good;
 * what is broken, cut, changed or of somebody without the password is not
 * believed. */
#include <stdio.h>

#include "beats.h"

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
	struct uax_key key = unit_key("");
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
	unit_beat_same(&want, &got);
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
	struct uax_key key = unit_key("");
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
	struct uax_key key = unit_key("");
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
	struct uax_key key = unit_key("");
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
	struct uax_beat beat[2] = {unit_alive(), unit_tell()}, got;
	struct uax_key none = unit_key(""), key = unit_key("secret");
	char mem[UAX_BEAT_UUID_MAX];
	str plain = unit_beat_written(&beat[_i], &none),
		text = unit_beat_written(&beat[_i], &key);
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
	struct uax_beat beat[2] = {unit_alive(), unit_tell()}, got;
	struct uax_key key = unit_key("secret");
	char mem[UAX_BEAT_UUID_MAX];
	str text = unit_beat_written(&beat[_i], &key);
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
	struct uax_beat beat = unit_alive(), got;
	struct uax_key none = unit_key(""), key = unit_key("secret");
	struct uax_key other = unit_key("Secret");
	char mem[UAX_BEAT_UUID_MAX], longer[UAX_BEAT_SIZE];
	str plain = unit_beat_written(&beat, &none),
		text = unit_beat_written(&beat, &other);
	str right = unit_beat_written(&beat, &key), more;
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

Suite *suite_uax_beat_read(void)
{
	Suite *s = suite_create("uax_beat_read");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, other_ways_to_write_it, 0, 7);
	tcase_add_test(t, broken_messages);
	tcase_add_test(t, too_many_nodes);
	tcase_add_test(t, nothing_hides_behind_a_nul);
	tcase_add_loop_test(t, truncated_anywhere, 0, 2);
	tcase_add_loop_test(t, a_bit_that_flips, 0, 2);
	tcase_add_test(t, without_the_password_nobody_is_believed);
	suite_add_tcase(s, t);
	return s;
}
