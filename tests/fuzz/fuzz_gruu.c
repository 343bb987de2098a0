/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: GRUUs, read from anywhere and written for any instance. Lines:
 * user, parameters, instance. */
#include "fuzz.h"
#include "gruu.h"
#include "kx_uri.h"

/* The GRUU that is written for an instance finds it, and breaks no quotes. */
static void find_again(const str *user, const str *instance)
{
	static const str domain = KX_STR("h");
	struct rgr_gruu_owner owner = {*user, domain, 0, 7};
	char mem[16384];
	struct kx_buf b;
	struct kx_uri u;
	struct rgr_gruu g;
	str out;

	if(instance->len == 0 || kx_str_is(instance, "<>") || user->len == 0)
		return;
	kx_buf_init(&b, mem, sizeof(mem));
	MUST(rgr_gruu_pub_write(&b, &owner, instance) == KX_OK);
	MUST(kx_buf_end(&b, &out) == KX_OK);
	MUST(memchr(out.s, '"', out.len) == NULL);
	MUST(memchr(out.s, '\\', out.len) == NULL);
	MUST(kx_uri_parse(&out, &u) == KX_OK);
	rgr_gruu_read(&u.user, &u.params, &g);
	MUST(g.kind == RGR_GRUU_PUB);
	MUST(rgr_gruu_is_instance(&g.instance, instance));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {(const char *)data, size};
	str user = fuzz_line(&in), params = fuzz_line(&in);
	str instance = fuzz_line(&in);
	struct rgr_gruu g;

	rgr_gruu_read(&user, &params, &g);
	MUST(g.kind != RGR_GRUU_PUB || fuzz_is_inside(&g.instance, &params));
	MUST(g.kind != RGR_GRUU_TEMP || fuzz_is_inside(&g.ruid, &user));
	rgr_gruu_is_instance(&params, &instance);
	find_again(&user, &instance);
	return 0;
}
