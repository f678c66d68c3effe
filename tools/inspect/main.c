/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - ldmboot-inspect: what ldmboot would do with these disks, told on any computer.
 *
 * The same scan, probe and plan as in the boot programs; disks are opened read only. Options,
 * output and exit status: docs/man/ldmboot-inspect.1.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/settings/config.h"
#include "common/decide/alone.h"
#include "common/decide/same_disk.h"
#include "common/decide/plan.h"
#include "common/decide/probe.h"
#include "common/ui/report.h"
#include "common/windows/bootmgr.h"
#include "common/present/uefi_boot.h"
#include "color.h"
#include "document.h"
#include "filedisk.h"
#include "host.h"
#include "inside.h"
#include "mapfile.h"
#include "mount.h"
#include "progress.h"
#include "sector0.h"
#include "shell.h"
#include "stick.h"
#include "store.h"

#define ARENA_BYTES ((size_t)4 << 20)  /* for the files that are opened, and what is asked of them */

enum exit_status { EXIT_WOULD_BOOT = 0, EXIT_USAGE = 1, EXIT_NOTHING = 2, EXIT_WOULD_ASK = 3 };

/* One of the disks that were named. */
struct source {
    const char *path;
    const char *map_path;  /* of the map that says what of the image was not read; NULL: all of it was */
};

struct options {
    bool          json, explain, mount;
    enum color_when color;
    const struct firmware_rules *rules;
    uint32_t      block_size;  /* 0: find out */
    const char   *config_path;
    const char   *stick_path;  /* ldmboot's stick, for the loader files on it; NULL: none is given */
    const char   *bcd_path;    /* where the boot store goes; NULL: it is not wanted */
    const char   *sector0_path; /* where the sector 0 with the volume's own entry goes; likewise */
    struct source *sources;    /* room for as many as there are arguments */
    size_t        source_count;
};

struct inspection {
    struct ldm_view   view;
    struct boot_facts facts;
    struct boot_plan  plan;
    struct uefi_esp   esp;   /* UEFI: an EFI system partition whose store leads to the volume */
};

static void usage(FILE *out)
{
    fputs("usage: ldmboot-inspect [--json] [--explain] [--firmware bios|uefi] [--config FILE]\n"
          "                       [--stick PATH] [--bcd FILE] [--sector0 FILE] [--block-size 512|4096]\n"
          "                       [--mount] [--color auto|always|never] [--map FILE] PATH ...\n"
          "       ldmboot-inspect --drives | --help | --version\n"
          "Shows the dynamic disks, volumes and mirror halves on image files or block devices,\n"
          "and what ldmboot would start. Reads only.\n"
          "--stick is ldmboot's stick, or its image: the loader files on it are counted with (BIOS).\n"
          "--mount prints the commands that mount each usable volume on a Linux, reading only.\n"
          "--map is ddrescue's map of the image that follows it: what it does not call read cannot be read here.\n"
          "--drives lists the drives of this computer by the names that can be given as PATH.\n"
          "--bcd writes, into a new file, the boot store that Windows's boot manager would be given (BIOS: where one is made).\n"
          "--sector0 writes, into a new file, the sector 0 that would give that volume its own entry, and\n"
          "prints the commands that put it in place; the disk is not touched.\n"
          "Exit: 0 something would be started, 2 nothing, 3 a person would be asked, 1 usage or nothing readable.\n",
          out);
}

static void show_drive(const struct host_drive *drive)
{
    printf("%-20s %10.1f GB  %s\n", drive->path, (double)drive->size / (double)(1u << 30), drive->model);
}

static int list_drives(void)
{
    if (host_each_drive(show_drive) > 0)
        return EXIT_SUCCESS;
    fputs("ldmboot-inspect: no drive of this computer was found\n", stderr);
    return EXIT_NOTHING;
}

static bool parse_firmware(const char *text, const struct firmware_rules **out)
{
    static const struct firmware_rules *const all[] = { &bios_rules, &uefi_rules };

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(text, all[i]->name) == 0) {
            *out = all[i];
            return true;
        }
    return false;
}

static bool parse_block_size(const char *text, uint32_t *out)
{
    if (strcmp(text, "512") == 0)
        *out = 512;
    else if (strcmp(text, "4096") == 0)
        *out = 4096;
    else
        return false;
    return true;
}

/* The next path; a map that was named before it is its own. */
static void take_path(struct options *o, const char *path)
{
    o->sources[o->source_count++].path = path;
}

static bool take_map(struct options *o, const char *path)
{
    struct source *next = &o->sources[o->source_count];
    bool           first = !next->map_path;

    if (!first)
        fprintf(stderr, "ldmboot-inspect: --map %s: the image after it has a map already: %s\n", path, next->map_path);
    next->map_path = path;
    return first;
}

/* Is there a disk, and an image behind every map? */
static bool sources_fit(const struct options *o)
{
    if (o->sources[o->source_count].map_path)
        fprintf(stderr, "ldmboot-inspect: --map %s: no image follows it; a map stands before its image (see --help)\n",
                o->sources[o->source_count].map_path);
    else if (o->source_count == 0)
        fprintf(stderr, "ldmboot-inspect: no image or device given (see --help)\n");
    else
        return true;
    return false;
}

/* --help and --version end the program; false: the usage is wrong, and that has been said. */
static bool parse_options(int argc, char **argv, struct options *o)
{
    enum {
        OPT_PATH = 1, OPT_JSON, OPT_EXPLAIN, OPT_FIRMWARE, OPT_CONFIG, OPT_STICK, OPT_BCD, OPT_SECTOR0, OPT_BLOCK_SIZE, OPT_MAP, OPT_MOUNT,
        OPT_COLOR, OPT_DRIVES, OPT_HELP, OPT_VERSION
    };
    static const struct option list[] = {
        { "json", no_argument, NULL, OPT_JSON },
        { "explain", no_argument, NULL, OPT_EXPLAIN },
        { "firmware", required_argument, NULL, OPT_FIRMWARE },
        { "config", required_argument, NULL, OPT_CONFIG },
        { "stick", required_argument, NULL, OPT_STICK },
        { "bcd", required_argument, NULL, OPT_BCD },
        { "sector0", required_argument, NULL, OPT_SECTOR0 },
        { "block-size", required_argument, NULL, OPT_BLOCK_SIZE },
        { "mount", no_argument, NULL, OPT_MOUNT },
        { "map", required_argument, NULL, OPT_MAP },
        { "color", required_argument, NULL, OPT_COLOR },
        { "drives", no_argument, NULL, OPT_DRIVES },
        { "help", no_argument, NULL, OPT_HELP },
        { "version", no_argument, NULL, OPT_VERSION },
        { 0 },
    };
    bool good = true;

    /* "-": paths come in between, in their order, as the value of option 1. */
    for (int opt; good && (opt = getopt_long(argc, argv, "-h", list, NULL)) != -1;) {
        switch (opt) {
        case OPT_PATH:       take_path(o, optarg); break;
        case OPT_MAP:        if (!take_map(o, optarg)) return false; break;
        case OPT_JSON:       o->json = true; break;
        case OPT_MOUNT:      o->mount = true; break;
        case OPT_EXPLAIN:    o->explain = true; break;
        case OPT_CONFIG:     o->config_path = optarg; break;
        case OPT_STICK:      o->stick_path = optarg; break;
        case OPT_BCD:        o->bcd_path = optarg; break;
        case OPT_SECTOR0:    o->sector0_path = optarg; break;
        case OPT_FIRMWARE:   good = parse_firmware(optarg, &o->rules); break;
        case OPT_BLOCK_SIZE: good = parse_block_size(optarg, &o->block_size); break;
        case OPT_COLOR:      good = color_parse(optarg, &o->color); break;
        case OPT_DRIVES:     exit(list_drives());
        case 'h':
        case OPT_HELP:       usage(stdout); exit(EXIT_SUCCESS);
        case OPT_VERSION:    puts("ldmboot-inspect " LDMBOOT_VERSION); exit(EXIT_SUCCESS);
        default:             return false;  /* getopt has said what is wrong */
        }
        if (!good)
            fprintf(stderr, "ldmboot-inspect: bad value '%s' (see --help)\n", optarg);
    }
    for (; good && optind < argc; optind++)  /* behind "--" */
        take_path(o, argv[optind]);
    return good && sources_fit(o);
}

static void complain(const char *path, const char *why)
{
    progress_hide();
    fprintf(stderr, "ldmboot-inspect: %s: %s\n", path, why);
}

static void line_to_stdout(struct log *log, const char *text) { (void)log; color_line(stdout, text, false); }
static void color_to_stdout(struct log *log, const char *text) { (void)log; color_line(stdout, text, true); }
static void line_to_stderr(struct log *log, const char *text) { (void)log; color_line(stderr, text, false); }

static bool read_config(const char *path, struct arena *a, struct config *cfg)
{
    struct log       log = { line_to_stderr };
    struct note_list notes = { 0 };
    FILE            *f = host_open_text(path);
    uint8_t          text[CONFIG_MAX_BYTES + 1];  /* one more, to notice a file that is too long */
    size_t           len;
    bool             good;

    if (!f) {
        complain(path, strerror(errno));
        return false;
    }
    len = fread(text, 1, sizeof text, f);
    good = !ferror(f);
    if (!good)
        complain(path, strerror(errno));
    fclose(f);
    config_parse(span_of(text, len), a, cfg, &notes);
    log_notes(&log, &notes);
    return good;
}

/* For a person to decide: what lies beside an image that was given without a map and is called like one. */
static void mention_beside(const char *image)
{
    char name[MAPFILE_NAME_MAX];

    progress_hide();
    if (mapfile_beside(image, name, sizeof name))
        fprintf(stderr, "ldmboot-inspect: %s: %s lies beside it and is not used: if it is ddrescue's map of this image, put "
                "--map and its name before the image; what was not read counts as zeros else\n", image, name);
}

/* Open every path; one that cannot be opened stays in the list as a disk that does not answer. */
static size_t open_disks(const struct options *o, struct filedisk *files, struct block_device **disks)
{
    size_t readable = 0;

    for (size_t i = 0; i < o->source_count; i++) {
        const struct source *source = &o->sources[i];
        const char          *error;

        progress_reading(source->path, 0);
        error = filedisk_open(&files[i], source->path, o->block_size);
        if (files[i].container && source->map_path)
            error = "this is a container file, which --map knows nothing of: a map is of the sectors of a disk";
        else if (files[i].container)
            error = inside_open(&files[i], o->block_size);
        files[i].watch = progress_reading;
        if (error)
            complain(source->path, error);
        else
            readable++;
        if (!error && !source->map_path && !files[i].container)
            mention_beside(source->path);
        disks[i] = &files[i].dev;
    }
    return readable;
}

static void close_disks(const struct options *o, struct filedisk *files)
{
    for (size_t i = 0; i < o->source_count; i++) {
        mapfile_free(&files[i].unread);
        filedisk_close(&files[i]);
    }
}

/* Without its map an image would lie: one that cannot be used is an error. */
static bool read_maps(const struct options *o, struct filedisk *files)
{
    for (size_t i = 0; i < o->source_count; i++) {
        const char *path = o->sources[i].map_path;
        char        why[160];

        if (path && !mapfile_read(path, &files[i].unread, why, sizeof why)) {
            complain(path, why);
            close_disks(o, files);
            return false;
        }
    }
    return true;
}

static bool open_stick(const struct options *o, struct arena *a, struct stick *stick)
{
    const char *error = o->stick_path ? stick_open(stick, o->stick_path, a) : NULL;

    if (error)
        complain(o->stick_path, error);
    return !error;
}

static enum status inspect(struct block_device **disks, struct fs_volume *stick, const struct options *o,
                           const struct config *cfg, struct arena *a, struct inspection *out)
{
    size_t n = o->source_count;

    TRY(scan_each_disk_once(disks, &n, NULL, a, &out->view));
    TRY(probe_volumes(&out->view, o->rules, NULL, a, &out->facts));
    facts_take_stick(&out->facts, stick, BOOTMGR_USUAL_ROOM, a);
    TRY(plan_boot(&out->view, &out->facts, cfg, a, &out->plan));
    if (o->rules == &uefi_rules && out->plan.result == PLAN_BOOT)
        return uefi_choose_method(&out->view, out->facts.machine, a, &out->plan, &out->esp);
    return STATUS_OK;
}

static void show(const struct inspection *in, const struct options *o)
{
    struct log log = { color_wanted(o->color, stdout) ? color_to_stdout : line_to_stdout };

    if (o->json) {
        document_write(stdout, &in->view, &in->facts, &in->plan);
        return;
    }
    report_view(&log, &in->view, &in->facts, &in->plan, true);
    report_plan(&log, &in->plan, o->explain);
}

static int exit_status_of(const struct boot_plan *plan)
{
    return plan->result == PLAN_BOOT ? EXIT_WOULD_BOOT : plan->result == PLAN_ASK ? EXIT_WOULD_ASK : EXIT_NOTHING;
}

/* Show everything, write the files that are wanted; the exit status. */
static int answer(const struct inspection *in, const struct options *o, struct arena *a)
{
    if (o->bcd_path && !store_write(o->bcd_path, &in->facts, &in->plan, in->esp.store, a))
        return EXIT_USAGE;
    show(in, o);
    if (o->mount)
        mount_print(o->json ? stderr : stdout, &in->view, &in->plan);
    if (o->sector0_path && !sector0_write(o->json ? stderr : stdout, o->sector0_path, &in->facts, &in->plan))
        return EXIT_USAGE;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "ldmboot-inspect: cannot write the output: %s\n", strerror(errno));
        return EXIT_USAGE;
    }
    return exit_status_of(&in->plan);
}

/* `a`: for what the machine has in other places; `plan_in`: as large as its own memory. */
static int run(const struct options *o, struct arena *a, struct arena *plan_in)
{
    struct config         cfg = config_default();
    struct filedisk      *files = arena_array(a, o->source_count, sizeof *files);
    struct block_device **disks = arena_array(a, o->source_count, sizeof *disks);
    struct inspection     in = { .esp = { .disk = NULL } };
    struct stick          stick;
    enum status           st = STATUS_OK;
    bool                  good;
    int                   result = EXIT_NOTHING;

    if (!files || !disks) {
        fprintf(stderr, "ldmboot-inspect: too many arguments\n");
        return EXIT_USAGE;
    }
    if (o->config_path && !read_config(o->config_path, a, &cfg))
        return EXIT_USAGE;
    progress_begin();
    good = open_disks(o, files, disks) != 0 && open_stick(o, a, &stick) && read_maps(o, files);
    if (good)
        st = inspect(disks, o->stick_path ? &stick.fs : NULL, o, &cfg, plan_in, &in);
    progress_end();
    if (!good)
        return EXIT_USAGE;
    if (st == STATUS_OK)
        result = answer(&in, o, a);
    else
        fprintf(stderr, "LDM-%04u: %s\n", (unsigned)st, status_sentence(st));
    close_disks(o, files);
    if (o->stick_path)
        filedisk_close(&stick.file);
    return result;
}

/* With the memory that it takes. */
static int run_in_memory(const struct options *o)
{
    size_t       plan_bytes = o->rules->arena_bytes - ARENA_BESIDES_BYTES;
    uint8_t     *memory = malloc(ARENA_BYTES + plan_bytes);
    struct arena a, plan_in;
    int          result;

    if (!memory) {
        fprintf(stderr, "ldmboot-inspect: %s\n", strerror(ENOMEM));
        return EXIT_USAGE;
    }
    a = arena_of(memory, ARENA_BYTES);
    plan_in = arena_of(memory + ARENA_BYTES, plan_bytes);
    result = run(o, &a, &plan_in);
    free(memory);
    return result;
}

int main(int argc, char **argv)
{
    struct options o = { .rules = &bios_rules };
    int            result = EXIT_USAGE;

    host_start(&argc, &argv);
    o.sources = calloc((size_t)argc + 1, sizeof *o.sources);
    if (!o.sources)
        fprintf(stderr, "ldmboot-inspect: %s\n", strerror(ENOMEM));
    else if (parse_options(argc, argv, &o))
        result = run_in_memory(&o);
    free(o.sources);
    return result;
}
