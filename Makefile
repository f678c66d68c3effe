# SPDX-License-Identifier: GPL-2.0-or-later
#
# ldmboot: start Windows from the surviving half of a mirrored dynamic volume.
#
#   make demo    install what is missing, build, boot a degraded server in QEMU
#   make check   install what is missing, build, run every test
#   make help    the rest
#
# Everything that is built goes under build/. One tree of C sources (common/)
# is compiled four times: for the host, for the host with sanitizers, for the
# BIOS stage (i386) and for UEFI (x86_64 and i386).

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION := $(shell cat VERSION)
B       := build
CC      := gcc
CLANG   := clang
NASM    := nasm
PYTHON  := /usr/bin/python3
PYTEST  := $(PYTHON) -m pytest

.PHONY: all demo check bench fuzz qemu deps clean help
all: tools bios efi
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make             build everything under build/
## make demo        boot a degraded server's disk in QEMU through ldmboot (DISK=path: your own image, read only)
## make check       all tests
## make bench       reads, bytes, instructions and sizes as a table
## make fuzz        long fuzzing runs (SECONDS=600)
## make qemu        the demo in a window
## make clean       remove build/

# ---------------------------------------------------------------- set-up

# Installs what is missing with apt-get as root or through sudo; otherwise says what to run.
deps:
	@tools/deps.sh

# ---------------------------------------------------------------- common flags

WARN   := -Wall -Wextra -Werror -Wshadow -Wvla -Wconversion -Wmissing-prototypes
REPRO  := -ffile-prefix-map=$(CURDIR)=. -gno-record-gcc-switches
STD    := -std=c11 $(WARN) $(REPRO) -DLDMBOOT_VERSION='"$(VERSION)"'
DEPGEN  = -MMD -MP -MF $@.d

COMMON_SRC  := $(sort $(wildcard common/*.c common/*/*.c))
COMMON_HOST := $(filter-out common/mem.c,$(COMMON_SRC))  # the host has a C library

# ---------------------------------------------------------------- host: library, tools

HOST_CFLAGS := $(STD) -O2 -g -I. -ffreestanding
SAN_CFLAGS  := $(STD) -O1 -g -I. -ffreestanding -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TOOL_CFLAGS := $(STD) -O2 -g -I. -D_FILE_OFFSET_BITS=64 -D_GNU_SOURCE

HOST_OBJ := $(COMMON_HOST:%.c=$(B)/host/%.o)
SAN_OBJ  := $(COMMON_HOST:%.c=$(B)/san/%.o)

$(B)/host/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(HOST_CFLAGS) $(DEPGEN) -c $< -o $@
$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(DEPGEN) -c $< -o $@

$(B)/host/libcommon.a: $(HOST_OBJ)
	@rm -f $@
	ar rcD $@ $^
$(B)/san/libcommon.a: $(SAN_OBJ)
	@rm -f $@
	ar rcD $@ $^

.PHONY: tools
tools: $(B)/ldmboot-inspect $(B)/mkldm

INSPECT_SRC := $(sort $(wildcard tools/inspect/*.c))
$(B)/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/host/libcommon.a
	$(CC) $(TOOL_CFLAGS) $(INSPECT_SRC) $(B)/host/libcommon.a -o $@
$(B)/san/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/san/libcommon.a
	$(CC) $(TOOL_CFLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all $(INSPECT_SRC) $(B)/san/libcommon.a -o $@

$(B)/mkldm: tools/mkldm.py
	@mkdir -p $(@D)
	install -m 755 $< $@

# ---------------------------------------------------------------- bios: stage 1, stage 2, stick image

.PHONY: bios
bios:

# ---------------------------------------------------------------- efi

.PHONY: efi
efi:

# ---------------------------------------------------------------- tests

# tests/unit/test_X.c is one cmocka program each; tests/support/*.c is linked into all of them.
UNIT_SRC    := $(sort $(wildcard tests/unit/test_*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
SUPPORT_HDR := $(sort $(wildcard tests/support/*.h))
UNIT        := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
UNIT_SAN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit-san/%)
TEST_CFLAGS := $(TOOL_CFLAGS) -Wno-missing-prototypes -Wno-conversion

$(B)/unit/%: tests/unit/%.c $(SUPPORT_SRC) $(SUPPORT_HDR) $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) $< $(SUPPORT_SRC) $(B)/host/libcommon.a -lcmocka -o $@
$(B)/unit-san/%: tests/unit/%.c $(SUPPORT_SRC) $(SUPPORT_HDR) $(B)/san/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -O1 -fsanitize=address,undefined -fno-sanitize-recover=all $< $(SUPPORT_SRC) $(B)/san/libcommon.a -lcmocka -o $@

FUZZ_SRC    := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ        := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_CFLAGS := -std=c11 -O1 -g -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
$(B)/fuzz/%: tests/fuzz/%.c $(COMMON_HOST) $(wildcard common/*.h common/*/*.h)
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) $< $(COMMON_HOST) -o $@

.PHONY: unit unit-san
unit: $(UNIT)
	@for t in $(UNIT); do echo "== $$t"; $$t || exit 1; done
unit-san: $(UNIT_SAN)
	@for t in $(UNIT_SAN); do echo "== $$t"; $$t || exit 1; done

# Each target: a few thousand inputs, enough to see that it still works and finds nothing at once.
# FUZZ_SEEDS: a folder tests/fuzz/seeds/NAME is the starting corpus where there is one.
FUZZ_RUN = mkdir -p $(B)/corpus/$(@F) && $< -verbosity=0 -print_final_stats=1 -artifact_prefix=$(B)/corpus/$(@F)- \
           -rss_limit_mb=4096 -timeout=20 $(B)/corpus/$(@F) $(wildcard tests/fuzz/seeds/$(@F))
SECONDS ?= 600
.PHONY: fuzz-smoke
fuzz-smoke: $(FUZZ:$(B)/fuzz/%=fuzz-smoke/%)
fuzz: $(FUZZ:$(B)/fuzz/%=fuzz-long/%)
fuzz-smoke/%: $(B)/fuzz/%
	@$(FUZZ_RUN) -runs=20000 -max_total_time=60 -seed=1
fuzz-long/%: $(B)/fuzz/%
	@$(FUZZ_RUN) -max_total_time=$(SECONDS)

# common/ as each compiler sees it for each machine that it is for.
MATRIX := $(foreach c,$(CC) $(CLANG),$(foreach m,32 64,$(COMMON_SRC:%.c=$(B)/matrix/$(c)-$(m)/%.o)))
.PHONY: common-matrix test-programs
common-matrix: $(MATRIX)
define MATRIX_RULE
$(B)/matrix/$(1)-$(2)/%.o: %.c
	@mkdir -p $$(@D)
	@$(1) $(STD) -m$(2) -Os -ffreestanding -mno-sse -mno-mmx -fno-stack-protector $$(DEPGEN) -c $$< -o $$@
endef
$(foreach c,$(CC) $(CLANG),$(foreach m,32 64,$(eval $(call MATRIX_RULE,$(c),$(m)))))

test-programs: common-matrix $(UNIT) $(UNIT_SAN) $(FUZZ)

check: deps
	@tests/run-all.sh

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
