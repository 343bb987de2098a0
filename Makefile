# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a person types. Each target sets up what it needs; the compile rules
# are in scripts/build.mk.

include config.mak

SETUP := sh scripts/setup.sh
KAM_TREE := $(if $(KAMAILIO_SRC),$(KAMAILIO_SRC),build/kamailio)
BUILD := $(MAKE) --no-print-directory -f scripts/build.mk \
	KAM_TREE="$(KAM_TREE)" EXTRA_CFLAGS="$(CFLAGS)"
PYTHON := /usr/bin/python3
# Tests wait more than they work. A file's tests stay in one process: they share
# what is expensive to start.
PYTEST = $(PYTHON) -m pytest -q -p no:cacheprovider
PARALLEL = -n $(or $(TEST_JOBS),4) --dist loadfile
export PYTHONDONTWRITEBYTECODE := 1
# where Debian keeps kamailio and kamcmd; not in every user's PATH
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin
export KAM_TREE

.PHONY: all help setup run demo bench doc install deb clean distclean \
	test lint unit coverage fuzz sip clients browser peer package \
	test-asan test-asan-some test-valgrind test-13 test-debian13 test-deb

all: setup
	+@$(BUILD) modules
	@sh scripts/check-load.sh build/modules

help:
	@sed -n 's/^##//p' Makefile

## make            build build/modules/registrar.so and build/modules/uac.so
## make run        a registrar with uac on RUN_HOST:RUN_PORT, in the foreground
## make demo       the same with phones and a second server, unattended
## make test       every test tier
## make unit, sip, peer, clients, browser, package  one tier
## make test-asan  wire tests with the modules in AddressSanitizer and UBSan
## make test-asan-some  those of them that make test runs
## make test-valgrind  the same ones with Kamailio in valgrind
## make test-debian13  unit, wire and peer tests in a Debian 13, on its Kamailio 6.0
## make test-deb   as root: the Debian package, made, used and removed in 12 and 13
## make coverage   branches of the pure code that the unit tests take
## make fuzz       every parser under the fuzzer, FUZZ_SECONDS (20) each
## make lint       format, budgets, and who may know whom
## make bench      the numbers
## make doc        the guides as HTML, text and manual pages under build/doc
## make install    into PREFIX, never over the distribution's files
## make deb        a Debian package of them, under build/deb
## make clean      remove what was built; distclean: and the source tree

setup:
	@$(SETUP) packages build
	@$(if $(KAMAILIO_SRC),$(SETUP) check-tree "$(KAMAILIO_SRC)",$(SETUP) source build/kamailio)

run: all
	@$(SETUP) packages run
	@sh scripts/run.sh "$(RUN_HOST)" "$(RUN_PORT)"

demo: all
	@$(SETUP) packages run demo
	@$(PYTHON) scripts/demo.py

# The same executions every time: see scripts/fuzz.sh.
test: export FUZZ_SEED := 1
test: lint unit fuzz doc sip clients browser peer package test-asan-some test-13

# The second release, where a root for it can be made.
test-13:
	@if [ "$$(id -u)" = 0 ]; then \
		$(MAKE) --no-print-directory test-debian13; \
	else \
		echo "test-debian13 is left out: it needs root"; \
	fi

test-debian13:
	@sh scripts/debian.sh 13 make $(or $(DEBIAN13_TARGETS),unit sip peer)

unit: setup
	@$(SETUP) packages test
	+@$(BUILD) unit
	@build/unit/run

coverage: setup
	@$(SETUP) packages test
	+@$(BUILD) coverage
	@sh scripts/coverage.sh build/cov

doc:
	@$(SETUP) packages doc
	@sh scripts/doc.sh build/doc

fuzz: setup
	@$(SETUP) packages fuzz
	+@$(BUILD) fuzz
	@sh scripts/fuzz.sh build/fuzz "$(or $(FUZZ_SECONDS),20)" $(FUZZ_TARGETS)

lint: all
	@$(SETUP) packages lint
	@sh scripts/lint.sh

sip: all
	@$(SETUP) packages run demo test
	@$(PYTEST) $(PARALLEL) tests/sip $(PYTEST_ARGS)

# Ours and the packaged modules side by side.
peer: all
	@$(SETUP) packages run demo test
	@$(PYTEST) tests/peer $(PYTEST_ARGS)

# Kamailio's own configuration, and programs that nobody here wrote.
clients: all
	@$(SETUP) packages run demo test clients
	@$(PYTEST) tests/clients $(PYTEST_ARGS)

# The modules once more with AddressSanitizer and UBSan, see scripts/guarded.sh.
ASAN := OUT=build/asan/obj MODDIR=build/asan/modules SANITIZE='-fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1'
test-asan: all
	@$(SETUP) packages run demo test
	+@$(BUILD) modules $(ASAN)
	@sh scripts/guarded.sh asan $(or $(GUARDED_TESTS),tests/guarded tests/sip) $(PYTEST_ARGS)

# Some of the wire tests: of all that reads messages and keeps memory, where many
# share a server, and registrations. In valgrind a server takes seconds to start.
GUARDED_SOME := tests/guarded $(patsubst %,tests/sip/test_%.py,reg_save reg_bad \
	reg_memory uac_auth uac_auth_hostile uac_cred uac_reg_more uac_replace_call \
	uac_req_auth uac_req_event)
test-asan-some: GUARDED_TESTS := $(GUARDED_SOME)
test-asan-some: test-asan
test-valgrind: all
	@$(SETUP) packages run demo test
	@sh scripts/guarded.sh valgrind $(or $(GUARDED_TESTS),$(GUARDED_SOME)) $(PYTEST_ARGS)

# The status page in a headless Chromium.
browser: all
	@$(SETUP) packages run demo test browser
	@$(PYTEST) tests/browser $(PYTEST_ARGS)

bench: all
	@$(SETUP) packages run demo test
	@$(PYTHON) tests/bench/run.py

install: all
	@sh scripts/install.sh build/modules "$(DESTDIR)" "$(PREFIX)"

# The package in a root of dpkg's; test-deb: in Debian 12 and 13, by apt.
package: all
	@$(SETUP) packages run demo test deb doc
	@$(PYTEST) tests/install $(PYTEST_ARGS)

test-deb: setup
	@$(SETUP) packages run demo test
	@for release in 12 13; do \
		sh scripts/debian.sh $$release deb || exit; done

deb: setup
	@$(SETUP) packages deb doc
	@sh scripts/deb.sh build "$(KAM_TREE)" build/deb

clean:
	@rm -rf build/obj build/modules build/unit build/cov build/fuzz build/run \
		build/deb build/kamflags.mk

distclean:
	@rm -rf build
