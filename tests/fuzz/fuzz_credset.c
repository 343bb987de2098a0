/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: lines of credential_file. */
#include <stdlib.h>

#include "credset.h"
#include "fuzz.h"

static const struct kx_alloc heap = {malloc, free};

enum
{
	LINES_MAX = 64
};

/* The last one of a realm is who is found. */
static void check(
		const struct uax_credset *set, const struct uax_cred_line *list, int n)
{
	struct uax_cred_line got;
	int i, j;

	for(i = 0; i < n; i++) {
		for(j = n - 1; !kx_str_eq(&list[j].realm, &list[i].realm); j--)
			;
		MUST(uax_credset_find(set, &list[i].realm, &got) == KX_OK);
		MUST(kx_str_eq(&got.user, &list[j].user));
		MUST(kx_str_eq(&got.realm, &list[j].realm));
		MUST(kx_str_eq(&got.secret, &list[j].secret));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size};
	struct uax_cred_line list[LINES_MAX];
	struct uax_credset *set;
	struct kx_cursor c;
	int err, number = 0, before = 0, n = 0;

	kx_cur_init(&c, &text);
	while(n < LINES_MAX
			&& (err = uax_cred_line_next(&c, &number, &list[n])) != KX_E_END) {
		MUST(number > before);
		before = number;
		if(err != KX_OK)
			continue;
		MUST(list[n].user.len > 0 && list[n].secret.len > 0);
		MUST(fuzz_is_inside(&list[n].user, &text));
		MUST(fuzz_is_inside(&list[n].realm, &text));
		MUST(fuzz_is_inside(&list[n].secret, &text));
		n++;
	}
	set = uax_credset_new(list, n, &heap);
	MUST(set != NULL && uax_credset_count(set) <= n);
	check(set, list, n);
	uax_credset_free(set, &heap);
	return 0;
}
