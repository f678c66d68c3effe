# SPDX-License-Identifier: GPL-2.0-or-later
#
# What leaves this tree: make install, make dist, make deb.

# Where ldmboot-install looks for the image and for ldmboot-inspect: ../share/ldmboot and ../bin from its own folder.
PREFIX     ?= /usr/local
INSTALL_TO  = $(DESTDIR)$(PREFIX)
BOOT_IMAGES := $(addprefix $(B)/,ldmboot.img ldmboot.iso ldmboot-144.img ldmboot-floppy.iso ldmboot.pxe ldmboot.lkrn efi/BOOTX64.EFI efi/BOOTIA32.EFI)
# $(call install_files,MODE,FOLDER,FILES)
install_files = install -d -m 755 '$(INSTALL_TO)/$(2)' && install -m $(1) $(3) '$(INSTALL_TO)/$(2)/'
# Where nbdkit keeps its plugins, below PREFIX; Debian's does in lib/x86_64-linux-gnu.
PLUGINS    ?= lib/nbdkit/plugins
# One file; bash-completion loads it by the name of each program.
COMPLETED  := ldmboot-inspect ldmboot-install ldmboot-rescue mkldm
COMPLETIONS = $(INSTALL_TO)/share/bash-completion/completions
.PHONY: install
install: tools $(BOOT_IMAGES)
	$(call install_files,755,bin,$(addprefix $(B)/,ldmboot-inspect ldmboot-rescue mkldm))
	$(call install_files,755,sbin,$(B)/ldmboot-install)
	$(if $(NBDKIT),$(call install_files,644,$(PLUGINS),$(PLUGIN)))
	$(call install_files,644,share/ldmboot,$(BOOT_IMAGES))
	$(call install_files,644,share/doc/ldmboot,README.md CHANGELOG.md LICENSE)
	$(call install_files,644,share/doc/ldmboot/docs,$(wildcard docs/*.md))
	$(call install_files,644,share/doc/ldmboot/docs/images,$(wildcard docs/images/*.png))
	install -d -m 755 '$(COMPLETIONS)'
	$(foreach p,$(COMPLETED),install -m 644 tools/completion.bash '$(COMPLETIONS)/$(p)' &&) true
	$(foreach s,1 5 7 8,$(call install_files,644,share/man/man$(s),$(wildcard docs/man/*.$(s))) &&) true

# A release: the sources, and what a person gets who has no compiler: boot images, tools that need nothing installed (one
# needs Python), texts for Notepad, manuals. EPOCH is the time of all files in packages, the day of
# VERSION; not exported, since the images have their own (1980).
EPOCH   := 1795305600
DIST    := $(B)/dist
.PHONY: dist
DIST_TEXTS   := $(foreach f,$(notdir $(basename $(wildcard docs/*.md))),texts/$(f).txt=$(B)/texts/$(f).txt)
MANUALS      := $(notdir $(wildcard docs/man/*.[1-8]))
DIST_MANUALS := $(foreach m,$(MANUALS),manuals/$(m).txt=$(B)/manuals/$(m).txt manuals/$(m).html=$(B)/manuals/$(m).html)
DIST_TOOLS   := ldmboot-inspect=$(B)/static/ldmboot-inspect $(foreach t,ldmboot-install mkldm,$(t)=$(B)/$(t))
DIST_FILES   := START-HERE.txt=$(B)/texts/START-HERE.txt ldmboot.cfg=$(B)/stick/ldmboot.cfg LICENSE=LICENSE \
                $(foreach f,$(BOOT_IMAGES),$(notdir $(f))=$(f)) $(DIST_TOOLS) \
                $(foreach w,$(WINDOWS),windows/$(notdir $(w))=$(w)) $(DIST_TEXTS) $(DIST_MANUALS)
$(B)/texts/START-HERE.txt: tools/START-HERE.txt tools/mktext.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mktext.py $< $@
$(B)/texts/%.txt: docs/%.md tools/mktext.py
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mktext.py $< $@
$(B)/manuals/%.txt: docs/man/%
	@mkdir -p $(@D)
	$(Q)mandoc -T ascii -O width=78 $< | sed 's/.\x08//g' >$@
$(B)/manuals/%.html: docs/man/%
	@mkdir -p $(@D)
	$(Q)mandoc -T html $< >$@
dist: $(foreach f,$(DIST_FILES),$(lastword $(subst =, ,$(f))))
	$(if $(strip $(WINDOWS)),,@echo 'no mingw-w64 here: the release is made without ldmboot-inspect.exe' >&2)
	$(Q)KEY='$(KEY)' tools/mkdist.sh ldmboot-$(VERSION) $(EPOCH) '$(DIST)' $(DIST_FILES)

# The Debian packages, by Debian's own tools (debian/): built in a copy of the tracked files beside DEB, the folder that
# gets them. So the tree here stays clean, and two can be made at once.
DEB     := $(B)/deb
DEB_NEW  = $(DEB).new
.PHONY: deb
deb:
	@command -v dpkg-buildpackage >/dev/null && command -v dh >/dev/null || \
	    { echo 'make deb: debhelper is missing: apt-get install debhelper' >&2; exit 1; }
	@rm -rf '$(DEB_NEW)'
	$(Q)tools/mkdist.sh ldmboot-$(VERSION) $(EPOCH) '$(DEB_NEW)/dist'
	@tar -xpzf '$(DEB_NEW)/dist/ldmboot-$(VERSION).tar.gz' -C '$(DEB_NEW)'
	$(Q)cd '$(DEB_NEW)/ldmboot-$(VERSION)' && umask 022 && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL dpkg-buildpackage -us -uc -b
	@if command -v lintian >/dev/null; then lintian --allow-root --fail-on error,warning '$(DEB_NEW)'/*.deb; else \
	    echo 'make deb: the packages are not checked; for that: apt-get install lintian' >&2; fi
	@rm -rf '$(DEB)' && mkdir '$(DEB)' && mv '$(DEB_NEW)'/*.deb '$(DEB)' && rm -rf '$(DEB_NEW)'
