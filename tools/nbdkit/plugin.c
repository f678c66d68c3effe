/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin.c - the nbdkit plugin: parameters in, requests answered. docs/man/nbdkit-ldmboot-plugin.1 is its manual.
 *
 * Facts: nbdkit-plugin(3). What is said at start goes to the standard error output, which is there until nbdkit has
 * gone into the background; an error of a request goes where nbdkit's own go.
 */
#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "exports.h"
#include "messages.h"

/*
 * One request of a connection at a time, several connections at once as long as nothing is the matter.
 * Not NBDKIT_THREAD_MODEL_PARALLEL: when a client goes away with several requests under way, as one does after an error,
 * the thread of nbdkit 1.32.5 that cannot send its answer closes the connection, and the next one with an answer for it ends
 * the server ("connections.c:402: raw_send_socket: Assertion `sock >= 0' failed"), its map file unwritten; no plugin can
 * see that coming. Nothing is lost by it: clients that copy open several connections, and `make bench` compares.
 * The readers of common/ count errors and change places between halves as they go: behind a lock, and all
 * requests once there was one error.
 */
#define THREAD_MODEL NBDKIT_THREAD_MODEL_SERIALIZE_REQUESTS

#define ARENA_BYTES    ((size_t)512 << 20)  /* of addresses; memory is only taken where something is put */
#define MAX_HOLES      256                  /* told at once */
#define MAX_TOLD       50
#define PREFERRED      (256u * 1024)

static struct {
    struct sources               sources;
    struct exports               exports;
    const struct firmware_rules *rules;       /* NULL: as the disk asks */
    enum layout                  layout;
    struct basic_wishes          wishes;
    bool                         zeros;       /* "unreadable=zero" */
    uint32_t                     block_size;  /* 0: find out */
    char                        *map_path;
    char                        *paths[SOURCES_MAX];
    size_t                       path_count;
    bool                         ready;
    atomic_bool                  troubled;  /* something could not be read */
    atomic_uint                  told;      /* requests that could not be answered, as lines of their own */
} self;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  /* of the readers' state, and of all maps */

static void note_read(struct export *x, uint64_t start, uint64_t end)
{
    pthread_mutex_lock(&lock);
    map_add(x->map, start, end, false);
    pthread_mutex_unlock(&lock);
}

/* ---- parameters */

enum unreadable { UNREADABLE_ERROR, UNREADABLE_ZERO, UNREADABLE_AT_ONCE };

struct word {
    const char *text;
    int         value;
};

static int word_of(const char *key, const char *value, const struct word *words, int *out)
{
    for (; words->text; words++)
        if (strcmp(words->text, value) == 0) {
            *out = words->value;
            return 0;
        }
    nbdkit_error("%s=%s: bad value, see nbdkit-ldmboot-plugin(1)", key, value);
    return -1;
}

static int flag_of(const char *key, const char *value, const struct word *words, bool *out)
{
    int number = 0, result = word_of(key, value, words, &number);

    if (result == 0)
        *out = number != 0;
    return result;
}

static int add_path(const char *value)
{
    if (self.path_count == SOURCES_MAX) {
        nbdkit_error("more than %d disks", SOURCES_MAX);
        return -1;
    }
    self.paths[self.path_count] = nbdkit_absolute_path(value);
    return self.paths[self.path_count++] ? 0 : -1;
}

static int set_text(const char *key, const char *value, char *out, size_t room)
{
    if (strlen(value) >= room) {
        nbdkit_error("%s: longer than any name", key);
        return -1;
    }
    strcpy(out, value);
    return 0;
}

/* Whole blocks of any disk. */
static int set_size(const char *value)
{
    int64_t bytes = nbdkit_parse_size(value);

    if (bytes < 0)
        return -1;
    self.wishes.sectors = (uint64_t)bytes / 4096 * 8;
    return 0;
}

static int set_path(const char *value, char **out)
{
    free(*out);
    *out = nbdkit_absolute_path(value);
    return *out ? 0 : -1;
}

static int ldmboot_config(const char *key, const char *value)
{
    static const struct word firmwares[] = { { "bios", 0 }, { "uefi", 1 }, { NULL, 0 } };
    static const struct word layouts[] = { { "basic", LAYOUT_BASIC }, { "seen", LAYOUT_SEEN },
                                           { "volume", LAYOUT_VOLUME }, { NULL, 0 } };
    static const struct word identities[] = { { "keep", 0 }, { "new", 1 }, { NULL, 0 } };
    static const struct word unreadables[] = { { "error", UNREADABLE_ERROR }, { "zero", UNREADABLE_ZERO },
                                               { "at-once", UNREADABLE_AT_ONCE }, { NULL, 0 } };
    static const struct word yes_no[] = { { "no", 0 }, { "yes", 1 }, { NULL, 0 } };
    static const struct word blocks[] = { { "512", 512 }, { "4096", 4096 }, { NULL, 0 } };
    int                      number = 0, result;

    if (strcmp(key, "disk") == 0)
        return add_path(value);
    if (strcmp(key, "volume") == 0)
        return set_text(key, value, self.sources.volume, sizeof self.sources.volume);
    if (strcmp(key, "component") == 0)
        return set_text(key, value, self.sources.config.component, CONFIG_VALUE_MAX);
    if (strcmp(key, "seed") == 0)
        return set_text(key, value, self.wishes.seed, CONFIG_VALUE_MAX);
    if (strcmp(key, "map") == 0)
        return set_path(value, &self.map_path);
    if (strcmp(key, "contents") == 0)
        return set_path(value, &self.wishes.contents);
    if (strcmp(key, "identity") == 0)
        return flag_of(key, value, identities, &self.wishes.new_identity);
    if (strcmp(key, "unreadable") == 0) {
        result = word_of(key, value, unreadables, &number);
        self.zeros = number == UNREADABLE_ZERO;
        self.sources.at_once = number == UNREADABLE_AT_ONCE;
        return result;
    }
    if (strcmp(key, "old-half") == 0)
        return flag_of(key, value, yes_no, &self.sources.old_half);
    if (strcmp(key, "size") == 0)
        return set_size(value);
    if (strcmp(key, "firmware") == 0) {
        result = word_of(key, value, firmwares, &number);
        self.rules = number ? &uefi_rules : &bios_rules;
        return result;
    }
    if (strcmp(key, "layout") == 0) {
        result = word_of(key, value, layouts, &number);
        self.layout = (enum layout)number;
        return result;
    }
    if (strcmp(key, "block-size") == 0) {
        result = word_of(key, value, blocks, &number);
        self.block_size = (uint32_t)number;
        return result;
    }
    nbdkit_error("no parameter is called %s, see nbdkit-ldmboot-plugin(1)", key);
    return -1;
}

static int ldmboot_config_complete(void)
{
    if (self.path_count > 0)
        return 0;
    nbdkit_error("no disk is given: disk=PATH");
    return -1;
}

#define ldmboot_config_help \
    "disk=PATH             (required; several) image file or device, opened read only\n" \
    "layout=basic|seen|volume   what the export without a name is (default: basic)\n" \
    "firmware=bios|uefi    (default: as the disk's table asks)\n" \
    "volume=, component=   which one, as in ldmboot.cfg(5)\n" \
    "old-half=yes          what is held against that component is known\n" \
    "identity=keep|new     of the basic disk: signature, GUIDs (default: keep)\n" \
    "seed=WORD             another word, another new identity\n" \
    "size=BYTES            of the basic disk (default: as small as will do; BIOS: 9G at least)\n" \
    "unreadable=error|zero|at-once   for sectors that no half can read (default: error)\n" \
    "map=FILE              list of what was read and what could not be, in ddrescue's form\n" \
    "contents=FILE         what goes where on the basic disk, as JSON\n" \
    "block-size=512|4096   of the disks (default: find out)"

/* ---- life */

static void ldmboot_load(void)
{
    self.sources.config = config_default();
}

static bool open_all(void)
{
    for (size_t i = 0; i < self.path_count; i++)
        if (!sources_open(&self.sources, self.paths[i], self.block_size))
            return false;
    return true;
}

static int ldmboot_get_ready(void)
{
    void *memory = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED) {
        nbdkit_error("%s", strerror(errno));
        return -1;
    }
    self.sources.arena = arena_of(memory, ARENA_BYTES);
    if (!open_all() || !sources_read(&self.sources, self.rules) ||
        !exports_make(&self.exports, &self.sources, self.layout, self.wishes)) {
        nbdkit_error("nothing is served; the lines above say why");
        return -1;
    }
    if (self.zeros)
        say(MESSAGE_ZEROS_SHOWN, "unreadable=zero");
    self.ready = true;
    return 0;
}

/* Has an earlier name of the same disk been told already? */
static bool is_told(const struct exports *e, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (e->list[i].map == e->list[index].map)
            return true;
    return false;
}

/* FILE is of the export without a name; others that were read have theirs behind it. */
static void write_map(const struct export *x, bool is_first)
{
    char path[4096], name[1024];

    if (!self.map_path || (!is_first && x->map->tried.count == 0))
        return;
    snprintf(name, sizeof name, "%s", x->name);
    for (char *slash = name; (slash = strchr(slash, '/'));)  /* the name comes from a disk: it must not lead elsewhere */
        *slash = '_';
    snprintf(path, sizeof path, "%s%s%s", self.map_path, is_first ? "" : ".", is_first ? "" : name);
    if (!map_write(x->map, path, x->disk->sectors * SECTOR_BYTES))
        say(MESSAGE_MAP_UNWRITTEN, "%s (%s)", path, strerror(errno));
}

static void ldmboot_unload(void)
{
    for (size_t i = 0; self.ready && i < self.exports.count; i++) {
        const struct export *x = &self.exports.list[i];

        if (is_told(&self.exports, i))
            continue;
        if (map_bad_bytes(x->map) > 0)
            say(MESSAGE_SECTORS_UNREADABLE, "%s, %llu sectors", x->name,
                (unsigned long long)map_bad_bytes(x->map) / SECTOR_BYTES);
        write_map(x, x->map == self.exports.list[self.exports.first].map);
        map_free(x->map);
    }
    sources_close(&self.sources);
    for (size_t i = 0; i < self.path_count; i++)
        free(self.paths[i]);
    free(self.map_path);
    free(self.wishes.contents);
}

/* ---- exports */

static int ldmboot_list_exports(int readonly, int is_tls, struct nbdkit_exports *exports)
{
    (void)readonly;
    (void)is_tls;
    for (size_t i = 0; i < self.exports.count; i++)
        if (nbdkit_add_export(exports, self.exports.list[i].name, self.exports.list[i].about) == -1)
            return -1;
    return 0;
}

static const char *ldmboot_default_export(int readonly, int is_tls)
{
    (void)readonly;
    (void)is_tls;
    return self.exports.list[self.exports.first].name;
}

static void *ldmboot_open(int readonly)
{
    const char    *name = nbdkit_export_name();
    struct export *found = name ? exports_find(&self.exports, name) : NULL;

    (void)readonly;
    if (!found)
        nbdkit_error("LDM-%04d: %s: %s", MESSAGE_EXPORT_UNKNOWN, name ? name : "?",
                     message_sentence(MESSAGE_EXPORT_UNKNOWN));
    return found;
}

static const char *ldmboot_export_description(void *handle)
{
    return ((const struct export *)handle)->about;
}

static int64_t ldmboot_get_size(void *handle)
{
    return (int64_t)(((const struct export *)handle)->disk->sectors * SECTOR_BYTES);
}

static int ldmboot_block_size(void *handle, uint32_t *minimum, uint32_t *preferred, uint32_t *maximum)
{
    (void)handle;
    *minimum = 1;  /* nbdinfo --map of libnbd 1.14 asks for odd lengths, and is refused by the library otherwise */
    *preferred = PREFERRED;
    *maximum = UINT32_MAX;
    return 0;
}

static int ldmboot_yes(void *handle)
{
    (void)handle;
    return 1;
}

/* ---- reading */

struct noted {
    struct bad_blocks  bad;  /* first member: `found` casts back */
    struct map        *map;
};

static void note_bad(struct bad_blocks *bad, uint64_t sector, uint64_t sectors)
{
    map_add(((struct noted *)bad)->map, sector * SECTOR_BYTES, (sector + sectors) * SECTOR_BYTES, true);
}

static size_t errors_of_disks(void)
{
    size_t sum = 0;

    for (size_t i = 0; i < self.sources.count; i++)
        sum += self.sources.files[i].dev.read_errors;
    return sum;
}

/* A dying disk has thousands of them: the sum is told at the end. */
static void tell_failure(const struct export *x, size_t blocks, uint64_t offset)
{
    unsigned before = atomic_fetch_add(&self.told, 1);

    if (before < MAX_TOLD)
        nbdkit_error("LDM-%04d: %s, %zu blocks from sector %llu on: %s", MESSAGE_SECTORS_UNREADABLE, x->name, blocks,
                     (unsigned long long)(offset / SECTOR_BYTES), message_sentence(MESSAGE_SECTORS_UNREADABLE));
    if (before + 1 == MAX_TOLD)
        nbdkit_error("LDM-%04d: further ones are told as a sum, at the end", MESSAGE_SECTORS_UNREADABLE);
}

/* Whole blocks, at a block's start. -1: some of them cannot be read. */
static int read_blocks(struct export *x, uint8_t *buf, uint64_t offset, uint64_t bytes)
{
    struct noted noted = { { note_bad }, x->map };
    uint64_t     sector = offset / SECTOR_BYTES;
    uint32_t     sectors = (uint32_t)(bytes / SECTOR_BYTES);
    size_t       failed = 0, errors;

    if (atomic_load(&self.troubled) || !composed_read_quickly(x->disk, sector, sectors, buf)) {
        pthread_mutex_lock(&lock);
        errors = errors_of_disks();
        failed = composed_read(x->disk, sector, sectors, buf, &noted.bad);
        if (errors_of_disks() != errors)
            atomic_store(&self.troubled, true);
        pthread_mutex_unlock(&lock);
    }
    if (failed == 0 || !x->disk->at_once || bytes == x->disk->block_size)
        note_read(x, offset, offset + bytes);
    if (failed == 0 || self.zeros)
        return 0;
    tell_failure(x, failed, offset);
    nbdkit_set_error(EIO);
    return -1;
}

/* A request that begins or ends inside a block, which a client may make all the same. */
static int read_unaligned(struct export *x, void *buf, uint32_t count, uint64_t offset)
{
    uint64_t block = x->disk->block_size, start = offset / block * block;
    uint64_t end = (offset + count + block - 1) / block * block;
    uint8_t *whole = malloc((size_t)(end - start));
    int      result;

    if (!whole) {
        nbdkit_set_error(ENOMEM);
        return -1;
    }
    result = read_blocks(x, whole, start, end - start);
    if (result == 0)
        memcpy(buf, whole + (offset - start), count);
    free(whole);
    return result;
}

static int ldmboot_pread(void *handle, void *buf, uint32_t count, uint64_t offset, uint32_t flags)
{
    struct export *x = handle;

    (void)flags;
    if (offset % x->disk->block_size || count % x->disk->block_size)
        return read_unaligned(x, buf, count, offset);
    return read_blocks(x, buf, offset, count);
}

/*
 * Zeros that take no room stay such in a copy. Not told beyond what is asked: nbdkit 1.32 asserts that an extent
 * is shorter than 4 GiB when the request is one byte shorter than that.
 */
static int ldmboot_extents(void *handle, uint32_t count, uint64_t offset, uint32_t flags,
                           struct nbdkit_extents *extents)
{
    struct export *x = handle;
    uint64_t       at = offset, end = offset + count;

    (void)flags;
    for (size_t i = 0; i < MAX_HOLES && at < end; i++) {
        uint64_t sector = at / SECTOR_BYTES, run = 0, next;
        bool     hole = composed_is_hole(x->disk, sector, &run);

        next = (sector + run) * SECTOR_BYTES < end ? (sector + run) * SECTOR_BYTES : end;
        if (hole)
            note_read(x, at, next);
        if (nbdkit_add_extent(extents, at, next - at, hole ? NBDKIT_EXTENT_HOLE | NBDKIT_EXTENT_ZERO : 0) == -1)
            return -1;
        at = next;
    }
    return 0;
}

static struct nbdkit_plugin plugin = {
    .name = "ldmboot",
    .version = LDMBOOT_VERSION,
    .longname = "ldmboot: Windows dynamic disks, as disks that anything can read",
    .description = "Serves the surviving half of a mirrored Windows dynamic volume, read only.",
    .magic_config_key = "disk",
    .load = ldmboot_load,
    .unload = ldmboot_unload,
    .config = ldmboot_config,
    .config_complete = ldmboot_config_complete,
    .config_help = ldmboot_config_help,
    .get_ready = ldmboot_get_ready,
    .list_exports = ldmboot_list_exports,
    .default_export = ldmboot_default_export,
    .export_description = ldmboot_export_description,
    .open = ldmboot_open,
    .get_size = ldmboot_get_size,
    .block_size = ldmboot_block_size,
    .can_multi_conn = ldmboot_yes,
    .can_extents = ldmboot_yes,
    .pread = ldmboot_pread,
    .extents = ldmboot_extents,
};

struct nbdkit_plugin *plugin_init(void);  /* nbdkit's macro defines it without; clang wants one */
NBDKIT_REGISTER_PLUGIN(plugin)
