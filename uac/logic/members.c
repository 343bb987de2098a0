/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Members of the cluster. */
#include "members.h"

const char *uax_hearing_text(enum uax_hearing hearing)
{
	static const char *const text[] = {
#define TEXT(id, words) words,
			UAX_HEARINGS(TEXT)
#undef TEXT
	};

	return text[hearing];
}

str uax_member_name(const struct uax_member *member)
{
	return kx_str_span(member->name, member->name + member->name_len);
}

static void member_init(struct uax_member *member, const str *name)
{
	memset(member, 0, sizeof(*member));
	memcpy(member->name, name->s, name->len);
	member->name_len = name->len;
	member->key = uax_owner_key(name);
}

/* One bit pattern for all there is to a member; every bit counts. */
static uint64_t digest_of(const struct uax_member *member)
{
	uint64_t x = member->key ^ (member->boot * 0x9e3779b97f4a7c15u);

	x += member->weight * 2u + member->is_leaving;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* The same for all who see the same: sums have no order. */
static uint64_t view_of(const struct uax_members *m)
{
	uint64_t sum = 0;
	int i;

	for(i = 0; i < m->n; i++) {
		if(m->node[i].is_live)
			sum += digest_of(&m->node[i]);
	}
	return sum;
}

void uax_members_init(struct uax_members *m, const str *name, uint64_t boot,
		uint32_t weight, int64_t timeout_ms, int64_t now_ms)
{
	memset(m, 0, sizeof(*m));
	member_init(&m->node[0], name);
	m->node[0].boot = boot;
	m->node[0].weight = weight;
	m->node[0].is_live = 1;
	m->n = 1;
	m->timeout_ms = timeout_ms;
	m->began_ms = now_ms;
	m->view_ms = now_ms;
}

static struct uax_member *find(struct uax_members *m, const str *name)
{
	int i;

	for(i = 0; i < m->n; i++) {
		str known = uax_member_name(&m->node[i]);

		if(kx_str_eq(&known, name))
			return &m->node[i];
	}
	return NULL;
}

/* Room for one more: a new one, or that of who is silent for the longest. */
static struct uax_member *make_room(struct uax_members *m)
{
	struct uax_member *oldest = NULL;
	int i;

	if(m->n < UAX_NODES_MAX)
		return &m->node[m->n++];
	for(i = 1; i < m->n; i++) {
		if(!m->node[i].is_live
				&& (oldest == NULL || m->node[i].heard_ms < oldest->heard_ms))
			oldest = &m->node[i];
	}
	return oldest;
}

/* It is another process now: nothing of the former one holds, but that its
 * accounts wait for it. */
static void reborn(struct uax_member *member, uint64_t boot, int64_t timeout_ms)
{
	str name = uax_member_name(member);
	char mem[UAX_BEAT_NODE_MAX];
	int64_t awaited_ms = member->awaited_ms;

	if(member->hears_us && !member->is_gone)
		awaited_ms = member->heard_ms + timeout_ms;
	memcpy(mem, name.s, name.len);
	name.s = mem;
	member_init(member, &name);
	member->boot = boot;
	member->awaited_ms = awaited_ms;
}

static int hears_us(const struct uax_members *m, const struct uax_beat *beat)
{
	int i;

	for(i = 0; i < beat->n_heard; i++) {
		if(beat->heard[i].key == m->node[0].key)
			return beat->heard[i].boot == m->node[0].boot;
	}
	return 0;
}

static enum uax_hearing hear_command(
		struct uax_member *member, const struct uax_beat *beat)
{
	/* a replay could be of a server that is gone for good */
	if(member == NULL || !member->is_live || !member->hears_us
			|| member->boot != beat->boot)
		return UAX_HEAR_STRANGER;
	return uax_replay_take(&member->tell, beat->seq) ? UAX_HEAR_OK
													 : UAX_HEAR_REPLAY;
}

enum uax_hearing uax_members_hear(struct uax_members *m,
		const struct uax_beat *beat, int64_t now_ms, int *is_urgent)
{
	struct uax_member *member = find(m, &beat->node);
	uint32_t former;

	*is_urgent = 0;
	if(member == &m->node[0])
		return UAX_HEAR_SELF;
	if(beat->type == UAX_BEAT_TELL)
		return hear_command(member, beat);
	if(member != NULL && beat->boot < member->boot)
		return UAX_HEAR_OLD;
	if(member == NULL) {
		member = make_room(m);
		if(member == NULL)
			return UAX_HEAR_FULL;
		member_init(member, &beat->node);
		member->boot = beat->boot;
	} else if(beat->boot > member->boot) {
		reborn(member, beat->boot, m->timeout_ms);
	}
	former = member->alive.last;
	if(!uax_replay_take(&member->alive, beat->seq))
		return UAX_HEAR_REPLAY;
	if(beat->seq < former)
		return UAX_HEAR_OK; /* overtaken on the way by what it says now */
	member->weight = beat->weight;
	member->is_leaving = beat->is_leaving;
	member->is_gone = beat->is_gone;
	member->is_settled = beat->is_settled;
	member->view = beat->view;
	member->heard_ms = now_ms;
	member->hears_us = hears_us(m, beat);
	if(member->hears_us || member->is_gone)
		member->awaited_ms = 0;
	*is_urgent = !member->hears_us && !member->is_gone;
	return UAX_HEAR_OK;
}

void uax_members_lose(struct uax_members *m, int i)
{
	m->node[i].is_gone = 1;
}

void uax_members_leave(struct uax_members *m, int is_leaving)
{
	m->node[0].is_leaving = is_leaving != 0;
}

static int is_live(const struct uax_members *m, const struct uax_member *member,
		int64_t now_ms)
{
	if(member->is_gone)
		return 0;
	return now_ms < member->awaited_ms
		   || (member->hears_us && now_ms - member->heard_ms < m->timeout_ms);
}

int uax_members_tick(struct uax_members *m, int64_t now_ms)
{
	uint64_t view;
	int i;

	for(i = 1; i < m->n; i++) {
		struct uax_member *member = &m->node[i];

		member->is_live = is_live(m, member, now_ms);
	}
	view = view_of(m);
	if(m->view_no > 0 && view == m->node[0].view)
		return 0;
	m->node[0].view = view;
	m->node[0].is_settled = 0;
	m->view_ms = now_ms;
	if(++m->view_no == 0)
		m->view_no = 1;
	return 1;
}

void uax_members_settle(struct uax_members *m, unsigned int view_no)
{
	if(view_no == m->view_no)
		m->node[0].is_settled = 1;
}

int uax_members_others(const struct uax_members *m)
{
	int i, n = 0;

	for(i = 1; i < m->n; i++)
		n += m->node[i].is_live;
	return n;
}

int uax_members_may_claim(const struct uax_members *m, int64_t now_ms)
{
	int i;

	if(m->view_no == 0)
		return 0;
	if(!m->was_joined && uax_members_others(m) == 0)
		return now_ms - m->began_ms >= m->timeout_ms;
	if(now_ms - m->view_ms >= m->timeout_ms)
		return 1;
	for(i = 0; i < m->n; i++) {
		if(m->node[i].is_live
				&& (!m->node[i].is_settled
						|| m->node[i].view != m->node[0].view))
			return 0;
	}
	return 1;
}

void uax_members_claimed(struct uax_members *m)
{
	m->was_joined = 1;
}

static int shares(const struct uax_members *m, int is_leaving,
		struct uax_share *share, int *index)
{
	int i, n = 0;

	for(i = 0; i < m->n; i++) {
		const struct uax_member *member = &m->node[i];

		if(!member->is_live || member->is_leaving != is_leaving
				|| member->weight == 0)
			continue;
		share[n].key = member->key;
		share[n].weight = member->weight;
		index[n++] = i;
	}
	return n;
}

int uax_members_shares(
		const struct uax_members *m, struct uax_share *share, int *index)
{
	int n = shares(m, 0, share, index);

	return n > 0 ? n : shares(m, 1, share, index);
}

void uax_members_speak(struct uax_members *m, enum uax_beat_type type,
		int64_t now_ms, struct uax_beat *beat)
{
	const struct uax_member *own = &m->node[0];
	int i;

	memset(beat, 0, sizeof(*beat));
	beat->type = type;
	beat->node = uax_member_name(own);
	beat->boot = own->boot;
	if(++m->seq[type] == 0)
		m->seq[type] = 1;
	beat->seq = m->seq[type];
	if(type != UAX_BEAT_ALIVE)
		return;
	beat->weight = own->weight;
	beat->is_leaving = own->is_leaving;
	beat->is_gone = own->is_gone;
	beat->is_settled = own->is_settled;
	beat->view = own->view;
	for(i = 1; i < m->n && beat->n_heard < UAX_NODES_MAX; i++) {
		const struct uax_member *member = &m->node[i];

		if(member->is_gone || member->heard_ms == 0
				|| now_ms - member->heard_ms >= m->timeout_ms)
			continue;
		beat->heard[beat->n_heard].key = member->key;
		beat->heard[beat->n_heard++].boot = member->boot;
	}
}
