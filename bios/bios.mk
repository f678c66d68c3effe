# SPDX-License-Identifier: GPL-2.0-or-later
#
# The BIOS program: stage 1 of each medium, stage 2, the resident hook; unit tests of what is pure in it.

.PHONY: bios
bios: $(B)/stage2.bin $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/ldmboot.pxe $(B)/ldmboot.lkrn

# Size counts here: stage 2 lives in 80 KiB. -freg-struct-return and link-time optimization save 5 % together; the last
# line's make the code more alike and so the packed program 1.4 KB smaller (measured with gcc 12).
BIOS_CFLAGS := $(STD) -Oz -I. -m32 -march=i386 -mregparm=3 -mno-80387 -mno-mmx -mno-sse -ffreestanding \
               -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fomit-frame-pointer -freg-struct-return \
               -mpreferred-stack-boundary=2 -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns \
               -fno-inline-functions-called-once -mtune=i386 -fno-if-conversion -fno-tree-loop-im
BIOS_LTO    := -flto -flto-partition=one
BIOS_SRC := $(filter-out bios/offsets.c,$(sort $(wildcard bios/*.c)))
BIOS_ASM := bios/entry.asm bios/realmode.asm bios/chain.asm bios/hookblob.asm
BIOS_OBJ := $(BIOS_ASM:bios/%.asm=$(B)/bios/%.asm.o) $(patsubst %.c,$(B)/bios/%.o,$(call by_name,$(BIOS_SRC) $(COMMON_SRC)))

# Objects that were made with other flags are made again: some of the flags change how functions are called.
.PHONY: FORCE
$(B)/bios/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(BIOS_CFLAGS) $(BIOS_LTO)' | cmp -s - $@ || echo '$(BIOS_CFLAGS) $(BIOS_LTO)' >$@

# Not optimized at link time: what the linker has to place by file name, and what the compiler calls by itself.
$(B)/bios/bios/unpack.o $(B)/bios/bios/unlzma.o $(B)/bios/common/base/mem.o: BIOS_LTO :=
$(B)/bios/%.o: %.c $(B)/bios/flags
	@mkdir -p $(@D)
	$(Q)$(BOOT_CC) $(BIOS_CFLAGS) $(BIOS_LTO) $(DEPGEN) -c $< -o $@

# Constants and structure offsets for nasm, taken from the C headers (bios/offsets.c).
$(B)/bios/offsets.inc: bios/offsets.c
	@mkdir -p $(@D)
	$(Q)$(BOOT_CC) $(BIOS_CFLAGS) -MMD -MP -MF $@.d -MT $@ -S $< -o $@.s
	@sed -n 's/^->//p' $@.s >$@

# Nothing that a 386 does not know, in the assembler either (-march=i386 above holds it for the C).
BIOS_NASM := $(NASM) --before 'cpu 386' -i $(B)/bios/ -i bios/

# Stage 1 and the resident hook are flat binaries, the rest of the assembler is linked with the C.
$(B)/bios/%.bin: bios/%.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc
	$(Q)$(BIOS_NASM) -f bin $< -o $@
$(B)/bios/%.asm.o: bios/%.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc
	$(Q)$(BIOS_NASM) -f elf32 $< -o $@

$(B)/bios/hookblob.asm.o: $(B)/bios/hook.bin
$(B)/bios/bios.ld: bios/bios.ld bios/memory.h
	@mkdir -p $(@D)
	$(Q)$(BOOT_CC) -E -P -x c $< -o $@
$(B)/bios/stage2.elf: $(BIOS_OBJ) $(B)/bios/bios.ld
	$(Q)$(BOOT_CC) $(BIOS_CFLAGS) $(BIOS_LTO) -nostdlib -static -no-pie -Wl,--build-id=none,--gc-sections,--no-warn-rwx-segments,-z,noexecstack \
	    -Wl,-T,$(B)/bios/bios.ld $(BIOS_OBJ) -o $@
# The loader is stored as it is, the program packed.
$(B)/bios/%.part: $(B)/bios/stage2.elf
	$(Q)objcopy -O binary -j .$* $< $@
$(B)/stage2.bin: $(B)/bios/loader.part $(B)/bios/program.part tools/mkstick.py bios/memory.h bios/unlzma.h
	$(Q)$(PYTHON) tools/mkstick.py stage2 $(B)/bios/loader.part $(B)/bios/program.part $@

# Unit tests of the C of the boot program, with a BIOS that is played (unit/machine.h). They stay in their room
# (test_rules.py). Pointers have 64 bits there: casts to addresses lose nothing, since the machine's are below 4 GiB.
BIOS_UNIT_SRC := $(sort $(wildcard bios/unit/test_*.c))
BIOS_TESTED   := bios/bootpart.c bios/clock.c bios/e820.c bios/handover.c bios/hooktab.c bios/int13.c bios/memmap.c bios/spcr.c bios/unlzma.c
BIOS_PLAYED   := -include bios/unit/machine.h -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
BIOS_UNIT     := $(BIOS_UNIT_SRC:bios/unit/%.c=$(B)/unit/%)
BIOS_UNIT_SAN := $(BIOS_UNIT_SRC:bios/unit/%.c=$(B)/unit-san/%)
BIOS_UNIT_ALL := bios/unit/machine.c $(BIOS_TESTED)
$(BIOS_UNIT): $(B)/unit/%: bios/unit/%.c $(BIOS_UNIT_ALL) $(wildcard bios/*.h bios/unit/*.h) $(B)/host/libcommon.a | $(B)/stage2.bin
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $(BIOS_PLAYED) $< $(BIOS_UNIT_ALL) $(B)/host/libcommon.a -lcmocka -o $@
$(BIOS_UNIT_SAN): $(B)/unit-san/%: bios/unit/%.c $(BIOS_UNIT_ALL) $(wildcard bios/*.h bios/unit/*.h) $(B)/san/libcommon.a | $(B)/stage2.bin
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $(BIOS_PLAYED) -O1 $(SANITIZE) $< $(BIOS_UNIT_ALL) $(B)/san/libcommon.a -lcmocka -o $@

# The other doors (docs/ways-to-start.md), each with stage 2 in it or behind it.
$(B)/ldmboot.lkrn $(B)/ldmboot.pxe: $(B)/ldmboot.%: bios/%.asm bios/netcfg.inc $(B)/bios/offsets.inc $(B)/stage2.bin
	$(Q)$(BIOS_NASM) -f bin -i $(B)/ $< -o $@
$(B)/bios/cd.bin: bios/cd.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc $(B)/stage2.bin
	$(Q)$(BIOS_NASM) -f bin -i $(B)/ $< -o $@
