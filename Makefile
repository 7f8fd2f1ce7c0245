# SPDX-License-Identifier: MIT
# flowproof: one non-recursive Makefile. `make help` lists the targets.
#   MODE    = release | asan | cov        objects live in BUILD (default build/MODE)
#   LAYERS  = the layers to build (all, in dependency order)
#   V       = 1 shows every command
# CC (arguments allowed: 'ccache gcc'), AR, CPPFLAGS, CFLAGS, LDFLAGS are yours.

MODE    ?= release
BUILD   ?= build/$(MODE)
LAYERS  ?= base arith problem flow integrate certify verify claims report
CC      ?= cc
PREFIX  ?= /usr/local
SETTING ?= paper-experiment
DIGITS  ?= 30

ifneq ($(words $(BUILD)),1)
  $(error BUILD is '$(BUILD)': make knows no file names with spaces; give a folder without)
endif
SILENT  := $(findstring s,$(firstword -$(MAKEFLAGS)))
PROCESSORS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
# As many jobs as processors unless you say otherwise.
ifeq ($(filter -j% --jobs%,$(MAKEFLAGS)),)
  MAKEFLAGS += --jobs=$(PROCESSORS)
endif

comma        := ,
OPTIMISE_release := -O2 -g
OPTIMISE_asan    := -O1 -g
OPTIMISE_cov     := -O0 -g
SANITIZE     := -fsanitize=address$(comma)undefined
MODE_asan    := $(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
MODE_cov     := --coverage
ifeq ($(origin OPTIMISE_$(MODE)),undefined)
  $(error MODE is '$(MODE)'; allowed: release, asan, cov)
endif
CFLAGS  ?= $(OPTIMISE_$(MODE))

# Enclosures in double precision hold only where every operation rounds as IEEE 754 says.
UNSAFE  := $(filter -ffast-math -Ofast -funsafe-math-optimizations -fassociative-math -freciprocal-math -ffinite-math-only -mfpmath=387 -mfpmath=both, \
             $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS))
ifneq ($(UNSAFE),)
  $(error $(UNSAFE): the proofs rest on doubles rounded as IEEE 754 says; build without it)
endif

# gcc 12 takes the first member of FLINT's structs, when an inline function has written it, for the whole: false alarms
QUIRKS  := $(shell $(CC) --version 2>/dev/null | grep -q clang || echo -Wno-stringop-overread -Wno-stringop-overflow)
COMPILE  = $(CC) -Iinclude -D_POSIX_C_SOURCE=200809L $(CPPFLAGS) $(DEFINES) -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion $(QUIRKS) \
             $(MODE_$(MODE)) $(CFLAGS) -ffp-contract=off -pthread
LINK     = $(CC) $(CFLAGS) $(filter -fsanitize% --coverage,$(MODE_$(MODE))) $(LDFLAGS)
LIBS     = $(FLINT_LIBS) -lm -lpthread

LIB_SRC   := $(foreach l,$(LAYERS),$(wildcard src/$(l)/*.c))
LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ   := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/cli/*.c))
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
BENCH_OBJ := $(BUILD)/tests/bench/bench.o $(BUILD)/tests/bench/textbook.o
TEST_SRC  := $(wildcard tests/unit/test_*.c tests/oracle/test_*.c)
TEST_BIN  := $(TEST_SRC:%.c=$(BUILD)/%)
LIB       := $(BUILD)/libflowproof.a
SCRIPTS   := $(sort $(wildcard tests/*.sh))

# Of the project's own repository: a tree that lies inside another one has no commit.
COMMIT    := $(shell [ "$$(git rev-parse --show-toplevel 2>/dev/null)" = "$$(pwd -P)" ] && git rev-parse --short=10 HEAD 2>/dev/null)
COMMIT    := $(if $(COMMIT),$(COMMIT)$(shell git diff --quiet HEAD 2>/dev/null || echo +dirty),unknown)

# One line a file; silent with make -s, whole commands with V=1.
ifneq ($(filter 1,$(V)),)
  say := @:
else
  Q   := @
  say := @$(if $(SILENT),:,echo)
endif

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help lib tests clean checklist check check-full test unit bench gate certify bounds install uninstall FORCE

all: $(BUILD)/flowproof

help:
	@echo 'make checklist [SETTING=NAME]  run the theorem checklist (default: the paper'"'"'s own experiment)'
	@echo 'make check                     build and run the tests (MODE=asan for the sanitizers); make test is the same'
	@echo 'make check-full                the slow tests too'
	@echo 'make unit                      the test programs without the scripts'
	@echo 'make bench                     what things cost, as ratios to named baselines (under a minute)'
	@echo 'make certify [SETTING=NAME]    the checklist with a certificate, which a second implementation verifies'
	@echo 'make bounds [DIGITS=30]        the constants, rates and times of the checklist as enclosures (default setting: tiny)'
	@echo 'make gate SETTING=NAME         the checklist, quiet: for CI'
	@echo 'make install PREFIX=DIR        the program and the sheets; make uninstall removes them (DESTDIR is honoured)'

# $(call quoted,TEXT): one word for the shell, whatever TEXT holds
quoted = '$(subst ','\'',$1)'
# NAME, NAME.setting or a path
WHERE   = --setting $(call quoted,$(SETTING))
CERT    = $(call quoted,reports/$(basename $(notdir $(SETTING))).cert)

checklist: $(BUILD)/flowproof
	$(BUILD)/flowproof check $(WHERE)

gate: $(BUILD)/flowproof
	$(BUILD)/flowproof check $(WHERE) --quiet

# Proved by one implementation, then from the certificate's knots by another, which needs no run.
certify: $(BUILD)/flowproof
	$(BUILD)/flowproof check $(WHERE) --certificate $(CERT)
	$(BUILD)/flowproof verify $(CERT)

# DIGITS certified digits of every constant and time, on SETTING (here tiny unless given).
bounds: $(BUILD)/flowproof
	$(BUILD)/flowproof bounds $(if $(filter file,$(origin SETTING)),--setting tiny,$(WHERE)) --digits $(DIGITS)

# Every test runs even if one failed; the last line counts them.
check test: $(BUILD)/flowproof $(TEST_BIN)
	@BUILD='$(BUILD)' JOBS=$(PROCESSORS) tests/run $(TEST_BIN) $(SCRIPTS)

unit: $(TEST_BIN)
	@BUILD='$(BUILD)' JOBS=$(PROCESSORS) tests/run $(TEST_BIN)

# Shows which check noticed each deliberate mistake (tests/mutations.sh), whatever came of the rest.
check-full: $(BUILD)/flowproof $(TEST_BIN)
	@FP_FULL=1 BUILD='$(BUILD)' tests/run $(TEST_BIN) $(SCRIPTS); status=$$?; cat '$(BUILD)/mutations.table'; exit $$status

bench: $(BUILD)/flowproof $(BUILD)/tests/bench/bench
	$(BUILD)/tests/bench/bench $(BUILD)/flowproof

# What was installed is listed in MANIFEST, so that uninstall, and an installation over an older one, remove that and nothing else.
TARGET   = $(call quoted,$(DESTDIR)$(PREFIX))
SHARE    = share/flowproof
define remove
cd $(TARGET) 2>/dev/null && [ -f $(SHARE)/MANIFEST ] && \
  { while IFS= read -r file; do rm -f "./$$file"; done < $(SHARE)/MANIFEST; rm -f $(SHARE)/MANIFEST; \
    find $(SHARE) -depth -type d -exec rmdir {} + 2>/dev/null; } || :
endef

install: $(BUILD)/flowproof
	$(say) "INSTALL $(DESTDIR)$(PREFIX)"
	@$(remove)
	@install -d -m 755 $(TARGET)/bin $(TARGET)/$(SHARE)
	@install -m 755 $(BUILD)/flowproof $(TARGET)/bin/flowproof
	@for file in $$(find proofs -type f | LC_ALL=C sort); do \
	    install -d -m 755 $(TARGET)/$(SHARE)/"$$(dirname "$$file")" && install -m 644 "$$file" $(TARGET)/$(SHARE)/"$$file" || exit 1; \
	    echo "$(SHARE)/$$file"; \
	done > $(BUILD)/MANIFEST
	@echo bin/flowproof >> $(BUILD)/MANIFEST
	@install -m 644 $(BUILD)/MANIFEST $(TARGET)/$(SHARE)/MANIFEST

uninstall:
	$(say) "UNINSTALL $(DESTDIR)$(PREFIX)"
	@$(remove)

lib: $(LIB)
tests: $(TEST_BIN)

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say) "CC $<"
	$(Q)$(COMPILE) "-ffile-prefix-map=$$PWD=." -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(say) "AR $@"
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/flowproof: $(CLI_OBJ) $(LIB)
	$(say) "LD $@"
	$(Q)$(LINK) -o $@ $(CLI_OBJ) $(LIB) $(LIBS)

$(BUILD)/tests/bench/bench: $(BENCH_OBJ)

$(BUILD)/tests/%: $(BUILD)/tests/%.o $(SUPPORT_OBJ) $(LIB)
	$(say) "LD $@"
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIB) $(CHECK_LIBS) $(LIBS)

# the self-check is part of the command

$(BUILD)/src/cli/commit.o: private DEFINES := -DCOMMIT='"$(COMMIT)"'
$(BUILD)/src/cli/commit.o: $(BUILD)/commit
# changes only when its text does: $(call record,TEXT)
record = mkdir -p $(@D) && { echo $(call quoted,$1) | cmp -s - $@ || echo $(call quoted,$1) > $@; }
$(BUILD)/commit: FORCE
	@$(call record,$(COMMIT))

# rebuild everything when the flags change
$(BUILD)/flags: FORCE
	@$(call record,$(COMPILE))
FORCE:

clean:
	rm -rf build

# The libraries: looked for, and installed where that may be done, before anything is built; anew when the compiler is another one.
ifneq ($(filter-out help clean uninstall,$(or $(MAKECMDGOALS),all)),)
  include $(BUILD)/libraries.mk
endif
PROBED := $(shell sed -n 's/^\# for //p' '$(BUILD)/libraries.mk' 2>/dev/null)
$(BUILD)/libraries.mk: .ci/deps $(if $(filter-out $(strip $(CC)),$(PROBED))$(filter-out $(PROBED),$(CC)),FORCE)
	@CC=$(call quoted,$(CC)) CPPFLAGS=$(call quoted,$(CPPFLAGS)) LDFLAGS=$(call quoted,$(LDFLAGS)) .ci/deps $@

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_BIN:%=%.d) $(SUPPORT_OBJ:.o=.d) $(BENCH_OBJ:.o=.d)
