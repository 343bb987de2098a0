# SPDX-License-Identifier: GPL-2.0-or-later
#
# How the modules and the unit tests are compiled. Called by the Makefile
# with KAM_TREE, a Kamailio source tree.
#
# Every source is compiled once. The pure code (common/, */logic/) goes to
# archives; a module is its glue linked with the archives it uses, and shows
# the server nothing but what Kamailio's module loader asks for.

KAM_SRC := $(KAM_TREE)/src
OUT := build/obj
MODDIR := build/modules
# for a build of its own (OUT, MODDIR) with what a sanitizer needs
SANITIZE :=

include build/kamflags.mk

CC := gcc
WARN := -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers \
	-Wno-cast-function-type -Wshadow -Wvla -Werror=implicit \
	-Werror=incompatible-pointer-types -Werror=format-security
# what hides mistakes from the sanitizers
HARDEN := $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2 -fno-strict-overflow)
BASE := -std=gnu11 -O3 -g -fPIC $(HARDEN) -fno-strict-aliasing \
	-pthread -fstack-protector-strong \
	-MMD -MP $(WARN) $(SANITIZE) $(EXTRA_CFLAGS)
PURE_FLAGS := $(BASE) -fvisibility=hidden -isystem $(KAM_SRC) $(KAM_DEFS) \
	-Icommon
# The version script hides what glue must not show; -fvisibility would hide the
# loader's five names as well.
GLUE_FLAGS := $(filter-out -fvisibility=hidden,$(PURE_FLAGS)) \
	-DKSR_PTHREAD_MUTEX_SHARED
# Calls go from glue to logic and back for every binding; the archives keep
# their symbols, for scripts/lint.sh.
LTO := $(if $(SANITIZE),,-flto=auto -ffat-lto-objects)
LINK := -shared -pthread -O3 -g $(LTO) $(SANITIZE) $(EXTRA_CFLAGS) $(EXTRA_LDFLAGS) \
	-Wl,--version-script=scripts/module.map

# 5.x has the database API in a library of its own; later it is in the core.
ifneq (,$(filter 5.%,$(KAM_RELEASE)))
DB_LIBDIR := $(firstword $(wildcard /usr/lib/*/kamailio/libsrdb1.so* \
	/usr/lib*/kamailio/libsrdb1.so* /usr/local/lib*/kamailio/libsrdb1.so*))
# A package's modules are beside Kamailio's and find it from where they are.
DB_RPATH := $(if $(RPATH_BESIDE),'$$ORIGIN/..',$(dir $(DB_LIBDIR)))
DB_LIBS = $(DB_LIBDIR) -Wl,-rpath,$(DB_RPATH)
endif

KX_O := $(patsubst %.c,$(OUT)/%.o,$(wildcard common/*.c))
RGR_O := $(patsubst %.c,$(OUT)/%.o,$(wildcard registrar/logic/*.c))
UAX_O := $(patsubst %.c,$(OUT)/%.o,$(wildcard uac/logic/*.c))
REG_O := $(patsubst %.c,$(OUT)/%.o,$(wildcard registrar/*.c))
UA_O := $(patsubst %.c,$(OUT)/%.o,$(wildcard uac/*.c))

.PHONY: modules unit
.DELETE_ON_ERROR:
modules: $(MODDIR)/registrar.so $(MODDIR)/uac.so
	@:
unit: build/unit/run

# The flags change with the tree, its release, and these rules.
$(KX_O) $(RGR_O) $(UAX_O) $(REG_O) $(UA_O): build/kamflags.mk scripts/build.mk

build/kamflags.mk: scripts/kamflags.mk $(KAM_SRC)/Makefile.defs \
		$(wildcard $(KAM_SRC)/config.mak)
	@mkdir -p build
	@$(MAKE) -s --no-print-directory -C $(KAM_SRC) \
		-f $(abspath scripts/kamflags.mk) print >$@.part
	@grep '^KAM_' $@.part | sed "s|^KAM_DEFS.*|&|" >$@ && rm $@.part
	@printf 'KAM_TREE_SEEN := %s\n' '$(abspath $(KAM_TREE))' >>$@

ifneq ($(KAM_TREE_SEEN),$(abspath $(KAM_TREE)))
build/kamflags.mk: force
endif
.PHONY: force

$(OUT)/common/%.o: common/%.c
	@mkdir -p $(@D)
	@$(CC) $(PURE_FLAGS) $(LTO) -c $< -o $@
$(OUT)/registrar/logic/%.o: registrar/logic/%.c
	@mkdir -p $(@D)
	@$(CC) $(PURE_FLAGS) $(LTO) -Iregistrar/logic -c $< -o $@
$(OUT)/uac/logic/%.o: uac/logic/%.c
	@mkdir -p $(@D)
	@$(CC) $(PURE_FLAGS) $(LTO) -Iuac/logic -c $< -o $@
$(OUT)/registrar/%.o: registrar/%.c
	@mkdir -p $(@D)
	@$(CC) $(GLUE_FLAGS) $(LTO) -DMOD_NAME='"registrar"' -DMOD_NAMEID=registrar \
		-Iregistrar/logic -c $< -o $@
$(OUT)/uac/%.o: uac/%.c
	@mkdir -p $(@D)
	@$(CC) $(GLUE_FLAGS) $(LTO) -DMOD_NAME='"uac"' -DMOD_NAMEID=uac \
		-Iuac/logic -c $< -o $@

$(OUT)/libkx.a: $(KX_O)
$(OUT)/librgr.a: $(RGR_O)
$(OUT)/libuax.a: $(UAX_O)
$(OUT)/lib%.a:
	@rm -f $@ && ar rcs $@ $^

$(MODDIR)/registrar.so: $(REG_O) $(OUT)/librgr.a $(OUT)/libkx.a
	@mkdir -p $(@D)
	@$(CC) $(LINK) -o $@ $(filter %.o %.a,$^)
$(MODDIR)/uac.so: $(UA_O) $(OUT)/libuax.a $(OUT)/libkx.a
	@mkdir -p $(@D)
	@$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(DB_LIBS)
$(MODDIR)/registrar.so $(MODDIR)/uac.so: scripts/module.map scripts/build.mk

# The unit tests link the pure code and nothing of Kamailio: that it links is
# the proof that it is pure. Compiled apart, with the checks for our own bugs
# switched to abort.
UNIT_O := $(patsubst %.c,build/unit/%.o,$(wildcard tests/unit/*.c) \
	$(wildcard common/*.c) $(wildcard registrar/logic/*.c) \
	$(wildcard uac/logic/*.c))
UNIT_FLAGS := $(filter-out -D_FORTIFY_SOURCE=2,$(PURE_FLAGS)) -O1 \
	-DKX_ABORT_ON_BUG -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
UNIT_LIBS := $(shell pkg-config --libs check 2>/dev/null) -lcrypto

$(UNIT_O): build/kamflags.mk scripts/build.mk
build/unit/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(UNIT_FLAGS) -Iregistrar/logic -Iuac/logic -Itests/unit \
		-c $< -o $@
build/unit/run: $(UNIT_O)
	@$(CC) -fsanitize=address,undefined -o $@ $^ $(UNIT_LIBS) -lm

# The same once more to count branches: without sanitizers, which add some of
# their own, and with bugs going on as they do in production.
COV_O := $(patsubst build/unit/%,build/cov/%,$(UNIT_O))
COV_FLAGS := $(filter-out -D_FORTIFY_SOURCE=2 -O3,$(PURE_FLAGS)) -O0 --coverage
.PHONY: coverage
coverage: build/cov/run
$(COV_O): build/kamflags.mk scripts/build.mk
build/cov/%.o: %.c
	@mkdir -p $(@D)
	@$(CC) $(COV_FLAGS) -Iregistrar/logic -Iuac/logic -Itests/unit \
		-c $< -o $@
build/cov/run: $(COV_O)
	@$(CC) --coverage -o $@ $^ $(UNIT_LIBS) -lm

# The simulated day of a cluster, for tests/bench: the archives of the modules,
# as fast as they are there.
.PHONY: cluster-day
cluster-day: build/bench/cluster_day
build/bench/cluster_day: tests/bench/cluster_day.c \
		$(wildcard tests/unit/cluster_sim*.[ch]) $(OUT)/libuax.a $(OUT)/libkx.a
	@mkdir -p $(@D)
	@$(CC) $(filter-out -MMD -MP,$(PURE_FLAGS)) $(LTO) -Iuac/logic -Itests/unit \
		-o $@ $(filter %.c %.a,$^)

# Fuzz targets: every tests/fuzz/fuzz_NAME.c is one, linked with all of the
# pure code, by clang, which has the fuzzer.
FUZZ_CC := clang
FUZZ_FLAGS := $(filter-out -D_FORTIFY_SOURCE=2 -O3,$(PURE_FLAGS)) -O1 \
	-Wno-unknown-warning-option -DKX_ABORT_ON_BUG \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_PURE := $(patsubst build/unit/%,build/fuzz/obj/%, \
	$(filter-out build/unit/tests/%,$(UNIT_O)))
FUZZ_RUN := $(patsubst tests/fuzz/fuzz_%.c,build/fuzz/%, \
	$(wildcard tests/fuzz/fuzz_*.c))
.PHONY: fuzz
.SECONDARY: $(FUZZ_PURE)
fuzz: $(FUZZ_RUN)
$(FUZZ_PURE): build/kamflags.mk scripts/build.mk
build/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	@$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link \
		-Iregistrar/logic -Iuac/logic -c $< -o $@
build/fuzz/%: tests/fuzz/fuzz_%.c $(FUZZ_PURE)
	@$(FUZZ_CC) $(filter-out -MMD -MP,$(FUZZ_FLAGS)) -fsanitize=fuzzer \
		-Iregistrar/logic -Iuac/logic -o $@ $^ -lcrypto

-include $(shell find $(OUT) build/unit build/cov build/fuzz -name '*.d' \
	2>/dev/null)
