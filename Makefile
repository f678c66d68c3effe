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

# Before every command that builds something: shows what is made, or the command itself with `make V=1`.
Q = $(if $(V),,@echo '  $@'; )

.PHONY: all demo check bench fuzz qemu deps clean help
all: tools bios efi images
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make             build everything under build/
## make demo        boot a degraded server's disk in QEMU through ldmboot (DISK=path: your own image, read only;
##                  FIRMWARE=uefi: a UEFI server)
## make check       all tests
## make bench       reads, bytes, instructions and sizes as a table
## make fuzz        long fuzzing runs (SECONDS=600)
## make sign        the UEFI programs and a stick and a CD, signed for Secure Boot (KEY=key.pem CERT=certificate.pem)
## make install     tools, manual pages and boot images into PREFIX (/usr/local), below DESTDIR if that is given
## make dist        a release in build/dist: archive of the sources, boot images, SHA256SUMS
## make deb         a Debian package of what make install installs, build/ldmboot_VERSION.deb
## make check-fresh make demo and make check on a new Debian in a folder (root, network, debootstrap; an hour)
## make qemu        the demo in a window
## make clean       remove build/
## make V=1         the same with every command shown

# ---------------------------------------------------------------- set-up

# Installs what is missing with apt-get as root or through sudo; otherwise says what to run.
deps:
	@tools/deps.sh

# ---------------------------------------------------------------- common flags

WARN   := -Wall -Wextra -Werror -Wshadow -Wvla -Wconversion -Wmissing-prototypes
REPRO  := -ffile-prefix-map=$(CURDIR)=. -gno-record-gcc-switches
STD    := -std=c11 $(WARN) $(REPRO) -DLDMBOOT_VERSION='"$(VERSION)"'
DEPGEN  = -MMD -MP -MF $@.d

COMMON_SRC  := $(sort $(wildcard common/*/*.c))
COMMON_HOST := $(filter-out common/base/mem.c,$(COMMON_SRC))  # the host has a C library

# $(call by_name,FILES): in the order of their names without folders. The boot programs are linked in it, so that the
# room that a file stands in changes no byte of them.
by_name = $(foreach f,$(sort $(foreach f,$(1),$(notdir $(f))|$(f))),$(lastword $(subst |, ,$(f))))

# ---------------------------------------------------------------- host: library, tools

SANITIZE    := -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_CFLAGS := $(STD) -O2 -g -I. -ffreestanding
SAN_CFLAGS  := $(STD) -O1 -g -I. -ffreestanding $(SANITIZE) -fno-omit-frame-pointer
TOOL_CFLAGS := $(STD) -O2 -g -I. -D_FILE_OFFSET_BITS=64 -D_GNU_SOURCE

HOST_OBJ := $(COMMON_HOST:%.c=$(B)/host/%.o)
SAN_OBJ  := $(COMMON_HOST:%.c=$(B)/san/%.o)

$(B)/host/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $(DEPGEN) -c $< -o $@
$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(SAN_CFLAGS) $(DEPGEN) -c $< -o $@

$(B)/host/libcommon.a: $(HOST_OBJ)
	@rm -f $@
	$(Q)ar rcD $@ $^
$(B)/san/libcommon.a: $(SAN_OBJ)
	@rm -f $@
	$(Q)ar rcD $@ $^

.PHONY: tools
tools: $(B)/ldmboot-inspect $(B)/mkldm $(B)/ldmboot-install

INSPECT_SRC := $(sort $(wildcard tools/inspect/*.c))
$(B)/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/host/libcommon.a
	$(Q)$(CC) $(TOOL_CFLAGS) $(INSPECT_SRC) $(B)/host/libcommon.a -o $@
$(B)/san/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/san/libcommon.a
	$(Q)$(CC) $(TOOL_CFLAGS) $(SANITIZE) $(INSPECT_SRC) $(B)/san/libcommon.a -o $@

$(B)/mkvolume: $(B)/%: tools/%.py
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

MKLDM_SRC := $(sort $(wildcard tools/mkldm/*.py))
$(B)/mkldm: tools/mkzipapp.py $(MKLDM_SRC)
	@mkdir -p $(@D)
	$(PYTHON) tools/mkzipapp.py $@ mkldm.cli:main $(MKLDM_SRC)

# One file of a Python package; it finds ldmboot.img and ldmboot-inspect beside itself.
INSTALL_SRC := $(sort $(wildcard tools/ldmboot_install/*.py))
$(B)/ldmboot-install: tools/mkzipapp.py $(INSTALL_SRC)
	@mkdir -p $(@D)
	$(PYTHON) tools/mkzipapp.py $@ ldmboot_install.cli:main $(INSTALL_SRC)

# A test tool: mkvolume's hands inside an NTFS image (libntfs-3g).
$(B)/mkvolume: $(B)/ntfsput
$(B)/ntfsput: tests/tools/ntfsput.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror $(REPRO) -O2 -g -D_FILE_OFFSET_BITS=64 $< -lntfs-3g -o $@

# ---------------------------------------------------------------- bios: stage 1, stage 2, stick image

.PHONY: bios
bios: $(B)/ldmboot.img

# Size counts here: stage 2 lives in 64 KiB. -freg-struct-return and link-time optimization save 5 % together.
BIOS_CFLAGS := $(STD) -Oz -I. -m32 -march=i386 -mregparm=3 -mno-80387 -mno-mmx -mno-sse -ffreestanding \
               -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -fomit-frame-pointer -freg-struct-return \
               -mpreferred-stack-boundary=2 -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns
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
	$(Q)$(CC) $(BIOS_CFLAGS) $(BIOS_LTO) $(DEPGEN) -c $< -o $@

# Constants and structure offsets for nasm, taken from the C headers (bios/offsets.c).
$(B)/bios/offsets.inc: bios/offsets.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BIOS_CFLAGS) -MMD -MP -MF $@.d -MT $@ -S $< -o $@.s
	@sed -n 's/^->//p' $@.s >$@

# Stage 1 and the resident hook are flat binaries, the rest of the assembler is linked with the C.
$(B)/bios/%.bin: bios/%.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc
	$(Q)$(NASM) -f bin -i $(B)/bios/ -i bios/ $< -o $@
$(B)/bios/%.asm.o: bios/%.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc
	$(Q)$(NASM) -f elf32 -i $(B)/bios/ -i bios/ $< -o $@

$(B)/bios/hookblob.asm.o: $(B)/bios/hook.bin
$(B)/bios/bios.ld: bios/bios.ld bios/memory.h
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -x c $< -o $@
$(B)/bios/stage2.elf: $(BIOS_OBJ) $(B)/bios/bios.ld
	$(Q)$(CC) $(BIOS_CFLAGS) $(BIOS_LTO) -nostdlib -static -no-pie -Wl,--build-id=none,--gc-sections,--no-warn-rwx-segments,-z,noexecstack \
	    -Wl,-T,$(B)/bios/bios.ld $(BIOS_OBJ) -o $@
# The loader is stored as it is, the program packed.
$(B)/bios/%.part: $(B)/bios/stage2.elf
	$(Q)objcopy -O binary -j .$* $< $@
$(B)/stage2.bin: $(B)/bios/loader.part $(B)/bios/program.part tools/mkstick.py bios/memory.h bios/unlzma.h
	$(Q)$(PYTHON) tools/mkstick.py stage2 $(B)/bios/loader.part $(B)/bios/program.part $@

# Unit tests of the C of the boot program that has no firmware in it. They stay in their room (test_rules.py).
BIOS_UNIT_SRC := $(sort $(wildcard bios/unit/test_*.c))
BIOS_PURE     := bios/hooktab.c bios/unlzma.c
BIOS_UNIT     := $(BIOS_UNIT_SRC:bios/unit/%.c=$(B)/unit/%)
BIOS_UNIT_SAN := $(BIOS_UNIT_SRC:bios/unit/%.c=$(B)/unit-san/%)
$(BIOS_UNIT): $(B)/unit/%: bios/unit/%.c $(BIOS_PURE) $(wildcard bios/*.h) $(B)/host/libcommon.a | $(B)/stage2.bin
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) $< $(BIOS_PURE) $(B)/host/libcommon.a -lcmocka -o $@
$(BIOS_UNIT_SAN): $(B)/unit-san/%: bios/unit/%.c $(BIOS_PURE) $(wildcard bios/*.h) $(B)/san/libcommon.a | $(B)/stage2.bin
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -O1 $(SANITIZE) $< $(BIOS_PURE) $(B)/san/libcommon.a -lcmocka -o $@

STICK_FILES := ldmboot.cfg=bios/stick/ldmboot.cfg README.TXT=bios/stick/README.TXT
STICK_EFI   := $(B)/efi/BOOTX64.EFI $(B)/efi/BOOTIA32.EFI
$(B)/ldmboot.img: $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $(wildcard bios/stick/*) $(STICK_EFI) tools/mkstick.py tools/ldmboot_install/bootpart.py
	$(Q)$(PYTHON) tools/mkstick.py image $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $@ \
	    $(STICK_FILES) $(foreach f,$(STICK_EFI),EFI/BOOT/$(notdir $f)=$f)

# ---------------------------------------------------------------- efi

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
EFI_SECTIONS := .text .rodata .sbat .reloc .data

EFI_x64_CFLAGS  := -m64 -mno-red-zone -DGNU_EFI_USE_MS_ABI -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/x86_64
EFI_ia32_CFLAGS := -m32 -march=i686 -malign-double -isystem $(EFI_INCLUDE) -isystem $(EFI_INCLUDE)/ia32
EFI_x64_PE   := efi-app-x86_64
EFI_ia32_PE  := efi-app-ia32
EFI_x64_OUT  := $(B)/efi/BOOTX64.EFI
EFI_ia32_OUT := $(B)/efi/BOOTIA32.EFI

# $(call efi_link,ARCH,OBJECTS,OUTPUT): ELF, then PE, then what objcopy cannot do.
define efi_link
$(CC) $(EFI_CFLAGS) $(EFI_$(1)_CFLAGS) $(EFI_LTO) $(EFI_LDFLAGS) $(2) -o $(3).so && \
    objcopy -S $(EFI_SECTIONS:%=-j %) -O $(EFI_$(1)_PE) $(3).so $(3) && \
    $(PYTHON) efi/finish_pe.py $(3).so $(3)
endef

define EFI_RULES
$(B)/efi-$(1)/common/base/mem.o: EFI_LTO :=  # the compiler calls these by itself, later than it looks
$(B)/efi-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(EFI_CFLAGS) $$(EFI_$(1)_CFLAGS) $$(EFI_LTO) $$(DEPGEN) -c $$< -o $$@
$(EFI_$(1)_OUT): $(EFI_SRC:%.c=$(B)/efi-$(1)/%.o) efi/efi.lds efi/finish_pe.py
	@mkdir -p $$(@D)
	$$(Q)$$(call efi_link,$(1),$(EFI_SRC:%.c=$(B)/efi-$(1)/%.o),$$@)
endef
$(eval $(call EFI_RULES,x64))
$(eval $(call EFI_RULES,ia32))

.PHONY: efi
efi: $(EFI_x64_OUT) $(EFI_ia32_OUT)

# Signed programs, and a stick with them, beside the unsigned ones (which are reproducible).
SIGNED := $(B)/signed
.PHONY: sign
sign: $(B)/ldmboot.img $(B)/bios/cd.bin
	@test -n "$(KEY)" && test -n "$(CERT)" || { echo "usage: make sign KEY=key.pem CERT=certificate.pem" >&2; exit 1; }
	@mkdir -p $(SIGNED)
	for f in BOOTX64.EFI BOOTIA32.EFI; do \
	    sbsign --key '$(KEY)' --cert '$(CERT)' --output $(SIGNED)/$$f $(B)/efi/$$f || exit 1; done
	$(Q)$(PYTHON) tools/mkstick.py image $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $(SIGNED)/ldmboot.img \
	    $(STICK_FILES) $(foreach f,BOOTX64.EFI BOOTIA32.EFI,EFI/BOOT/$(f)=$(SIGNED)/$(f))
	$(call make_iso,$(SIGNED)/ldmboot.img,$(SIGNED)/ldmboot.iso)

# ---------------------------------------------------------------- images for other ways to start (docs/ways-to-start.md)

# All of them carry the same stage 2, and the CD the stick's boot partition.
.PHONY: images
images: $(B)/ldmboot.iso $(B)/ldmboot.pxe $(B)/ldmboot.lkrn

$(B)/ldmboot.lkrn $(B)/ldmboot.pxe: $(B)/ldmboot.%: bios/%.asm bios/netcfg.inc $(B)/bios/offsets.inc $(B)/stage2.bin
	$(NASM) -f bin -i $(B)/bios/ -i bios/ -i $(B)/ $< -o $@
$(B)/bios/cd.bin: bios/cd.asm $(wildcard bios/*.inc) $(B)/bios/offsets.inc $(B)/stage2.bin
	$(NASM) -f bin -i $(B)/bios/ -i bios/ -i $(B)/ $< -o $@
# $(call make_iso,STICK,OUTPUT)
make_iso = $(PYTHON) tools/mkiso.py $(B)/bios/cd.bin $(B)/bios/mbr.bin $(1) $(2) README.TXT=bios/stick/README.TXT
$(B)/ldmboot.iso: $(B)/ldmboot.img $(B)/bios/cd.bin tools/mkiso.py tools/mkstick.py
	$(call make_iso,$<,$@)

# ---------------------------------------------------------------- packages

# Where ldmboot-install looks for the image and for ldmboot-inspect: ../share/ldmboot and ../bin from its own folder.
PREFIX     ?= /usr/local
INSTALL_TO  = $(DESTDIR)$(PREFIX)
BOOT_IMAGES := $(addprefix $(B)/,ldmboot.img ldmboot.iso ldmboot.pxe ldmboot.lkrn efi/BOOTX64.EFI efi/BOOTIA32.EFI)
# $(call install_files,MODE,FOLDER,FILES)
install_files = install -d -m 755 '$(INSTALL_TO)/$(2)' && install -m $(1) $(3) '$(INSTALL_TO)/$(2)/'
.PHONY: install
install: tools efi images $(B)/ldmboot.img
	$(call install_files,755,bin,$(B)/ldmboot-inspect $(B)/mkldm)
	$(call install_files,755,sbin,$(B)/ldmboot-install)
	$(call install_files,644,share/ldmboot,$(BOOT_IMAGES))
	$(call install_files,644,share/doc/ldmboot,README.md CHANGELOG.md)
	$(call install_files,644,share/doc/ldmboot/docs,$(wildcard docs/*.md))
	$(call install_files,644,share/doc/ldmboot/docs/images,$(wildcard docs/images/*.png))
	$(foreach s,1 5 7 8,$(call install_files,644,share/man/man$(s),$(wildcard docs/man/*.$(s))) &&) true

# A release: archive of the sources, boot images, SHA256SUMS. EPOCH is the time of all files in packages, the day of
# VERSION; not exported, since the images have their own (1980).
EPOCH   := 1795305600
DIST    := $(B)/dist
.PHONY: dist
dist: efi images $(B)/ldmboot.img
	$(Q)tools/mkdist.sh ldmboot-$(VERSION) $(EPOCH) '$(DIST)' $(BOOT_IMAGES)

DEB := $(B)/ldmboot_$(VERSION).deb
# Made in a folder of its own beside the package: two of them can be made at once.
DEB_TREE = $(DEB).tree
.PHONY: deb
deb:
	@rm -rf '$(DEB_TREE)'
	$(Q)$(MAKE) --no-print-directory -s install DESTDIR='$(DEB_TREE)' PREFIX=/usr
	$(Q)tools/mkdeb.sh $(VERSION) $(EPOCH) '$(DEB_TREE)' '$(DEB)'
	@rm -rf '$(DEB_TREE)'

# ---------------------------------------------------------------- tests

# tests/unit/ROOM/test_X.c is one cmocka program each; what they need of tests/support/*.c is linked to them.
UNIT_SRC    := $(sort $(wildcard tests/unit/test_*.c tests/unit/*/test_*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
SUPPORT_HDR := $(sort $(wildcard tests/support/*.h))
UNIT        := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%) $(BIOS_UNIT)
UNIT_SAN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit-san/%) $(BIOS_UNIT_SAN)
TEST_CFLAGS := $(TOOL_CFLAGS) -Wno-missing-prototypes -Wno-conversion

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
TEST_TOOLS := $(B)/tests/bootfiles $(B)/tests/linux-init $(B)/mkvolume $(B)/tests/sweep $(B)/tests/sweep-san
$(B)/tests/bootfiles: tests/tools/bootfiles.c $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $< $(B)/host/libcommon.a -o $@

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
FUZZ_SUPPORT := memdisk ldmdisk ntfsbuild  # make the disks and volumes that the targets change
FUZZ         := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_CFLAGS  := -std=c11 -D_GNU_SOURCE -O1 -g -I. -fno-sanitize-recover=all
$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer-no-link,address,undefined $(DEPGEN) -c $< -o $@
$(B)/fuzz/libfuzzed.a: $(COMMON_HOST:%.c=$(B)/fuzz/%.o) $(FUZZ_SUPPORT:%=$(B)/fuzz/tests/support/%.o)
	@rm -f $@
	$(Q)ar rcD $@ $^
$(FUZZ): $(B)/fuzz/%: tests/fuzz/%.c $(B)/fuzz/libfuzzed.a
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer,address,undefined $< $(B)/fuzz/libfuzzed.a -o $@
$(B)/fuzz/fuzz_ntfs $(B)/fuzz/fuzz_fat: tests/fuzz/overlay.h

# Disks that Windows wrote, where the archive is to be had; tests of them are skipped otherwise.
LDMBOOT_DATA ?= ../shared/data
REAL_IMAGES  := $(LDMBOOT_DATA)/windows-ldm-images.tar.xz
.PHONY: real-images
real-images:
	@test -e $(B)/data -o ! -e $(REAL_IMAGES) || { mkdir -p $(B)/data && tar xSJf $(REAL_IMAGES) -C $(B)/data; }

.PHONY: unit unit-san
unit unit-san: real-images
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
	@$(1) $(STD) -I. -m$(2) -Os -ffreestanding -mno-sse -mno-mmx -fno-stack-protector $$(DEPGEN) -c $$< -o $$@
endef
$(foreach c,$(CC) $(CLANG),$(foreach m,32 64,$(eval $(call MATRIX_RULE,$(c),$(m)))))

test-programs: common-matrix $(UNIT) $(UNIT_SAN) $(FUZZ) $(TEST_TOOLS)

# ---------------------------------------------------------------- qemu: payloads of the boots, benchmark, demo

# What the machines of the boots run beside ldmboot: stand-ins for Microsoft's code, a fault shim.
PAYLOAD_NAMES := standin bench shim pxerom other vbr-standin-2000 vbr-standin-2003 vbr-standin-2008 vbr-stop bootmanager
PAYLOADS      := $(PAYLOAD_NAMES:%=$(B)/qemu/%.bin)
PAYLOAD_NASM   = @mkdir -p $(@D) && $(NASM) -f bin -I qemu/payloads/ $< -o $@
$(B)/qemu/vbr-standin-%.bin: qemu/payloads/vbr-standin.asm
	$(PAYLOAD_NASM) -DFLAVOUR=$*
$(B)/qemu/%.bin: qemu/payloads/%.asm $(wildcard qemu/payloads/*.inc)
	$(PAYLOAD_NASM)

.PHONY: payloads
payloads: $(PAYLOADS) $(B)/mkvolume
test-programs: payloads

# ---------------------------------------------------------------- qemu payloads: efi

# efi-NAME.c becomes NAME-ARCH.efi; linked like the product (efi_link), of one source and nothing of ours.
define EFI_PAYLOAD_RULE
$(B)/qemu/%-$(1).efi: qemu/payloads/efi-%.c efi/efi.lds efi/finish_pe.py
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(EFI_CFLAGS) $$(EFI_$(1)_CFLAGS) -c $$< -o $$@.o
	$$(Q)$$(call efi_link,$(1),$$@.o,$$@)
endef
$(foreach a,x64 ia32,$(eval $(call EFI_PAYLOAD_RULE,$(a))))

EFI_PAYLOADS := $(B)/qemu/standin-x64.efi $(B)/qemu/standin-ia32.efi $(B)/qemu/door-x64.efi $(B)/qemu/shim-x64.efi
.PHONY: efi-payloads
efi-payloads: $(EFI_PAYLOADS)
test-programs: efi-payloads

# These three do all the set-up themselves, as `make check` does.
DEMO := demo$(if $(filter uefi UEFI,$(FIRMWARE)),_uefi)
demo qemu bench: deps
	@$(MAKE) --no-print-directory -s Q=@ all payloads efi-payloads
	@$(PYTHON) qemu/$(if $(filter bench,$@),bench,$(DEMO)).py $(if $(filter qemu,$@),--window) $(if $(DISK),--disk '$(DISK)')

check: deps
	@tests/run-all.sh

.PHONY: check-fresh
check-fresh: dist
	@LDMBOOT_DATA='$(LDMBOOT_DATA)' tests/check-fresh.sh '$(DIST)/ldmboot-$(VERSION).tar.gz'

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
