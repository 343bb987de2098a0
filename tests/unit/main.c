/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runner of the unit tests. */
#include <stdlib.h>

#include "unit.h"

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

str unit_str(const char *text)
{
	str v = {(char *)text, (int)strlen(text)};
	return v;
}

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

#define UNIT_ADD(name) srunner_add_suite(runner, suite_##name());
	UNIT_SUITES(UNIT_ADD)
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
