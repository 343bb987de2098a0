/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Functions of the configuration script: the rows of the export table. */
#ifndef REG_SCRIPT_H
#define REG_SCRIPT_H

#include "core/sr_module.h"

/** The functions, ended by a zero row. */
extern cmd_export_t reg_script_cmds[];

#endif
