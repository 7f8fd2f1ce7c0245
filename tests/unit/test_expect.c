/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/fp_check.h"
#include "flowproof/check.h"

static fp_error err;

static fp_status read_text(fp_expectations *out, const char *text)
{
    char path[] = "/tmp/fp-expect-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    size_t len = strlen(text);
    ck_assert(write(file, text, len) == (ssize_t)len);
    close(file);
    fp_status status = fp_expectations_read(out, path, &err);
    remove(path);
    return status;
}

START_TEST(an_expectation_file_is_read_line_by_line)
{
    fp_expectations e;
    fp_ck_ok(read_text(&e, "# comment\n\n4.4/ratio  violated  C is not small # really\r\n  D.*\tundecided too wide"), &err);
    ck_assert_uint_eq(e.count, 2);
    ck_assert_str_eq(e.items[0].pattern, "4.4/ratio");
    ck_assert_int_eq(e.items[0].verdict, FP_VIOLATED);
    ck_assert_str_eq(e.items[0].reason, "C is not small");
    ck_assert_int_eq(e.items[0].line, 3);
    ck_assert_str_eq(e.items[1].pattern, "D.*");
    ck_assert_str_eq(e.items[1].reason, "too wide");
    ck_assert_int_eq(e.items[1].line, 4);
    fp_expectations_clear(&e);
    fp_ck_ok(read_text(&e, ""), &err);
    ck_assert_uint_eq(e.count, 0);
    fp_expectations_clear(&e);
}
END_TEST

START_TEST(what_is_wrong_in_an_expectation_file_is_named_with_its_place)
{
    static const struct {
        const char *text, *place, *part;
    } cases[] = {
        {"\n4.4/a violatd why", ":2:7:", "did you mean 'violated'"},
        {"4.4/a", ":1:6:", "no verdict after '4.4/a'"},
        {"4.4/a refuted  # x", ":1:14:", "no reason"},
        {"4.4/a refuted a\x01", ":1:16:", "control character 0x01"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        fp_expectations e;
        ck_assert_int_eq(read_text(&e, cases[k].text), FP_BAD_INPUT);
        ck_assert_msg(strstr(err.message, cases[k].place) && strstr(err.message, cases[k].part), "%s", err.message);
        ck_assert_ptr_null(e.items);
    }
    fp_expectations e;
    ck_assert_int_eq(fp_expectations_read(&e, "/nonexistent/x.expect", &err), FP_BAD_INPUT);
}
END_TEST

/* Results made by hand: claims a, b, c, .. of statement 1. */
enum { CLAIMS = 4 };
typedef struct {
    fp_sheet sheet;
    fp_claim claim[CLAIMS];
    fp_claim_result result[CLAIMS];
    fp_results all;
} made;

static void make(made *m, const fp_verdict verdicts[], size_t count)
{
    static char ids[CLAIMS][4] = {"1/a", "1/b", "1/c", "1/d"};
    memset(m, 0, sizeof *m);
    m->sheet.number = "1";
    for (size_t k = 0; k < count; k++) {
        m->claim[k].id = ids[k];
        m->claim[k].sheet = &m->sheet;
        m->result[k].claim = &m->claim[k];
        m->result[k].verdict = verdicts[k];
    }
    m->all.claims = m->result;
    m->all.claims_count = count;
}

static int gate(fp_verdict verdict, const char *expected, bool allow_undecided)
{
    made m;
    fp_expectations e = {0};
    make(&m, &verdict, 1);
    char *text = fp_asprintf("1/a %s because", expected);
    if (*expected) fp_ck_ok(read_text(&e, text), &err);
    fp_expectations_apply(&m.all, &e);
    free(text);
    fp_expectations_clear(&e);
    return fp_gate_exit(&m.all, allow_undecided);
}

START_TEST(each_pair_of_verdict_and_expectation_has_its_exit_status)
{
    static const struct {
        fp_verdict verdict;
        const char *expected;
        int status;
    } cases[] = {
        {FP_PROVED, "", 0},          {FP_SUPPORTED, "", 0},          {FP_VIOLATED, "", 1},
        {FP_REFUTED, "", 1},         {FP_UNDECIDED, "", 3},          {FP_NOT_APPLICABLE, "", 5},
        {FP_DEFERRED, "", 5},        {FP_VIOLATED, "violated", 0},   {FP_REFUTED, "violated", 0},
        {FP_VIOLATED, "refuted", 0}, {FP_SUPPORTED, "violated", 1},  {FP_UNDECIDED, "violated", 3},
        {FP_UNDECIDED, "undecided", 0}, {FP_SUPPORTED, "undecided", 1}, {FP_VIOLATED, "undecided", 1},
        {FP_SUPPORTED, "proved", 0}, {FP_PROVED, "holds", 0},        {FP_SUPPORTED, "not-applicable", 1},
        {FP_NOT_APPLICABLE, "violated", 5},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        int status = gate(cases[k].verdict, cases[k].expected, false);
        ck_assert_msg(status == cases[k].status, "%s expected '%s': %d, wanted %d", fp_verdict_word(cases[k].verdict), cases[k].expected, status, cases[k].status);
    }
    ck_assert_int_eq(gate(FP_UNDECIDED, "", true), 5);
    ck_assert_int_eq(gate(FP_VIOLATED, "undecided", true), 1);
}
END_TEST

START_TEST(failures_outrank_undecided_claims_and_those_outrank_the_rest)
{
    made m;
    fp_expectations none = {0};
    const fp_verdict verdicts[CLAIMS] = {FP_NOT_APPLICABLE, FP_PROVED, FP_UNDECIDED, FP_VIOLATED};
    const int wanted[CLAIMS + 1] = {5, 5, 0, 3, 1};
    for (size_t count = 0; count <= CLAIMS; count++) {
        make(&m, verdicts, count);
        fp_expectations_apply(&m.all, &none);
        ck_assert_int_eq(fp_gate_exit(&m.all, false), wanted[count]);
    }
    ck_assert_int_eq(fp_gate_exit(&m.all, true), 1);
}
END_TEST

START_TEST(a_later_line_wins_and_unused_lines_are_known)
{
    made m;
    fp_expectations e;
    const fp_verdict verdicts[2] = {FP_VIOLATED, FP_SUPPORTED};
    make(&m, verdicts, 2);
    fp_ck_ok(read_text(&e, "1/* violated all\n1/b holds but this\n2/* violated nothing"), &err);
    fp_expectations_apply(&m.all, &e);
    ck_assert(m.result[0].as_expected && !m.result[0].expected_holds);
    ck_assert_str_eq(m.result[0].expected_reason, "all");
    ck_assert(m.result[1].as_expected && m.result[1].expected_holds);
    ck_assert_str_eq(m.result[1].expected_reason, "but this");
    ck_assert(e.items[0].used && e.items[1].used && !e.items[2].used);
    fp_expectations_clear(&e);
}
END_TEST

START_TEST(twins_are_expected_to_be_violated)
{
    made m;
    fp_expectations none = {0};
    const fp_verdict verdicts[3] = {FP_VIOLATED, FP_SUPPORTED, FP_UNDECIDED};
    make(&m, verdicts, 3);
    for (int k = 0; k < 3; k++) m.claim[k].is_twin = true;
    fp_expectations_apply(&m.all, &none);
    ck_assert_int_eq(fp_gate_of(&m.result[0], false), FP_GATE_PASS);
    ck_assert_int_eq(fp_gate_of(&m.result[1], false), FP_GATE_FAIL);
    ck_assert_int_eq(fp_gate_of(&m.result[2], false), FP_GATE_UNDECIDED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expect");
    TCase *tests = tcase_create("expect");
    tcase_add_test(tests, an_expectation_file_is_read_line_by_line);
    tcase_add_test(tests, what_is_wrong_in_an_expectation_file_is_named_with_its_place);
    tcase_add_test(tests, each_pair_of_verdict_and_expectation_has_its_exit_status);
    tcase_add_test(tests, failures_outrank_undecided_claims_and_those_outrank_the_rest);
    tcase_add_test(tests, a_later_line_wins_and_unused_lines_are_known);
    tcase_add_test(tests, twins_are_expected_to_be_violated);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
