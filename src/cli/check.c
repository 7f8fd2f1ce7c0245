/* SPDX-License-Identifier: MIT */
/* flowproof check: tubes along the run, claims decided on them, report, gate. */
#include "cli.h"

static int run_check(const cli_arguments *arguments)
{
    return cli_run_certify(arguments);
}

static const cli_option options[] = {CLI_setting, CLI_dataset, CLI_weights, CLI_flow, CLI_method, CLI_precision, CLI_tolerance, CLI_horizon,
                                     CLI_max_steps, CLI_certify, CLI_certificate, CLI_knots_every, CLI_digits, CLI_threads, CLI_only, CLI_twins, CLI_expect, CLI_allow_undecided, CLI_reports, CLI_json,
                                     CLI_junit, CLI_md, CLI_quiet, CLI_no_color, CLI_help};
const cli_command cli_check = {
    .name = "check",
    .summary = "run the checklist: integrate, evaluate, report, gate",
    .usage = "check [PATH...] --setting NAME [OPTION...]",
    .description = "Integrates the flow of the setting, evaluates the claims of the sheets (PATH: files or folders; default: the standard ones, proofs and\n"
                   "proofs/appendix, with --certify proofs alone),\n"
                   "prints the checklist, writes the reports and exits 0 only if every claim came out as expected.",
    .examples = "  flowproof check proofs --setting paper-experiment\n"
                "  flowproof check --setting tiny --only '4.4/*' --json -\n"
                "  flowproof check --dataset D --weights W --horizon 10 --flow gram\n"
                "  flowproof check --setting tiny --twins\n"
                "  flowproof check --setting tiny --certify --certificate tiny.cert\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_check,
};
