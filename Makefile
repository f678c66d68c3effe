# SPDX-License-Identifier: GPL-2.0-or-later
#
# ldmboot: start Windows from the surviving half of a mirrored dynamic volume.
#
#   make demo    install what is missing, build, boot a degraded server in QEMU
#   make check   install what is missing, build, run every test
#   make help    the rest
#
# Everything that is built goes under build/. One tree of C sources (common/)
# is compiled for the host, for the host with sanitizers, for the nbdkit plugin
# (a shared object), for the BIOS stage (i386) and for UEFI (x86_64 and i386).

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION := $(shell cat VERSION)
B       := build
CC      := gcc
BOOT_CC := gcc
CLANG   := clang
NASM    := nasm
PYTHON  := /usr/bin/python3
PYTEST  := $(PYTHON) -m pytest

# Before every command that builds something: shows what is made, or the command itself with `make V=1`.
Q = $(if $(V),,@echo '  $@'; )

.PHONY: all demo check check-long firmware bench fuzz qemu deps clean help
all: tools bios efi images
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make             build everything under build/
## make demo        boot a degraded server's disk in QEMU through ldmboot (DISK=path: your own image, read only;
##                  FIRMWARE=uefi: a UEFI server; SCENE=windows-only: the system volume is lost, too;
##                  SCENE=replace: a copy on a new disk starts by itself)
## make check       all tests but the long ones
## make check-long  all tests, and whole matrices: each BIOS with each disk, thousands of calls (about an hour)
## make deps        install what building and testing need (Debian, Ubuntu; as root, or with sudo)
## make bench       reads, bytes, instructions and sizes as a table
## make firmware    boots on other firmware (Bochs, U-Boot) and old machines as a table; long
## make prove       the decoders, for all inputs: Frama-C's Eva on every harness of tests/proof/ (PROVE=NAME: only that one)
## make mutants     how many seeded slips in the code the unit tests notice, as a table, and which not (SAMPLE=20 of each
##                  file, SEED=1, FILES=common/ldm/judge.c: only these; QUICK=1: fewer tests); hours for the whole tree
## make lint        cppcheck, shellcheck, pyflakes, gcc's and clang's analyzers; LINT=all: clang's to its end
## make fuzz        long fuzzing runs, and a table (SECONDS=600 a target, 0: the table alone; GOAL=10000000 inputs; TARGETS=fuzz_menu)
## make sign        the UEFI programs and a stick and a CD, signed for Secure Boot (KEY=key.pem CERT=certificate.pem)
## make windows     ldmboot-inspect.exe, where mingw-w64 is (gcc-mingw-w64-x86-64, gcc-mingw-w64-i686)
## make install     tools, manual pages and boot images into PREFIX (/usr/local), below DESTDIR if that is given
## make dist        a release in build/dist: a folder (and zip) that is used, not built; archive of the sources, SHA256SUMS
##                  (KEY=key.pem: and a signature of them)
## make deb         Debian packages of what make install installs, in build/deb, by Debian's own tools (debhelper)
## make check-fresh make demo and make check on new machines in a folder (SUITE=trixie: only that one; root, network,
##                  debootstrap; some hours)
## make qemu        the demo in a window
## make clean       remove build/
## make V=1         the same with every command shown
## make CC=clang    tools and tests by clang; the boot programs need gcc (BOOT_CC): regparm structs, its link-time optimization

# ---------------------------------------------------------------- set-up

# Debian keeps mkfs.fat, and much that tests call, where an ordinary user's PATH does not lead.
export PATH := $(PATH):/usr/sbin:/sbin

# What the programs are built with. What sets up by itself, or builds nothing, does not ask for it.
NEEDED       := $(CC) $(BOOT_CC) $(NASM) $(PYTHON) objcopy mkfs.fat mcopy xorriso /usr/include/efi/efi.h
SETS_UP      := deps demo qemu bench check check-long firmware help clean
MISSING      := $(shell PATH='$(PATH)'; for p in $(sort $(NEEDED)); do command -v $$p >/dev/null || test -e $$p || printf '%s ' $$p; done)
ifneq ($(and $(MISSING),$(filter-out $(SETS_UP),$(or $(MAKECMDGOALS),all))),)
$(error not on this machine: $(MISSING)- "make deps" installs what is missing, as root or with sudo (Debian, Ubuntu))
endif

# Installs what is missing with apt-get as root or through sudo; otherwise says what to run.
deps:
	@tools/deps.sh $(DEPS)

# ---------------------------------------------------------------- common flags

WARN   := -Wall -Wextra -Werror -Wshadow -Wvla -Wconversion -Wmissing-prototypes
REPRO  := '-ffile-prefix-map=$(CURDIR)=.' -gno-record-gcc-switches
STD    := -std=c11 $(WARN) $(REPRO) -DLDMBOOT_VERSION='"$(VERSION)"'
DEPGEN  = -MMD -MP -MF $@.d

COMMON_SRC  := $(sort $(wildcard common/*/*.c))
COMMON_HOST := $(filter-out common/base/mem.c,$(COMMON_SRC))  # the host has a C library

# $(call by_name,FILES): in the order of their names without folders. The boot programs are linked in it, so that the
# room that a file stands in changes no byte of them.
by_name = $(foreach f,$(sort $(foreach f,$(1),$(notdir $(f))|$(f))),$(lastword $(subst |, ,$(f))))

# ---------------------------------------------------------------- the parts, beside what they build

include tools/tools.mk bios/bios.mk efi/efi.mk tools/images.mk tools/packages.mk tests/tests.mk tests/lint.mk qemu/qemu.mk

# ---------------------------------------------------------------- what a person calls

# These three do all the set-up themselves, as `make check` does.
DEMO := demo.$(or $(subst -,_,$(SCENE)),$(if $(filter uefi UEFI,$(FIRMWARE)),uefi,bios))
demo qemu bench: DEPS := demo
demo qemu bench: deps
	@$(MAKE) --no-print-directory -s Q=@ all payloads efi-payloads
	@PYTHONPATH=qemu $(PYTHON) -m $(if $(filter bench,$@),bench,$(DEMO)) $(if $(filter qemu,$@),--window) $(if $(DISK),--disk '$(DISK)')

check: deps
	@tests/run-all.sh
firmware: deps
	@$(MAKE) --no-print-directory -s Q=@ all payloads efi-payloads $(B)/tests/bootfiles
	@$(PYTHON) qemu/firmware.py

check-long: deps
	@LONG=yes tests/run-all.sh

.PHONY: check-fresh
check-fresh: dist
	@LDMBOOT_DATA='$(LDMBOOT_DATA)' SUITE='$(SUITE)' GOALS='$(GOALS)' tests/check-fresh.sh '$(DIST)/ldmboot-$(VERSION).tar.gz'

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' -type f 2>/dev/null)
