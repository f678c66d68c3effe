# SPDX-License-Identifier: GPL-2.0-or-later
#
# The UEFI programs, for x86_64 and i386.

# Of gnu-efi only the headers are used: the entry point has the firmware's calling convention, and
# finish_pe.py makes real base relocations, so there is no start-up code and no self-relocation.
# The 32-bit build needs -malign-double, or 64-bit fields of the firmware's structures are misplaced.
EFI_SRC      := $(call by_name,$(wildcard efi/*.c) $(COMMON_SRC))
EFI_INCLUDE  := /usr/include/efi
EFI_CFLAGS   := $(STD) -Oz -I. -ffreestanding -fpie -fvisibility=hidden -fshort-wchar -fno-stack-protector -mgeneral-regs-only \
                -fno-asynchronous-unwind-tables -fno-ident -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns
# Link-time optimization saves 5 %: BOOTX64.EFI has a limit (tests/host/test_efi_image.py).
EFI_LTO      := -flto -flto-partition=one
EFI_LDFLAGS  := -nostdlib -shared -Wl,-e,efi_main,-Bsymbolic,--gc-sections,-z,nocombreloc,-z,noexecstack,-z,defs,--build-id=none,-T,efi/efi.lds
# Where to ask about this build, in its .sbat: who signs one gives his own. .example is no real domain (RFC 2606).
LDMBOOT_URL  ?= https://ldmboot.example/
$(B)/efi-x64/efi/sbat.o $(B)/efi-ia32/efi/sbat.o: EFI_CFLAGS += -DLDMBOOT_URL='"$(LDMBOOT_URL)"'
EFI_SECTIONS := .text .rodata .sbat .reloc .data

EFI_x64_CFLAGS  := -m64 -mno-red-zone -DGNU_EFI_USE_MS_ABI -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/x86_64
EFI_ia32_CFLAGS := -m32 -march=i686 -malign-double -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/ia32
EFI_x64_PE   := efi-app-x86_64
EFI_ia32_PE  := efi-app-ia32
EFI_x64_OUT  := $(B)/efi/BOOTX64.EFI
EFI_ia32_OUT := $(B)/efi/BOOTIA32.EFI

# $(call efi_link,ARCH,OBJECTS,OUTPUT): ELF, then PE, then what objcopy cannot do.
define efi_link
$(BOOT_CC) $(EFI_CFLAGS) $(EFI_$(1)_CFLAGS) $(EFI_LTO) $(EFI_LDFLAGS) $(2) -o $(3).so && \
    objcopy -S $(EFI_SECTIONS:%=-j %) -O $(EFI_$(1)_PE) $(3).so $(3) && \
    $(PYTHON) efi/finish_pe.py $(3).so $(3)
endef

define EFI_RULES
$(B)/efi-$(1)/common/base/mem.o: EFI_LTO :=  # the compiler calls these by itself, later than it looks
$(B)/efi-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(Q)$$(BOOT_CC) $$(EFI_CFLAGS) $$(EFI_$(1)_CFLAGS) $$(EFI_LTO) $$(DEPGEN) -c $$< -o $$@
$(EFI_$(1)_OUT): $(EFI_SRC:%.c=$(B)/efi-$(1)/%.o) efi/efi.lds efi/finish_pe.py
	@mkdir -p $$(@D)
	$$(Q)$$(call efi_link,$(1),$(EFI_SRC:%.c=$(B)/efi-$(1)/%.o),$$@)
endef
$(eval $(call EFI_RULES,x64))
$(eval $(call EFI_RULES,ia32))

.PHONY: efi
efi: $(EFI_x64_OUT) $(EFI_ia32_OUT)
