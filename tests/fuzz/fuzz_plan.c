/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_plan.c - the whole way from disks and a stick to what Windows would see: scan, probe, plan, a system volume in memory,
 * virtual disk, menu.
 *
 *   byte 0     shape of the machine, bits 0 to 2; content of the volume, bits 3 and 4; GPT; other volume with a loader;
 *              disks in the other order
 *   byte 1     FLAG_*
 *   byte 2     STICK_* (stick.h): what is on the stick; whether the volume has lost its loader
 *   then       FLAG_STORY: what each disk's database tells (scenes.h); FLAG_KEYS: a number, and so many keys; changes
 *              (changes.h, stick.h) to all disks and the stick, with FLAG_INTACT neither to the first one nor to the stick
 *
 * The menu and a second run take as long as all else: where disks are changed, each is for one in four of the inputs that ask
 * for it, by the length of the changes.
 *
 * What must hold, whatever the disks say, is in the check_ functions below.
 */
#include "screens.h"
#include "stick.h"

#include "common/decide/plan.h"
#include "common/decide/probe.h"
#include "common/decide/same_disk.h"
#include "common/disk/memory_device.h"
#include "common/present/system_volume.h"
#include "common/present/vdisk.h"
#include "common/settings/config.h"
#include "common/ui/keys.h"
#include "common/ui/menu.h"
#include "common/windows/bootini.h"

#define ARENA_BYTES    (2u << 20)
#define SYSTEM_BYTES   (4u << 20)

enum { FLAG_FIX = 1, FLAG_INTACT = 2, FLAG_UEFI = 4, FLAG_STORY = 8, FLAG_KEYS = 16, FLAG_ASKED = 32, FLAG_TWICE = 64 + 128 };

struct machine {
    struct scene               scene;
    unsigned                   flags;
    const struct firmware_rules *rules;
    struct config              cfg;
    struct base               *disks[SCENE_DISKS];    /* as the scene has them */
    struct block_device       *devices[SCENE_DISKS];  /* as the firmware shows them */
    size_t                     count, arena_bytes, pick;
    struct base               *stick;
    uint32_t                   loader_room;
    bool                       right_when_undamaged, untouched;
    struct span                keys;
};

struct outcome {
    struct arena      arena;
    enum status       status;
    struct ldm_view   view;
    struct boot_facts facts;
    struct boot_plan  plan;
};

static uint8_t *memory;

/* ---- one run */

static void forget_trouble(struct block_device *dev)
{
    dev->read_errors = dev->failed_ms = 0;
    dev->given_up = STATUS_OK;
    dev->trouble = (struct blk_trouble){ 0 };
}

static enum status decide(const struct machine *m, struct arena *a, struct outcome *o)
{
    struct block_device *devices[SCENE_DISKS];
    size_t               n = m->count;

    for (size_t i = 0; i < n; i++) {
        devices[i] = m->devices[i];
        forget_trouble(devices[i]);
    }
    if (m->stick)
        forget_trouble(&m->stick->image.disk->dev);
    TRY(scan_each_disk_once(devices, &n, NULL, a, &o->view));
    TRY(probe_volumes(&o->view, m->rules, NULL, a, &o->facts));
    if (m->rules == &bios_rules)
        facts_take_stick(&o->facts, open_stick(m->stick, a), m->loader_room, a);
    return plan_boot(&o->view, &o->facts, &m->cfg, a, &o->plan);
}

static void run(const struct machine *m, struct outcome *o)
{
    o->arena = arena_of(memory, m->arena_bytes);
    o->status = decide(m, &o->arena, o);
    require(o->status == STATUS_OK || o->status == STATUS_NO_MEMORY);
    require(o->status == STATUS_OK || m->arena_bytes < ARENA_BYTES);
}

/* ---- what must hold of a plan */

static bool is_connected(const struct machine *m, const struct block_device *dev)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->devices[i] == dev)
            return true;
    return false;
}

/* Every piece of what could be started is in the public region of a disk that is there. */
static void check_places(const struct machine *m, const struct plan_candidate *c)
{
    uint64_t reached = 0;

    require(c->facts && c->facts->component == c->component && c->component->present);
    for (size_t i = 0; i < c->component->extent_count; i++) {
        const struct ldm_extent *x = &c->component->extents[i];

        require(x->disk && is_connected(m, x->disk->dev) && x->disk->has_privhead);
        require(x->lba >= x->disk->privhead.public_start &&
                range_inside(x->lba - x->disk->privhead.public_start, x->sectors, x->disk->privhead.public_sectors));
        require(range_inside(x->lba, x->sectors, blk_sectors(x->disk->dev)));
        require(x->volume_offset == reached);
        reached += x->sectors;
    }
    require(reached >= c->volume->sectors);
}

/* What a log that counts says against it: docs/how-it-chooses.md, "The log". */
static bool is_detached(const struct ldm_view *view, const struct ldm_component *c, const struct ldm_extent *x)
{
    const struct ldm_group *group = c->volume->group;

    for (size_t d = 0; d < view->disk_count; d++)
        for (size_t i = 0; ldm_disk_is_current(&view->disks[d], group) && i < view->disks[d].klog_count; i++) {
            const struct klog_entry *e = &view->disks[d].klog[i];

            if (e->kind == KLOG_DETACH && e->b >= group->vmdb.committed &&
                (e->a == c->volume->id || e->a == c->id || e->a == x->partition->id || e->a == x->partition->disk->id))
                return true;
        }
    return false;
}

/* A half with a mark is never started by itself: by the records, not by what the judge made of them. */
static void check_unmarked(const struct ldm_view *view, const struct boot_plan *plan)
{
    const struct ldm_component *c = plan->chosen.component;
    const uint32_t bad_volume = LDM_VOL_CRASHED | LDM_VOL_BAD_LOG | LDM_VOL_KDETACH | LDM_VOL_APP_RECOVER | LDM_VOL_PENDING;
    const uint32_t bad_disk = LDM_DISK_DROPPED | LDM_DISK_FAILING | LDM_DISK_ENCAP_PENDING | LDM_DISK_MERGE_REQUIRED;

    require(plan->chosen.verdict == VERDICT_GOOD && plan->chosen.code == STATUS_OK);
    require(c->usable && !c->old && c->dispute == STATUS_OK && c->reasons.count == 0 && !ldm_component_outdated(c));
    require(strcmp(c->state_text, "ACTIVE") == 0 && !(c->flags & LDM_COMP_MARKS) && !(c->volume->flags & bad_volume));
    require(strcmp(c->volume->state_text, "ACTIVE") == 0 || c->source);
    require(!plan->chosen.facts->hibernated && plan->chosen.facts->loader_problem == STATUS_OK);
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *x = &c->extents[i];

        require(!(x->partition->flags & LDM_PART_MARKS) && !(x->partition->disk->flags & bad_disk));
        require(x->partition->disk->copies == 1 && x->disk->status == STATUS_OK && !x->disk->front_lost && !x->disk->klog_bad);
        require(!is_detached(view, c, x));
    }
}

/* A loader that is not in the volume's root is a good one, and fits where it has to run. */
static void check_loader(const struct machine *m, const struct boot_facts *facts, const struct plan_candidate *c)
{
    unsigned has = c->facts->alone == ALONE_NT ? STICK_HAS_NTLDR : STICK_HAS_BOOTMGR;
    unsigned bad = c->facts->alone == ALONE_NT ? STICK_BAD_NTLDR : STICK_BAD_BOOTMGR;

    if (c->method == METHOD_BIOS_RAM)
        require(c->facts->alone == ALONE_SPARE && c->facts->spare_bytes <= m->loader_room);
    if (c->method == METHOD_BIOS_STICK) {
        require(c->facts->alone == ALONE_NT || c->facts->alone == ALONE_VISTA);
        require(facts->stick && facts->stick_files & has && !(facts->stick_files & bad));
    }
}

static void check_boot(const struct machine *m, const struct outcome *o)
{
    const struct boot_plan *plan = &o->plan;
    const char             *asked = m->cfg.component;

    require(plan->reason == STATUS_OK && plan->why && plan->chosen.component && plan->method != METHOD_NONE);
    require(!*asked || strcmp(asked, plan->chosen.component->name) == 0);
    check_places(m, &plan->chosen);
    check_unmarked(&o->view, plan);
}

static bool is_right_volume(const struct boot_plan *plan)
{
    struct guid right;

    require(guid_parse(span_of(LDMDISK_VOLUME_GUID, strlen(LDMDISK_VOLUME_GUID)), &right));
    return plan->result == PLAN_BOOT && guid_equal(&plan->chosen.volume->guid, &right);
}

/*
 * Another volume is not the answer to what happened to other disks than the one with a good half of the right one: when
 * that is what would be started without it.
 */
static void check_not_moved(const struct machine *m, const struct boot_plan *plan)
{
    const struct ldm_group *group = plan->chosen.volume->group;
    struct guid             own;

    if (!m->right_when_undamaged)
        return;
    require(guid_parse(span_of(m->disks[0]->image.group_guid, strlen(m->disks[0]->image.group_guid)), &own));
    if (!guid_equal(&group->guid, &own) || group->source->dev == &m->disks[0]->image.disk->dev)  /* else: a newer database */
        require(is_right_volume(plan));
}

static void check_plan(const struct machine *m, const struct outcome *o)
{
    const struct boot_plan *plan = &o->plan;

    for (size_t i = 0; i < plan->candidate_count; i++) {
        const struct plan_candidate *c = &plan->candidates[i];

        require(c->component->volume == c->volume && c->text);
        if (c->verdict != VERDICT_NEVER) {
            check_places(m, c);
            check_loader(m, &o->facts, c);
        }
        require(c->verdict == VERDICT_GOOD || (c->code != STATUS_OK && *c->text) || m->arena_bytes < ARENA_BYTES);
    }
    if (plan->result == PLAN_BOOT) {
        check_boot(m, o);
        check_not_moved(m, plan);
    } else {
        require(plan->reason != STATUS_OK);
        require(plan->notes.count > 0 || m->arena_bytes < ARENA_BYTES);
    }
}

/* ---- what must hold of the virtual disk */

static uint64_t check_extents(const struct machine *m, const struct vdisk *vd, const struct block_device *system)
{
    uint64_t reached = 0;

    require(vd->extent_count > 0 && vd->extent_count + vd->spare_count <= VDISK_MAX_EXTENTS);
    for (size_t i = 0; i < vd->extent_count + vd->spare_count; i++) {
        const struct vdisk_extent *e = &vd->extents[i];

        require(is_connected(m, e->dev) || (system && e->dev == system));
        require(e->sectors > 0 && range_inside(e->lba, e->sectors, blk_sectors(e->dev)));
        if (i >= vd->extent_count) {
            require(range_inside(e->virtual_lba, e->sectors, vd->sectors) && e->dev != system);
            continue;
        }
        require(e->virtual_lba == reached);
        reached += e->sectors;
    }
    return reached;
}

/* The volume's sectors are the half's. Its first one may be the backup. */
static void check_volume(const struct vdisk *vd, const struct ldm_component *c)
{
    for (size_t i = 0; i < c->extent_count; i++) {
        const struct ldm_extent *x = &c->extents[i];
        uint64_t                 last = x->volume_offset + x->sectors - 1;

        for (size_t k = 0; k < vd->extent_count && last > 0; k++) {
            const struct vdisk_extent *e = &vd->extents[k];

            if (vd->volume_lba + last < e->virtual_lba || vd->volume_lba + last - e->virtual_lba >= e->sectors)
                continue;
            require(e->dev == x->disk->dev && e->lba + (vd->volume_lba + last - e->virtual_lba) == x->lba + x->sectors - 1);
        }
    }
}

static void check_patches(const struct vdisk *vd)
{
    require(vd->patch_count <= VDISK_MAX_PATCHES && vd->patch_data_len <= VDISK_PATCH_BYTES);
    for (size_t i = 0; i < vd->patch_count; i++) {
        const struct vdisk_patch *p = &vd->patches[i];

        require(p->lba < vd->sectors && p->len > 0 && range_inside(p->offset, p->len, SECTOR_BYTES));
        require(range_inside(p->data, p->len, vd->patch_data_len));
    }
}

/* One active entry, where the boot sector that is started is. */
static void check_sector0(const struct vdisk *vd)
{
    uint8_t     sector[SECTOR_BYTES];
    struct span s = span_of(sector, sizeof sector);
    unsigned    active = 0;

    if (vdisk_read(vd, 0, 1, sector) != STATUS_OK)
        return;
    require(rd_le16(s, MBR_MAGIC_OFF) == 0xaa55);
    for (size_t i = 0; i < MBR_ENTRIES; i++) {
        struct span e = span_sub(s, MBR_TABLE_OFF + i * MBR_ENTRY_BYTES, MBR_ENTRY_BYTES);

        if (rd_u8(e, 0) == 0x80) {
            require(rd_le32(e, 8) == vd->start_lba);
            active++;
        }
    }
    require(active == 1);
}

static void check_reads(const struct vdisk *vd)
{
    uint8_t sectors[3 * SECTOR_BYTES];

    for (size_t i = 0; i < vd->extent_count; i++)
        (void)!vdisk_read(vd, vd->extents[i].virtual_lba + vd->extents[i].sectors - 1, 3, sectors);
    require(vdisk_read(vd, vd->sectors - 1, 2, sectors) == STATUS_READ_OUT_OF_RANGE);
}

static void check_shown(const struct machine *m, const struct vdisk *vd, const struct plan_candidate *c,
                        const struct block_device *system)
{
    require(check_extents(m, vd, system) == vd->sectors);
    require(range_inside(vd->volume_lba, vd->volume_sectors, vd->sectors) && vd->start_lba < vd->sectors);
    check_volume(vd, c->component);
    check_patches(vd);
    check_sector0(vd);
    check_reads(vd);
}

/* ---- what must hold of a system volume in memory */

/* Its store names the half, on its disk. */
static void check_store(const struct plan_candidate *c, struct span store)
{
    struct bcd_entry entry;

    require(bcd_read_default(store, &entry) == STATUS_OK && entry.osdevice.kind == BCD_DEVICE_MBR);
    require(entry.osdevice.signature == rd_le32(span_of(c->facts->disk->sector0, SECTOR_BYTES), MBR_SIGNATURE_OFF));
    require(entry.osdevice.offset == c->component->extents[0].lba * SECTOR_BYTES);
}

/* Its boot.ini numbers the partition as the table that is shown does. */
static void check_bootini(const struct plan_candidate *c, struct span text)
{
    static struct bootini parsed;

    bootini_parse(text, &parsed);
    require(parsed.entries[0].form == BOOTINI_MULTI && parsed.entries[0].rdisk == 0);
    require(parsed.entries[0].partition == lookup_number(c->lookup, c->facts));
}

/* What was put into it can be read out of it, through the disk that is shown. */
static void check_files(struct arena *a, const struct vdisk *vd, const struct system_volume *sv, const struct plan_candidate *c,
                        struct block_device *system)
{
    uint8_t          first[SECTOR_BYTES];
    struct fs_volume fs;
    struct span      file;
    enum status      st;

    require(vdisk_read(vd, vd->start_lba, 1, first) == STATUS_OK);
    require(rd_le32(span_of(first, sizeof first), 0x1c) == vd->start_lba);
    st = fs_open(system, first, a, &fs);
    for (size_t i = 0; st == STATUS_OK && i < sv->count; i++) {
        size_t mark = arena_mark(a);

        st = fs_read_whole(&fs, sv->files[i].path, BOOTMGR_MAX, a, &file);
        if (st != STATUS_OK)
            break;
        require(file.len == sv->files[i].size && memcmp(file.data, sv->files[i].data, file.len) == 0);
        if (strcmp(sv->files[i].path, BCD_SYSTEM_STORE) == 0)
            check_store(c, file);
        if (strcmp(sv->files[i].path, "\\boot.ini") == 0)
            check_bootini(c, file);
        arena_release(a, mark);
    }
    require(st == STATUS_OK || st == STATUS_NO_MEMORY);  /* the input may leave little of it: PLACE_ARENA */
}

/* As the BIOS program makes it; what was decided can be done, when nothing is damaged and no store was asked for in vain. */
static void check_from_memory(const struct machine *m, struct outcome *o, const struct boot_plan *plan)
{
    static uint8_t        bytes[SYSTEM_BYTES];
    struct arena          a = o->arena;
    struct system_source  source = { plan, &o->facts, facts_find(&o->facts, plan->chosen.component) };
    struct memory_device  system;
    struct system_volume  sv;
    struct vdisk          vd;
    enum status           st = system_volume_read(&source, &a, &sv);

    require(st == STATUS_OK || !m->untouched || (m->cfg.store.found && plan->result != PLAN_BOOT));
    if (st != STATUS_OK)
        return;
    require(sv.bytes % SECTOR_BYTES == 0 && sv.bytes <= sizeof bytes && sv.loader.len <= m->loader_room);
    memory_device_init(&system, "memory", bytes, sv.bytes);
    if (vdisk_build_with_system(plan, &system.dev, &vd) != STATUS_OK)
        return;
    require(system_volume_make(&sv, &(struct system_place){ (uint32_t)vd.start_lba, vd.heads, vd.sectors_per_track }, bytes) ==
            STATUS_OK);
    check_shown(m, &vd, &plan->chosen, &system.dev);
    check_files(&a, &vd, &sv, &plan->chosen, &system.dev);
}

/* As if this one had been chosen: by the plan, or by a person. */
static void check_vdisk(const struct machine *m, struct outcome *o, const struct plan_candidate *c)
{
    struct boot_plan chosen = o->plan;
    struct vdisk     vd;

    chosen.chosen = *c;
    if (c->method != METHOD_VBR)
        check_from_memory(m, o, &chosen);
    else if (vdisk_build(&chosen, &vd) == STATUS_OK)
        check_shown(m, &vd, c, NULL);
}

/* Of one that could be started; of which, the input says. */
static void check_one_vdisk(const struct machine *m, struct outcome *o)
{
    size_t count = o->plan.candidate_count;

    for (size_t i = 0; i < count; i++) {
        const struct plan_candidate *c = &o->plan.candidates[(m->pick + i) % count];

        if (c->verdict != VERDICT_NEVER) {
            check_vdisk(m, o, c);
            return;
        }
    }
}

/* ---- the same input, the same plan */

static void check_again(const struct machine *m, struct outcome *o)
{
    struct plan_candidate chosen = o->plan.chosen;
    enum plan_result      result = o->plan.result;
    enum status           reason = o->plan.reason;
    size_t                count = o->plan.candidate_count;
    uint64_t              first = chosen.component && chosen.component->extent_count ? chosen.component->extents[0].lba : 0;
    uint64_t              id = chosen.component ? chosen.component->id : 0;

    run(m, o);
    require(o->status == STATUS_OK && o->plan.result == result && o->plan.reason == reason && o->plan.candidate_count == count);
    require((o->plan.chosen.component ? o->plan.chosen.component->id : 0) == id && o->plan.chosen.verdict == chosen.verdict);
    require(!first || o->plan.chosen.component->extents[0].lba == first);
}

/* ---- the menu */

/* Were these letters typed, in this order, whatever was between them? */
static bool was_typed(struct span keys, size_t count)
{
    const char *next = MENU_WORD;

    for (size_t i = 0; i < count && *next; i++)
        if ((rd_u8(keys, i) | 0x20) == (*next | 0x20))
            next++;
    return *next == '\0';
}

static void check_menu(const struct machine *m, const struct outcome *o)
{
    static struct menu     menu;
    static struct log_ring ring;
    struct store_options   options = { 0 };
    struct menu_content    content = { "ldmboot", "", &o->view, &o->plan, &ring, &options };

    menu_open(&menu, &content, CONFIG_FOR_EVER, 600);
    for (size_t i = 0; i < m->keys.len; i++) {
        uint8_t                      byte = rd_u8(m->keys, i);
        enum menu_answer             answer = menu_key(&menu, byte >= 0xf0 ? KEY_UP + (byte & 7) : byte);
        const struct plan_candidate *c = menu_choice(&menu);

        if (answer == MENU_START)
            require(c && (c->verdict == VERDICT_GOOD || c->verdict == VERDICT_MARKED ||
                          (c->verdict == VERDICT_STALE_ONLY && was_typed(m->keys, i))));
        require(menu.state.selected < o->plan.candidate_count || o->plan.candidate_count == 0);
    }
    check_screen(&menu.screen);
}

/* ---- the input */

/* The disks as the scene has them, in the firmware's order. */
static void set_stage(struct machine *m, bool other_order)
{
    m->count = scene_disks(&m->scene);
    for (size_t i = 0; i < m->count; i++) {
        m->disks[i] = stage_disk(&m->scene, (unsigned)i);
        m->devices[other_order ? m->count - 1 - i : i] = &m->disks[i]->image.disk->dev;
    }
}

/* Would the right volume be started without a story and without damage? Found out once for each kind of machine. */
static bool is_right_when_undamaged(const struct machine *m, unsigned kind, unsigned stick, bool other_order)
{
    static uint8_t known[256][256][2][2];
    uint8_t       *answer = &known[kind][stick][m->rules == &uefi_rules][*m->cfg.component != '\0'];
    struct machine healthy = *m;
    struct outcome o;

    if (!*answer) {
        memset(healthy.scene.story, 0, sizeof healthy.scene.story);
        set_stage(&healthy, other_order);
        run(&healthy, &o);
        *answer = is_right_volume(&o.plan) ? 2 : 1;
    }
    return *answer == 2;
}

static void read_stick(struct machine *m, unsigned what)
{
    static const enum content lost[CONTENTS] = { CONTENT_NT_LOST, CONTENT_VISTA_LOST, CONTENT_VISTA_LOST, CONTENT_DATA };

    m->stick = stick_of(what);
    m->loader_room = what & STICK_LITTLE_ROOM ? BOOTMGR_MIN : BOOTMGR_USUAL_ROOM;
    m->cfg.store.found = what & STICK_FOUND_STORE;
    if (what & STICK_LOST)
        m->scene.content = lost[m->scene.content];
}

static void read_machine(struct machine *m, struct span *in)
{
    static const uint8_t nothing[STORY_BYTES];
    struct span          head = take(in, 3), story;
    unsigned             kind = rd_u8(head, 0), stick = rd_u8(head, 2);

    m->flags = rd_u8(head, 1);
    m->scene = (struct scene){ .shape = kind & 7u, .content = kind >> 3 & 3u, .gpt = kind & 32u, .other_loader = kind & 64u };
    m->rules = m->flags & FLAG_UEFI ? &uefi_rules : &bios_rules;
    m->cfg = config_default();
    if (m->flags & FLAG_ASKED)
        memcpy(m->cfg.component, "Volume1-02", sizeof "Volume1-02");
    m->arena_bytes = ARENA_BYTES;
    read_stick(m, stick);
    for (size_t i = 0; m->flags & FLAG_STORY && i < scene_disks(&m->scene); i++) {
        story = take(in, STORY_BYTES);
        if (story.len)
            memcpy(m->scene.story[i], story.data, story.len);
    }
    if (m->flags & FLAG_KEYS)
        m->keys = take(in, rd_u8(take(in, 1), 0) & 15u);
    m->right_when_undamaged = m->flags & FLAG_INTACT && memcmp(m->scene.story[0], nothing, STORY_BYTES) == 0 &&
                              is_right_when_undamaged(m, kind, stick, kind & 128u);
    set_stage(m, kind & 128u);
}

static void damage(struct machine *m, struct span in)
{
    size_t skip = m->flags & FLAG_INTACT ? 1 : 0;

    m->untouched = in.len == 0;
    for (unsigned i = 0; i < MAX_CHANGES && in.len > 0; i++)
        if (rd_u8(in, 0) == CHANGE_STICK)
            in = change_stick(skip ? NULL : m->stick, in);
        else if (m->count > skip)
            in = change(m->disks + skip, m->count - skip, in, &m->arena_bytes);
        else
            break;
    if (m->arena_bytes > ARENA_BYTES)
        m->arena_bytes = ARENA_BYTES;
    for (size_t i = skip; m->flags & FLAG_FIX && i < m->count; i++)
        fix_checksums(m->disks[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span    in = span_of(data, size);
    struct machine m = { 0 };
    struct outcome o;

    if (!memory)
        memory = malloc(ARENA_BYTES);
    read_machine(&m, &in);
    m.pick = in.len;
    damage(&m, in);
    run(&m, &o);
    if (o.status == STATUS_OK) {
        check_plan(&m, &o);
        if (m.rules == &bios_rules)
            check_one_vdisk(&m, &o);
        if (m.keys.len && (m.untouched || m.pick % 4 == 1))
            check_menu(&m, &o);
        if ((m.flags & FLAG_TWICE) == FLAG_TWICE && (m.untouched || m.pick % 4 == 3))
            check_again(&m, &o);
    }
    for (size_t i = 0; i < m.count; i++)
        restore(m.disks[i]);
    if (m.stick)
        restore(m.stick);
    return 0;
}
