/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runner of the unit tests. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum
{
	/* longer is a loop that does not end */
	RUN_MAX_S = 300
};

struct unit_heap unit_heap = {.fail_at = -1};

static void *heap_get(size_t size)
{
	void *mem;

	if(unit_heap.calls++ == unit_heap.fail_at)
		return NULL;
	mem = malloc(size);
	unit_heap.live += mem != NULL;
	return mem;
}

static void heap_put(void *mem)
{
	unit_heap.live -= mem != NULL;
	free(mem);
}

const struct kx_alloc unit_alloc = {heap_get, heap_put};

void unit_ladder(int (*body)(void *param), void *param)
{
	int at, ok, reached;

	for(at = 0; at < 1000; at++) {
		unit_heap = (struct unit_heap){.fail_at = at};
		ok = body(param);
		reached = unit_heap.calls > at;
		ck_assert_int_eq(unit_heap.live, 0);
		if(!reached) {
			ck_assert(ok);
			break;
		}
		ck_assert_msg(!ok, "call %d failed and nobody noticed", at);
	}
	ck_assert_int_lt(at, 1000);
	unit_heap.fail_at = -1;
}

/* Every copy begins with a link to the one made before it. */
static struct copy
{
	struct copy *before;
	char *mem;
} * copies;

str unit_bytes(const char *bytes, size_t len)
{
	struct copy *copy = malloc(sizeof(*copy));
	str v = {NULL, (int)len};

	/* nothing is one byte, and the view stands behind it */
	ck_assert_ptr_nonnull(copy);
	copy->mem = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(copy->mem);
	copy->before = copies;
	copies = copy;
	v.s = len > 0 ? copy->mem : copy->mem + 1;
	if(len > 0)
		memcpy(v.s, bytes, len);
	return v;
}

static void free_copies(void)
{
	while(copies != NULL) {
		struct copy *copy = copies;

		copies = copy->before;
		free(copy->mem);
		free(copy);
	}
}

str unit_str(const char *text)
{
	return unit_bytes(text, strlen(text));
}

uint32_t unit_random(uint64_t *state)
{
	/* splitmix64 */
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 32);
}

void unit_bug(void (*body)(void))
{
#ifdef KX_ABORT_ON_BUG
	int status = 0;
	pid_t pid = fork();

	if(pid == 0) {
		body();
		_exit(0);
	}
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFSIGNALED(status), "a broken precondition went through");
#else
	body();
#endif
}

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	/* One process for all: the sanitizers stop it at the first byte out of
	 * place, and look for leaks once. CK_FORK=yes in the environment gives
	 * every test a process of its own. */
	if(getenv("CK_FORK") == NULL)
		srunner_set_fork_status(runner, CK_NOFORK);
	alarm(RUN_MAX_S);

#define UNIT_ADD(name) srunner_add_suite(runner, suite_##name());
	UNIT_SUITES(UNIT_ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	free_copies();
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
