/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <stdlib.h>
#include <string.h>

static const cli_command *const commands[] = {&cli_check, &cli_bounds, &cli_verify, &cli_run, &cli_list, &cli_explain, &cli_settings, &cli_version};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_overview(FILE *stream)
{
    cli_print_text(stream, "flowproof checks the statements of a theory paper on real trajectories of its training dynamics.\n\n"
          "usage: flowproof COMMAND [OPTION...] [PATH...]\n\n");
    for (int k = 0; k < COMMANDS; k++) cli_line(stream, "  %-9s %s", commands[k]->name, commands[k]->summary);
    cli_print_text(stream, "\n'flowproof COMMAND --help' explains a command, with examples. proofs/README.md is the claim language on one page.\n"
          "Exit status: 0 as expected, 1 some claim contrary to expectation, 2 command line, sheet, setting or data wrong,\n"
          "3 undecided, 4 internal, 5 nothing selected or all neutral, 130/143 interrupted: SIGINT and SIGTERM end every command at once,\n"
          "its reports say so, and what was not finished is undecided; a second signal kills.\n"
          "The standard sheets, their prelude and the settings are looked for in ./proofs, then in the folder that the environment variable\n"
          "FLOWPROOF_PROOFS names, then where flowproof is installed (share/flowproof/proofs).\n");
}

static const cli_command *find_command(const char *name)
{
    for (int k = 0; k < COMMANDS; k++)
        if (strcmp(commands[k]->name, name) == 0) return commands[k];
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[COMMANDS];
    for (int k = 0; k < COMMANDS; k++) names[k] = commands[k]->name;
    const char *close = fp_closest(name, names, COMMANDS);
    cli_line(stderr, "flowproof: unknown command '%s'%s%s%s; 'flowproof --help' lists the commands", name, close ? ", did you mean '" : "",
            close ? close : "", close ? "'?" : "");
    return fp_status_exit(FP_USAGE);
}

/* A command line that is not understood asks for a run all the same: what an earlier one left in the files that it names is marked. */
static int refuse(const cli_arguments *arguments, const fp_error *err)
{
    static const cli_option list[] = {CLI_json, CLI_junit, CLI_md, CLI_csv, CLI_output};
    cli_outputs outputs = {0};
    fp_error ignored;
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) cli_outputs_add(&outputs, arguments, list[k], NULL);
    if (cli_outputs_check(&outputs, arguments, NULL, &ignored) == FP_OK) (void)cli_outputs_mark(&outputs, true, &ignored);
    cli_outputs_clear(&outputs);
    return cli_report_error(err, NULL);
}

/* What is still to be written to standard output may not fit there. */
static int finish_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    cli_line(stderr, "flowproof: cannot write to standard output");
    return fp_interrupted() ? 128 + fp_interrupted() : fp_status_exit(FP_IO);
}

static int run_command(const cli_command *command, const char *program, int argc, char **argv)
{
    cli_arguments arguments;
    fp_error err = {FP_OK, ""};
    int status = fp_status_exit(FP_INTERNAL);
    bool understood = cli_parse(&arguments, command, argc, argv, &err) == FP_OK;
    if (understood && arguments.value[CLI_help]) {
        cli_print_help(stdout, command);
        status = 0;
    } else if (!understood || cli_proofs_start(program, &err) != FP_OK)
        status = refuse(&arguments, &err);
    else
        status = command->run(&arguments);
    free(arguments.paths);
    cli_proofs_end();
    status = finish_output(status);
    flint_cleanup();
    mpfr_free_cache();
    return status;
}

int main(int argc, char **argv)
{
    cli_catch_signals();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error, as a full disk is */
    if (argc < 2) {
        print_overview(stderr);
        return fp_status_exit(FP_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_overview(stdout);
        return finish_output(0);
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) return run_command(&cli_version, argv[0], 1, argv);
    const cli_command *command = find_command(argv[1]);
    return command ? run_command(command, argv[0], argc - 1, argv + 1) : unknown_command(argv[1]);
}
