/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a REGISTER comes to, and how that is told to the client. */
#ifndef RGR_VERDICT_H
#define RGR_VERDICT_H

#include "kx_str.h"

/**
 * name, status code, reason phrase, text of P-Registrar-Error.
 *
 * The texts are what the stock module sends: scripts and clients compare
 * them.
 */
#define RGR_VERDICTS(X)                                                        \
	X(FINE, 200, "OK", "")                                                     \
	X(INTERNAL, 500, "Server Internal Error", "Internal error")                \
	X(STORAGE, 500, "Server Internal Error", "usrloc storage failed")          \
	X(ANSWER_TOO_LONG, 500, "Server Internal Error",                           \
			"Too many bindings to list")                                       \
	X(AOR_TOO_LONG, 500, "Server Internal Error",                              \
			"Address Of Record too long")                                      \
	X(PARSE, 400, "Bad Request", "Error while parsing headers")                \
	X(TO_MISSING, 400, "Bad Request", "To header not found")                   \
	X(CALLID_MISSING, 400, "Bad Request", "Call-ID header not found")          \
	X(CSEQ_MISSING, 400, "Bad Request", "CSeq header not found")               \
	X(CONTACT_PARSE, 400, "Bad Request", "Contact parse error")                \
	X(CONTACT_POLICY, 400, "Bad Request", "Contact URI not acceptable")        \
	X(CONTACT_GRUU, 403, "Forbidden", "Contact is a GRUU")                     \
	X(CONTACTS_MANY, 400, "Bad Request", "Too many contacts in request")       \
	X(FOREIGN_DOMAIN, 404, "Not Found", "Address Of Record of another domain") \
	X(REQUIRE_UNKNOWN, 420, "Bad Extension", "Unknown option required")        \
	X(AOR_PARSE, 400, "Bad Request",                                           \
			"Username parse error in Address Of Record")                       \
	X(AOR_NO_USER, 400, "Bad Request", "No user in Address Of Record")         \
	X(UNESCAPE, 400, "Bad Request", "Error while unescaping username")         \
	X(STAR_EXPIRES, 400, "Bad Request",                                        \
			"* used in contact and expires is not zero")                       \
	X(STAR_CONTACTS, 400, "Bad Request",                                       \
			"* used in contact and more than 1 contact")                       \
	X(CONTACT_TOO_LONG, 400, "Bad Request", "Contact/received too long")       \
	X(CALLID_TOO_LONG, 400, "Bad Request", "Callid too long")                  \
	X(BAD_Q, 400, "Bad Request", "Invalid q param in contact")                 \
	X(BAD_CSEQ, 400, "Bad Request", "Invalid CSeq number")                     \
	X(BAD_REGID, 400, "Bad Request", "Invalid reg-id value")                   \
	X(REGID_MANY, 400, "Bad Request", "reg-id and more than 1 contact")        \
	X(BAD_PATH, 400, "Bad Request", "Path parse error")                        \
	X(PATH_UNSUPPORTED, 420, "Bad Extension",                                  \
			"No support for found Path indicated")                             \
	X(OUTBOUND_UNSUPPORTED, 420, "Bad Extension",                              \
			"No support for Outbound on server")                               \
	X(OUTBOUND_REQUIRED, 421, "Extension Required",                            \
			"No support for Outbound indicated")                               \
	X(OUTBOUND_EDGE, 439, "First Hop Lacks Outbound Support",                  \
			"No support for Outbound on edge proxy")                           \
	X(PUSH_UNKNOWN, 555, "Push Notification Service Not Supported",            \
			"Unknown pn-provider")                                             \
	X(TOO_BRIEF, 423, "Interval Too Brief", "Interval too brief")              \
	X(TOO_MANY, 503, "Service Unavailable", "Too many registered contacts")

enum rgr_verdict
{
#define RGR_VERDICT_ENUM(name, code, reason, text) RGR_V_##name,
	RGR_VERDICTS(RGR_VERDICT_ENUM)
#undef RGR_VERDICT_ENUM
			RGR_VERDICT_COUNT
};

/** How one verdict is answered; all views are of literals. */
struct rgr_answer_line
{
	const char *name; /**< for the log */
	int code;
	str reason;
	str error; /**< P-Registrar-Error; empty: no such header */
};

/** The status line of a verdict; one outside the enum is INTERNAL. */
const struct rgr_answer_line *rgr_verdict_line(enum rgr_verdict v);

#endif
