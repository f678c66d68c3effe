# SPDX-License-Identifier: GPL-2.0-or-later
#
# Payloads of the boots: what the machines run beside ldmboot.

# What the machines of the boots run beside ldmboot: stand-ins for Microsoft's code, a fault shim.
PAYLOAD_NAMES := standin bench caller memorymap loadfloppy shim pxerom other vbr-standin-2000 vbr-standin-2003 vbr-standin-2008 vbr-stop bootmanager
PAYLOADS      := $(PAYLOAD_NAMES:%=$(B)/qemu/%.bin)
PAYLOAD_NASM   = @mkdir -p $(@D) && $(NASM) -f bin -I qemu/payloads/ $< -o $@
$(B)/qemu/vbr-standin-%.bin: qemu/payloads/vbr-standin.asm
	$(PAYLOAD_NASM) -DFLAVOUR=$*
$(B)/qemu/%.bin: qemu/payloads/%.asm $(wildcard qemu/payloads/*.inc)
	$(PAYLOAD_NASM)

# A stand-in in C, for real mode: one flat segment.
M16_CFLAGS := -m16 -march=i386 -std=gnu11 -Os -ffreestanding -fno-pic -fno-stack-protector -mno-sse -mno-mmx \
              -fno-asynchronous-unwind-tables -Wall -Wextra -Werror
PAYLOADS   += $(B)/qemu/bios-bootmgr.bin
$(B)/qemu/%.bin: qemu/payloads/%.c qemu/payloads/%.lds
	@mkdir -p $(@D)
	$(Q)$(CC) $(M16_CFLAGS) -nostdlib -static -no-pie -Wl,--build-id=none,--no-warn-rwx-segments,-T,$(word 2,$^) $< -o $@.elf
	$(Q)objcopy -O binary $@.elf $@

.PHONY: payloads
payloads: $(PAYLOADS) $(B)/mkvolume
test-programs: payloads

# efi-NAME.c becomes NAME-ARCH.efi; linked like the product (efi_link), of one source and nothing of ours.
define EFI_PAYLOAD_RULE
$(B)/qemu/%-$(1).efi: qemu/payloads/efi-%.c efi/efi.lds efi/finish_pe.py
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC) $$(EFI_CFLAGS) $$(EFI_$(1)_CFLAGS) -c $$< -o $$@.o
	$$(Q)$$(call efi_link,$(1),$$@.o,$$@)
endef
$(foreach a,x64 ia32,$(eval $(call EFI_PAYLOAD_RULE,$(a))))

EFI_PAYLOADS := $(B)/qemu/standin-x64.efi $(B)/qemu/standin-ia32.efi $(B)/qemu/door-x64.efi $(B)/qemu/shim-x64.efi
.PHONY: efi-payloads
efi-payloads: $(EFI_PAYLOADS)
test-programs: efi-payloads
