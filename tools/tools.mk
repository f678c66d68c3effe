# SPDX-License-Identifier: GPL-2.0-or-later
#
# common/ for the host, and the host tools.

# gcc takes the last member of a struct for one of any length, unless told otherwise; clang does not know the word.
SANITIZE    := -fsanitize=address,undefined$(if $(findstring clang,$(CC)),,,bounds-strict) -fno-sanitize-recover=all
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

INSPECT_ALL := $(sort $(wildcard tools/inspect/*.c))
INSPECT_SRC := $(filter-out %_windows.c,$(INSPECT_ALL))
# As Debian builds its own programs: the C library's checks, and nothing of the tables that calls go by writable later.
HARDEN := -D_FORTIFY_SOURCE=2 -Wl,-z,relro,-z,now
$(B)/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/host/libcommon.a
	$(Q)$(CC) $(TOOL_CFLAGS) $(HARDEN) -pthread $(INSPECT_SRC) $(B)/host/libcommon.a -o $@
# The same for any x86-64 Linux, whatever C library it has.
$(B)/static/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/host/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) -static -s -pthread $(INSPECT_SRC) $(B)/host/libcommon.a -o $@
$(B)/san/ldmboot-inspect: $(INSPECT_SRC) $(wildcard tools/inspect/*.h) $(B)/san/libcommon.a
	$(Q)$(CC) $(TOOL_CFLAGS) $(SANITIZE) -pthread $(INSPECT_SRC) $(B)/san/libcommon.a -o $@

# The same for Windows, by Debian's mingw-w64, where that is; for the C library that every Windows since XP has. Formats
# are checked by the other builds: this compiler takes Microsoft's for the rule.
MINGW64 := $(shell command -v x86_64-w64-mingw32-gcc)
MINGW32 := $(shell command -v i686-w64-mingw32-gcc)
WINDOWS := $(if $(MINGW64),$(B)/windows/ldmboot-inspect.exe) $(if $(MINGW32),$(B)/windows/ldmboot-inspect-32.exe)
WINDOWS_CFLAGS := $(STD) -O2 -I. -Wno-format -Wno-format-extra-args -D__USE_MINGW_ANSI_STDIO=1
$(B)/windows/ldmboot-inspect.exe: WINDOWS_CC = $(MINGW64)
$(B)/windows/ldmboot-inspect-32.exe: WINDOWS_CC = $(MINGW32)
WINDOWS_SRC := $(COMMON_HOST) $(filter-out %_posix.c,$(INSPECT_ALL))
.PHONY: windows
windows: $(WINDOWS)
$(B)/windows/%.exe: $(WINDOWS_SRC) $(wildcard common/*/*.h common/*/*.def tools/inspect/*.h)
	@mkdir -p $(@D)
	$(Q)$(WINDOWS_CC) $(WINDOWS_CFLAGS) $(WINDOWS_SRC) -static -s -Wl,--no-insert-timestamp -o $@
tools: windows

$(B)/mkvolume: $(B)/%: tools/%.py
	@mkdir -p $(@D)
	$(Q)install -m 755 $< $@

MKLDM_SRC := $(sort $(wildcard tools/mkldm/*.py))
$(B)/mkldm: tools/mkzipapp.py VERSION $(MKLDM_SRC)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mkzipapp.py $@ mkldm.cli:main VERSION $(MKLDM_SRC)

# One file of a Python package; it finds ldmboot.img and ldmboot-inspect beside itself.
INSTALL_SRC := $(sort $(wildcard tools/ldmboot_install/*.py))
$(B)/ldmboot-install: tools/mkzipapp.py VERSION $(INSTALL_SRC)
	@mkdir -p $(@D)
	$(Q)$(PYTHON) tools/mkzipapp.py $@ ldmboot_install.cli:main VERSION $(INSTALL_SRC)

# The nbdkit plugin, where nbdkit's header is: common/ once more, as code that can be loaded anywhere.
NBDKIT     := $(wildcard /usr/include/nbdkit-plugin.h)
PLUGIN     := $(B)/nbdkit-ldmboot-plugin.so
PLUGIN_SRC := $(sort $(wildcard tools/nbdkit/*.c)) tools/inspect/filedisk.c tools/inspect/json.c tools/inspect/mapfile.c \
              tools/inspect/host_posix.c
PLUGIN_OBJ := $(patsubst %.c,$(B)/pic/%.o,$(COMMON_HOST) $(PLUGIN_SRC))
PIC_CFLAGS := -fPIC -fvisibility=hidden -DBOOTCODE='"$(B)/bios"'
$(B)/pic/common/%.o: common/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $(PIC_CFLAGS) $(DEPGEN) -c $< -o $@
$(B)/pic/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOL_CFLAGS) $(PIC_CFLAGS) $(DEPGEN) -c $< -o $@
$(B)/pic/tools/nbdkit/bootcode.o: $(B)/bios/mbr.bin $(B)/bios/sysvol.bin
$(PLUGIN): $(PLUGIN_OBJ)
	$(Q)$(CC) -shared $(PLUGIN_OBJ) -o $@
ifneq ($(NBDKIT),)
tools: $(PLUGIN)
endif

# It runs nbdkit with that plugin, and looks at devices with ldmboot-install's eyes.
RESCUE_SRC := $(sort $(wildcard tools/ldmboot_rescue/*.py) $(wildcard tools/ldmboot_install/*.py))
$(B)/ldmboot-rescue: tools/mkzipapp.py VERSION $(RESCUE_SRC)
	@mkdir -p $(@D)
	$(PYTHON) tools/mkzipapp.py $@ ldmboot_rescue.cli:main VERSION $(RESCUE_SRC)
tools: $(B)/ldmboot-rescue

# A test tool: mkvolume's hands inside an NTFS image (libntfs-3g).
$(B)/mkvolume: $(B)/ntfsput
$(B)/ntfsput: tests/tools/ntfsput.c
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror $(REPRO) -O2 -g -D_FILE_OFFSET_BITS=64 $< -lntfs-3g -o $@
