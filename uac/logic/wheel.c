/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hierarchical timing wheel. */
#include <stddef.h>

#include "wheel.h"

void uax_list_init(struct uax_list *list)
{
	list->head.next = list->head.prev = &list->head;
}

int uax_list_is_empty(const struct uax_list *list)
{
	return list->head.next == &list->head;
}

void uax_list_add(struct uax_list *list, struct uax_node *node)
{
	node->next = &list->head;
	node->prev = list->head.prev;
	list->head.prev->next = node;
	list->head.prev = node;
}

int uax_node_is_linked(const struct uax_node *node)
{
	return node->next != NULL;
}

void uax_node_unlink(struct uax_node *node)
{
	if(node->next == NULL)
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->next = node->prev = NULL;
}

struct uax_node *uax_list_take(struct uax_list *list)
{
	struct uax_node *node = list->head.next;

	if(node == &list->head)
		return NULL;
	uax_node_unlink(node);
	return node;
}

/* Hang all nodes of one list behind those of another. */
static void list_move(struct uax_list *to, struct uax_list *from)
{
	if(uax_list_is_empty(from))
		return;
	from->head.next->prev = to->head.prev;
	to->head.prev->next = from->head.next;
	from->head.prev->next = &to->head;
	to->head.prev = from->head.prev;
	uax_list_init(from);
}

void uax_wheel_init(struct uax_wheel *w, uint64_t now)
{
	int level, i;

	w->now = now;
	for(level = 0; level < UAX_WHEEL_LEVELS; level++) {
		for(i = 0; i < UAX_WHEEL_SLOTS; i++)
			uax_list_init(&w->slot[level][i]);
	}
	uax_list_init(&w->ripe);
}

void uax_wheel_add(struct uax_wheel *w, struct uax_node *node, uint64_t due)
{
	const uint64_t mask = UAX_WHEEL_SLOTS - 1;
	uint64_t at = due, horizon;
	int level;

	node->due = due;
	if(due <= w->now) {
		uax_list_add(&w->ripe, node);
		return;
	}
	/* the level is the highest digit in which now and due differ: the wheel
	 * comes by before they differ in that digit no more */
	for(level = 0; level < UAX_WHEEL_LEVELS - 1; level++) {
		if((at >> ((level + 1) * UAX_WHEEL_BITS))
				== (w->now >> ((level + 1) * UAX_WHEEL_BITS)))
			break;
	}
	/* what is further away than the wheel reaches waits in the last slot
	 * before now's own and is sorted in again when it comes up */
	horizon = ((w->now >> (level * UAX_WHEEL_BITS)) + mask)
			  << (level * UAX_WHEEL_BITS);
	if(level == UAX_WHEEL_LEVELS - 1 && at > horizon)
		at = horizon;
	uax_list_add(
			&w->slot[level][(at >> (level * UAX_WHEEL_BITS)) & mask], node);
}

/* Sort the nodes of one slot in again: they are nearer now. */
static void cascade(struct uax_wheel *w, int level)
{
	const uint64_t mask = UAX_WHEEL_SLOTS - 1;
	struct uax_list part;
	struct uax_node *node;

	uax_list_init(&part);
	list_move(&part,
			&w->slot[level][(w->now >> (level * UAX_WHEEL_BITS)) & mask]);
	while((node = uax_list_take(&part)) != NULL)
		uax_wheel_add(w, node, node->due);
}

static void tick(struct uax_wheel *w)
{
	const uint64_t mask = UAX_WHEEL_SLOTS - 1;
	int level;

	w->now++;
	for(level = 1; level < UAX_WHEEL_LEVELS; level++) {
		if((w->now & ((1ULL << (level * UAX_WHEEL_BITS)) - 1)) != 0)
			break;
	}
	/* the highest first: its nodes may fall into the lower ones */
	while(--level >= 1)
		cascade(w, level);
	list_move(&w->ripe, &w->slot[0][w->now & mask]);
}

struct uax_node *uax_wheel_take(struct uax_wheel *w, uint64_t now)
{
	while(uax_list_is_empty(&w->ripe) && w->now < now)
		tick(w);
	return uax_list_take(&w->ripe);
}

unsigned int uax_wheel_idle(const struct uax_wheel *w, unsigned int most)
{
	const uint64_t mask = UAX_WHEEL_SLOTS - 1;
	unsigned int i;

	if(!uax_list_is_empty(&w->ripe))
		return 0;
	for(i = 1; i < most; i++) {
		uint64_t next = (w->now + i) & mask;

		/* a slot of a higher level comes up there */
		if(next == 0 || !uax_list_is_empty(&w->slot[0][next]))
			break;
	}
	return i;
}
