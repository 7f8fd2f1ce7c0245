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
        ssize_t n = read(fd, buffer, sizeof buffer);
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
    if (fd < 0)
        return fp_fail(err, FP_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    fp_status st = read_open(out, fd, path, max_bytes, err);
    close(fd);
    if (st != FP_OK) fp_text_clear(out);
    return st;
}
