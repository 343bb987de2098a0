/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the AoR of any user and domain. First byte: settings; lines:
 * user, domain, realm prefix. */
#include "aor.h"
#include "fuzz.h"

enum
{
	MAX = 64
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {(const char *)data, size};
	uint8_t flags = fuzz_byte(&in);
	str user = fuzz_line(&in), domain = fuzz_line(&in);
	struct rgr_aor_policy pol = {flags & 1, !!(flags & 2), fuzz_line(&in), MAX};
	char mem[128];
	struct kx_buf b;
	str aor;
	int i;

	kx_buf_init(&b, mem, sizeof(mem));
	switch(rgr_aor_write(&pol, &user, &domain, &b)) {
		case RGR_V_FINE:
			MUST(kx_buf_end(&b, &aor) == KX_OK && aor.len <= MAX);
			for(i = 0; i < aor.len && !pol.case_sensitive; i++)
				MUST(aor.s[i] < 'A' || aor.s[i] > 'Z');
			break;
		case RGR_V_AOR_NO_USER:
			MUST(user.len <= 0 && !pol.use_domain);
			break;
		case RGR_V_UNESCAPE:
		case RGR_V_AOR_TOO_LONG:
			break;
		default:
			MUST(0);
	}
	return 0;
}
