/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Statistics. */
#include "core/counters.h"
#include "core/dprint.h"

#include "kx_buf.h"
#include "reg_cfg.h"
#include "reg_stats.h"

/* REGISTERs that were accepted, by what they did. */
enum accepted
{
	ACCEPTED_UNCHANGED, /* where a query has its place: see accepted_as() */
	ACCEPTED_INSERT = RGR_DID_INSERT,
	ACCEPTED_UPDATE = RGR_DID_UPDATE,
	ACCEPTED_DELETE = RGR_DID_DELETE,
	ACCEPTED_QUERY = RGR_DID_QUERY,
	ACCEPTED_COUNT
};

static struct
{
	counter_handle_t all_accepted;
	counter_handle_t all_rejected;
	counter_handle_t accepted[ACCEPTED_COUNT];
	counter_handle_t rejected[RGR_VERDICT_COUNT];
	counter_handle_t contacts[REG_STATS_CONTACT_COUNT];
} stats;

/* Settings shown as statistics: read when asked, so that they follow changes
 * at run time. */
#define MIRROR(name)                                                          \
	static counter_val_t mirror_##name(counter_handle_t handle, void *unused) \
	{                                                                         \
		return reg_cfg_get(name);                                             \
	}
MIRROR(max_expires)
MIRROR(max_contacts)
MIRROR(default_expires)
MIRROR(default_expires_range)
MIRROR(expires_range)
#undef MIRROR

#define SETTING(name, setting)                                  \
	{                                                           \
		0, name, CNT_F_NO_RESET, mirror_##setting, 0,           \
				"the parameter " #setting ", as it is just now" \
	}

static counter_def_t table[] = {
		/* the stock ones */
		SETTING("max_expires", max_expires),
		SETTING("max_contacts", max_contacts),
		SETTING("default_expire", default_expires),
		SETTING("default_expires_range", default_expires_range),
		SETTING("expires_range", expires_range),
		{&stats.all_accepted, "accepted_regs", 0, 0, 0,
				"REGISTERs that were accepted"},
		{&stats.all_rejected, "rejected_regs", 0, 0, 0,
				"REGISTERs that were refused"},
		/* our own; accepted_* add up to accepted_regs */
		{&stats.accepted[ACCEPTED_INSERT], "accepted_insert", 0, 0, 0,
				"REGISTERs whose last change was a new binding"},
		{&stats.accepted[ACCEPTED_UPDATE], "accepted_update", 0, 0, 0,
				"REGISTERs whose last change refreshed a binding"},
		{&stats.accepted[ACCEPTED_DELETE], "accepted_delete", 0, 0, 0,
				"REGISTERs whose last change removed bindings"},
		{&stats.accepted[ACCEPTED_QUERY], "accepted_query", 0, 0, 0,
				"REGISTERs without a Contact"},
		{&stats.accepted[ACCEPTED_UNCHANGED], "accepted_unchanged", 0, 0, 0,
				"REGISTERs that came again, or removed what was not there"},
		{&stats.contacts[REG_STATS_INSERTED], "contacts_inserted", 0, 0, 0,
				"bindings made"},
		{&stats.contacts[REG_STATS_REFRESHED], "contacts_refreshed", 0, 0, 0,
				"bindings refreshed"},
		{&stats.contacts[REG_STATS_REMOVED], "contacts_removed", 0, 0, 0,
				"bindings removed by a REGISTER or unregister()"},
		{&stats.contacts[REG_STATS_EVICTED], "contacts_evicted", 0, 0, 0,
				"bindings dropped to make room (max_contacts_policy)"},
		{&stats.contacts[REG_STATS_EXPIRED], "contacts_expired", 0, 0, 0,
				"bindings that ran out"},
		{0, 0, 0, 0, 0, 0}};

/* One counter per cause of a refusal: rejected_ and the verdict's name in
 * lower case, told by the text of P-Registrar-Error. */
static int register_rejected(enum rgr_verdict v)
{
	const struct rgr_answer_line *line = rgr_verdict_line(v);
	char name[48];
	struct kx_buf b;
	const char *c;

	kx_buf_init(&b, name, sizeof(name));
	kx_buf_lit(&b, "rejected_");
	for(c = line->name; *c != '\0'; c++)
		kx_buf_char(&b, kx_lower(*c));
	kx_buf_char(&b, '\0');
	if(b.err != KX_OK)
		return -1;
	return counter_register(
			&stats.rejected[v], "registrar", name, 0, 0, 0, line->error.s, 0);
}

int reg_stats_init(void)
{
	int v, err = counter_register_array("registrar", table);

	for(v = RGR_V_FINE + 1; v < RGR_VERDICT_COUNT && err >= 0; v++)
		err = register_rejected(v);
	if(err < 0) {
		LM_ERR("can't register the statistics\n");
		return -1;
	}
	return 0;
}

static int accepted_as(const struct rgr_plan *plan)
{
	if(plan->outcome != RGR_DID_QUERY && !plan->changes)
		return ACCEPTED_UNCHANGED;
	return plan->outcome;
}

void reg_stats_count(enum rgr_verdict v, const struct rgr_plan *plan)
{
	if(v == RGR_V_FINE) {
		counter_inc(stats.all_accepted);
		counter_inc(stats.accepted[accepted_as(plan)]);
	} else {
		counter_inc(stats.all_rejected);
		counter_inc(stats.rejected[v]);
	}
}

void reg_stats_contacts(enum reg_stats_contact what, int n)
{
	counter_add(stats.contacts[what], n);
}
