/* SPDX-License-Identifier: MIT */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name, *argument, *help;
} table[CLI_OPTION_COUNT] = {
#define CLI_ROW(field, name, argument, help) {name, argument, help},
    CLI_OPTIONS(CLI_ROW)
#undef CLI_ROW
};

const char *cli_option_name(cli_option option)
{
    return table[option].name;
}

static fp_status unknown_option(const cli_command *command, const char *given, fp_error *err)
{
    const char *names[CLI_OPTION_COUNT + 1];
    size_t count = 0;
    for (size_t k = 0; k < command->options_count; k++) names[count++] = table[command->options[k]].name;
    const char *bare = given + strspn(given, "-");
    char word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(bare, "="), bare);
    if (strcmp(word, "certify") == 0 && strcmp(command->name, "check") == 0)
        return fp_fail(err, FP_USAGE, "option --certify is gone: enclosures of the true solution are what 'check' does now; leave it out (its tolerance was 1e-17: --method taylor --tolerance 1e-17)");
    const char *close = fp_closest(word, names, count);
    return fp_fail(err, FP_USAGE, "unknown option '%s' of '%s'%s%s%s; 'flowproof %s --help' lists them", given, command->name,
                   close ? ", did you mean --" : "", close ? close : "", close ? "?" : "", command->name);
}

static int code_of(const cli_command *command, const char *name, size_t len)
{
    for (size_t k = 0; k < command->options_count; k++) {
        const char *known = table[command->options[k]].name;
        if (strlen(known) == len && strncmp(known, name, len) == 0) return (int)command->options[k];
    }
    return -1;
}

/* One "--name", "--name=value" or "--name value"; *k is the index of the argument and may advance. */
static fp_status take_option(cli_arguments *out, const cli_command *command, int argc, char **argv, int *k, fp_error *err)
{
    const char *given = argv[*k], *name = given + 2, *equal = strchr(name, '=');
    int code = code_of(command, name, equal ? (size_t)(equal - name) : strlen(name));
    if (code < 0) return unknown_option(command, given, err);
    if (out->value[code]) return fp_fail(err, FP_USAGE, "option --%s is given twice", table[code].name);
    if (table[code].argument == NULL) {
        if (equal) return fp_fail(err, FP_USAGE, "option --%s takes no value, found '%s'", table[code].name, equal + 1);
        out->value[code] = "";
        return FP_OK;
    }
    if (equal == NULL && *k + 1 >= argc) return fp_fail(err, FP_USAGE, "option --%s needs a value: %s", table[code].name, table[code].argument);
    out->value[code] = equal ? equal + 1 : argv[++*k];
    return FP_OK;
}

static const char *long_form(const char *argument)
{
    static const char *const shorts[][2] = {{"-h", "--help"}, {"-q", "--quiet"}, {"-j", "--threads"}, {"-o", "--output"}, {"-s", "--setting"}};
    for (size_t k = 0; k < sizeof shorts / sizeof *shorts; k++)
        if (strcmp(argument, shorts[k][0]) == 0) return shorts[k][1];
    return argument;
}

/* Goes on after the first error, which is the one that is told, so that the other options are known. */
fp_status cli_parse(cli_arguments *out, const cli_command *command, int argc, char **argv, fp_error *err)
{
    *out = (cli_arguments){0};
    out->paths = fp_alloc((size_t)argc + 1, sizeof *out->paths);
    bool operands_only = false;
    fp_error first = {FP_OK, ""};
    for (int k = 1; k < argc; k++) {
        fp_error *here = first.code == FP_OK ? &first : err;
        argv[k] = (char *)(operands_only ? argv[k] : long_form(argv[k]));
        const char *word = argv[k];
        if (!operands_only && strcmp(word, "--") == 0)
            operands_only = true;
        else if (operands_only || word[0] != '-' || word[1] == 0)
            out->paths[out->paths_count++] = word;
        else if (word[1] != '-')
            unknown_option(command, word, here);
        else
            take_option(out, command, argc, argv, &k, here);
    }
    if (first.code != FP_OK) *err = first;
    return first.code;
}

void cli_print_help(FILE *stream, const cli_command *command)
{
    cli_line(stream, "usage: flowproof %s", command->usage);
    cli_print_text(stream, "\n");
    cli_print_text(stream, command->description);
    cli_print_text(stream, "\n\n");
    if (command->more) command->more(stream);
    cli_print_text(stream, "options\n");
    for (size_t k = 0; k < command->options_count; k++) {
        cli_option code = command->options[k];
        char head[48];
        snprintf(head, sizeof head, "--%s%s%s", table[code].name, table[code].argument ? " " : "", table[code].argument ? table[code].argument : "");
        cli_line(stream, "  %-24s %s", head, table[code].help);
    }
    cli_print_text(stream, "\nexamples\n");
    cli_print_text(stream, command->examples);
}

bool cli_wants_color(const cli_arguments *arguments, FILE *stream)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (arguments->value[CLI_no_color] || (no_color && no_color[0])) return false;
    return isatty(fileno(stream)) && term && strcmp(term, "dumb") != 0;
}

fp_status cli_long(long *out, const char *text, const char *option, long least, long most, fp_error *err)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        return fp_fail(err, FP_USAGE, "option --%s: found '%s', allowed are whole numbers from %ld to %ld", option, text, least, most);
    *out = value;
    return FP_OK;
}
