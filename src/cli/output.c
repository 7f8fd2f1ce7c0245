/* SPDX-License-Identifier: MIT */
/* Whatever people read on a terminal leaves through here, so that no text of theirs can act on it. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void cli_print_text(FILE *stream, const char *text)
{
    fp_text safe = {0};
    fp_text_add_lines(&safe, text);
    fwrite(safe.data, 1, safe.len, stream);
    fp_text_clear(&safe);
}

static void print(FILE *stream, const char *format, va_list args, const char *end)
{
    va_list again;
    fp_text safe = {0};
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = fp_alloc(n < 0 ? 1 : (size_t)n + 1, 1);
    if (n > 0) vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    fp_text_add_safe(&safe, text);
    fp_text_add(&safe, end);
    fwrite(safe.data, 1, safe.len, stream);
    fp_text_clear(&safe);
    free(text);
}

void cli_print(FILE *stream, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(stream, format, args, "");
    va_end(args);
}

void cli_line(FILE *stream, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print(stream, format, args, "\n");
    va_end(args);
}

void cli_erase_line(FILE *stream)
{
    fputs("\r\033[K", stream);
}

/* Length of the colour that the report begins with there: these are its own, any other escape is not. */
static size_t color_length(const char *s)
{
    static const char *const colors[] = {"\033[0m", "\033[2m", "\033[31m", "\033[32m", "\033[33m"};
    for (size_t k = 0; k < sizeof colors / sizeof *colors; k++)
        if (strncmp(s, colors[k], strlen(colors[k])) == 0) return strlen(colors[k]);
    return 0;
}

void cli_print_report(FILE *stream, const char *report)
{
    while (*report) {
        size_t n = strcspn(report, "\033");
        char *plain = fp_strndup(report, n);
        cli_print_text(stream, plain);
        free(plain);
        report += n;
        n = color_length(report);
        fwrite(report, 1, n, stream);
        report += *report && !n ? 1 : n;
    }
}

int cli_report_error(const fp_error *err, const fp_text *context)
{
    if (fp_interrupted()) {
        cli_line(stderr, "flowproof: %s", err->code == FP_INTERRUPTED ? err->message : "interrupted");
        return 128 + fp_interrupted();
    }
    cli_line(stderr, "flowproof: %s", err->message);
    if (context && context->len) cli_print_text(stderr, context->data);
    return fp_status_exit(err->code);
}
