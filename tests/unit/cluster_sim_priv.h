/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of the simulated day of a cluster share: cluster_sim.c (the
 * day), cluster_sim_node.c (the nodes), cluster_sim_account.c (what happens to
 * one account). */
#ifndef CLUSTER_SIM_PRIV_H
#define CLUSTER_SIM_PRIV_H

#include "cluster_sim.h"
#include "members.h"
#include "owner.h"
#include "pacing.h"
#include "wheel.h"

enum
{
	STEP_MS = 50,		/* of the clock */
	NODE_TICK_MS = 200, /* a node looks at the others */
	NONE = 255			/* no node */
};

enum flags
{
	IN_READY = 1, /* waits for room at its registrar */
	IS_MOVING = 2 /* has a new owner that has not registered it yet */
};

struct account
{
	struct uax_node node; /* in the wheel, or in a list of ready ones */
	uint64_t key;
	uint32_t until_ms; /* what its owner knows of the binding */
	uint32_t sent_ms;
	uint8_t registrar;
	uint8_t holder; /* who has it, or NONE */
	uint8_t want;	/* whose it is */
	uint8_t at;		/* whose contact is registered */
	uint8_t state;
	uint8_t answer; /* that is on its way */
	uint8_t failures;
	uint8_t flags;
};

/* What a node has for a registrar. */
struct hop
{
	struct uax_pace pace;
	struct uax_list ready;
	int is_active; /* in the list of those with ready ones */
};

/* Accounts, by number. */
struct heap
{
	uint32_t *at;
	int n, size;
};

struct node
{
	struct uax_members members;
	struct uax_share share;
	char name[32];
	int is_up;
	int64_t down_ms; /* since when not */
	int64_t beat_ms; /* when it speaks next */
	struct heap give, claim;
	int claimed;	 /* of claim, so many are done */
	uint64_t saves;	 /* the view in which it gives up what is not its own */
	int64_t save_ms; /* since when */
	uint64_t gave;	 /* the view in which it has */
	uint64_t owned;	 /* the view in which it took all */
};

struct sim
{
	struct sim_plan plan;
	struct sim_result *out;
	struct account *account;
	struct node node[SIM_NODES_MAX];
	struct hop *hop; /* [node][registrar] */
	int *active;	 /* hops with ready ones */
	int n_active;
	struct uax_wheel wheel;
	int64_t now_ms;
	uint64_t random;
	int64_t free_us[SIM_REGISTRARS_MAX]; /* when it has served all it has */
	/* the view that most have, and who shares in it */
	uint64_t view;
	unsigned char is_sharing[SIM_NODES_MAX];
	/* where the day is */
	enum sim_phase phase;
	int rolling;		 /* node that restarts */
	int rolling_step;	 /* how far it is */
	int64_t rolling_ms;	 /* since when */
	int64_t moved_at_ms; /* last crash, start or stop */
	int64_t open_moves;	 /* taken, not registered yet */
	/* this second */
	int sent, sent_to[SIM_REGISTRARS_MAX], sent_by[SIM_NODES_MAX];
};

/** A random number, the same ones in every run. */
static inline uint32_t next_random(struct sim *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) >> 32);
}

/** What is seen in the phase that is now. */
static inline struct sim_seen *seen(struct sim *s)
{
	return &s->out->phase[s->phase];
}

/** Make most the larger one of both. */
static inline void larger(int64_t *most, int64_t n)
{
	if(*most < n)
		*most = n;
}

/** What a node has for a registrar. */
static inline struct hop *hop_of(struct sim *s, int node, int registrar)
{
	return &s->hop[node * s->plan.registrars + registrar];
}

/** Put an account in the wheel, for this time or the tick after it. */
void sim_account_due(struct sim *s, struct account *a, int64_t at_ms);

/** Its holder has it no more; a request that was under way is forgotten. */
void sim_account_give_up(struct sim *s, struct account *a);

/** Give an account that nobody has to a node. With an address of its own the
 * node registers it at once; so it does where the time of the refresh is
 * over. */
void sim_account_take_over(struct sim *s, struct account *a, int node);

/** Whether a node that is up has it. */
int sim_account_has_owner(const struct sim *s, const struct account *a);

/** Take what is due out of the wheel: answers that come, and accounts whose
 * time it is. What nobody has stays out of it. */
void sim_take_due(struct sim *s);

/** Send for accounts that are ready, as fast as pacing lets their hops. */
void sim_start_attempts(struct sim *s);

/** A node begins to be, knows nobody and has nothing. */
void sim_node_start(struct sim *s, int i);

/** A node is no more. What it has stays where it is: nobody does anything
 * about it. */
void sim_node_stop(struct sim *s, int i);

/** Tell all others; who is not heard by one of them is answered at once. */
void sim_node_speak(struct sim *s, int from);

/** What nodes do in a tick: look at each other, give up and take what moves,
 * speak. */
void sim_run_nodes(struct sim *s);

/** Whether all that changed owner is with it, and registered. */
int sim_is_settled(const struct sim *s);

#endif
