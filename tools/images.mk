# SPDX-License-Identifier: GPL-2.0-or-later
#
# The media that a person starts (docs/ways-to-start.md): stick and CD, unsigned and signed, floppy. All of them carry the
# same stage 2, the CD the stick's boot partition, and the other CD the floppy.

.PHONY: images
images: $(B)/ldmboot.img $(B)/ldmboot.iso $(B)/ldmboot-144.img $(B)/ldmboot-floppy.iso

# Texts: what a screen points to is on the stick, too.
STICK_TEXTS := ldmboot.cfg README.TXT ERRORS.TXT AFTER.TXT TROUBLE.TXT
STICK_FILES := $(foreach f,$(STICK_TEXTS),$(f)=$(B)/stick/$(f))
$(B)/stick/ERRORS.TXT: docs/errors.md
$(B)/stick/AFTER.TXT: docs/after-boot.md
$(B)/stick/TROUBLE.TXT: docs/troubleshooting.md
$(B)/stick/ldmboot.cfg $(B)/stick/README.TXT: $(B)/stick/%: bios/stick/%
$(STICK_TEXTS:%=$(B)/stick/%): tools/mktext.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mktext.py $(filter-out tools/mktext.py,$^) $@
STICK_EFI   := $(B)/efi/BOOTX64.EFI $(B)/efi/BOOTIA32.EFI
$(B)/ldmboot.img: $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $(STICK_TEXTS:%=$(B)/stick/%) $(STICK_EFI) tools/mkstick.py tools/ldmboot_install/bootpart.py
	$(Q)$(PYTHON) tools/mkstick.py image $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $@ \
	    $(STICK_FILES) $(foreach f,$(STICK_EFI),EFI/BOOT/$(notdir $f)=$f)

# $(call make_iso,STICK,OUTPUT)
make_iso = $(PYTHON) tools/mkiso.py $(B)/bios/cd.bin $(B)/bios/mbr.bin $(1) $(2) README.TXT=$(B)/stick/README.TXT
$(B)/ldmboot.iso: $(B)/ldmboot.img $(B)/bios/cd.bin tools/mkiso.py tools/mkstick.py
	$(Q)$(call make_iso,$<,$@)

# The floppy, and a CD for BIOSes that start none but those that are one.
$(B)/ldmboot-144.img: $(B)/bios/floppy.bin $(B)/stage2.bin $(STICK_TEXTS:%=$(B)/stick/%) tools/mkstick.py tools/ldmboot_install/bootpart.py
	$(Q)$(PYTHON) tools/mkstick.py floppy $(B)/bios/floppy.bin $(B)/stage2.bin $@ $(STICK_FILES)
$(B)/ldmboot-floppy.iso: $(B)/ldmboot-144.img tools/mkiso.py tools/mkstick.py
	$(Q)$(PYTHON) tools/mkiso.py floppy $< $@ README.TXT=$(B)/stick/README.TXT

# Signed programs, and a stick with them, beside the unsigned ones (which are reproducible). SHIM=FOLDER: a folder with
# Debian's shimx64.efi.signed and mmx64.efi.signed (/usr/lib/shim); the firmware starts shim, and shim ldmboot.
SIGNED := $(B)/signed
SIGNED_PLAIN := EFI/BOOT/BOOTX64.EFI=$(SIGNED)/BOOTX64.EFI
SIGNED_SHIM   = EFI/BOOT/BOOTX64.EFI=$(SHIM)/shimx64.efi.signed EFI/BOOT/grubx64.efi=$(SIGNED)/BOOTX64.EFI \
                EFI/BOOT/mmx64.efi=$(SHIM)/mmx64.efi.signed
.PHONY: sign
sign: $(B)/ldmboot.img $(B)/bios/cd.bin
	@test -n "$(KEY)" && test -n "$(CERT)" || { echo "usage: make sign KEY=key.pem CERT=certificate.pem [SHIM=/usr/lib/shim]" >&2; exit 1; }
	@mkdir -p $(SIGNED)
	for f in BOOTX64.EFI BOOTIA32.EFI; do \
	    sbsign --key '$(KEY)' --cert '$(CERT)' --output $(SIGNED)/$$f $(B)/efi/$$f || exit 1; done
	$(Q)$(PYTHON) tools/mkstick.py image $(B)/bios/mbr.bin $(B)/bios/vbr.bin $(B)/stage2.bin $(SIGNED)/ldmboot.img \
	    $(STICK_FILES) $(if $(SHIM),$(SIGNED_SHIM),$(SIGNED_PLAIN)) EFI/BOOT/BOOTIA32.EFI=$(SIGNED)/BOOTIA32.EFI
	$(call make_iso,$(SIGNED)/ldmboot.img,$(SIGNED)/ldmboot.iso)
