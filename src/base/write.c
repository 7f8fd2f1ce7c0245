/* SPDX-License-Identifier: MIT */
/* Writing files that appear whole or not at all. */
#define _XOPEN_SOURCE 700 /* realpath */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "temporary.h"

/* ---- bytes to a descriptor */

static fp_status io_fail(fp_error *err, const char *path, const char *verb)
{
    return fp_fail(err, FP_IO, "%s: cannot %s: %s", path, verb, strerror(errno));
}

/* A report of what was interrupted is written all the same; a request that comes while a pipe's reader lets us wait ends the waiting. */
static bool is_stopped(ssize_t result)
{
    return result < 0 && errno == EINTR && fp_interrupted();
}

static bool wait_writable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    return !is_stopped(poll(&p, 1, -1)); /* an error shows at the next write */
}

static fp_status write_all(int fd, const char *path, const char *data, size_t len, fp_error *err)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        bool stopped = is_stopped(n), waits = n < 0 && errno == EAGAIN;
        if (waits) stopped = !wait_writable(fd);
        if (stopped) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while writing it", path);
        if (waits || (n < 0 && errno == EINTR)) continue;
        if (n == 0) errno = ENOSPC;
        if (n <= 0) return io_fail(err, path, "be written");
        data += n;
        len -= (size_t)n;
    }
    return FP_OK;
}

/* EINVAL is what pipes, terminals and some folders answer: there is nothing to synchronise. */
static fp_status sync_fd(int fd, const char *path, fp_error *err)
{
    while (fsync(fd) != 0) {
        if (errno == EINVAL) break;
        if (errno != EINTR) return io_fail(err, path, "be synchronised to disk");
    }
    return FP_OK;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return fp_strdup(".");
    return fp_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* So that the rename survives a power failure. A folder that may be written but not read is left alone. */
static fp_status sync_folder(const char *folder, fp_error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return errno == EACCES ? FP_OK : io_fail(err, folder, "be opened");
    fp_status st = sync_fd(fd, folder, err);
    close(fd);
    return st;
}

/* ---- a file that appears whole or not at all */

enum { BUFFER = 1 << 16 };

struct fp_writer {
    int fd;
    char *path, *folder, *temporary; /* path: the target, links resolved */
    size_t used;
    fp_error failure; /* the first one */
    char buffer[BUFFER];
};

/* The file behind a link is replaced, not the link; what does not exist yet is its own target. NULL with *err set: no file can be there. */
static char *target_of(const char *path, struct stat *old, bool *exists, fp_error *err)
{
    *exists = stat(path, old) == 0;
    if (!*exists) return fp_strdup(path);
    if (!S_ISREG(old->st_mode)) {
        fp_fail(err, FP_IO, "%s: is a %s; a file is wanted", path, S_ISDIR(old->st_mode) ? "folder" : "pipe or device");
        return NULL;
    }
    char *target = realpath(path, NULL);
    if (!target) io_fail(err, path, "be resolved");
    return target;
}

fp_status fp_writer_open(fp_writer **out, const char *path, fp_error *err)
{
    struct stat old;
    bool exists;
    *out = NULL;
    char *target = target_of(path, &old, &exists, err), *temporary = NULL;
    if (!target) return err->code;
    char *folder = folder_of(target);
    fp_temporary_clean(folder);
    int fd = fp_temporary_open(&temporary, folder);
    if (fd < 0) {
        io_fail(err, path, "be written: no temporary file in its folder");
        free(target);
        free(folder);
        return err->code;
    }
    if (exists) (void)fchmod(fd, old.st_mode & 07777); /* keep the rights the user gave it, where we may */
    *out = fp_alloc(1, sizeof **out);
    **out = (fp_writer){.fd = fd, .path = target, .folder = folder, .temporary = temporary};
    return FP_OK;
}

static void flush_buffer(fp_writer *w)
{
    if (w->failure.code == FP_OK) write_all(w->fd, w->path, w->buffer, w->used, &w->failure);
    w->used = 0;
}

fp_status fp_writer_put(fp_writer *w, const void *data, size_t len, fp_error *err)
{
    const char *from = data;
    while (len > 0) {
        size_t part = len < BUFFER - w->used ? len : BUFFER - w->used;
        memcpy(w->buffer + w->used, from, part);
        w->used += part;
        from += part;
        len -= part;
        if (w->used == BUFFER) flush_buffer(w);
    }
    if (w->failure.code != FP_OK) *err = w->failure;
    return w->failure.code;
}

static void writer_free(fp_writer *w)
{
    free(w->path);
    free(w->folder);
    free(w->temporary);
    free(w);
}

fp_status fp_writer_close(fp_writer *w, fp_error *err)
{
    flush_buffer(w);
    if (w->failure.code == FP_OK) sync_fd(w->fd, w->path, &w->failure);
    /* renamed before it is closed: the lock keeps others from taking it for a leftover */
    if (w->failure.code == FP_OK && rename(w->temporary, w->path) != 0) io_fail(&w->failure, w->path, "be replaced");
    if (close(w->fd) != 0 && w->failure.code == FP_OK && errno != EINTR) io_fail(&w->failure, w->path, "be closed");
    if (w->failure.code != FP_OK) unlink(w->temporary);
    if (w->failure.code == FP_OK) sync_folder(w->folder, &w->failure);
    if (w->failure.code != FP_OK) *err = w->failure;
    fp_status st = w->failure.code;
    writer_free(w);
    return st;
}

void fp_writer_abandon(fp_writer *w)
{
    if (!w) return;
    close(w->fd);
    unlink(w->temporary);
    writer_free(w);
}

/* ---- whole contents */

static fp_status write_stdout(const char *data, size_t len, fp_error *err)
{
    if (fflush(stdout) != 0) return io_fail(err, "standard output", "be written");
    fp_status st = write_all(fileno(stdout), "standard output", data, len, err);
    return st == FP_OK ? sync_fd(fileno(stdout), "standard output", err) : st;
}

/* A FIFO has no reader yet when both sides start together: given some seconds to come. */
static int open_special(const char *path)
{
    enum { PAUSES = 60 };
    const struct timespec pause = {.tv_nsec = 50000000};
    for (int k = 0;; k++) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd >= 0 || errno != ENXIO || k == PAUSES) return fd;
        if (is_stopped(nanosleep(&pause, NULL))) {
            errno = ENXIO;
            return -1;
        }
    }
}

/* A device or pipe: renaming a file over it would destroy it. */
static fp_status write_special(const char *path, const char *data, size_t len, fp_error *err)
{
    int fd = open_special(path);
    if (fd < 0 && errno == ENXIO) return fp_fail(err, FP_IO, "%s: nothing reads from it", path);
    if (fd < 0) return io_fail(err, path, "be opened for writing");
    fp_status st = write_all(fd, path, data, len, err);
    if (st == FP_OK) st = sync_fd(fd, path, err);
    if (close(fd) != 0 && st == FP_OK && errno != EINTR) st = io_fail(err, path, "be closed");
    return st;
}

bool fp_file_is_stream(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

fp_status fp_file_write(const char *path, const char *data, size_t len, fp_error *err)
{
    fp_writer *w;
    if (strcmp(path, "-") == 0) return write_stdout(data, len, err);
    if (fp_file_is_stream(path)) return write_special(path, data, len, err);
    if (fp_writer_open(&w, path, err) != FP_OK) return err->code;
    (void)fp_writer_put(w, data, len, err); /* close tells */
    return fp_writer_close(w, err);
}
