/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A module for tests: tells by RPC what a loaded module exports, as the core
 * has it, and which pseudo-variables can be parsed. */
#include "core/kemi.h"
#include "core/pvar.h"
#include "core/route.h"
#include "core/rpc.h"
#include "core/rpc_lookup.h"
#include "core/sr_module.h"

MODULE_VERSION

enum
{
	/* the result is an array; the core has other names for it by release */
	IS_ARRAY = 1 << 0,
	/* what EVENT_ROUTE has beside the bit of requests */
	EVENT_BIT = EVENT_ROUTE & ~REQUEST_ROUTE
};

/* One parameter: name, what it takes, what it holds. */
static void add_param(rpc_t *rpc, void *ctx, const param_export_t *p)
{
	int kind = PARAM_TYPE_MASK(p->type);

	if(p->type & PARAM_USE_FUNC)
		rpc->rpl_printf(ctx, "param %s function", p->name);
	else if(kind == PARAM_INT)
		rpc->rpl_printf(
				ctx, "param %s int %d", p->name, *(int *)p->param_pointer);
	else
		rpc->rpl_printf(ctx, "param %s str %.*s", p->name,
				((str *)p->param_pointer)->len, ((str *)p->param_pointer)->s);
}

static const struct
{
	unsigned int bit;
	const char *name;
} route[] = {{REQUEST_ROUTE, "REQUEST"}, {FAILURE_ROUTE, "FAILURE"},
		{TM_ONREPLY_ROUTE, "TM_ONREPLY"}, {BRANCH_ROUTE, "BRANCH"},
		{ONSEND_ROUTE, "ONSEND"}, {ERROR_ROUTE, "ERROR"},
		{LOCAL_ROUTE, "LOCAL"}, {CORE_ONREPLY_ROUTE, "CORE_ONREPLY"},
		{BRANCH_FAILURE_ROUTE, "BRANCH_FAILURE"}, {EVENT_BIT, "EVENT"}};

static void add_function(rpc_t *rpc, void *ctx, const ksr_cmd_export_t *c)
{
	unsigned int flags = c->flags;
	char names[256] = "";
	size_t i, at = 0;

	if(flags & EVENT_BIT)
		flags &= ~REQUEST_ROUTE;

	for(i = 0; i < sizeof(route) / sizeof(route[0]); i++) {
		if(flags & route[i].bit)
			at += snprintf(
					names + at, sizeof(names) - at, " %s", route[i].name);
	}
	rpc->rpl_printf(ctx, "function %s %d%s", c->name, c->param_no,
			(c->flags & ANY_ROUTE) == ANY_ROUTE ? " ANY" : names);
}

static const char *kemi_type(int type)
{
	switch(type) {
		case SR_KEMIP_INT:
			return "int";
		case SR_KEMIP_STR:
			return "str";
		case SR_KEMIP_XVAL:
			return "value";
		default:
			return "other";
	}
}

static void add_kemi(rpc_t *rpc, void *ctx, const sr_kemi_t *k)
{
	char types[128] = "";
	size_t i, at = 0;

	for(i = 0; i < SR_KEMI_PARAMS_MAX && k->ptypes[i] != SR_KEMIP_NONE; i++)
		at += snprintf(
				types + at, sizeof(types) - at, " %s", kemi_type(k->ptypes[i]));
	rpc->rpl_printf(ctx, "kemi %.*s %s%s", k->fname.len, k->fname.s,
			kemi_type(k->rtype), types);
}

static void add_kemi_of(rpc_t *rpc, void *ctx, const char *name)
{
	sr_kemi_module_t *m = sr_kemi_modules_get();
	int i;
	sr_kemi_t *k;

	for(i = 0; i < sr_kemi_modules_size_get(); i++) {
		if(m[i].mname.len != (int)strlen(name)
				|| strncmp(m[i].mname.s, name, m[i].mname.len) != 0)
			continue;
		for(k = m[i].kexp; k->func != NULL; k++)
			add_kemi(rpc, ctx, k);
	}
}

static void on_exports(rpc_t *rpc, void *ctx)
{
	struct sr_module *m;
	char *name;
	int i;

	if(rpc->scan(ctx, "s", &name) < 1
			|| (m = find_module_by_name(name)) == NULL) {
		rpc->fault(ctx, 404, "No such module");
		return;
	}
	for(i = 0; m->exports.params[i].name != NULL; i++)
		add_param(rpc, ctx, &m->exports.params[i]);
	for(i = 0; m->exports.cmds[i].name != NULL; i++)
		add_function(rpc, ctx, &m->exports.cmds[i]);
	for(i = 0; m->exports.pv_items[i].name.s != NULL; i++)
		rpc->rpl_printf(ctx, "variable %s", m->exports.pv_items[i].name.s);
	add_kemi_of(rpc, ctx, name);
}

/* Which of the words, put into the form in place of its '?', is a variable. */
static void on_variables(rpc_t *rpc, void *ctx)
{
	char *form, *words, *word, *mark, text[256];
	pv_spec_t spec;
	int len;
	str s;

	if(rpc->scan(ctx, "ss", &form, &words) < 2
			|| (mark = strchr(form, '?')) == NULL) {
		rpc->fault(ctx, 400, "A form with ? and words");
		return;
	}
	for(word = words; *word != '\0'; word += strspn(word, " ")) {
		len = (int)strcspn(word, " ");
		s.s = text;
		s.len = snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(mark - form),
				form, len, word, mark + 1);
		if(pv_parse_spec(&s, &spec) == text + s.len)
			rpc->rpl_printf(ctx, "%.*s", len, word);
		word += len;
	}
}

static const char *on_exports_doc[] = {"What a module exports", NULL};
static const char *on_variables_doc[] = {"Which words make a variable", NULL};

static rpc_export_t rpcs[] = {
		{"kxlist.exports", on_exports, on_exports_doc, IS_ARRAY},
		{"kxlist.variables", on_variables, on_variables_doc, IS_ARRAY},
		{NULL, NULL, NULL, 0}};

struct module_exports exports = {"kxlist", DEFAULT_DLFLAGS, NULL, NULL, rpcs,
		NULL, NULL, NULL, NULL, NULL};
