/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * State machine of a remote registration. */
#include "fsm.h"
#include "kx_err.h"

/* A cell; `is_set` tells a cell of zeros from a missing one. */
struct cell
{
	struct uax_step step;
	int is_set;
};

#define GO(state, what, when)                          \
	{                                                  \
		{UAX_S_##state, UAX_A_##what, UAX_T_##when}, 1 \
	}

/* The failures of an attempt to register. */
#define ATTEMPT_FAILS                               \
	[UAX_E_BUSY] = GO(BACKOFF, NONE, AFTER),        \
	[UAX_E_UNREACHABLE] = GO(BACKOFF, NONE, RETRY), \
	[UAX_E_REJECTED] = GO(BACKOFF, NONE, RETRY),    \
	[UAX_E_REFUSED] = GO(BACKOFF, NONE, RETRY)

/* What takes back the wish to be unregistered: as in IDLE, so that it does
 * not matter whether the removal is over yet. */
#define COMES_BACK \
	[UAX_E_ENABLE] = GO(INIT, NONE, NOW), [UAX_E_REGISTER] = GO(INIT, NONE, NOW)

/* A removal that fails is given up: the binding ends by itself. */
#define REMOVAL_ENDS                            \
	[UAX_E_OK] = GO(IDLE, NONE, STOP),          \
	[UAX_E_TOO_BRIEF] = GO(IDLE, NONE, STOP),   \
	[UAX_E_BUSY] = GO(IDLE, NONE, STOP),        \
	[UAX_E_UNREACHABLE] = GO(IDLE, NONE, STOP), \
	[UAX_E_REJECTED] = GO(IDLE, NONE, STOP),    \
	[UAX_E_REFUSED] = GO(IDLE, NONE, STOP), COMES_BACK

/* What the operator can do to everything that is not off. */
#define OPERATOR                                                \
	[UAX_E_DISABLE] = GO(OFF, NONE, STOP), [UAX_E_UNREGISTER] = \
												   GO(LEAVING, NONE, NOW)

/* It can be given away at once; what is under way is ended first, and what
 * the operator wished stays. */
#define MOVES [UAX_E_RELEASE] = GO(AWAY, NONE, STOP)

static const struct cell table[UAX_S_COUNT][UAX_E_COUNT] = {
		[UAX_S_OFF] = {[UAX_E_ENABLE] = GO(INIT, NONE, NOW)},
		[UAX_S_INIT] = {[UAX_E_DUE] = GO(TRYING, SEND, STOP),
				[UAX_E_REGISTER] = GO(INIT, NONE, NOW),
				MOVES,
				OPERATOR},
		[UAX_S_TRYING] = {[UAX_E_OK] = GO(ONLINE, NONE, REFRESH),
				[UAX_E_CHALLENGE] = GO(AUTHING, SEND, STOP),
				[UAX_E_TOO_BRIEF] = GO(TRYING, SEND, STOP),
				[UAX_E_REDIRECT] = GO(TRYING, SEND, STOP),
				ATTEMPT_FAILS,
				OPERATOR},
		[UAX_S_AUTHING] = {[UAX_E_OK] = GO(ONLINE, NONE, REFRESH),
				[UAX_E_CHALLENGE] = GO(AUTHING, SEND, STOP),
				[UAX_E_TOO_BRIEF] = GO(AUTHING, SEND, STOP),
				[UAX_E_REDIRECT] = GO(TRYING, SEND, STOP),
				ATTEMPT_FAILS,
				OPERATOR},
		[UAX_S_ONLINE] = {[UAX_E_DUE] = GO(TRYING, SEND, STOP),
				[UAX_E_REGISTER] = GO(ONLINE, NONE, NOW),
				MOVES,
				OPERATOR},
		[UAX_S_BACKOFF] = {[UAX_E_DUE] = GO(TRYING, SEND, STOP),
				[UAX_E_REGISTER] = GO(BACKOFF, NONE, NOW),
				MOVES,
				OPERATOR},
		[UAX_S_LEAVING] = {[UAX_E_DUE] = GO(REMOVING, SEND, STOP),
				COMES_BACK,
				[UAX_E_DISABLE] = GO(OFF, NONE, STOP)},
		[UAX_S_REMOVING] = {[UAX_E_CHALLENGE] = GO(REMOVING_AUTH, SEND, STOP),
				[UAX_E_REDIRECT] = GO(REMOVING, SEND, STOP),
				REMOVAL_ENDS,
				[UAX_E_DISABLE] = GO(OFF, NONE, STOP)},
		[UAX_S_REMOVING_AUTH] =
				{[UAX_E_CHALLENGE] = GO(REMOVING_AUTH, SEND, STOP),
						[UAX_E_REDIRECT] = GO(REMOVING, SEND, STOP),
						REMOVAL_ENDS,
						[UAX_E_DISABLE] = GO(OFF, NONE, STOP)},
		[UAX_S_IDLE] = {COMES_BACK, [UAX_E_DISABLE] = GO(OFF, NONE, STOP),
				[UAX_E_UNREGISTER] = GO(LEAVING, NONE, NOW)},
		/* whoever has it does what the operator wishes; here it is only kept
		 * in mind, for when the account comes back */
		[UAX_S_AWAY] = {[UAX_E_CLAIM] = GO(INIT, NONE, NOW),
				[UAX_E_DISABLE] = GO(OFF, NONE, STOP),
				[UAX_E_UNREGISTER] = GO(IDLE, NONE, STOP)},
};

int uax_fsm_step(enum uax_state state, enum uax_event event, int can_retry,
		struct uax_step *out)
{
	if(KX_NEVER((unsigned)state >= UAX_S_COUNT
				|| (unsigned)event >= UAX_E_COUNT))
		return KX_E_NONE;
	if(!table[state][event].is_set)
		return KX_E_NONE;
	*out = table[state][event].step;
	if(out->timer == UAX_T_RETRY && !can_retry) {
		out->next = UAX_S_OFF;
		out->timer = UAX_T_STOP;
	}
	return KX_OK;
}

int uax_state_is_removal(enum uax_state state)
{
	return state == UAX_S_REMOVING || state == UAX_S_REMOVING_AUTH;
}

int uax_state_is_ongoing(enum uax_state state)
{
	return state == UAX_S_TRYING || state == UAX_S_AUTHING
		   || uax_state_is_removal(state);
}

int uax_state_is_busy(enum uax_state state)
{
	return uax_state_is_ongoing(state) || state == UAX_S_LEAVING;
}

const char *uax_state_name(enum uax_state state)
{
	static const char *const name[] = {
#define UAX_STATE_NAME(id, text) text,
			UAX_STATES(UAX_STATE_NAME)
#undef UAX_STATE_NAME
	};

	return (unsigned)state < UAX_S_COUNT ? name[state] : "invalid";
}

const char *uax_event_name(enum uax_event event)
{
	static const char *const name[] = {
#define UAX_EVENT_NAME(id) #id,
			UAX_EVENTS(UAX_EVENT_NAME)
#undef UAX_EVENT_NAME
	};

	return (unsigned)event < UAX_E_COUNT ? name[event] : "INVALID";
}

int uax_state_flags(enum uax_state state, int is_online)
{
	int flags = 0;

	if(state == UAX_S_OFF)
		return UAX_F_DISABLED;
	/* set by the stock module when it first looks at a record */
	if(state != UAX_S_INIT)
		flags |= UAX_F_INIT;
	if(is_online)
		flags |= UAX_F_ONLINE;
	if(uax_state_is_ongoing(state))
		flags |= UAX_F_ONGOING;
	if(state == UAX_S_AUTHING || state == UAX_S_REMOVING_AUTH)
		flags |= UAX_F_AUTHSENT;
	return flags;
}
