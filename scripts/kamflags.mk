# SPDX-License-Identifier: GPL-2.0-or-later
#
# Ask a Kamailio tree's own make rules with which definitions a module must
# be compiled, so that module_version and module_flags match the server's.
# Run inside the tree's src directory; prints a makefile fragment.

COREPATH := .
include $(COREPATH)/Makefile.defs

$(info KAM_RELEASE := $(RELEASE))
$(info KAM_DEFS := $(C_DEFS))
.PHONY: print
print: ;@:
