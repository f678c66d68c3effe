/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux-init - the only program of a small Linux: says on the serial line which partitions the kernel found.
 *
 * It is /init of an initramfs, statically linked. Loads the modules it finds in / for virtio disks, then prints, for
 * every disk and each of its partitions,
 *     DISK serial sectors
 *     PARTITION serial start sectors
 * and END, and switches the machine off. Facts: Documentation/ABI/testing/sysfs-block of the kernel.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#define NAME_BYTES 64
#define PATH_BYTES 1024

/* In the order of their dependencies; a kernel that has one built in has no file of it. */
static const char *const modules[] = {
    "/virtio_ring.ko", "/virtio.ko", "/virtio_pci_legacy_dev.ko", "/virtio_pci_modern_dev.ko",
    "/virtio_pci.ko", "/virtio_blk.ko",
};

static void load_modules(void)
{
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        int fd = open(modules[i], O_RDONLY);

        if (fd < 0)
            continue;
        if (syscall(SYS_finit_module, fd, "", 0))
            printf("MODULE %s: %m\n", modules[i]);
        close(fd);
    }
}

/* One line of a file in sysfs, without its end; false when the file is not there. */
static int read_line(const char *directory, const char *name, char line[NAME_BYTES])
{
    char  path[PATH_BYTES];
    FILE *file;

    snprintf(path, sizeof path, "%.500s/%.500s", directory, name);
    file = fopen(path, "r");
    if (!file)
        return 0;
    line[0] = '\0';
    if (fgets(line, NAME_BYTES, file))
        line[strcspn(line, "\n")] = '\0';
    fclose(file);
    return 1;
}

static void list_partitions(const char *disk_path, const char *serial)
{
    DIR           *disk = opendir(disk_path);
    struct dirent *entry;
    char           path[PATH_BYTES], start[NAME_BYTES], size[NAME_BYTES];

    while (disk && (entry = readdir(disk))) {
        snprintf(path, sizeof path, "%.500s/%.500s", disk_path, entry->d_name);
        if (read_line(path, "partition", start) && read_line(path, "start", start) && read_line(path, "size", size))
            printf("PARTITION %s %s %s\n", serial, start, size);
    }
    if (disk)
        closedir(disk);
}

static void list_disks(void)
{
    DIR           *block = opendir("/sys/block");
    struct dirent *entry;
    char           path[PATH_BYTES], serial[NAME_BYTES], size[NAME_BYTES];

    while (block && (entry = readdir(block))) {
        snprintf(path, sizeof path, "/sys/block/%s", entry->d_name);
        if (!read_line(path, "serial", serial) || !read_line(path, "size", size))
            continue;
        printf("DISK %s %s\n", serial, size);
        list_partitions(path, serial);
    }
}

int main(void)
{
    mkdir("/dev", 0755);
    mkdir("/sys", 0755);
    mount("none", "/dev", "devtmpfs", 0, "");
    mount("none", "/sys", "sysfs", 0, "");
    if (!freopen("/dev/console", "w", stdout))
        return 1;
    load_modules();     /* the partitions of a virtio disk have been read when its module is in */
    list_disks();
    printf("END\n");
    fflush(stdout);
    tcdrain(1);
    reboot(RB_POWER_OFF);
    return 1;
}
