/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between nodes for the tests of uac/logic/beat.c. */
#ifndef BEATS_H
#define BEATS_H

#include "beat.h"
#include "unit.h"

/** The key of a password; of "": none. */
struct uax_key unit_key(const char *passwd);

/** A heartbeat that hears two nodes. */
struct uax_beat unit_alive(void);

/** A command: disable the account "trunk 01". */
struct uax_beat unit_tell(void);

/** The message as it is sent: a copy that ends where its memory ends. */
str unit_beat_written(const struct uax_beat *beat, const struct uax_key *key);

/** Assert that two messages say the same. */
void unit_beat_same(const struct uax_beat *a, const struct uax_beat *b);

#endif
