/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700 /* realpath */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowproof/base.h"

/* ---- reading */

static fp_status read_all(fp_text *out, int fd, const char *path, size_t max_bytes, fp_error *err)
{
    char buffer[16384];
    fp_text_addn(out, "", 0);
    for (;;) {
        ssize_t n = fp_interrupted() ? 0 : read(fd, buffer, sizeof buffer);
        if (fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while reading it", path);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fp_fail(err, FP_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
        if (n == 0) return FP_OK;
        if ((size_t)n > max_bytes - out->len)
            return fp_fail(err, FP_BAD_INPUT, "%s: larger than the %zu bytes allowed here", path, max_bytes);
        fp_text_addn(out, buffer, (size_t)n);
    }
}

static fp_status read_open(fp_text *out, int fd, const char *path, size_t max_bytes, fp_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return fp_fail(err, FP_BAD_INPUT, "%s: is a folder; a file is wanted", path);
    return read_all(out, fd, path, max_bytes, err);
}

fp_status fp_file_read(fp_text *out, const char *path, size_t max_bytes, fp_error *err)
{
    fp_text_clear(out);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && fp_interrupted()) return fp_fail(err, FP_INTERRUPTED, "%s: interrupted while opening it", path);
    if (fd < 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    fp_status st = read_open(out, fd, path, max_bytes, err);
    close(fd);
    if (st != FP_OK) fp_text_clear(out);
    return st;
}

/* ---- writing */

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

/* Writes, synchronises and closes in every case; the first error is reported. */
static fp_status write_close(int fd, const char *path, const char *data, size_t len, fp_error *err)
{
    fp_status st = write_all(fd, path, data, len, err);
    if (st == FP_OK) st = sync_fd(fd, path, err);
    if (close(fd) != 0 && st == FP_OK && errno != EINTR) st = io_fail(err, path, "be closed");
    return st;
}

static fp_status write_stdout(const char *data, size_t len, fp_error *err)
{
    if (fflush(stdout) != 0) return io_fail(err, "standard output", "be written");
    fp_status st = write_all(fileno(stdout), "standard output", data, len, err);
    return st == FP_OK ? sync_fd(fileno(stdout), "standard output", err) : st;
}

/* A device or pipe: renaming a file over it would destroy it. */
static fp_status write_special(const char *path, const char *data, size_t len, fp_error *err)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return io_fail(err, path, "be opened for writing");
    return write_close(fd, path, data, len, err);
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) return fp_strdup(".");
    return fp_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* A new file in `folder`; its name goes to *name (owned by the caller). A killed run may have left files behind. */
static int open_temporary(char **name, const char *folder)
{
    int fd = -1;
    for (unsigned attempt = 0; fd < 0 && attempt < 1000; attempt++) {
        *name = fp_asprintf("%s/.flowproof-%ld-%u.tmp", folder, (long)getpid(), attempt);
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) break;
        int reason = errno;
        free(*name);
        *name = NULL;
        errno = reason;
        if (reason != EEXIST) break;
    }
    return fd;
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

static fp_status write_renamed(const char *path, const struct stat *old, const char *data, size_t len,
                               fp_error *err)
{
    char *folder = folder_of(path), *name = NULL;
    fp_status st;
    int fd = open_temporary(&name, folder);
    if (fd < 0) {
        st = io_fail(err, path, "be written: no temporary file in its folder");
        goto end;
    }
    if (old) (void)fchmod(fd, old->st_mode & 07777); /* keep the rights the user gave it, where we may */
    st = write_close(fd, path, data, len, err);
    if (st == FP_OK && rename(name, path) != 0) st = io_fail(err, path, "be replaced");
    if (st != FP_OK) unlink(name);
    if (st == FP_OK) st = sync_folder(folder, err);
end:
    free(name);
    free(folder);
    return st;
}

fp_status fp_file_write(const char *path, const char *data, size_t len, fp_error *err)
{
    if (strcmp(path, "-") == 0) return write_stdout(data, len, err);
    struct stat st;
    if (stat(path, &st) != 0) return write_renamed(path, NULL, data, len, err);
    if (S_ISDIR(st.st_mode)) return fp_fail(err, FP_IO, "%s: is a folder; a file is wanted", path);
    if (!S_ISREG(st.st_mode)) return write_special(path, data, len, err);
    char *target = realpath(path, NULL); /* replace what a symbolic link points to, not the link */
    if (!target) return io_fail(err, path, "be resolved");
    fp_status result = write_renamed(target, &st, data, len, err);
    free(target);
    return result;
}
