/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inside_posix.c - see inside.h.
 *
 * qemu-nbd(8) without --persistent ends with its first client, which is this process: when it is gone, however, so is the
 * connection. (Before that client has said hello, end_with() sees to it.) The socket comes to it as systemd's do
 * (sd_listen_fds(3)), so that its name is gone before it starts.
 * ewfmount(1) is a file system (FUSE): once the file in it is open, it is unmounted as umount2(2) calls lazy, ends with the
 * last file descriptor, and has no name any more. The format is always given: QEMU is left nothing to guess.
 */
#include "inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nbd_posix.h"

#define ACTIVATED_FD  3    /* where a socket stands that is handed over: SD_LISTEN_FDS_START */
#define NOT_FOUND     127  /* exit status of a shell that does not find a program, and of ours here */
#define WORDS_MAX     600
#define NO_PLACE      "there is no room for a name of it in $TMPDIR or /tmp"

/* A program that was started. */
struct helper {
    pid_t pid;
    int   errors;  /* what it says on its standard error */
};

/*
 * Until its first client has said hello, qemu-nbd does not end with it: then the kernel ends it (Linux only). A SIGTERM that
 * comes before qemu-nbd's main loop is caught and forgotten (qemu-nbd.c, termsig_handler); it only reads, so SIGKILL is safe.
 */
static void end_with(pid_t parent)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)  /* it was gone before */
        _exit(EXIT_FAILURE);
#else
    (void)parent;
#endif
}

static void become(char *const argv[], int listener, int errors)
{
    int      null = open("/dev/null", O_RDWR);
    char     pid[24];
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
    }
    dup2(errors, 2);
    if (listener >= 0) {
        snprintf(pid, sizeof pid, "%ld", (long)getpid());
        setenv("LISTEN_PID", pid, 1);
        setenv("LISTEN_FDS", "1", 1);
        if (listener == ACTIVATED_FD)
            fcntl(listener, F_SETFD, 0);
        else
            dup2(listener, ACTIVATED_FD);
    }
    execvp(argv[0], argv);
    _exit(errno == ENOENT ? NOT_FOUND : EXIT_FAILURE);
}

static bool start(struct helper *h, char *const argv[], int listener)
{
    int   pipe_of[2];
    pid_t parent = getpid();

    if (pipe2(pipe_of, O_CLOEXEC) != 0)
        return false;
    h->pid = fork();
    if (h->pid == 0) {
        if (listener >= 0)
            end_with(parent);
        become(argv, listener, pipe_of[1]);
    }
    close(pipe_of[1]);
    if (h->pid < 0)
        close(pipe_of[0]);
    h->errors = pipe_of[0];
    return h->pid > 0;
}

/* Wait for its end; its exit status, and the first line that it said. */
static int finish(const struct helper *h, char *line, size_t size)
{
    size_t  len = 0;
    ssize_t n;
    int     status = 0;

    while (len + 1 < size && ((n = read(h->errors, line + len, size - 1 - len)) > 0 || (n < 0 && errno == EINTR)))
        len += n > 0 ? (size_t)n : 0;
    line[len] = 0;
    line[strcspn(line, "\n")] = 0;
    close(h->errors);
    while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}

/* Why it did not work out. */
static const char *words(const struct container *c, const char *program, const char *package, int status, const char *line)
{
    static char text[WORDS_MAX];
    const char *cause = strstr(line, "': ");  /* qemu-nbd says before it what it was asked for */

    if (status == NOT_FOUND)
        snprintf(text, sizeof text, "%s; or install %s (package %s), by which it is read as it is", c->sentence, program, package);
    else
        snprintf(text, sizeof text, "%.*s, and %s cannot read it: %s", (int)strcspn(c->sentence, ","), c->sentence, program,
                 cause ? cause + 3 : line);
    return text;
}

/* What ends this program must not come between making something and taking it away. */
static void hold_signals(sigset_t *before)
{
    sigset_t those;

    sigemptyset(&those);
    sigaddset(&those, SIGINT);
    sigaddset(&those, SIGTERM);
    sigaddset(&those, SIGHUP);
    sigprocmask(SIG_BLOCK, &those, before);
}

/* A folder of our own, for a name that is soon gone again. */
static bool make_place(char *place, size_t size)
{
    const char *parent = getenv("TMPDIR");

    if (snprintf(place, size, "%s/ldmboot-XXXXXX", parent && *parent ? parent : "/tmp") < (int)size && mkdtemp(place))
        return true;
    place[0] = 0;
    return false;
}

/* ---- qemu-nbd */

/* A socket that listens, and one that is connected to it already. */
static bool make_sockets(int *listener, int *connection)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    char               place[sizeof name.sun_path - 8];
    sigset_t           before;
    bool               good;

    hold_signals(&before);
    good = make_place(place, sizeof place);
    snprintf(name.sun_path, sizeof name.sun_path, "%s/nbd", place);
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    good = good && *listener >= 0 && *connection >= 0 && bind(*listener, (struct sockaddr *)&name, sizeof name) == 0 &&
           listen(*listener, 1) == 0 && connect(*connection, (struct sockaddr *)&name, sizeof name) == 0;
    unlink(name.sun_path);
    rmdir(place);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return good;
}

/*
 * QEMU's description of the file; a comma in its name is written twice (qemu(1), -blockdev). Of a VHD the size that stands in
 * it: for those of some programs QEMU takes that of the geometry, which can be smaller (block/vpc.c), and LDM's database is
 * in the last megabyte.
 */
static char *image_options(const struct container *c, const char *path)
{
    const char *start = strcmp(c->qemu, "vpc") == 0 ? ",force_size_calc=current_size" : "";
    size_t      size = 2 * strlen(path) + 128;
    char       *text = malloc(size), *at;

    if (!text)
        return NULL;
    at = text + snprintf(text, size, "driver=%s%s,file.driver=file,file.filename=", c->qemu, start);
    for (; *path; path++) {
        *at++ = *path;
        if (*path == ',')
            *at++ = ',';
    }
    *at = 0;
    return text;
}

static const char *open_by_qemu(struct filedisk *fd)
{
    struct helper h;
    char         *argv[] = { "qemu-nbd", "--read-only", "--image-opts", image_options(fd->container, fd->dev.name), NULL };
    char          line[WORDS_MAX / 2] = "";
    int           listener = -1, connection = -1, status = EXIT_FAILURE;
    bool          good = argv[3] && make_sockets(&listener, &connection) && start(&h, argv, listener);

    free(argv[3]);
    close(listener);  /* of the server alone: when it ends, so does the connection */
    if (good && nbd_open(&fd->file, connection)) {
        close(h.errors);
        return NULL;
    }
    close(connection);
    if (good)
        status = finish(&h, line, sizeof line);
    else
        snprintf(line, sizeof line, "%s", NO_PLACE);
    return words(fd->container, argv[0], "qemu-utils", status, line);
}

/* ---- ewfmount */

static void detach(const char *place)
{
    char *const  argv[] = { "fusermount", "-u", "-z", (char *)place, NULL };
    struct helper h;
    char          line[WORDS_MAX / 2];

    if (umount2(place, MNT_DETACH) != 0 && start(&h, argv, -1))  /* who is not root has fusermount(1) for it */
        finish(&h, line, sizeof line);
}

static const char *open_by_ewfmount(struct filedisk *fd)
{
    char          place[256], path[300], line[WORDS_MAX / 2] = "";
    char         *argv[] = { "ewfmount", "--", (char *)fd->dev.name, place, NULL };
    struct helper h;
    sigset_t      before;
    int           status = EXIT_FAILURE;
    const char   *error = NO_PLACE;

    hold_signals(&before);
    if (make_place(place, sizeof place) && start(&h, argv, -1)) {
        status = finish(&h, line, sizeof line);
        snprintf(path, sizeof path, "%s/ewf1", place);
        error = host_open(&fd->file, path);
        if (status == 0)
            detach(place);
    }
    rmdir(place);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error ? words(fd->container, argv[0], "ewf-tools", status, *line ? line : error) : NULL;
}

const char *inside_open(struct filedisk *fd, uint32_t block_size)
{
    const char *error = fd->container->qemu ? open_by_qemu(fd) : open_by_ewfmount(fd);

    return error ? error : filedisk_begin(fd, block_size);
}
