# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests, fuzz targets, the sweep, and what the host tests and peers need.

# tests/unit/ROOM/test_X.c is one cmocka program each; what they need of tests/support/*.c is linked to them.
UNIT_SRC    := $(sort $(wildcard tests/unit/test_*.c tests/unit/*/test_*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
SUPPORT_HDR := $(sort $(wildcard tests/support/*.h))
UNIT        := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%) $(BIOS_UNIT)
UNIT_SAN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit-san/%) $(BIOS_UNIT_SAN)
# cmocka 2 calls old what cmocka 1 has nothing else for (assert_in_range).
TEST_CFLAGS := $(TOOL_CFLAGS) -Wno-missing-prototypes -Wno-conversion -Wno-deprecated-declarations

# File systems that test_ntfs and test_fat read: made by mkntfs, libntfs-3g, mkfs.fat and mtools.
$(B)/mkntfsimg: tests/tools/mkntfsimg.c tests/support/pattern.h
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror $(REPRO) -O2 -g -I. -D_FILE_OFFSET_BITS=64 $< -lntfs-3g -o $@
$(B)/fsimg/made: tests/tools/make-fsimg.sh $(B)/mkntfsimg
	@mkdir -p $(@D)
	$(Q)tests/tools/make-fsimg.sh $(B)/mkntfsimg $(@D)
	@touch $@
$(foreach d,unit unit-san,$(foreach t,test_ntfs test_fat,$(B)/$(d)/fs/$(t))): | $(B)/fsimg/made

$(B)/support/%.o: tests/support/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $(DEPGEN) -c $< -o $@
$(B)/support-san/%.o: tests/support/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -O1 $(SANITIZE) $(DEPGEN) -c $< -o $@
$(B)/support/libsupport.a: $(SUPPORT_SRC:tests/support/%.c=$(B)/support/%.o)
$(B)/support-san/libsupport.a: $(SUPPORT_SRC:tests/support/%.c=$(B)/support-san/%.o)
$(B)/support/libsupport.a $(B)/support-san/libsupport.a:
	@rm -f $@
	$(Q)ar rcD $@ $^

UNIT_LIBS     := $(B)/support/libsupport.a $(B)/host/libcommon.a
UNIT_LIBS_SAN := $(B)/support-san/libsupport.a $(B)/san/libcommon.a
$(B)/unit/%: tests/unit/%.c $(SUPPORT_HDR) $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $< $(UNIT_LIBS) -lcmocka -o $@
$(B)/unit-san/%: tests/unit/%.c $(SUPPORT_HDR) $(UNIT_LIBS_SAN)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -O1 $(SANITIZE) $< $(UNIT_LIBS_SAN) -lcmocka -o $@

# The boot store and the RAM disk's volume as files, for hivex, fsck.fat and mtools to look at.
TEST_TOOLS := $(B)/tests/bootfiles $(B)/tests/linux-init $(B)/mkvolume $(B)/tests/sweep $(B)/tests/sweep-san \
              $(B)/tests/badsectors.so $(B)/tests/fscat $(B)/tests/revoked $(B)/mkntfsimg
# Preloaded, it makes sectors of a file unreadable (tests/host/test_nbdkit.py).
$(B)/tests/badsectors.so: tests/tools/badsectors.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror $(REPRO) -O2 -fPIC -shared $< -ldl -o $@
$(B)/tests/bootfiles: tests/tools/bootfiles.c tests/support/costlystore.c tests/support/costlystore.h $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $(filter %.c %.a,$^) -o $@

# Is a program on a list of what is revoked (tests/host/test_revocation.py)?
$(B)/tests/revoked: tests/tools/revoked.c $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $< $(B)/host/libcommon.a -o $@

# A file as common/fs reads it (tests/host/test_volume_files.py).
$(B)/tests/fscat: tests/tools/fscat.c $(SUPPORT_HDR) $(UNIT_LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $< $(UNIT_LIBS) -o $@

# The only program of the Linux that judges mkldm's disks (tests/host/test_peers_linux.py).
$(B)/tests/linux-init: tests/tools/linux-init.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror $(REPRO) -Os -s -static $< -o $@

# Damages every metadata sector in turn and looks at the plan (tests/host/test_sweep.py).
SWEEP_SRC := tests/sweep/sweep.c tests/support/memdisk.c
$(B)/tests/sweep: $(SWEEP_SRC) $(SUPPORT_HDR) $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $(SWEEP_SRC) $(B)/host/libcommon.a -o $@
$(B)/tests/sweep-san: $(SWEEP_SRC) $(SUPPORT_HDR) $(B)/san/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $(SANITIZE) $(SWEEP_SRC) $(B)/san/libcommon.a -o $@

FUZZ_SRC     := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SUPPORT := memdisk ldmdisk ntfsbuild peprogram fakeview  # make the disks and volumes that the targets change
FUZZ_BIOS    := $(B)/fuzz/fuzz_hook  # what is pure in the BIOS program
FUZZ         := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%) $(FUZZ_BIOS)
FUZZ_OBJ     := $(COMMON_HOST:%.c=$(B)/fuzz/%.o) $(FUZZ_SUPPORT:%=$(B)/fuzz/tests/support/%.o)
# Undefined behaviour ends the program by a trap, in the line that the stack shows: no call for a message at each check.
FUZZ_CFLAGS  := -std=c11 -D_GNU_SOURCE -O3 -march=native -g -I. -fno-sanitize-recover=all -fsanitize-trap=undefined
# Left to the unit tests under sanitizers, for a quarter of the time: what mostly ends by AddressSanitizer when such a pointer is
# used.
FUZZ_SAN     := address,undefined -fno-sanitize=null,object-size,pointer-overflow
# To watch the operands of comparisons helps with texts and free forms: the sources in fuzz-watched/. Where an input is a list of
# changes to good disks it tells nothing, and took half of the time: most are the sanitizers' own, or those of walks. Of a store
# the texts are compared in bcd.c; the walk through its cells took two thirds of the time.
FUZZ_BLIND := -fno-sanitize-coverage=trace-cmp
# Nor is an input worth keeping for another way through the making of its disks, through a text or a sum. To note those took a
# tenth of fuzz_plan's time, and an eighth of the inputs that it kept were kept for that.
FUZZ_UNTOLD := $(FUZZ_BLIND),edge,inline-8bit-counters,pc-table,indirect-calls,stack-depth
$(B)/fuzz/common/base/%.o $(B)/fuzz/tests/support/%.o $(B)/fuzz/fuzz_plan: private FUZZ_BLIND = $(FUZZ_UNTOLD)
$(B)/fuzz/%.o $(B)/fuzz-watched/%.o: FUZZ_CC = @mkdir -p $(@D) && $(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,$(FUZZ_SAN)
$(B)/fuzz/%.o: %.c tests/tests.mk
	$(FUZZ_CC) $(FUZZ_BLIND) $(DEPGEN) -c $< -o $@
$(B)/fuzz-watched/%.o: %.c tests/tests.mk
	$(FUZZ_CC) $(DEPGEN) -c $< -o $@
$(B)/fuzz/libfuzzed.a: $(FUZZ_OBJ)
	@rm -f $@
	$(Q)ar rcD $@ $^
FUZZ_LINK = $(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) $(FUZZ_BLIND) $(filter %.c %.o,$^) $(B)/fuzz/libfuzzed.a -o $@
$(filter-out $(FUZZ_BIOS),$(FUZZ)): $(B)/fuzz/%: tests/fuzz/%.c $(B)/fuzz/libfuzzed.a
	$(FUZZ_LINK)
$(FUZZ_BIOS): FUZZ_CFLAGS += -Itests/fuzz -Itests/support
$(FUZZ_BIOS): $(B)/fuzz/%: bios/fuzz/%.c bios/hooktab.c bios/hook.h $(B)/fuzz/libfuzzed.a
	$(FUZZ_LINK)
$(B)/fuzz/fuzz_bootini: $(B)/fuzz-watched/common/windows/bootini.o
$(B)/fuzz/fuzz_hive: $(B)/fuzz-watched/common/windows/bcd.o
$(B)/fuzz/fuzz_config $(B)/fuzz/fuzz_bootp: $(B)/fuzz/fuzz_%: $(B)/fuzz-watched/common/settings/%.o
$(FUZZ): $(wildcard tests/fuzz/*.h) tests/tests.mk

# Disks that Windows wrote, where the archive is to be had; tests of them are skipped otherwise.
LDMBOOT_DATA ?= ../shared/data
REAL_IMAGES  := $(LDMBOOT_DATA)/windows-ldm-images.tar.xz
.PHONY: real-images
real-images:
	@test -e $(B)/data -o ! -e '$(REAL_IMAGES)' || { mkdir -p $(B)/data && tar xSJf '$(REAL_IMAGES)' -C $(B)/data; }

.PHONY: unit unit-san
unit unit-san: real-images
unit: $(UNIT)
	@for t in $(UNIT); do echo "== $$t"; $$t || exit 1; done
unit-san: $(UNIT_SAN)
	@for t in $(UNIT_SAN); do echo "== $$t"; $$t || exit 1; done

# Each target: its seeds, one by one, then a few thousand inputs, enough to see that it still works and finds nothing at once.
# -entropic: to weigh inputs took as long as to run them.
$(B)/seeds/made: tests/fuzz/seeds.py tests/fuzz/seeds.txt $(wildcard tests/fuzz/seeds/*/*)
	@mkdir -p $(B)
	$(Q)tests/fuzz/seeds.py $(@D)
	@touch $@
FUZZ_FLAGS = -verbosity=0 -rss_limit_mb=4096 -timeout=20 -entropic=0 -reload=0
fuzz_seeds = $(1) $(B)/seeds/$(2)/* >$(B)/seeds/$(2).log 2>&1 || { cat $(B)/seeds/$(2).log; exit 1; }
.PHONY: fuzz-smoke fuzz-seeds
fuzz-smoke: $(FUZZ:$(B)/fuzz/%=fuzz-smoke/%)
fuzz-seeds: $(FUZZ) $(B)/seeds/made
	@$(foreach t,$(FUZZ),$(call fuzz_seeds,$(t),$(notdir $(t))) &&) echo "every seed of $(words $(FUZZ)) fuzz targets: nothing found"
fuzz-smoke/%: $(B)/fuzz/% $(B)/seeds/made
	@$(call fuzz_seeds,$<,$(@F))
	@mkdir -p $(B)/corpus/$(@F)
	@$< $(FUZZ_FLAGS) -print_final_stats=1 -artifact_prefix=$(B)/corpus/$(@F)- $(B)/corpus/$(@F) $(B)/seeds/$(@F) \
	  -runs=20000 -max_total_time=60 -seed=1

# As long as one has time: SECONDS a target, or until GOAL inputs were run with this code; then a table of all such runs;
# with SECONDS=0 the table alone.
SECONDS ?= 600
GOAL    ?= 0
fuzz: $(FUZZ) $(B)/seeds/made
	@tests/fuzz/runs.py --seconds $(SECONDS) --goal $(GOAL) --seeds $(B)/seeds --corpus $(B)/corpus --record $(B)/corpus/runs.txt \
	  $(FUZZ_FLAGS:%=--flag=%) $(or $(TARGETS:%=$(B)/fuzz/%),$(FUZZ))

# What no input can make the decoders do: Frama-C's Eva on each harness of tests/proof/, and a table.
.PHONY: prove
prove:
	@case "$$(frama-c -version 2>/dev/null)" in \
	25.*) tests/proof/prove.py $(PROVE) ;; \
	*) echo "skipped: the harnesses are made for Frama-C 25 (Debian 12), here is $$(frama-c -version 2>/dev/null || echo none)" ;; \
	esac

# How many seeded slips of the pen the unit tests notice (tests/mutation/mutants.py). FILES: sources or folders; SAMPLE:
# how many of each file, 0 for all. Half a second a mutant, more for one that survives; QUICK=1, by fewer tests, plain: a third.
quoted = '$(subst ','\'',$(1))'
.PHONY: mutants
mutants: real-images $(B)/fsimg/made $(B)/stage2.bin
	@nice -n 10 tests/mutation/mutants.py --cc '$(CC)' --cflags $(call quoted,$(TEST_CFLAGS)) --san '-O1 $(SANITIZE)' --out $(B)/mutation \
	  $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(QUICK),--quick) --flags-for bios/ '$(BIOS_PLAYED)' \
	  --sources $(COMMON_HOST) $(BIOS_TESTED) --support $(SUPPORT_SRC) bios/unit/machine.c --tests $(UNIT_SRC) $(BIOS_UNIT_SRC) -- $(FILES)

# common/ as each compiler sees it for each machine that it is for.
COMPILERS := $(sort $(CC) $(BOOT_CC) $(CLANG))
MATRIX := $(foreach c,$(COMPILERS),$(foreach m,32 64,$(COMMON_SRC:%.c=$(B)/matrix/$(c)-$(m)/%.o)))
.PHONY: common-matrix test-programs
common-matrix: $(MATRIX)
define MATRIX_RULE
$(B)/matrix/$(1)-$(2)/%.o: %.c
	@mkdir -p $$(@D)
	@$(1) $(STD) -I. -m$(2) -Os -ffreestanding -mno-sse -mno-mmx -fno-stack-protector $$(DEPGEN) -c $$< -o $$@
endef
$(foreach c,$(COMPILERS),$(foreach m,32 64,$(eval $(call MATRIX_RULE,$(c),$(m)))))

test-programs: common-matrix $(UNIT) $(UNIT_SAN) $(FUZZ) $(TEST_TOOLS)
