/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "flowproof/base.h"

/* _Exit: other threads may be running, so nothing of the process is torn down. */
_Noreturn static void out_of_memory(size_t count, size_t size)
{
    fprintf(stderr, "flowproof: out of memory: %zu x %zu bytes wanted\n", count, size);
    _Exit(fp_status_exit(FP_NO_MEMORY));
}

void *fp_realloc(void *p, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) out_of_memory(count, size);
    size_t bytes = count * size;
    void *q = realloc(p, bytes ? bytes : 1);
    if (!q) out_of_memory(count, size);
    return q;
}

void *fp_alloc(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p) out_of_memory(count, size);
    return p;
}

char *fp_strndup(const char *s, size_t n)
{
    const char *end = memchr(s, 0, n);
    size_t len = end ? (size_t)(end - s) : n;
    char *copy = fp_alloc(len + 1, 1);
    memcpy(copy, s, len);
    return copy;
}

char *fp_strdup(const char *s)
{
    return fp_strndup(s, strlen(s));
}

char *fp_asprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) return fp_strdup("");
    char *s = fp_alloc((size_t)n + 1, 1);
    va_start(args, format);
    vsnprintf(s, (size_t)n + 1, format, args);
    va_end(args);
    return s;
}
