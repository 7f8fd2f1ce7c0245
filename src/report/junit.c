/* SPDX-License-Identifier: MIT */
/* JUnit XML in the subset that the Ant schema accepts and GitLab and Jenkins read: one suite, one test case a claim, evidence in the text. */
#include "report_impl.h"

#include <string.h>

static void add_xml(fp_text *out, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '&': fp_text_add(out, "&amp;"); break;
        case '<': fp_text_add(out, "&lt;"); break;
        case '>': fp_text_add(out, "&gt;"); break;
        case '"': fp_text_add(out, "&quot;"); break;
        default:
            if ((unsigned char)*s >= 0x20 || *s == '\n' || *s == '\t')
                fp_text_addn(out, s, 1);
            else
                fp_text_add(out, "?");
        }
    }
}

static void add_attribute(fp_text *out, const char *name, const char *value)
{
    fp_text_addf(out, " %s=\"", name);
    add_xml(out, value);
    fp_text_add(out, "\"");
}

/* <failure>, <error> or <skipped>: with the verdict as type and the evidence as text. */
static void add_outcome(fp_text *out, const fp_claim_result *r, const char *tag)
{
    fp_text evidence = {0}, formula = {0};
    report_add_evidence(&evidence, r);
    report_add_remarks(&evidence, r);
    fp_claim_print(&formula, r->claim);
    fp_text_addf(out, "      <%s", tag);
    if (strcmp(tag, "skipped") != 0) {
        add_attribute(out, "type", fp_verdict_word(r->verdict));
        add_attribute(out, "message", evidence.data ? evidence.data : fp_verdict_word(r->verdict));
        fp_text_add(out, ">");
        add_xml(out, formula.data ? formula.data : "");
        fp_text_addf(out, "\nexpected: %s</%s>\n", r->expected_holds ? "holds" : fp_verdict_word(r->expected), tag);
    } else {
        fp_text_add(out, "/>\n");
    }
    fp_text_clear(&evidence);
    fp_text_clear(&formula);
}

static const char *tag_of(const fp_claim_result *r, bool allow_undecided)
{
    switch (fp_gate_of(r, allow_undecided)) {
    case FP_GATE_FAIL: return "failure";
    case FP_GATE_UNDECIDED: return "error";
    case FP_GATE_NEUTRAL: return "skipped";
    default: return r->verdict == FP_UNDECIDED ? "skipped" : NULL;
    }
}

static void add_case(fp_text *out, const fp_report *r, const fp_claim_result *c)
{
    const char *tag = tag_of(c, r->allow_undecided);
    fp_text name = {0};
    fp_text_addf(&name, "%s%s%s", c->claim->id, c->claim->variant ? " " : "", c->claim->variant ? c->claim->variant : "");
    fp_text_add(out, "    <testcase");
    add_attribute(out, "name", name.data);
    add_attribute(out, "classname", c->claim->sheet->group ? c->claim->sheet->group : "flowproof");
    fp_text_add(out, tag ? " time=\"0\">\n" : " time=\"0\"/>\n");
    fp_text_clear(&name);
    if (tag == NULL) return;
    add_outcome(out, c, tag);
    fp_text_add(out, "    </testcase>\n");
}

static void add_properties(fp_text *out, const fp_report *r)
{
    char digest[65], bits[24];
    fp_report_digest(digest, r);
    snprintf(bits, sizeof bits, "%ld", r->precision);
    const char *const list[][2] = {{"tool.version", r->version}, {"git.commit", r->commit}, {"precision.bits", bits}, {"result_sha256", digest}};
    fp_text_add(out, "    <properties>\n");
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        fp_text_add(out, "      <property");
        add_attribute(out, "name", list[k][0]);
        add_attribute(out, "value", list[k][1]);
        fp_text_add(out, "/>\n");
    }
    fp_text_add(out, "    </properties>\n");
}

/* A run that ended early, or selected nothing, still has a case that says so: readers drop empty suites. */
static void add_run_case(fp_text *out, const fp_report *r, bool is_error)
{
    fp_text_add(out, "    <testcase name=\"run\" classname=\"flowproof\" time=\"0\"");
    if (!is_error) {
        fp_text_add(out, "/>\n");
        return;
    }
    fp_text_add(out, ">\n      <error type=\"incomplete\"");
    add_attribute(out, "message", r->complete ? "no claim was selected" : r->incomplete_why);
    fp_text_add(out, "/>\n    </testcase>\n");
}

void fp_report_junit(fp_text *out, const fp_report *r)
{
    bool run_error = !r->complete || r->results->claims_count == 0;
    size_t failures = 0, errors = run_error, skipped = 0;
    for (size_t k = 0; k < r->results->claims_count; k++) {
        const char *tag = tag_of(&r->results->claims[k], r->allow_undecided);
        if (tag == NULL) continue;
        failures += strcmp(tag, "failure") == 0;
        errors += strcmp(tag, "error") == 0;
        skipped += strcmp(tag, "skipped") == 0;
    }
    fp_text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    add_attribute(out, "name", r->problem->setting->name ? r->problem->setting->name : "imported");
    add_attribute(out, "package", "flowproof");
    char stamp[20] = "1970-01-01T00:00:00"; /* the schema wants no zone */
    if (r->started && strlen(r->started) >= 19) memcpy(stamp, r->started, 19);
    fp_text_addf(out, " id=\"0\" timestamp=\"%s\" hostname=\"localhost\"", stamp);
    fp_text_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%.3f\">\n", r->results->claims_count + 1,
                 failures, errors, skipped, r->seconds);
    add_properties(out, r);
    add_run_case(out, r, run_error);
    for (size_t k = 0; k < r->results->claims_count; k++) add_case(out, r, &r->results->claims[k]);
    fp_text_add(out, "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
}
