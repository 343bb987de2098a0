/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Error codes of the pure code in common/ and logic/; knows nothing else. */
#ifndef KX_ERR_H
#define KX_ERR_H

/**
 * What a pure function answers. Zero is success, every failure is negative
 * and has a name. A function that fails leaves its out parameters untouched
 * unless its own text says otherwise.
 *
 * Each module numbers its own reasons from KX_E_MODULE downwards.
 */
enum kx_err
{
	KX_OK = 0,
	/** A bug of ours (a broken precondition). The caller logs it at LM_BUG
	 * and answers the request with an internal error. */
	KX_E_BUG = -1,
	/** An allocation failed; what was built so far is freed. */
	KX_E_NOMEM = -2,
	/** The result does not fit in the maximum that the caller set. */
	KX_E_TOO_LONG = -3,
	/** The input breaks its grammar. */
	KX_E_SYNTAX = -4,
	/** Nothing more to read: the regular end of an iteration. */
	KX_E_END = -5,
	/** A number is outside the range that the caller asked for. */
	KX_E_RANGE = -6,
	/** What was looked for is not there. */
	KX_E_NONE = -7,
	KX_E_MODULE = -32
};

/**
 * A condition that only a bug of ours can make true. In tests
 * (-DKX_ABORT_ON_BUG) it aborts; in production it is the plain condition, so
 * that the caller returns KX_E_BUG and the server goes on.
 */
#ifdef KX_ABORT_ON_BUG
#define KX_NEVER(cond) ((cond) ? (__builtin_trap(), 1) : 0)
#else
#define KX_NEVER(cond) (__builtin_expect(!!(cond), 0))
#endif

#endif
