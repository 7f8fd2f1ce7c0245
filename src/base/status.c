/* SPDX-License-Identifier: MIT */
#include "flowproof/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *text;
    int exit_status;
} codes[] = {
#define FP_STATUS_ROW(code, exit_status, text) [code] = {#code, text, exit_status},
    FP_STATUS_LIST(FP_STATUS_ROW)
#undef FP_STATUS_ROW
};

/* Messages may quote the user's bytes: keep them on one line and free of terminal control. */
static void flatten(char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f) *s = ' ';
}

fp_status fp_fail(fp_error *err, fp_status code, const char *format, ...)
{
    /* formatted aside, since an argument may be err->message itself */
    char text[sizeof err->message];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) snprintf(text, sizeof text, "%s", fp_status_text(code));
    if (n >= (int)sizeof text) memcpy(text + sizeof text - 4, "...", 4);
    flatten(text);
    memcpy(err->message, text, sizeof text);
    err->code = code;
    return code;
}

static size_t row(fp_status code)
{
    size_t i = (size_t)code;
    return i < sizeof codes / sizeof *codes ? i : (size_t)FP_INTERNAL;
}

const char *fp_status_name(fp_status code)
{
    return codes[row(code)].name;
}

const char *fp_status_text(fp_status code)
{
    return codes[row(code)].text;
}

int fp_status_exit(fp_status code)
{
    return codes[row(code)].exit_status;
}
