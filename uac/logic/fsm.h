/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The life of one remote registration (RFC 3261 10.2): one table, state x
 * event -> next state, action, timer. What the binding at the registrar is,
 * and until when, is not a state: it outlives a refresh that fails. */
#ifndef UAX_FSM_H
#define UAX_FSM_H

/** State, and its name in logs and RPC. */
#define UAX_STATES(X)                                                        \
	X(OFF, "disabled")			 /* by the operator, the row or a failure */ \
	X(INIT, "waiting")			 /* for its first REGISTER */                \
	X(TRYING, "trying")			 /* REGISTER sent */                         \
	X(AUTHING, "authenticating") /* REGISTER with credentials sent */        \
	X(ONLINE, "online")			 /* waits for its refresh */                 \
	X(BACKOFF, "backoff")		 /* failed, waits for the next try */        \
	X(LEAVING, "leaving")		 /* waits to be unregistered */              \
	X(REMOVING, "unregistering") /* REGISTER with Expires: 0 sent */         \
	X(REMOVING_AUTH, "unregistering-auth") /* and with credentials */        \
	X(IDLE, "unregistered")				   /* at the operator's wish */      \
	X(AWAY, "elsewhere") /* another server of the cluster has it */

enum uax_state
{
#define UAX_STATE_ENUM(name, text) UAX_S_##name,
	UAX_STATES(UAX_STATE_ENUM)
#undef UAX_STATE_ENUM
			UAX_S_COUNT
};

/** What happens to a registration. */
#define UAX_EVENTS(X)                                                      \
	X(DUE)		   /* its turn: the timer fired and pacing lets it send */ \
	X(OK)		   /* 2xx */                                               \
	X(CHALLENGE)   /* 401, 407 that can be answered */                     \
	X(TOO_BRIEF)   /* 423 with another lifetime to ask for */              \
	X(REDIRECT)	   /* 3xx to follow */                                     \
	X(BUSY)		   /* the registrar said how long to leave it alone */     \
	X(UNREACHABLE) /* no answer, no address, not sent */                   \
	X(REJECTED)	   /* credentials refused, or none for the challenge */    \
	X(REFUSED)	   /* any other final answer */                            \
	X(ENABLE)	   /* operator, from here on */                            \
	X(DISABLE)                                                             \
	X(REGISTER)                                                            \
	X(UNREGISTER)                                                          \
	X(RELEASE) /* another server has it from here on */                    \
	X(CLAIM)   /* this one has it again */

enum uax_event
{
#define UAX_EVENT_ENUM(name) UAX_E_##name,
	UAX_EVENTS(UAX_EVENT_ENUM)
#undef UAX_EVENT_ENUM
			UAX_E_COUNT
};

/** What to do at once. */
enum uax_action
{
	UAX_A_NONE,
	/** Send a REGISTER; to remove the binding when the state is REMOVING. */
	UAX_A_SEND
};

/** What becomes of the timer of the next attempt. */
enum uax_timer
{
	UAX_T_STOP,	   /**< nothing is due */
	UAX_T_NOW,	   /**< as soon as pacing allows */
	UAX_T_REFRESH, /**< before the binding ends */
	UAX_T_RETRY,   /**< after the retry interval */
	UAX_T_AFTER	   /**< after what the registrar asked for */
};

/** One cell of the table. */
struct uax_step
{
	enum uax_state next;
	enum uax_action action;
	enum uax_timer timer;
};

/**
 * One step of the machine.
 *
 * @param can_retry whether a failed attempt is tried again (parameter
 *                  reg_retry_interval is not 0); otherwise it ends in OFF. A
 *                  registrar that asked to wait is no failure
 * @param out       [out] untouched on error
 * @return KX_OK, or KX_E_NONE: the event means nothing in this state and
 *         changes nothing (a late reply, an operator who asks twice)
 */
int uax_fsm_step(enum uax_state state, enum uax_event event, int can_retry,
		struct uax_step *out);

/** Whether a REGISTER of this registration is under way. */
int uax_state_is_ongoing(enum uax_state state);

/** Whether something is to be ended before another server can have it. */
int uax_state_is_busy(enum uax_state state);

/** Whether the attempt under way is to remove the binding. */
int uax_state_is_removal(enum uax_state state);

/** Name of a state; "invalid" for none. */
const char *uax_state_name(enum uax_state state);

/** Name of an event; "INVALID" for none. */
const char *uax_event_name(enum uax_event event);

/** Flags of the stock module's RPC and database, as a set. */
enum uax_flags
{
	UAX_F_DISABLED = 1,
	UAX_F_ONGOING = 2,
	UAX_F_ONLINE = 4,
	UAX_F_AUTHSENT = 8,
	UAX_F_INIT = 16
};

/** The set of enum uax_flags a registration shows.
 *
 * @param is_online whether its binding is valid */
int uax_state_flags(enum uax_state state, int is_online);

#endif
