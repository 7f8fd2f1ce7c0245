/* SPDX-License-Identifier: MIT */
#include "flowproof/base.h"

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

enum { LONGEST = 4096 }; /* bytes formatted, of which at least three quarters are left when made safe: more than a message holds */

/* One safe line, cut between two characters. */
static void set_message(fp_error *err, const char *text)
{
    fp_text safe = {0};
    fp_text_add_safe(&safe, text);
    size_t room = sizeof err->message - 1, n = safe.len;
    if (n > room)
        for (n = room - 3; n && ((unsigned char)safe.data[n] & 0xC0) == 0x80; n--) continue;
    memcpy(err->message, safe.data, n);
    strcpy(err->message + n, n < safe.len ? "..." : "");
    fp_text_clear(&safe);
}

fp_status fp_fail(fp_error *err, fp_status code, const char *format, ...)
{
    /* formatted aside, since an argument may be err->message itself */
    char text[LONGEST];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_message(err, n < 0 ? fp_status_text(code) : text);
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
