/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The bindings of one AoR in usrloc; the only file that knows usrloc. */
#ifndef REG_STORE_H
#define REG_STORE_H

#include "core/ip_addr.h"

#include "plan.h"

struct udomain;
struct reg_store;

/** A binding to be stored: what the decisions know, and what only the host
 * does. All views borrowed for the call. */
struct reg_entry
{
	struct rgr_binding b; /**< ref is not read */
	struct socket_info *sock;
	int tcpconn_id;		/**< -1: none */
	int is_memory_only; /**< not written to a database, save flag 0x01 */
};

/**
 * Bind usrloc and read the settings of it that decide here as well
 * (matching_mode, cseq_delay, desc_time_order) into reg_cfg.
 *
 * @return 0, or -1 with the reason logged
 */
int reg_store_init(void);

/**
 * Prepare a process after the fork.
 *
 * @return 0 or -1
 */
int reg_store_init_child(void);

/**
 * Find or make a usrloc table by name.
 *
 * @param may_create only before the processes are forked
 * @return the table, or NULL
 */
struct udomain *reg_store_domain(const str *name, int may_create);

/**
 * Run a function with an AoR locked. The lock is also taken in db_mode 3,
 * where usrloc's own does nothing: two REGISTERs for one AoR never overlap
 * in this server.
 *
 * @param fn  must not send, wait or run scripts; gets the store of this AoR,
 *            valid until it returns
 * @return what fn returned
 */
int reg_store_run(struct udomain *d, const str *aor,
		int (*fn)(struct reg_store *st, void *param), void *param);

/**
 * Find the AoR of a binding by its ruid. Nothing stays locked: run with the
 * AoR and look for the ruid again.
 *
 * @param aor_hash usrloc's hash of the AoR
 * @param b        [out] the AoR appended; at least KAM_AOR_MAX bytes fit
 * @return KX_OK, or KX_E_NONE when there is no such binding
 */
int reg_store_aor_of_ruid(struct udomain *d, uint32_t aor_hash, const str *ruid,
		struct kx_buf *b);

/**
 * Run a function with each AoR of a table, slot by slot of usrloc's memory;
 * the lock of a slot is held for as long as its AoRs take.
 *
 * @param fn as for reg_store_run(); changes nothing
 * @return KX_OK, or KX_E_NONE: there is no such memory in db_mode 3
 */
int reg_store_each(struct udomain *d,
		void (*fn)(struct reg_store *st, void *param), void *param);

/** The AoR; valid as long as the store. */
const str *reg_store_aor(const struct reg_store *st);

/** Whether the AoR has a record at all, with living bindings or not. */
int reg_store_is_known(const struct reg_store *st);

/** Whether the store failed to tell what bindings there are; then it shows
 * none. Only in db_mode 3. */
int reg_store_is_broken(const struct reg_store *st);

/** The bindings of the AoR, to be walked; valid as long as the store. */
void reg_store_bindings(struct reg_store *st, struct rgr_bindings *out);

/** Note on bindings whether their connection lives, see
 * rgr_binding.has_dead_connection; costs a look-up per TCP binding. */
void reg_store_check_connections(struct reg_store *st);

/** From here on nothing is removed from the database of those bindings that
 * are not written to it (save flag 0x01). */
void reg_store_keep_rows(struct reg_store *st);

/** The name of the table. */
const str *reg_store_table(const struct reg_store *st);

/** usrloc's hash of an AoR. */
uint32_t reg_store_hash(const str *aor);

/** usrloc's hash of the AoR, part of a temporary GRUU. */
uint32_t reg_store_aor_hash(const struct reg_store *st);

/** What only the host knows of a binding. */
struct reg_host_part
{
	struct socket_info *sock; /**< NULL: unknown here */
	int tcpconn_id;			  /**< -1: none that this server has now */
	uint32_t flags;
	int server_id;
	struct _sr_xavp *xavp; /**< usrloc's parameter xavp_contact */
};

/** Read that, by the ref of a binding; valid as long as the store. */
void reg_store_host_part(const void *ref, struct reg_host_part *out);

/** Told of a contact that has expired, with usrloc's lock held: may copy and
 * nothing else. The bindings are that one. */
typedef void (*reg_expired_fn)(
		const str *table, const str *aor, const struct rgr_bindings *one);

/**
 * Listen for expired contacts, and count them (in mod_init only).
 *
 * @param fn NULL: they are only counted, and not even that in db_mode 3
 * @return 0 or -1
 */
int reg_store_on_expired(reg_expired_fn fn);

/** Fill what is to be stored for op i of a plan; called for INSERT and
 * UPDATE, with the AoR locked. */
typedef void (*reg_entry_fn)(void *param, int i, struct reg_entry *out);

/** Asked when a plan is carried out, with the AoR locked and as it will be.
 * Returns KX_OK, or an error: the plan is undone. */
typedef int (*reg_seal_fn)(struct reg_store *st, void *param);

/**
 * Carry a plan out: all of it or nothing. When a step fails, or the seal,
 * what was done is undone and the bindings are as they were; but in memory a
 * plan that only deletes is final.
 *
 * Not undone are the attributes usrloc keeps per contact from an XAVP of the
 * script (its parameter xavp_contact; those of keep_params are), and database
 * rows that can't be written back because the database is gone: memory then
 * holds the former state.
 *
 * @param entry_of gives the entry of an op; may be NULL when the plan only
 *                 deletes
 * @param seal     NULL: none
 * @return KX_OK, KX_E_NOMEM or KX_E_NONE (usrloc refused; it has logged why),
 *         or what the seal returned
 */
int reg_store_commit(struct reg_store *st, const struct rgr_plan *plan,
		reg_entry_fn entry_of, reg_seal_fn seal, void *param);

/**
 * Remove one binding, or all with ref NULL.
 *
 * @return KX_OK or KX_E_NONE (usrloc refused)
 */
int reg_store_delete(struct reg_store *st, const void *ref);

/**
 * Remove a binding of whatever AoR. Takes the lock itself.
 *
 * Outside of db_mode 3 usrloc has no index by ruid: its whole memory is
 * searched, in small parts.
 *
 * @return KX_OK, or KX_E_NONE: there is none, or usrloc refused and has
 *         logged why
 */
int reg_store_delete_ruid(struct udomain *d, const str *ruid);

#endif
