# SPDX-License-Identifier: MIT
# flowproof: one non-recursive Makefile. `make help` lists the targets.
#   MODE    = release | asan | cov        objects live in $(BUILD)
#   LAYERS  = the layers to build (all, in dependency order)

MODE    ?= release
BUILD   ?= build/$(MODE)
LAYERS  ?= base arith problem flow integrate certify verify claims report
CC      ?= cc
PREFIX  ?= /usr/local

# FLINT 3 contains Arb; FLINT 2 has it beside it (Debian 12: libflint-arb).
FLINT3  := $(shell printf '\043include <flint/flint.h>\nint x[__FLINT_VERSION >= 3 ? 1 : -1];' | \
             $(CC) -x c -c -o /dev/null - 2>/dev/null && echo yes)
ifeq ($(FLINT3),yes)
  FLINT_CPPFLAGS := -DFP_FLINT3
  FLINT_LIBS     := -lflint
else
  FLINT_LIBS     := -lflint-arb -lflint
endif

comma        := ,
MODE_release := -O2 -g
MODE_asan    := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
MODE_cov     := -O0 -g --coverage
ifeq ($(origin MODE_$(MODE)),undefined)
  $(error MODE is '$(MODE)'; allowed: release, asan, cov)
endif

CPPFLAGS += -Iinclude -D_POSIX_C_SOURCE=200809L $(FLINT_CPPFLAGS)
CFLAGS   ?= $(MODE_$(MODE))
WARN     := -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion
# gcc 12 takes the first member of FLINT's structs, when an inline function has written it, for the whole: false alarms
WARN     += $(shell $(CC) --version 2>/dev/null | grep -q clang || echo -Wno-stringop-overread -Wno-stringop-overflow)
# enclosures in double precision, the same on every machine
WARN     += -ffp-contract=off
ALL_CFLAGS := $(WARN) $(CFLAGS) -pthread -ffile-prefix-map=$(CURDIR)=.
LIBS     := $(FLINT_LIBS) -lmpfr -lgmp -lm -lpthread
LINK_MODE := $(if $(filter asan,$(MODE)),-fsanitize=address$(comma)undefined,$(if $(filter cov,$(MODE)),--coverage))
CHECK_LIBS := -lcheck $(shell printf 'int main(void){return 0;}' | $(CC) -x c -o /dev/null - -lsubunit 2>/dev/null && echo -lsubunit) -lrt

LIB_SRC   := $(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c))
LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/cli/*.c))
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
TEST_SRC  := $(wildcard tests/unit/test_*.c tests/oracle/test_*.c)
TEST_BIN  := $(TEST_SRC:%.c=$(BUILD)/%)
LIB       := $(BUILD)/libflowproof.a

SETTING   ?= paper-experiment
SCRIPTS   := $(sort $(wildcard tests/*.sh))
COMMIT    := $(shell git rev-parse --short=10 HEAD 2>/dev/null)
COMMIT    := $(if $(COMMIT),$(COMMIT)$(shell git diff --quiet HEAD 2>/dev/null || echo +dirty),unknown)

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help lib tests clean deps checklist check check-full bench gate certify bounds install uninstall run-tests FORCE

all: $(BUILD)/flowproof

help:
	@echo 'make checklist [SETTING=NAME]  run the theorem checklist (default: the paper'"'"'s own experiment)'
	@echo 'make check                     build and run the tests (MODE=asan for the sanitizers)'
	@echo 'make check-full                the slow tests too'
	@echo 'make bench                     what things cost, as ratios to named baselines (under a minute)'
	@echo 'make certify [SETTING=NAME]    the main text'"'"'s claims proved by enclosures, the certificate written and verified'
	@echo 'make bounds [DIGITS=30]        the constants, rates and times of the checklist as enclosures (default setting: tiny)'
	@echo 'make gate SETTING=NAME         the checklist, quiet: for CI'
	@echo 'make install PREFIX=DIR        the program and the sheets'

# Sub-makes, since what the libraries are is probed when make starts.
checklist: deps
	@$(MAKE) --no-print-directory all
	$(BUILD)/flowproof check --setting '$(SETTING)'

gate: deps
	@$(MAKE) --no-print-directory all
	$(BUILD)/flowproof check --setting '$(SETTING)' --quiet

# Proved by one implementation, then from the certificate's knots by another.
certify: deps
	@$(MAKE) --no-print-directory all
	$(BUILD)/flowproof check proofs --setting '$(SETTING)' --certify --certificate 'reports/$(basename $(notdir $(SETTING))).cert'
	$(BUILD)/flowproof verify 'reports/$(basename $(notdir $(SETTING))).cert'

# DIGITS certified digits of every constant and time, on SETTING (here tiny unless given).
DIGITS ?= 30
bounds: deps
	@$(MAKE) --no-print-directory all
	$(BUILD)/flowproof bounds --setting $(if $(filter file,$(origin SETTING)),tiny,'$(SETTING)') --digits $(DIGITS)

check: deps
	@$(MAKE) --no-print-directory run-tests

# Shows which check noticed each deliberate mistake (tests/mutations.sh), whatever came of the rest.
check-full: deps
	@FP_FULL=1 $(MAKE) --no-print-directory run-tests; status=$$?; cat '$(BUILD)/mutations.table'; exit $$status

deps:
	@CC='$(CC)' .ci/deps

bench: all $(BUILD)/tests/bench/bench
	$(BUILD)/tests/bench/bench $(BUILD)/flowproof

# Every test runs even if one failed; the last line counts them.
run-tests: all tests
	@BUILD='$(BUILD)' tests/run $(TEST_BIN) $(SCRIPTS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/flowproof
	install $(BUILD)/flowproof $(DESTDIR)$(PREFIX)/bin/flowproof
	cp -R proofs $(DESTDIR)$(PREFIX)/share/flowproof/

uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/bin/flowproof $(DESTDIR)$(PREFIX)/share/flowproof

lib: $(LIB)
tests: $(TEST_BIN)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/flowproof: $(CLI_OBJ) $(LIB)
	$(CC) $(LINK_MODE) -o $@ $(CLI_OBJ) $(LIB) $(LIBS)

$(BUILD)/tests/bench/bench: $(BUILD)/tests/bench/textbook.o

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT_OBJ) $(LIB)
	$(CC) $(LINK_MODE) -o $@ $(filter %.o,$^) $(LIB) $(CHECK_LIBS) $(LIBS)

$(BUILD)/src/cli/commit.o: CPPFLAGS += -DCOMMIT='"$(COMMIT)"'
$(BUILD)/src/cli/commit.o: $(BUILD)/commit
$(BUILD)/commit: FORCE
	@mkdir -p $(@D)
	@echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' > $@

# rebuild everything when the flags change
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(CPPFLAGS) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CPPFLAGS) $(ALL_CFLAGS)' > $@
FORCE:

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_BIN:%=%.d) $(SUPPORT_OBJ:.o=.d) $(BUILD)/tests/bench/bench.d $(BUILD)/tests/bench/textbook.d
