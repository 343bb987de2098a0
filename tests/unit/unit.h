/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the unit tests share: the list of suites and an allocator that fails
 * on demand. One file per logic file, or several by topic; a table row is a
 * sentence. */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>

#include "kx_alloc.h"
#include "kx_str.h"

/** Every suite: `Suite *suite_NAME(void)` in NAME's own file. */
#define UNIT_SUITES(X)      \
	X(kx_str)               \
	X(kx_buf)               \
	X(kx_scan)              \
	X(kx_param)             \
	X(kx_uri)               \
	X(kx_delay)             \
	X(aor)                  \
	X(contacts)             \
	X(contacts_parts)       \
	X(expires)              \
	X(match)                \
	X(methods)              \
	X(plan)                 \
	X(plan_room)            \
	X(path)                 \
	X(gruu)                 \
	X(gruu_token)           \
	X(kept)                 \
	X(push)                 \
	X(select)               \
	X(answer)               \
	X(outbound)             \
	X(uax_fsm)              \
	X(uax_lane)             \
	X(uax_learnt)           \
	X(uax_wheel)            \
	X(uax_pacing)           \
	X(uax_schedule)         \
	X(uax_contact)          \
	X(uax_answer)           \
	X(uax_row)              \
	X(uax_sim)              \
	X(uax_cluster_sim)      \
	X(uax_digest)           \
	X(uax_challenge)        \
	X(uax_challenge_choose) \
	X(uax_authhdr)          \
	X(uax_fromto)           \
	X(uax_uricodec)         \
	X(uax_reqspec)          \
	X(uax_reqauth)          \
	X(uax_msgscan)          \
	X(uax_rspauth)          \
	X(uax_credset)          \
	X(uax_sentauth)         \
	X(uax_tally)            \
	X(uax_owner)            \
	X(uax_beat)             \
	X(uax_beat_read)        \
	X(uax_replay)           \
	X(uax_sqltext)          \
	X(uax_saved)            \
	X(uax_saved_contacts)   \
	X(uax_saved_write)      \
	X(uax_members)          \
	X(uax_members_view)     \
	X(uax_members_sim)

#define UNIT_DECLARE(name) Suite *suite_##name(void);
UNIT_SUITES(UNIT_DECLARE)
#undef UNIT_DECLARE

/**
 * An allocator whose call number `fail_at` (from 0) fails; -1: none does.
 * `live` counts what was given and not yet taken back.
 */
struct unit_heap
{
	int fail_at;
	int calls;
	int live;
};
extern struct unit_heap unit_heap;
extern const struct kx_alloc unit_alloc;

/**
 * Go down the ladder: run a body with the allocator failing at call 0, 1, 2,
 * ... until a run in which nothing failed; after each nothing may be left
 * over. The body must cope with a failure.
 *
 * @param body returns whether it succeeded
 */
void unit_ladder(int (*body)(void *param), void *param);

/**
 * A view of a copy of len bytes that ends where its memory ends: a reader
 * that goes one byte too far is caught by the address sanitizer. Freed when
 * the runner ends.
 */
str unit_bytes(const char *bytes, size_t len);

/** The same of a NUL-terminated text, without its NUL. */
str unit_str(const char *text);

/** Rows of a table. */
#define UNIT_ROWS(row) (sizeof(row) / sizeof((row)[0]))

/**
 * Numbers for property tests: the same ones in every run.
 *
 * @param state changed; begin with any constant
 */
uint32_t unit_random(uint64_t *state);

/**
 * Break a precondition on purpose. With -DKX_ABORT_ON_BUG the body must be
 * stopped (it runs in a process of its own); without, it is just run and
 * shows that the code goes on.
 */
void unit_bug(void (*body)(void));

/* The library notes every assertion that holds in a file, in case the test
 * crashes behind it; the sanitizers say more, and a property test has
 * millions. */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...)                    \
	((expr) ? (void)0                               \
			: _ck_assert_failed(__FILE__, __LINE__, \
					"Assertion '" #expr "' failed", ##__VA_ARGS__))

/** Assert with the name of the table row it is about. */
#define ck_row(cond, name) ck_assert_msg((cond), "%s: %s", (name), #cond)

/** Assert inside of a long loop: check's own asserts write to a file each. */
#define ck_often(cond, ...)            \
	do {                               \
		if(!(cond))                    \
			ck_abort_msg(__VA_ARGS__); \
	} while(0)

/** Assert that a view holds a text, for a table row. */
#define ck_row_str(view, text, name)                                           \
	do {                                                                       \
		str ck_v = (view);                                                     \
		const char *ck_t = (text);                                             \
		ck_assert_msg(ck_v.len == (int)strlen(ck_t)                            \
							  && (ck_v.len == 0                                \
									  || memcmp(ck_v.s, ck_t, ck_v.len) == 0), \
				"%s: '%.*s' is not '%s'", (name), ck_v.len,                    \
				ck_v.len > 0 ? ck_v.s : "", ck_t);                             \
	} while(0)

/** Assert that a view holds a text. */
#define ck_str_is(view, text) ck_row_str(view, text, #view)

#endif
