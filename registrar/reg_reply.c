/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Replies through sl. */
#include "core/data_lump_rpl.h"
#include "core/mem/mem.h"
#include "modules/sl/sl.h"

#include "reg_reply.h"

static struct
{
	sl_api_t sl;
	/* a reply that save() kept back: for which message, what */
	struct
	{
		unsigned int msg_id;
		int pid;
		struct reg_reply what; /* headers in pkg */
		int is_set;
	} kept;
} reply;

int reg_reply_init(void)
{
	if(sl_load_api(&reply.sl) < 0) {
		LM_ERR("can't bind sl, load it before registrar\n");
		return -1;
	}
	return 0;
}

int reg_reply_send(struct sip_msg *msg, const struct reg_reply *r)
{
	struct lump_rpl lump = {.text = r->headers,
			.flags = LUMP_RPL_HDR | LUMP_RPL_NODUP | LUMP_RPL_NOFREE};
	str reason = r->reason;
	int ret;

	/* the lump is on the message while the reply is built, no longer: no
	 * copy of the headers is made for it */
	if(r->headers.len > 0) {
		lump.next = msg->reply_lump;
		msg->reply_lump = &lump;
	}
	ret = reply.sl.freply(msg, r->code, &reason);
	if(r->headers.len > 0)
		unlink_lump_rpl(msg, &lump);
	if(ret < 0) {
		LM_ERR("can't send %d %.*s\n", r->code, reason.len, reason.s);
		return -1;
	}
	return 0;
}

int reg_reply_prepare(struct sip_msg *msg, const str *headers)
{
	if(headers->len > 0
			&& add_lump_rpl(msg, headers->s, headers->len, LUMP_RPL_HDR)
					   == NULL)
		return -1;
	return 0;
}

static void drop_kept(void)
{
	if(reply.kept.what.headers.s != NULL)
		pkg_free(reply.kept.what.headers.s);
	memset(&reply.kept, 0, sizeof(reply.kept));
}

int reg_reply_keep(struct sip_msg *msg, const struct reg_reply *r, char *mem)
{
	drop_kept();
	if(mem == NULL && r->headers.len > 0) {
		mem = pkg_malloc(r->headers.len);
		if(mem == NULL) {
			PKG_MEM_ERROR;
			return -1;
		}
		memcpy(mem, r->headers.s, r->headers.len);
	}
	reply.kept.msg_id = msg->id;
	reply.kept.pid = msg->pid;
	reply.kept.what = *r;
	reply.kept.what.headers.s = mem;
	reply.kept.is_set = 1;
	return 0;
}

int reg_reply_send_kept(struct sip_msg *msg)
{
	int ret;

	if(!reply.kept.is_set || reply.kept.msg_id != msg->id
			|| reply.kept.pid != msg->pid) {
		LM_ERR("no reply was kept for this request: call save() with flag "
			   "0x02 first\n");
		return -1;
	}
	ret = reg_reply_send(msg, &reply.kept.what);
	drop_kept();
	return ret;
}
