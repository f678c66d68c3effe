# SPDX-License-Identifier: GPL-2.0-or-later
#
# Static analysis. By clang's analyzer with a tenth of its states of a function, LINT=all: with all. A file at a time: gcc's gives up silently on a unit that is too
# large, and these are small. What neither changed nor includes what changed is not analyzed again. -S: the boot sectors
# that one of them takes in need not be there. Programs for Windows are left to compilers that have its headers.

.PHONY: lint analyze-gcc analyze-clang
lint:
	+@LINT='$(LINT)' MAKE='$(MAKE)' tests/lint.sh
ANALYZED      := $(filter-out %_windows.c,$(COMMON_SRC) $(sort $(wildcard bios/*.c efi/*.c tools/*/*.c)))
ANALYZE_FLAGS  = -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DLDMBOOT_VERSION='"0"' -DLDMBOOT_URL='"-"' -DBOOTCODE='"/dev/null"' \
                 $(ANALYZE_$(firstword $(subst /, ,$<))) -I. $<
ANALYZE_bios  := -ffreestanding -m32 -march=i386
ANALYZE_efi   := -ffreestanding -fshort-wchar $(EFI_x64_CFLAGS)
$(B)/analyzed/gcc/%: % tests/lint.mk
	@mkdir -p $(@D)
	@gcc -fanalyzer -O1 -Werror -S -o /dev/null $(DEPGEN) -MT $@ $(ANALYZE_FLAGS)
	@touch $@
# Clang's own limit, and a tenth.
CLANG_STATES := $(if $(filter all,$(LINT)),225000,20000)
$(B)/analyzed/clang-$(CLANG_STATES)/%: % tests/lint.mk
	@mkdir -p $(@D)
	@$(CLANG) -MM -MP -MF $@.d -MT $@ $(ANALYZE_FLAGS)
	@$(CLANG) --analyze --analyzer-output text -Xclang -analyzer-werror -Xclang -analyzer-config -Xclang max-nodes=$(CLANG_STATES) $(ANALYZE_FLAGS)
	@touch $@
analyze-gcc:   $(ANALYZED:%=$(B)/analyzed/gcc/%)
analyze-clang: $(ANALYZED:%=$(B)/analyzed/clang-$(CLANG_STATES)/%)
analyze-gcc analyze-clang:
	@echo '$@: $(words $^) sources'
