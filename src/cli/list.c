/* SPDX-License-Identifier: MIT */
/* flowproof list: every number of the paper, or its slips; flowproof version. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>

fp_status cli_read_statements(fp_sheets *out, const cli_arguments *arguments, size_t first, fp_text *context, fp_error *err)
{
    size_t given = arguments->paths_count > first ? arguments->paths_count - first : 0;
    return cli_sheets_read(out, arguments->paths + first, given, (cli_reading){.appendix = true, .twins = true}, context, err);
}

bool cli_is_statement(const fp_sheet *sheet)
{
    return !sheet->is_twin && !sheet->is_prelude;
}

/* ---- counts */

typedef struct {
    int claims[3], twins; /* by kind; false claims */
} counts;

static void count_claims(counts *n, const fp_sheets *sheets, const fp_sheet *sheet)
{
    for (int k = 0; k < sheet->claims_count; k++) n->claims[sheet->claims[k]->kind]++;
    for (int s = 0; s < sheets->count; s++) {
        const fp_sheet *twin = sheets->sheets[s];
        if (!twin->is_twin || twin->original != sheet) continue;
        for (int k = 0; k < twin->claims_count; k++) n->twins += twin->claims[k]->kind == FP_CLAIM;
    }
}

static const fp_sheet *find_statement(const fp_sheets *sheets, const char *number)
{
    for (int k = 0; k < sheets->count; k++)
        if (cli_is_statement(sheets->sheets[k]) && strcmp(sheets->sheets[k]->number, number) == 0) return sheets->sheets[k];
    return NULL;
}

static void print_counts(const fp_sheets *sheets, const fp_sheet *sheet)
{
    counts n = {0};
    count_claims(&n, sheets, sheet);
    cli_line(stdout, " %6d %6d %6d %6d  %s", n.claims[FP_CLAIM], n.claims[FP_ORDER], n.claims[FP_PROBABILITY], n.twins, sheet->title);
}

static void print_totals(const fp_sheets *sheets)
{
    counts all = {0};
    int statements = 0;
    for (int k = 0; k < sheets->count; k++) {
        if (!cli_is_statement(sheets->sheets[k])) continue;
        statements++;
        count_claims(&all, sheets, sheets->sheets[k]);
    }
    cli_line(stdout, "%d statements, %d claims, %d orders, %d probabilities, %d twins", statements, all.claims[FP_CLAIM], all.claims[FP_ORDER],
           all.claims[FP_PROBABILITY], all.twins);
}

/* ---- the statements of given sheets */

static const char columns[] = " claims orders  prob.  twins  title";

static void list_statements(const fp_sheets *sheets)
{
    cli_line(stdout, "%-7s%s", "number", columns);
    for (int k = 0; k < sheets->count; k++) {
        if (!cli_is_statement(sheets->sheets[k])) continue;
        cli_print(stdout, "%-7s", sheets->sheets[k]->number);
        print_counts(sheets, sheets->sheets[k]);
    }
    print_totals(sheets);
}

static void list_ids(const fp_sheets *sheets)
{
    for (int k = 0; k < sheets->count; k++)
        for (int c = 0; cli_is_statement(sheets->sheets[k]) && c < sheets->sheets[k]->claims_count; c++)
            cli_line(stdout, "%s", sheets->sheets[k]->claims[c]->id);
}

/* ---- the whole paper */

/* A number with a sheet of its own shows its counts, another name of it points there. */
static fp_status print_entry(const fp_sheets *sheets, const cli_index *index, const cli_index_entry *entry, fp_error *err)
{
    cli_print(stdout, "%-7s p. %-3s", entry->number, entry->page);
    if (!entry->sheet) {
        cli_line(stdout, " %s", entry->reason);
        return FP_OK;
    }
    char *number = cli_index_statement(entry);
    const fp_sheet *sheet = find_statement(sheets, number);
    if (!sheet)
        fp_fail(err, FP_BAD_INPUT, "%s:%d:1: %s names the sheet %s, which does not exist", index->path, entry->line, entry->number, entry->sheet);
    else if (strcmp(number, entry->number) == 0)
        print_counts(sheets, sheet);
    else
        cli_line(stdout, " in %s: %s", number, sheet->title);
    free(number);
    return sheet ? FP_OK : err->code;
}

static bool is_listed(const cli_index *index, const char *number)
{
    for (size_t k = 0; k < index->count; k++)
        if (strcmp(index->entries[k].number, number) == 0) return true;
    return false;
}

static fp_status check_listed(const fp_sheets *sheets, const cli_index *index, fp_error *err)
{
    for (int k = 0; k < sheets->count; k++)
        if (cli_is_statement(sheets->sheets[k]) && !is_listed(index, sheets->sheets[k]->number))
            return fp_fail(err, FP_BAD_INPUT, "%s does not name %s, which has the sheet %s", index->path, sheets->sheets[k]->number, sheets->sheets[k]->path);
    return FP_OK;
}

static void print_index_totals(const cli_index *index)
{
    size_t with_sheet = 0, later = 0;
    for (size_t k = 0; k < index->count; k++) {
        with_sheet += index->entries[k].sheet != NULL;
        later += index->entries[k].reason && strncmp(index->entries[k].reason, "later", 5) == 0;
    }
    cli_line(stdout, "%zu numbers of the paper: %zu have a sheet, %zu need none, %zu are still to come", index->count, with_sheet, index->count - with_sheet - later,
           later);
}

static int list_paper(const fp_sheets *sheets, const char *path)
{
    cli_index index;
    fp_error err;
    if (cli_index_read(&index, path, &err) != FP_OK) return cli_report_error(&err, NULL);
    fp_status status = check_listed(sheets, &index, &err);
    cli_line(stdout, "%-7s %-6s%s", "number", "page", columns);
    for (size_t k = 0; k < index.count && status == FP_OK; k++) status = print_entry(sheets, &index, &index.entries[k], &err);
    if (status == FP_OK) print_totals(sheets);
    if (status == FP_OK) print_index_totals(&index);
    cli_index_clear(&index);
    return status == FP_OK ? 0 : cli_report_error(&err, NULL);
}

/* ---- errata: what is off in the paper, and how the claims concerned came out */

static const char *const classes[] = {"false", "unproved but true", "loose", "typographic"}; /* the sheet reader allows no other */
enum { CLASSES = sizeof classes / sizeof *classes };

static int class_of(const char *erratum)
{
    int k = 0;
    while (k < CLASSES - 1 && strncmp(erratum, classes[k], strlen(classes[k])) != 0) k++;
    return k;
}

static void print_erratum(const fp_sheet *sheet, const char *erratum)
{
    const char *word = classes[class_of(erratum)];
    cli_line(stdout, "%-7s%-17s  %s", sheet->number, word, erratum + strlen(word) + 2);
}

/* The variants are what an erratum is about; where the text is only encoded as meant there are none. */
static void print_variants(const fp_sheet *sheet, const cli_last_run *run)
{
    for (int k = 0; k < sheet->claims_count; k++) {
        const fp_claim *claim = sheet->claims[k];
        const fp_json *result = cli_last_run_claim(run, claim->id);
        fp_text text = {0};
        if (!claim->variant) continue;
        if (result)
            cli_evidence_add(&text, result);
        else
            fp_text_add(&text, run->path ? "not checked" : "no run");
        cli_line(stdout, "%-7s%s %s (%s): %s", "", claim->kind == FP_CLAIM ? "claim" : claim->kind == FP_ORDER ? "order" : "probability", claim->id, claim->variant,
               text.data);
        fp_text_clear(&text);
    }
}

static void list_errata(const fp_sheets *sheets, const cli_last_run *run, const cli_arguments *arguments)
{
    size_t by_class[CLASSES] = {0}, total = 0;
    int statements = 0;
    cli_last_run_print(run, arguments, 0);
    for (int k = 0; k < sheets->count; k++) {
        const fp_sheet *sheet = sheets->sheets[k];
        if (!cli_is_statement(sheet) || sheet->errata.count == 0) continue;
        statements++;
        cli_print_text(stdout, "\n");
        for (size_t e = 0; e < sheet->errata.count; e++, total++) {
            print_erratum(sheet, sheet->errata.items[e]);
            by_class[class_of(sheet->errata.items[e])]++;
        }
        print_variants(sheet, run);
    }
    cli_print_text(stdout, "\n");
    cli_print(stdout, "%zu errata in %d statements", total, statements);
    for (int c = 0; c < CLASSES; c++) cli_print(stdout, "%s %zu %s", c ? "," : ":", by_class[c], classes[c]);
    cli_print_text(stdout, "\n");
}

static int run_errata(const fp_sheets *sheets, const cli_arguments *arguments)
{
    cli_last_run run = {0};
    fp_error err;
    fp_status status = cli_last_run_find(&run, arguments, NULL, &err);
    if (status == FP_OK) list_errata(sheets, &run, arguments);
    cli_last_run_clear(&run);
    return status == FP_OK ? 0 : cli_report_error(&err, NULL);
}

/* The paper as a whole, or the sheets that are named; the standard ones too if they have no index. */
static int list_all(const fp_sheets *sheets, const cli_arguments *arguments)
{
    char *index = arguments->paths_count ? NULL : cli_index_path();
    int status = index ? list_paper(sheets, index) : 0;
    if (!index) list_statements(sheets);
    free(index);
    return status;
}

static int run_list(const cli_arguments *arguments)
{
    fp_sheets sheets = {0};
    fp_text context = {0};
    fp_error err = {FP_OK, ""};
    int status = 0;
    if (cli_read_statements(&sheets, arguments, 0, &context, &err) != FP_OK)
        status = cli_report_error(&err, &context);
    else if (arguments->value[CLI_ids])
        list_ids(&sheets);
    else if (arguments->value[CLI_errata])
        status = run_errata(&sheets, arguments);
    else
        status = list_all(&sheets, arguments);
    fp_sheets_clear(&sheets);
    fp_text_clear(&context);
    return status;
}

/* ---- version */

static int run_version(const cli_arguments *arguments)
{
    (void)arguments;
    const char *sheets = cli_proofs_sheets();
    cli_line(stdout, "flowproof %s", CLI_VERSION);
    cli_line(stdout, "commit %s", cli_commit());
    cli_line(stdout, "compiler %s", __VERSION__);
    cli_line(stdout, "mpfr %s (headers %s)", mpfr_get_version(), MPFR_VERSION_STRING);
    cli_line(stdout, "gmp %s", gmp_version);
    cli_line(stdout, "flint %s", flint_version);
    cli_line(stdout, "arithmetic version %d", FP_ARITHMETIC_VERSION);
    cli_line(stdout, "sheets %s", sheets ? sheets : "none");
    return 0;
}

static const cli_option list_options[] = {CLI_ids, CLI_errata, CLI_result, CLI_setting, CLI_help};
const cli_command cli_list = {
    .name = "list",
    .summary = "every number of the paper, with its claims and twins counted",
    .usage = "list [PATH...] [OPTION...]",
    .description = "Lists every number of the paper in the order of proofs/INDEX, with the claims and twins of its sheet or the reason why it has none.\n"
                   "With PATH (files or folders) the statements of those sheets. --errata lists the paper's slips with the verdicts of the last run:\n"
                   "of the newest result in reports, of reports/NAME.json with --setting NAME, or of the given --result FILE.",
    .examples = "  flowproof list\n  flowproof list --ids\n  flowproof list --errata --setting theory\n",
    .options = list_options,
    .options_count = sizeof list_options / sizeof *list_options,
    .run = run_list,
};

static const cli_option help_only[] = {CLI_help};
const cli_command cli_version = {
    .name = "version",
    .summary = "versions of the program and its libraries",
    .usage = "version",
    .description = "Prints the version, the commit it was built from, the compiler, library versions at run time, and the folder of the standard sheets.",
    .examples = "  flowproof version\n",
    .options = help_only,
    .options_count = 1,
    .run = run_version,
};
