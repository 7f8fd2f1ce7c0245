/* SPDX-License-Identifier: MIT */
/* JUnit XML in the subset that the Ant schema accepts and GitLab and Jenkins read: one suite, one test case a claim, evidence in the text. */
#include "report_impl.h"

#include <stdlib.h>
#include <string.h>

static const char *escape_xml(const char *at)
{
    switch (*at) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return NULL;
    }
}

static void add_attribute(fp_text *out, const char *name, const char *value)
{
    fp_text_addf(out, " %s=\"", name);
    report_add_safe(out, value, escape_xml);
    fp_text_add(out, "\"");
}

/* ---- names: readers drop a test case whose name occurred already */

typedef struct {
    char *name;
    size_t index; /* place among the cases; 0 is the run itself */
} case_name;

static int compare_names(const void *a, const void *b)
{
    const case_name *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int compare_indices(const void *a, const void *b)
{
    const case_name *x = a, *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* The second "x" becomes "x #2", and so on; repeated, since "x #2" may be a name too. */
static bool number_repeated(case_name *names, size_t count)
{
    bool changed = false;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count && strcmp(names[next].name, names[first].name) == 0; next++) continue;
        for (size_t k = first + 1; k < next; k++) {
            char *numbered = fp_asprintf("%s #%zu", names[k].name, k - first + 1);
            free(names[k].name);
            names[k].name = numbered;
            changed = true;
        }
    }
    return changed;
}

static case_name *make_names(const fp_results *results)
{
    size_t count = results->claims_count + 1;
    case_name *names = fp_alloc(count, sizeof *names);
    names[0] = (case_name){fp_strdup("run"), 0};
    for (size_t k = 1; k < count; k++) {
        fp_text name = {0};
        report_add_name(&name, &results->claims[k - 1]);
        names[k] = (case_name){name.data, k};
    }
    while (number_repeated(names, count)) continue;
    qsort(names, count, sizeof *names, compare_indices);
    return names;
}

static void free_names(case_name *names, const fp_results *results)
{
    for (size_t k = 0; k <= results->claims_count; k++) free(names[k].name);
    free(names);
}

/* ---- cases */

/* <failure>, <error> or <skipped>, NULL for a pass. That the run did not get to its end is the run's error. What is undecided as expected, or allowed to be, did not fail, but was not shown either. */
static const char *tag_of(const fp_claim_result *c, bool allow_undecided)
{
    if (report_is_unfinished(c)) return "skipped";
    switch (fp_gate_of(c, allow_undecided)) {
    case FP_GATE_FAIL: return "failure";
    case FP_GATE_UNDECIDED: return "error";
    case FP_GATE_NEUTRAL: return "skipped";
    default: return c->verdict == FP_UNDECIDED ? "skipped" : NULL;
    }
}

static void add_message(fp_text *out, const fp_claim_result *c)
{
    fp_text message = {0};
    fp_text_addf(&message, "%s, expected: %s", fp_verdict_word(c->verdict), report_expected(c));
    if (c->reason[0]) fp_text_addf(&message, "; %s", c->reason);
    add_attribute(out, "message", message.data);
    fp_text_clear(&message);
}

static void add_line(fp_text *out, const char *label, const char *text)
{
    if (text == NULL || *text == 0) return;
    fp_text_addf(out, "\n%s", label);
    report_add_safe(out, text, escape_xml);
}

static void add_evidence(fp_text *out, const fp_claim_result *c)
{
    fp_text formula = {0}, evidence = {0};
    fp_claim_print(&formula, c->claim);
    report_add_evidence(&evidence, c);
    report_add_safe(out, formula.data, escape_xml);
    add_line(out, "", evidence.data);
    add_line(out, "expected: ", report_expected(c));
    add_line(out, "because: ", c->expected_reason);
    add_line(out, "paper: ", c->claim->sheet->paper);
    fp_text_clear(&formula);
    fp_text_clear(&evidence);
}

/* The schema gives <skipped> no content that readers agree on. */
static void add_outcome(fp_text *out, const fp_claim_result *c, const char *tag)
{
    bool is_skipped = strcmp(tag, "skipped") == 0;
    fp_text_addf(out, "      <%s", tag);
    if (!is_skipped) add_attribute(out, "type", fp_verdict_word(c->verdict));
    add_message(out, c);
    if (is_skipped) {
        fp_text_add(out, "/>\n");
        return;
    }
    fp_text_add(out, ">");
    add_evidence(out, c);
    fp_text_addf(out, "</%s>\n", tag);
}

/* classname: "flowproof.tiny-certified.GROUP", so that no two runs whose files a reader puts together share a case. Dots would be taken for levels. */
static void open_case(fp_text *out, const fp_report *r, const char *name, const char *group, bool is_empty)
{
    fp_text class_name = {0}, title = {0};
    fp_text_add(&title, report_title(r));
    for (char *c = title.data; *c; c++)
        if (*c == '.') *c = '_';
    fp_text_addf(&class_name, "flowproof.%s%s%s%s%s", title.data, report_or(r->kind, ""), r->twins ? "-twins" : "", group ? "." : "", group ? group : "");
    fp_text_add(out, "    <testcase");
    add_attribute(out, "name", name);
    add_attribute(out, "classname", class_name.data);
    fp_text_clear(&title);
    fp_text_clear(&class_name);
    fp_text_add(out, is_empty ? " time=\"0\"/>\n" : " time=\"0\">\n");
}

static void add_case(fp_text *out, const fp_report *r, const fp_claim_result *c, const char *name)
{
    const char *tag = tag_of(c, r->allow_undecided);
    open_case(out, r, name, report_or(c->claim->sheet->group, "no group"), tag == NULL);
    if (tag == NULL) return;
    add_outcome(out, c, tag);
    fp_text_add(out, "    </testcase>\n");
}

/* Why the run as a whole is in error: its own case says so, since readers drop empty suites. NULL if it is not. */
static const char *run_error(const fp_report *r)
{
    if (!r->complete) return report_why_incomplete(r);
    if (report_why_nothing(r)) return report_why_nothing(r);
    if (r->results->claims_count == 0) return "no claim was selected";
    return r->exit_status == 0 || r->exit_status == 1 || r->exit_status == 3 ? NULL : "internal error";
}

static void add_run_case(fp_text *out, const fp_report *r)
{
    const char *why = run_error(r);
    open_case(out, r, "run", NULL, why == NULL);
    if (why == NULL) return;
    fp_text_addf(out, "      <error type=\"%s\"", r->is_rejection ? "rejected" : r->complete ? "nothing-decided" : "incomplete");
    add_attribute(out, "message", why);
    fp_text_add(out, "/>\n    </testcase>\n");
}

static void add_property(fp_text *out, const char *name, const char *value)
{
    fp_text_add(out, "      <property");
    add_attribute(out, "name", name);
    add_attribute(out, "value", value);
    fp_text_add(out, "/>\n");
}

static void add_selection(fp_text *out, const fp_report *r)
{
    char others[32];
    snprintf(others, sizeof others, "%zu", report_unselected(r));
    add_property(out, "only", r->only);
    add_property(out, "claims.not_selected", others);
}

static void add_properties(fp_text *out, const fp_report *r)
{
    fp_text integration = {0}, estimate = {0};
    char digest[65];
    fp_report_digest(digest, r);
    if (r->problem) report_add_integration(&integration, r);
    fp_text_add(out, "    <properties>\n");
    add_property(out, "tool.version", r->version);
    add_property(out, "git.commit", r->commit);
    if (r->problem) add_property(out, "integration", integration.data);
    if (r->estimate) report_add_estimate(&estimate, r);
    if (r->estimate) add_property(out, "estimate", estimate.data);
    if (r->ended_why) add_property(out, "ended", r->ended_why);
    if (r->only) add_selection(out, r);
    add_property(out, "result_sha256", digest);
    fp_text_add(out, "    </properties>\n");
    fp_text_clear(&integration);
    fp_text_clear(&estimate);
}

static void add_counts(fp_text *out, const fp_report *r)
{
    size_t failures = 0, errors = run_error(r) != NULL, skipped = 0;
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const char *tag = tag_of(&r->results->claims[k], r->allow_undecided);
        if (tag == NULL) continue;
        failures += strcmp(tag, "failure") == 0;
        errors += strcmp(tag, "error") == 0;
        skipped += strcmp(tag, "skipped") == 0;
    }
    fp_text_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", r->results->claims_count + 1, failures, errors, skipped);
}

static void open_suite(fp_text *out, const fp_report *r)
{
    char stamp[20] = "1970-01-01T00:00:00"; /* the schema wants no zone */
    if (r->started && strlen(r->started) >= 19) memcpy(stamp, r->started, 19);
    fp_text_add(out, "  <testsuite");
    add_attribute(out, "name", report_title(r));
    add_attribute(out, "package", "flowproof");
    fp_text_addf(out, " id=\"0\" timestamp=\"%s\" hostname=\"localhost\"", stamp);
    add_counts(out, r);
    fp_text_addf(out, " time=\"%.3f\">\n", r->seconds);
}

void fp_report_junit(fp_text *out, const fp_report *r)
{
    case_name *names = make_names(r->results);
    fp_text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    open_suite(out, r);
    add_properties(out, r);
    add_run_case(out, r);
    for (size_t k = 0; k < r->results->claims_count; k++) add_case(out, r, &r->results->claims[k], names[k + 1].name);
    fp_text_add(out, "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
    free_names(names, r->results);
}
