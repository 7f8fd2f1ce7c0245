/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
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

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode) ? "folder" : S_ISFIFO(mode) ? "pipe" : S_ISSOCK(mode) ? "socket" : "device";
}

/* O_NONBLOCK: a pipe that nobody writes to would be waited for. A socket cannot be opened at all. */
fp_status fp_file_open(int *out, const char *path, fp_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), reason = errno;
    bool known = fd >= 0 ? fstat(fd, &st) == 0 : stat(path, &st) == 0;
    if (fd >= 0 && known && S_ISREG(st.st_mode)) {
        *out = fd;
        return FP_OK;
    }
    if (fd >= 0) close(fd);
    if (known && !S_ISREG(st.st_mode))
        return fp_fail(err, FP_BAD_INPUT, "%s: is a %s; only regular files are read", path, kind_of(st.st_mode));
    return fp_fail(err, FP_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(reason));
}

fp_status fp_file_read(fp_text *out, const char *path, size_t max_bytes, fp_error *err)
{
    int fd;
    fp_text_clear(out);
    if (fp_file_open(&fd, path, err) != FP_OK) return err->code;
    fp_status st = read_all(out, fd, path, max_bytes, err);
    close(fd);
    if (st != FP_OK) fp_text_clear(out);
    return st;
}
