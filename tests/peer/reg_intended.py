# SPDX-License-Identifier: GPL-2.0-or-later
"""What the registrars do differently on purpose.

Ids are of the lists of defects (W-...) and of RFC points (R...); A.1 is a
parameter whose documentation the stock module does not follow.
"""

from . import reg_cases as when
from .intended import Entry

STATE = "dump* table*"
TARGETS = ("x-ruri x-duri x-ruid x-branch x-branches x-note x-rcd x-rcdtime"
           " x-bflags x-ua x-sock wire.*")

REGISTRAR = [
    Entry("W-R2", "a refusal lists no contacts",
          "reply.contact x-rcd x-rcdtime", when.lists_in_a_refusal),
    Entry("W-R2", "nor does the 200 to * those of another request",
          "reply.contact", when.reply_was_kept_back),
    Entry("W-R8", "what path_mode refuses is not stored",
          "reply.contact reply.supported reply.require reply.flow-timer"
          " x-rc x-stat x-rcd*", when.path_is_refused, ends=True),
    Entry("W-R8", "what outbound_mode refuses is not stored",
          "reply.contact reply.supported reply.require reply.flow-timer"
          " reply.path x-rc x-stat x-rcd x-rcdtime", when.outbound_is_refused,
          ends=True),
    Entry("A.1 outbound_mode", "2 refuses all clients without outbound",
          "reply* x-rc x-stat x-rcd*", when.outbound_is_required, ends=True),
    Entry("R3261-13", "no 423 for what the client did not ask for",
          "reply* x-rc x-stat x-rcd*", when.brief_by_default, ends=True),
    Entry("W-R18", "an AoR that can't be read is a 400 of its own",
          "reply reply.p-registrar-error reply.retry-after reply.contact"
          " reply.supported reply.require reply.flow-timer x-rc x-stat",
          when.to_is_rubbish),
    Entry("W-R7b", "* respects the order of requests",
          "reply* x-rc x-stat x-rcd x-rcdtime", when.star_is_stale, ends=True),
    Entry("W-R7b", "so does save flag 0x04",
          "reply* x-rc x-stat x-rcd x-rcdtime", when.single_is_stale, ends=True),
    Entry("W-R7", "so does a contact that is matched by instance",
          "reply* x-rc x-stat x-rcd x-rcdtime", when.instance_is_stale, ends=True),
    Entry("W-R6", "a contact that comes twice is one, as it comes first",
          "reply* x-rc x-stat x-rcd* " + STATE, when.contact_comes_twice,
          ends=True),
    Entry("W-R5", "contacts of one Call-ID (matching_mode 3) are no one",
          "reply* x-rc x-stat x-rcd*", when.contacts_of_one_call, ends=True),
    Entry("W-R5", "an instance is not that of the other contacts",
          "reply.contact x-rc x-rcd*", when.instance_and_others, ends=True),
    Entry("A.2 save", "0x04 leaves one contact, also of those that come",
          "reply.contact x-rc x-rcd* " + STATE, when.one_contact_of_several,
          ends=True),
    Entry("W-R5", "a q is that of its contact", "reply.contact x-rcd*",
          when.q_of_another_contact, ends=True),
    Entry("W-R12", "bindings are counted as they will be",
          "reply* x-rc x-stat x-rcd*", when.counted_otherwise, ends=True),
    Entry("W-R4b", "$xavp(reg=>expires) makes no binding of a removal",
          "reply.contact x-rc x-stat x-rcd*", when.deregisters_with_xavp,
          ends=True),
    Entry("R5626-3", "a flow and another contact are refused together",
          "reply* x-stat x-rc x-rcd*", when.several_with_a_flow, ends=True),
    Entry("R5626-7", "who requires outbound supports it",
          "reply* x-stat x-rc x-rcd*", when.requires_outbound, ends=True),
    Entry("W-R6", "what needs no look at the bindings is checked first",
          "reply* x-rc x-rcd*", when.another_reason_first),
    Entry("W-R21", "no AoR is left of the last contact that was removed",
          "x-rc", when.record_without_contacts),
    Entry("W-R21", "no row is left of what was removed", "table*",
          when.row_of_memory_only),
    Entry("R5626-4", "a flow stays when another one of its instance comes",
          "reply.contact x-rc x-rcd* " + STATE, when.flows_of_one_instance,
          ends=True),
    Entry("W-R9", "outbound is not claimed when no flow was registered",
          "reply.require reply.flow-timer", when.outbound_without_flow),
    Entry("A.1 regid_mode", "0 means: only with outbound",
          "reply.contact x-rc x-rcd* x-ulc " + STATE, when.regid_without_outbound,
          ends=True),
    Entry("R3327-3", "the 200 to a removal of nothing has the Path, too",
          "reply.path", when.path_of_nothing),
    Entry("W-R14", "a changed q changes the order", TARGETS, when.in_another_order),
    Entry("R5627-6", "lookup_to_dset() of a GRUU appends a branch",
          "x-note x-branches x-branch x-rcd x-rcdtime", when.gruu_in_dset),
    Entry("xavp_rcd", "one record per contact", "x-rcd x-rcdtime",
          when.more_records),
    Entry("W-R20", "a branch gets all that a contact has", "x-branch",
          when.branch_without_details),
    Entry("W-R26", "a record after save has nothing of the contact before",
          "x-rcd", when.record_has_leftovers),
    Entry("A.1 sock_mode", "the advertised address is there in memory, too",
          "x-sock x-branch x-ulc wire.* " + STATE, when.advertised_is_kept),
    Entry("W-R17c", "the path behind a local hop has no blanks before it",
          "x-branch wire.*", when.rest_of_the_path),
    Entry("W-R19", "fetched are living contacts", "x-ulc x-ulctime x-rc",
          when.fetches_the_expired),
]
