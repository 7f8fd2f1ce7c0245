/* SPDX-License-Identifier: MIT */
/* flowproof list and flowproof explain: the statements, without a run. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fp_status read_sheets(fp_sheets *out, const char *const *paths, size_t count, fp_text *context, fp_error *err)
{
    const char *const standard[] = {"proofs", "proofs/appendix"};
    size_t usual = access(standard[1], F_OK) == 0 ? 2 : 1;
    return fp_sheets_read(out, count ? paths : standard, count ? count : usual, true, context, err);
}

static const fp_sheet *twin_of(const fp_sheets *sheets, const fp_sheet *sheet)
{
    for (int k = 0; k < sheets->count; k++)
        if (sheets->sheets[k]->is_twin && sheets->sheets[k]->original == sheet) return sheets->sheets[k];
    return NULL;
}

static bool is_statement(const fp_sheet *sheet)
{
    return !sheet->is_twin && !sheet->is_prelude;
}

static void count_kinds(int counts[3], const fp_sheet *sheet)
{
    for (int k = 0; sheet && k < sheet->claims_count; k++) counts[sheet->claims[k]->kind]++;
}

static void list_statements(const fp_sheets *sheets)
{
    int statements = 0, all[3] = {0}, twins[3] = {0};
    printf("%-6s %6s %6s %6s %6s  %s\n", "number", "claims", "orders", "prob.", "twins", "title");
    for (int k = 0; k < sheets->count; k++) {
        const fp_sheet *s = sheets->sheets[k];
        int own[3] = {0}, false_ones[3] = {0};
        if (!is_statement(s)) continue;
        count_kinds(own, s);
        count_kinds(all, s);
        count_kinds(false_ones, twin_of(sheets, s));
        count_kinds(twins, twin_of(sheets, s));
        statements++;
        printf("%-6s %6d %6d %6d %6d  %s\n", s->number, own[FP_CLAIM], own[FP_ORDER], own[FP_PROBABILITY], false_ones[FP_CLAIM], s->title);
    }
    printf("%d statements, %d claims, %d orders, %d probabilities, %d twins\n", statements, all[FP_CLAIM], all[FP_ORDER], all[FP_PROBABILITY],
           twins[FP_CLAIM]);
}

static void list_ids(const fp_sheets *sheets)
{
    for (int k = 0; k < sheets->count; k++)
        for (int c = 0; is_statement(sheets->sheets[k]) && c < sheets->sheets[k]->claims_count; c++)
            printf("%s\n", sheets->sheets[k]->claims[c]->id);
}

static void list_errata(const fp_sheets *sheets)
{
    for (int k = 0; k < sheets->count; k++)
        for (size_t e = 0; is_statement(sheets->sheets[k]) && e < sheets->sheets[k]->errata.count; e++)
            printf("%-6s %s\n", sheets->sheets[k]->number, sheets->sheets[k]->errata.items[e]);
}

static int run_list(const cli_arguments *arguments)
{
    fp_sheets sheets = {0};
    fp_text context = {0};
    fp_error err = {FP_OK, ""};
    int status = 0;
    if (read_sheets(&sheets, arguments->paths, arguments->paths_count, &context, &err) != FP_OK)
        status = cli_report_error(&err, &context);
    else if (arguments->value[CLI_ids])
        list_ids(&sheets);
    else if (arguments->value[CLI_errata])
        list_errata(&sheets);
    else
        list_statements(&sheets);
    fp_sheets_clear(&sheets);
    fp_text_clear(&context);
    return status;
}

/* ---- explain */

static void print_field(const char *name, const char *text)
{
    if (text && text[0]) printf("%-10s %s\n", name, text);
}

static void print_definitions(const fp_sheet *sheet)
{
    for (int k = 0; k < sheet->constants_count; k++) {
        const fp_constant *c = &sheet->constants[k];
        gmp_printf("%-10s %s = %Qd, the %s that would do is measured%s%s\n", "constant", c->name, c->value, c->smallest ? "smallest" : "largest",
                   c->because ? "; " : "", c->because ? c->because : "");
    }
    for (int k = 0; k < sheet->definitions_count; k++) {
        const fp_definition *d = sheet->definitions[k];
        fp_text body = {0};
        fp_node_print(&body, d->body);
        printf("%-10s %s", "where", d->name);
        for (int p = 0; p < d->parameters; p++) printf("%s%s", p ? ", " : "(", d->parameter_names[p]);
        printf("%s = %s\n", d->parameters ? ")" : "", body.data);
        fp_text_clear(&body);
    }
}

static void print_claim(const fp_claim *claim)
{
    static const char *const kinds[] = {"claim", "order", "probability"};
    fp_text formula = {0};
    fp_claim_print(&formula, claim);
    printf("\n%s %s%s%s%s  (%s:%d)\n  %s\n", kinds[claim->kind], claim->id, claim->variant ? " (" : "", claim->variant ? claim->variant : "",
           claim->variant ? ")" : "", claim->place.file, claim->place.line, formula.data);
    fp_text_clear(&formula);
}

static void explain(const fp_sheet *sheet, const char *wanted)
{
    printf("statement  %s\n", sheet->number);
    print_field("title", sheet->title);
    print_field("paper", sheet->paper);
    print_field("group", sheet->group);
    print_field("says", sheet->says);
    for (size_t k = 0; k < sheet->assumes.count; k++) print_field("assumes", sheet->assumes.items[k]);
    if (sheet->requires_) {
        fp_text condition = {0};
        fp_node_print(&condition, sheet->requires_);
        print_field("requires", condition.data);
        fp_text_clear(&condition);
    }
    for (size_t k = 0; k < sheet->errata.count; k++) print_field("erratum", sheet->errata.items[k]);
    print_definitions(sheet);
    for (int k = 0; k < sheet->claims_count; k++)
        if (strcmp(wanted, sheet->number) == 0 || fp_glob_match(wanted, sheet->claims[k]->id)) print_claim(sheet->claims[k]);
}

static bool mentions(const fp_sheet *sheet, const char *wanted)
{
    if (strcmp(wanted, sheet->number) == 0) return true;
    for (int k = 0; k < sheet->claims_count; k++)
        if (fp_glob_match(wanted, sheet->claims[k]->id)) return true;
    return false;
}

static int explain_all(const fp_sheets *sheets, const char *wanted)
{
    int found = 0;
    const char **numbers = fp_alloc((size_t)sheets->count + 1, sizeof *numbers);
    size_t count = 0;
    for (int k = 0; k < sheets->count; k++) {
        const fp_sheet *sheet = sheets->sheets[k];
        if (!is_statement(sheet)) continue;
        numbers[count++] = sheet->number;
        if (!mentions(sheet, wanted)) continue;
        if (found++) printf("\n");
        explain(sheet, wanted);
    }
    const char *close = found ? NULL : fp_closest(wanted, numbers, count);
    if (!found)
        fprintf(stderr, "flowproof: no statement or claim '%s'%s%s%s; 'flowproof list' shows them\n", wanted, close ? ", did you mean '" : "",
                close ? close : "", close ? "'?" : "");
    free(numbers);
    return found ? 0 : fp_status_exit(FP_USAGE);
}

static int run_explain(const cli_arguments *arguments)
{
    fp_sheets sheets = {0};
    fp_text context = {0};
    fp_error err = {FP_OK, ""};
    int status;
    if (arguments->paths_count == 0) {
        fp_fail(&err, FP_USAGE, "explain needs a statement or claim, e.g. 'flowproof explain 4.4'");
        return cli_report_error(&err, NULL);
    }
    if (read_sheets(&sheets, arguments->paths + 1, arguments->paths_count - 1, &context, &err) != FP_OK)
        status = cli_report_error(&err, &context);
    else
        status = explain_all(&sheets, arguments->paths[0]);
    fp_sheets_clear(&sheets);
    fp_text_clear(&context);
    return status;
}

/* ---- version */

static int run_version(const cli_arguments *arguments)
{
    (void)arguments;
    printf("flowproof %s\ncommit %s\ncompiler %s\n", CLI_VERSION, cli_commit(), __VERSION__);
    printf("mpfr %s (headers %s)\ngmp %s\nflint %s\n", mpfr_get_version(), MPFR_VERSION_STRING, gmp_version, flint_version);
    printf("arithmetic version %d\n", FP_ARITHMETIC_VERSION);
    return 0;
}

static const cli_option list_options[] = {CLI_ids, CLI_errata, CLI_help};
const cli_command cli_list = {
    .name = "list",
    .summary = "the statements, with their claims and twins counted",
    .usage = "list [PATH...] [OPTION...]",
    .description = "Lists the statements of the sheets (PATH: files or folders, default proofs and proofs/appendix).",
    .examples = "  flowproof list\n  flowproof list --ids\n  flowproof list --errata\n",
    .options = list_options,
    .options_count = sizeof list_options / sizeof *list_options,
    .run = run_list,
};

static const cli_option help_only[] = {CLI_help};
const cli_command cli_explain = {
    .name = "explain",
    .summary = "one statement in full",
    .usage = "explain ID [PATH...]",
    .description = "Prints a statement or claim: our words, hypotheses, definitions, and the formulas printed back from their parsed form.",
    .examples = "  flowproof explain 4.4\n  flowproof explain 'D.5/*'\n",
    .options = help_only,
    .options_count = 1,
    .run = run_explain,
};

const cli_command cli_version = {
    .name = "version",
    .summary = "versions of the program and its libraries",
    .usage = "version",
    .description = "Prints the version, the commit it was built from, the compiler, and library versions at run time.",
    .examples = "  flowproof version\n",
    .options = help_only,
    .options_count = 1,
    .run = run_version,
};
