/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All remote registrations, found by five keys in constant time. Nothing
 * returns with a lock held. */
#ifndef UA_REG_TABLE_H
#define UA_REG_TABLE_H

#include "reg_rec.h"

/**
 * Make the table, in mod_init.
 *
 * @param size_bits least number of buckets, a power of two; it grows with
 *                  the records
 * @return 0, or -1 with the reason logged
 */
int ua_table_init(int size_bits);

/**
 * Put a record in; its l_uuid must be new.
 *
 * @return KX_OK: the table holds a reference of its own; KX_E_RANGE: there
 *         is one with this l_uuid
 */
int ua_table_add(struct ua_rec *rec);

/**
 * Take a record out of all indexes and drop the table's reference.
 *
 * @return whether it was in
 */
int ua_table_remove(struct ua_rec *rec);

/**
 * Find a record.
 *
 * @param value of the key; user@domain for UA_KEY_ADDRESS
 * @return a held record, of several the newest; NULL: none
 */
struct ua_rec *ua_table_find(enum ua_key key, const str *value);

/** As ua_table_find() with UA_KEY_ADDRESS, without joining the two. */
struct ua_rec *ua_table_find_address(const str *user, const str *domain);

/** Make the indexes as wide as so many records want them; widening them later,
 * with records in them, costs more. Short of memory they stay as they are. */
void ua_table_reserve(int64_t records);

/** Records in the table. */
int ua_table_count(void);

/** Where a walk stands; all zero to begin. */
struct ua_walk
{
	unsigned int bucket;
};

/**
 * Collect the records of some more buckets, each held. A record that is in
 * the table all the time is met; when the table grows meanwhile, it may be
 * met twice.
 *
 * @param rec [out] at least max elements
 * @param max more than a bucket has; what a fuller one has beyond is left
 *            out
 * @return how many; 0: the walk is over
 */
int ua_table_walk(struct ua_walk *walk, struct ua_rec **rec, int max);

/** Do something for each record, as ua_table_walk() meets them. fn() gets it
 * held, and no lock is. */
void ua_table_each(void (*fn)(void *param, struct ua_rec *rec), void *param);

#endif
