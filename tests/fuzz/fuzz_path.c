/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: Path vectors. */
#include "fuzz.h"
#include "path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	str text = {(char *)data, (int)size}, uri, item;
	struct kx_cursor at;
	struct rgr_path p;
	const char *before;
	int n = 0;

	kx_cur_init(&at, &text);
	for(before = at.p; rgr_path_next(&at, &uri, &item) == KX_OK;
			before = at.p, n++) {
		MUST(at.p > before && at.p <= at.end);
		MUST(fuzz_is_inside(&uri, &item) && fuzz_is_inside(&item, &text));
		MUST(uri.len == 0 || memchr(uri.s, '>', uri.len) == NULL);
	}
	if(rgr_path_read(&text, &p) == KX_OK) {
		MUST(p.count == n && n > 0 && p.first_uri.len > 0);
		MUST(fuzz_is_inside(&p.received, &p.first_uri));
	}
	return 0;
}
