/* SPDX-License-Identifier: MIT */
/* The two formats for machines. The text formats are in test_report_text.c. */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"
#include "../support/report_sample.h"
#include "../support/xml_reader.h"

#include "flowproof/json.h"

/* Everything a file name or a message can smuggle in: markup, controls, an escape sequence, C1, malformed and overlong UTF-8, a surrogate, a noncharacter. */
static const char nasty[] = "q\"uote<b>&amp;'|`*_$\\ \x01\x1b[31m\x7f\n\t \xc3\xa4\xe2\x89\xa4\xf0\x9d\x84\x9e \x80 \xc2\x9b \xc0\xaf \xed\xa0\x80 \xef\xbf\xbf \xf5 ]]> \xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\x8b\xe2\x80\xa8\xef\xbb\xbf https://x.y www.x.y \xe2\x89";

static report_sample sample;

static fp_json *read_json(fp_text *text)
{
    fp_json *j;
    fp_error err;
    fp_report_json(text, &sample.report);
    fp_json_read(&j, text->data, text->len, "result", &err);
    ck_assert_msg(j != NULL, "not JSON: %s\n%s", err.message, text->data);
    return j;
}

static xml *read_junit(void)
{
    char *why;
    fp_text text = {0};
    fp_report_junit(&text, &sample.report);
    xml *x = xml_read(text.data, text.len, &why);
    ck_assert_msg(x != NULL, "not XML: %s\n%s", why, text.data);
    fp_text_clear(&text);
    return x;
}

static const char *text_at(const fp_json *j, const char *path)
{
    const fp_json *k = fp_json_at(j, path);
    ck_assert_msg(k != NULL, "no %s", path);
    return k->kind == FP_JSON_NULL ? "null" : k->kind == FP_JSON_TRUE ? "true" : k->kind == FP_JSON_FALSE ? "false" : k->text;
}

/* ---- the readers themselves: they must refuse what is wrong */

START_TEST(the_xml_reader_refuses_what_is_not_well_formed)
{
    static const char *const bad[] = {"",         "<a>",         "<a></b>",    "<a/><b/>", "<a x=\"1\" x=\"2\"/>", "<a x=\"<\"/>", "<a>&</a>", "<a>&x;</a>",
                                      "<a>\x01</a>", "<a>]]></a>", "<a>\x80</a>", "x<a/>",    "<a x='1'/>",           "<a x=1/>",     "<1/>",     "<a>&#1;</a>", "<a>\xef\xbf\xbf</a>"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        char *why;
        ck_assert_msg(xml_read(bad[k], strlen(bad[k]), &why) == NULL, "accepted: %s", bad[k]);
        free(why);
    }
}
END_TEST

/* ---- JSON */

START_TEST(the_digest_is_that_of_the_bytes_of_result)
{
    fp_text text = {0};
    fp_sha256 sha;
    char own[65], said[65];
    report_sample_init(&sample, 28);
    report_sample_fill(&sample, nasty);
    fp_json *j = read_json(&text);
    const fp_json *result = fp_json_at(j, "result");
    fp_sha256_init(&sha);
    fp_sha256_add(&sha, text.data + result->begin, result->end - result->begin);
    fp_sha256_hex(own, &sha);
    fp_report_digest(said, &sample.report);
    ck_assert_str_eq(own, said);
    ck_assert_str_eq(own, text_at(j, "result_sha256"));
    ck_assert_str_eq(text_at(j, "schema"), "flowproof-result-2");
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(the_result_knows_nothing_of_time_machine_or_path)
{
    char before[65], after[65];
    fp_text one = {0}, two = {0};
    report_sample_init(&sample, 28);
    report_sample_fill(&sample, "4.4/x");
    fp_report_digest(before, &sample.report);
    fp_report_json(&one, &sample.report);
    fp_report_json(&two, &sample.report);
    ck_assert_str_eq(one.data, two.data);
    ck_assert_ptr_null(strstr(one.data, "/some/folder"));
    sample.report.seconds = 99;
    sample.report.started = "2031-01-01T00:00:00Z";
    sample.report.threads = 64;
    sample.report.commit = "other";
    sample.report.compiler = NULL;
    sample.report.version = NULL;
    char path[] = "/elsewhere/tiny.setting";
    sample.setting.path = path;
    sample.report.expectations_path = path;
    fp_report_digest(after, &sample.report);
    ck_assert_str_eq(before, after);
    sample.report.steps++;
    fp_report_digest(after, &sample.report);
    ck_assert_str_ne(before, after);
    fp_text_clear(&one);
    fp_text_clear(&two);
    report_sample_clear(&sample);
}
END_TEST

static bool is_real(const char *s)
{
    size_t n = strspn(s, "+-0123456789.e");
    return (n > 0 && s[n] == 0) || strcmp(s, "nan") == 0 || strcmp(s, "inf") == 0 || strcmp(s, "-inf") == 0;
}

/* A number in JSON is read as binary64 by nearly every reader: only integers may be numbers. */
static void check_numbers(const fp_json *j)
{
    if (j->kind == FP_JSON_NUMBER) ck_assert_msg(strpbrk(j->text, ".eE") == NULL && strlen(j->text) < 16, "%s is a number", j->text);
    for (const fp_json *k = j->first; k; k = k->next) check_numbers(k);
}

START_TEST(every_real_is_a_string_even_nan_and_infinite)
{
    static const char *const balls[] = {"margin", "relative_margin", "ratio_least", "ratio_greatest"};
    fp_text text = {0};
    report_sample_init(&sample, 4);
    fp_claim_result *r = report_sample_add(&sample, "setting", "a/1", FP_UNDECIDED);
    arb_indeterminate(r->margin);
    arb_pos_inf(r->relative);
    r->has_ratio = true;
    arb_neg_inf(r->ratio_least);
    arb_set_str(r->ratio_greatest, "0.1 +/- 1e-400", 2000);
    mpfr_set_nan(r->tight_time);
    mpfr_set_inf(r->window_to, 1);
    fp_json *j = read_json(&text);
    check_numbers(j);
    for (size_t k = 0; k < sizeof balls / sizeof *balls; k++) {
        char path[64];
        for (int end = 0; end < 2; end++) {
            snprintf(path, sizeof path, "result.claims.0.%s.%s", balls[k], end ? "hi" : "lo");
            ck_assert_msg(is_real(text_at(j, path)), "%s is '%s'", path, text_at(j, path));
        }
    }
    ck_assert_str_eq(text_at(j, "result.claims.0.tight_time"), "null");
    ck_assert_str_eq(text_at(j, "result.claims.0.window_to"), "inf");
    ck_assert_str_eq(text_at(j, "result.claims.0.margin.lo"), "nan");
    ck_assert_str_eq(text_at(j, "result.claims.0.ratio_least.hi"), "-inf");
    ck_assert_str_eq(text_at(j, "result.instance.seed"), "18446744073709551615");
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(names_come_back_as_they_were_and_malformed_bytes_as_unreadable)
{
    fp_text text = {0};
    report_sample_init(&sample, 2);
    report_sample_add(&sample, "setting", "a\"\\\x01\n\x7f\xe2\x89\xa4", FP_PROVED);
    report_sample_add(&sample, NULL, "b\x80", FP_PROVED);
    fp_json *j = read_json(&text);
    ck_assert_str_eq(text_at(j, "result.claims.0.id"), "a\"\\\x01\n\x7f\xe2\x89\xa4");
    ck_assert_str_eq(text_at(j, "result.claims.1.id"), "b\xef\xbf\xbd");
    ck_assert_str_eq(text_at(j, "result.claims.1.group"), "null");
    ck_assert_str_eq(text_at(j, "result.claims.1.title"), "null");
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(an_incomplete_run_without_claims_or_texts_is_still_a_report)
{
    fp_text text = {0};
    report_sample_init(&sample, 0);
    report_sample_add_time(&sample, NULL, false);
    report_sample_add_time(&sample, NULL, true);
    sample.report = (fp_report){.problem = &sample.problem, .sheets = &sample.sheets, .results = &sample.results, .exit_status = 130};
    sample.setting.name = NULL;
    fp_json *j = read_json(&text);
    ck_assert_str_eq(text_at(j, "result.complete"), "false");
    ck_assert_str_ne(text_at(j, "result.incomplete_why"), "null");
    ck_assert_str_eq(text_at(j, "result.times.0.name"), "null");
    ck_assert(strncmp(text_at(j, "result.times.1.value"), "7.50", 4) == 0);
    ck_assert_uint_eq(fp_json_at(j, "result.claims")->count, 0);
    xml *x = read_junit();
    ck_assert_ptr_nonnull(xml_child(xml_child(x->first, "testcase"), "error"));
    fp_text_clear(&text);
    fp_report_markdown(&text, &sample.report);
    ck_assert_ptr_nonnull(strstr(text.data, "INCOMPLETE"));
    fp_text_clear(&text);
    fp_report_terminal(&text, &sample.report, true);
    ck_assert_ptr_nonnull(strstr(text.data, "INCOMPLETE"));
    xml_free(x);
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* Before there is an instance: a document all the same, of the same schema, that says what happened. */
START_TEST(a_run_that_failed_at_its_beginning_leaves_whole_documents)
{
    fp_text text = {0};
    report_sample_init(&sample, 0);
    sample.report = (fp_report){.title = nasty, .results = &sample.results, .incomplete_why = nasty, .is_rejection = true, .exit_status = 4};
    fp_json *j = read_json(&text);
    ck_assert_str_eq(text_at(j, "result.complete"), "false");
    ck_assert_str_eq(text_at(j, "result.rejected"), "true");
    ck_assert(strncmp(text_at(j, "result.incomplete_why"), "q\"uote", 6) == 0);
    ck_assert(strncmp(text_at(j, "result.instance.setting"), "q\"uote", 6) == 0);
    ck_assert_uint_eq(fp_json_at(j, "result.claims")->count, 0);
    xml *x = read_junit();
    const xml *error = xml_child(xml_child(x->first, "testcase"), "error");
    ck_assert_ptr_nonnull(error);
    ck_assert_str_eq(xml_value(error, "type"), "rejected");
    fp_text_clear(&text);
    fp_report_markdown(&text, &sample.report);
    ck_assert_ptr_nonnull(strstr(text.data, "INCOMPLETE: q\"uote"));
    ck_assert_ptr_null(strstr(text.data, "<b>"));
    xml_free(x);
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* Complete, but not to the horizon; knots given; texts that are markup. */
START_TEST(an_early_end_and_the_knots_are_in_every_format)
{
    fp_text text = {0};
    fp_report_tube tube = {.order = 22};
    fp_report_distance rows[] = {{1, "1", "2.57", "2.57", "3.7"}, {2, "2", "-", "-", "3.8"}};
    fp_report_knots knots = {3, 2, "1", rows, 2};
    report_sample_init(&sample, 0);
    sample.report.ended_why = nasty;
    sample.report.tube = &tube;
    sample.report.knots = &knots;
    sample.report.t_end = "1.5";
    fp_json *j = read_json(&text);
    ck_assert_str_eq(text_at(j, "result.integration.knots.used"), "2");
    ck_assert_str_eq(text_at(j, "result.integration.knots.given"), "3");
    ck_assert_str_eq(text_at(j, "result.integration.knots.distances_estimated.0.from_knot_before"), "2.57");
    ck_assert_str_eq(text_at(j, "result.integration.knots.distances_estimated.1.knot"), "2");
    ck_assert(strncmp(text_at(j, "result.integration.ended_why"), "q\"uote", 6) == 0);
    xml_free(read_junit());
    for (int k = 0; k < 2; k++) {
        fp_text_clear(&text);
        if (k)
            fp_report_markdown(&text, &sample.report);
        else
            fp_report_terminal(&text, &sample.report, false);
        ck_assert_ptr_nonnull(strstr(text.data, "ENDED EARLY: q\"uote"));
        ck_assert_ptr_nonnull(strstr(text.data, "ended early, at t = 1.5"));
        ck_assert_ptr_nonnull(strstr(text.data, "knots: 2 of the 3 given were used, up to t = 1 "));
        ck_assert_ptr_nonnull(strstr(text.data, "estimates, no proof"));
    }
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(verdict_gate_and_counts_agree)
{
    fp_text text = {0};
    report_sample_init(&sample, 30);
    report_sample_fill(&sample, "4.4/x");
    report_sample_expect(report_sample_add(&sample, "setting", "4.4/f", FP_VIOLATED), "a finding");
    fp_json *j = read_json(&text);
    ck_assert_str_eq(text_at(j, "result.counts.claims"), "29");
    ck_assert_str_eq(text_at(j, "result.counts.violated"), "5");
    ck_assert_str_eq(text_at(j, "result.counts.findings"), "1");
    ck_assert_str_eq(text_at(j, "result.counts.contrary_to_expectation"), "12");
    ck_assert_str_eq(text_at(j, "result.claims.2.gate"), "undecided");
    ck_assert_str_eq(text_at(j, "result.claims.3.gate"), "fail");
    ck_assert_str_eq(text_at(j, "result.claims.6.gate"), "neutral");
    ck_assert_str_eq(text_at(j, "result.claims.28.gate"), "pass");
    ck_assert_str_eq(text_at(j, "result.claims.28.expected"), "violated");
    fp_json_free(j);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* ---- JUnit: the rules of the Ant schema and of its readers */

static bool is_decimal(const char *s)
{
    return s && *s && s[strspn(s, "0123456789.")] == 0;
}

static void check_attributes(const xml *x, const char *wanted)
{
    int count = 0;
    for (const char *word = wanted; *word; word += strcspn(word, " "), word += strspn(word, " "), count++) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(word, " "), word);
        ck_assert_msg(xml_value(x, name) != NULL, "<%s> without %s", x->name, name);
    }
    ck_assert_msg(x->attributes == count, "<%s> has an attribute besides %s", x->name, wanted);
}

static int rank(const xml *child)
{
    static const char *const order[] = {"properties", "testcase", "system-out", "system-err"};
    for (int k = 0; k < 4; k++)
        if (strcmp(child->name, order[k]) == 0) return k;
    ck_abort_msg("<%s> is not allowed in a suite", child->name);
}

static void check_case(const xml *x, size_t counts[3])
{
    static const char *const tags[] = {"failure", "error", "skipped"};
    check_attributes(x, "name classname time");
    ck_assert(is_decimal(xml_value(x, "time")) && *xml_value(x, "name") && *xml_value(x, "classname"));
    if (x->first == NULL) return;
    ck_assert_ptr_null(x->first->next);
    ck_assert_ptr_null(x->first->first);
    for (int k = 0; k < 3; k++) {
        if (strcmp(x->first->name, tags[k]) != 0) continue;
        check_attributes(x->first, k == 2 ? "message" : "type message");
        counts[k]++;
        return;
    }
    ck_abort_msg("<%s> is not allowed in a test case", x->first->name);
}

static void check_unique(const xml *suite)
{
    for (const xml *a = suite->first; a; a = a->next)
        for (const xml *b = a->next; b && strcmp(a->name, "testcase") == 0; b = b->next)
            if (strcmp(b->name, "testcase") == 0) ck_assert_str_ne(xml_value(a, "name"), xml_value(b, "name"));
}

static void check_count(const xml *suite, const char *attribute, size_t count)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", count);
    ck_assert_str_eq(xml_value(suite, attribute), text);
}

static void check_suite(const xml *suite)
{
    size_t counts[3] = {0}, cases = 0;
    check_attributes(suite, "name package id timestamp hostname tests failures errors skipped time");
    ck_assert(is_decimal(xml_value(suite, "time")));
    ck_assert_uint_eq(strlen(xml_value(suite, "timestamp")), strlen("2001-02-03T04:05:06"));
    int seen[4] = {0}, last = 0;
    for (const xml *x = suite->first; x; x = x->next) {
        int now = rank(x);
        ck_assert_msg(now >= last, "<%s> comes too late", x->name);
        seen[last = now]++;
        if (now == 1) check_case(x, counts);
        cases += now == 1;
    }
    ck_assert(seen[0] == 1 && seen[1] >= 1 && seen[2] == 1 && seen[3] == 1);
    check_count(suite, "tests", cases);
    check_count(suite, "failures", counts[0]);
    check_count(suite, "errors", counts[1]);
    check_count(suite, "skipped", counts[2]);
    check_unique(suite);
}

static xml *checked_junit(void)
{
    xml *x = read_junit();
    ck_assert_str_eq(x->name, "testsuites");
    ck_assert(x->attributes == 0 && x->first && x->first->next == NULL);
    check_suite(x->first);
    return x;
}

static void check_numbers_of_suite(const char *failures, const char *errors, const char *skipped)
{
    xml *x = checked_junit();
    ck_assert_str_eq(xml_value(x->first, "failures"), failures);
    ck_assert_str_eq(xml_value(x->first, "errors"), errors);
    ck_assert_str_eq(xml_value(x->first, "skipped"), skipped);
    xml_free(x);
}

START_TEST(junit_obeys_the_schema_whatever_the_names)
{
    report_sample_init(&sample, 40);
    report_sample_fill(&sample, nasty);
    report_sample_add(&sample, NULL, "run", FP_PROVED);
    report_sample_add(&sample, "", "run #2", FP_PROVED);
    report_sample_add(&sample, NULL, "run", FP_REFUTED);
    check_numbers_of_suite("9", "4", "8");
    report_sample_clear(&sample);
}
END_TEST

START_TEST(junit_calls_undecided_an_error_unless_expected_or_allowed)
{
    report_sample_init(&sample, 4);
    fp_claim_result *r = report_sample_add(&sample, "setting", "a/1", FP_UNDECIDED);
    report_sample_add(&sample, "setting", "a/2", FP_SUPPORTED);
    check_numbers_of_suite("0", "1", "0");
    sample.report.allow_undecided = true;
    check_numbers_of_suite("0", "0", "1");
    sample.report.allow_undecided = false;
    report_sample_expect(r, "too coarse");
    check_numbers_of_suite("0", "0", "1");
    report_sample_clear(&sample);
}
END_TEST

START_TEST(junit_has_a_case_in_error_when_nothing_was_decided)
{
    report_sample_init(&sample, 1);
    sample.report.exit_status = 5;
    check_numbers_of_suite("0", "1", "0");
    report_sample_add(&sample, "setting", "a/1", FP_DEFERRED);
    check_numbers_of_suite("0", "1", "1");
    report_sample_clear(&sample);
}
END_TEST

START_TEST(a_failure_carries_formula_evidence_and_expectation)
{
    report_sample_init(&sample, 1);
    fp_claim_result *r = report_sample_add(&sample, "setting", "a/1", FP_VIOLATED);
    r->measured_count = 1;
    r->measured[0].constant = &sample.constant;
    r->measured[0].known = true;
    arb_set_d(r->measured[0].measured, 0.75);
    xml *x = checked_junit();
    const xml *failure = xml_child(x->first, "testcase")->next->first;
    ck_assert_str_eq(xml_value(failure, "type"), "violated");
    ck_assert_ptr_nonnull(strstr(failure->text, sample.variable_name));
    ck_assert_ptr_nonnull(strstr(failure->text, "margin 0.125"));
    ck_assert_ptr_nonnull(strstr(failure->text, "C = 1/2, measured 0.75"));
    ck_assert_ptr_nonnull(strstr(failure->text, "expected: holds"));
    xml_free(x);
    report_sample_clear(&sample);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *json_case = tcase_create("json"), *junit_case = tcase_create("junit"), *readers = tcase_create("readers");
    tcase_add_test(readers, the_xml_reader_refuses_what_is_not_well_formed);
    suite_add_tcase(suite, readers);
    tcase_add_test(json_case, the_digest_is_that_of_the_bytes_of_result);
    tcase_add_test(json_case, the_result_knows_nothing_of_time_machine_or_path);
    tcase_add_test(json_case, every_real_is_a_string_even_nan_and_infinite);
    tcase_add_test(json_case, names_come_back_as_they_were_and_malformed_bytes_as_unreadable);
    tcase_add_test(json_case, an_incomplete_run_without_claims_or_texts_is_still_a_report);
    tcase_add_test(json_case, a_run_that_failed_at_its_beginning_leaves_whole_documents);
    tcase_add_test(json_case, an_early_end_and_the_knots_are_in_every_format);
    tcase_add_test(json_case, verdict_gate_and_counts_agree);
    tcase_add_test(junit_case, junit_obeys_the_schema_whatever_the_names);
    tcase_add_test(junit_case, junit_calls_undecided_an_error_unless_expected_or_allowed);
    tcase_add_test(junit_case, junit_has_a_case_in_error_when_nothing_was_decided);
    tcase_add_test(junit_case, a_failure_carries_formula_evidence_and_expectation);
    suite_add_tcase(suite, json_case);
    suite_add_tcase(suite, junit_case);
    return fp_test_main(suite);
}
