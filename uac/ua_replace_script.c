/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Script and KEMI entries of From and To replacement. */
#include "core/dprint.h"

#include "ua_replace.h"
#include "ua_replace_script.h"

/* A return value that scripts know. */
static int answer(int err)
{
	return err == 0 ? 1 : -1;
}

static int replace(
		sip_msg_t *msg, enum ua_side side, const str *display, const str *uri)
{
	struct uax_addr_new change = {display, uri};

	return answer(ua_replace(msg, side, &change));
}

static int w_replace(
		sip_msg_t *msg, enum ua_side side, char *first, char *second)
{
	str display = {0, 0}, uri = {0, 0};
	char *uri_param = second != NULL ? second : first;

	if(second != NULL
			&& get_str_fparam(&display, msg, (fparam_t *)first) != 0) {
		LM_ERR("the display name has no value\n");
		return -1;
	}
	if(get_str_fparam(&uri, msg, (fparam_t *)uri_param) != 0) {
		LM_ERR("the URI has no value\n");
		return -1;
	}
	return replace(msg, side, second != NULL ? &display : NULL, &uri);
}

int w_ua_replace_from(sip_msg_t *msg, char *first, char *second)
{
	return w_replace(msg, UA_FROM, first, second);
}

int w_ua_replace_to(sip_msg_t *msg, char *first, char *second)
{
	return w_replace(msg, UA_TO, first, second);
}

int w_ua_restore_from(sip_msg_t *msg, char *unused1, char *unused2)
{
	return answer(ua_restore(msg, UA_FROM));
}

int w_ua_restore_to(sip_msg_t *msg, char *unused1, char *unused2)
{
	return answer(ua_restore(msg, UA_TO));
}

int ki_ua_replace_from(sip_msg_t *msg, str *display, str *uri)
{
	return replace(msg, UA_FROM, display, uri);
}

int ki_ua_replace_to(sip_msg_t *msg, str *display, str *uri)
{
	return replace(msg, UA_TO, display, uri);
}

int ki_ua_replace_from_uri(sip_msg_t *msg, str *uri)
{
	return replace(msg, UA_FROM, NULL, uri);
}

int ki_ua_replace_to_uri(sip_msg_t *msg, str *uri)
{
	return replace(msg, UA_TO, NULL, uri);
}

int ki_ua_restore_from(sip_msg_t *msg)
{
	return answer(ua_restore(msg, UA_FROM));
}

int ki_ua_restore_to(sip_msg_t *msg)
{
	return answer(ua_restore(msg, UA_TO));
}

int ua_replace_init(void)
{
	return ua_replace_setup();
}
