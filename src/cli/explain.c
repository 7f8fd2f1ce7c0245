/* SPDX-License-Identifier: MIT */
/* flowproof explain: a statement in full, and how its claims came out in the last run. */
#include "statements.h"

#include <stdlib.h>
#include <string.h>

static void print_field(const char *name, const char *text)
{
    if (text && text[0]) cli_line(stdout, "%-10s %s", name, text);
}

static void print_tree(const char *name, const fp_node *tree)
{
    fp_text text = {0};
    if (!tree) return;
    fp_node_print(&text, tree);
    print_field(name, text.data);
    fp_text_clear(&text);
}

static void print_constants(const fp_sheet *sheet)
{
    for (int k = 0; k < sheet->constants_count; k++) {
        const fp_constant *c = &sheet->constants[k];
        char *value = fp_rational_text(c->value);
        cli_line(stdout, "%-10s %s = %s, the %s that would do is measured%s%s", "constant", c->name, value, c->smallest ? "smallest" : "largest",
                   c->because ? "; " : "", c->because ? c->because : "");
        free(value);
    }
}

static void print_statement(const fp_sheets *sheets, const fp_sheet *sheet, const char *wanted)
{
    print_field("statement", sheet->number);
    print_field("title", sheet->title);
    print_field("paper", sheet->paper);
    print_field("group", sheet->group);
    print_field("says", sheet->says);
    for (size_t k = 0; k < sheet->assumes.count; k++) print_field("assumes", sheet->assumes.items[k]);
    print_tree("requires", sheet->requires_);
    for (size_t k = 0; k < sheet->errata.count; k++) print_field("erratum", sheet->errata.items[k]);
    print_constants(sheet);
    cli_print_names_used(sheets, sheet, wanted);
}

static void print_outcome(const cli_last_run *run, const fp_claim *claim, const char *formula)
{
    const fp_json *result = cli_last_run_claim(run, claim->id);
    const char *then = result ? fp_json_text(result, "formula") : NULL;
    fp_text text = {0};
    if (!run->path) return;
    if (!result) {
        cli_line(stdout, "  last run: not checked");
        return;
    }
    cli_evidence_add(&text, result);
    cli_line(stdout, "  last run: %s", text.data);
    fp_text_clear(&text);
    if (then && strcmp(then, formula) == 0) return;
    fp_text_add_safe(&text, then ? then : "?");
    cli_line(stdout, "            of another formula: %s", text.data);
    fp_text_clear(&text);
}

static void print_claim(const cli_last_run *run, const fp_claim *claim)
{
    static const char *const kinds[] = {"claim", "order", "probability"};
    fp_text formula = {0};
    fp_claim_print(&formula, claim);
    cli_print_text(stdout, "\n");
    cli_line(stdout, "%s %s%s%s%s  (%s:%d)", kinds[claim->kind], claim->id, claim->variant ? " (" : "", claim->variant ? claim->variant : "",
           claim->variant ? ")" : "", claim->place.file, claim->place.line);
    cli_line(stdout, "  %s", formula.data);
    print_outcome(run, claim, formula.data);
    fp_text_clear(&formula);
}

static bool mentions(const fp_sheet *sheet, const char *wanted)
{
    if (!cli_is_statement(sheet)) return false;
    for (int k = 0; k < sheet->claims_count; k++)
        if (cli_claim_is_wanted(sheet->claims[k], wanted)) return true;
    return false;
}

static int complain(const fp_sheets *sheets, const char *wanted)
{
    const char **numbers = fp_alloc((size_t)sheets->count + 1, sizeof *numbers);
    size_t count = 0;
    for (int k = 0; k < sheets->count; k++)
        if (cli_is_statement(sheets->sheets[k])) numbers[count++] = sheets->sheets[k]->number;
    const char *close = fp_closest(wanted, numbers, count);
    cli_line(stderr, "flowproof: no statement or claim '%s'%s%s%s; 'flowproof list' shows them", wanted, close ? ", did you mean '" : "",
            close ? close : "", close ? "'?" : "");
    free(numbers);
    return fp_status_exit(FP_USAGE);
}

/* E.4 is 4.1, (8) stands in 4.3: proofs/INDEX knows. NULL if it has no sheet, then *status says whether the reason was printed. */
static char *look_up(const char *wanted, int *status)
{
    cli_index index;
    fp_error err;
    char *statement = NULL, *path = cli_index_path();
    fp_status read = path ? cli_index_read(&index, path, &err) : FP_BAD_INPUT;
    free(path);
    if (read != FP_OK) return NULL;
    for (size_t k = 0; k < index.count; k++) {
        const cli_index_entry *entry = &index.entries[k];
        if (strcmp(entry->number, wanted) != 0) continue;
        if (entry->sheet)
            statement = cli_index_statement(entry);
        else
            *status = 0;
        cli_line(stdout, "%s, p. %s: %s%s", entry->number, entry->page, entry->sheet ? "in the sheet of " : entry->reason, entry->sheet ? statement : "");
    }
    cli_index_clear(&index);
    return statement;
}

static int explain_all(const fp_sheets *sheets, const cli_last_run *run, const cli_arguments *arguments, const char *wanted)
{
    int found = 0;
    for (int s = 0; s < sheets->count; s++) {
        const fp_sheet *sheet = sheets->sheets[s];
        if (!mentions(sheet, wanted)) continue;
        if (found++) cli_print_text(stdout, "\n\n");
        print_statement(sheets, sheet, wanted);
        if (found == 1) cli_last_run_print(run, arguments, 1);
        for (int k = 0; k < sheet->claims_count; k++)
            if (cli_claim_is_wanted(sheet->claims[k], wanted)) print_claim(run, sheet->claims[k]);
    }
    return found;
}

static bool is_known(const fp_sheets *sheets, const char *wanted)
{
    for (int s = 0; s < sheets->count; s++)
        if (mentions(sheets->sheets[s], wanted)) return true;
    return false;
}

static int explain_wanted(const fp_sheets *sheets, const cli_arguments *arguments, fp_error *err)
{
    const char *wanted = arguments->paths[0];
    int status = -1;
    char *other = is_known(sheets, wanted) ? NULL : look_up(wanted, &status);
    cli_last_run run = {0};
    if (status < 0 && !other && !is_known(sheets, wanted))
        status = complain(sheets, wanted);
    else if (status < 0 && cli_last_run_find(&run, arguments, other ? other : wanted, err) != FP_OK)
        status = cli_report_error(err, NULL);
    else if (status < 0)
        status = explain_all(sheets, &run, arguments, other ? other : wanted) ? 0 : complain(sheets, other);
    cli_last_run_clear(&run);
    free(other);
    return status;
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
    if (cli_read_statements(&sheets, arguments, 1, &context, &err) != FP_OK)
        status = cli_report_error(&err, &context);
    else
        status = explain_wanted(&sheets, arguments, &err);
    fp_sheets_clear(&sheets);
    fp_text_clear(&context);
    return status;
}

static const cli_option options[] = {CLI_result, CLI_setting, CLI_help};
const cli_command cli_explain = {
    .name = "explain",
    .summary = "one statement in full, and its last run",
    .usage = "explain ID [PATH...] [OPTION...]",
    .description = "Prints a statement or claim: our words, hypotheses, what it uses with the numbers of the paper's equations, the formulas\n"
                   "printed back from their parsed form, and verdict, margin and measured constants of the last run: of the newest\n"
                   "result in reports that has it, of reports/NAME.json with --setting NAME, or of the given --result FILE.",
    .examples = "  flowproof explain 4.4\n  flowproof explain 'D.5/*' --setting theory\n  flowproof explain 4.4/balance --result reports/tiny.json\n",
    .options = options,
    .options_count = sizeof options / sizeof *options,
    .run = run_explain,
};
