/* SPDX-License-Identifier: MIT */
/* The two formats for people: Markdown and the terminal. */
#include <stdlib.h>
#include <string.h>

#include "../support/characters.h"
#include "../support/fp_check.h"
#include "../support/report_sample.h"

static report_sample sample;

/* As in the tests of the machine formats: markup, controls, an escape sequence, C1 and malformed bytes. */
static const char nasty[] = "q\"uote<b>&'|`*_$[]~\\ \x01\x1b[31m\x7f\n\t \xc3\xa4\xe2\x89\xa4 \x80 \xc2\x9b \xed\xa0\x80 \xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c\xe2\x80\x8b\xe2\x80\xa8\xef\xbb\xbf https://x.y www.x.y \xe2\x89";

static size_t place(const fp_text *text, const char *needle)
{
    const char *at = text->data ? strstr(text->data, needle) : NULL;
    ck_assert_msg(at != NULL, "no '%s' in\n%s", needle, text->data);
    return (size_t)(at - text->data);
}

static size_t occurrences(const fp_text *text, const char *needle)
{
    size_t n = 0;
    for (const char *s = text->data; (s = strstr(s, needle)); s++) n++;
    return n;
}

static void check_characters(const fp_text *text)
{
    for (const char *s = text->data, *end = s + text->len; s < end;) {
        uint32_t code = characters_take(&s, end);
        ck_assert_msg(!characters_act(code), "character %lx at byte %zu", (unsigned long)code, (size_t)(s - text->data));
    }
}

/* ---- Markdown */

START_TEST(markdown_shows_what_is_contrary_to_expectation_first)
{
    fp_text text = {0};
    report_sample_init(&sample, 8);
    report_sample_add(&sample, "setting", "a/holds", FP_SUPPORTED);
    report_sample_expect(report_sample_add(&sample, "setting", "a/finding", FP_VIOLATED), "scales are large");
    report_sample_add(&sample, "setting", "a/fails", FP_VIOLATED);
    report_sample_add(&sample, "setting", "a/open", FP_UNDECIDED);
    fp_report_markdown(&text, &sample.report);
    ck_assert(place(&text, "a/fails") < place(&text, "a/open"));
    ck_assert(place(&text, "a/open") < place(&text, "a/finding"));
    ck_assert(place(&text, "a/finding") < place(&text, "a/holds"));
    place(&text, "scales are large");
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* A row must have the same number of unescaped bars as the line of dashes above it. */
static void check_tables(const fp_text *text)
{
    size_t wanted = 0;
    for (const char *line = text->data; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t bars = 0, n = strcspn(line, "\n");
        for (size_t k = 0; k < n; k++) {
            if (line[k] == '\\')
                k++;
            else
                bars += line[k] == '|';
        }
        if (*line != '|') wanted = 0;
        if (*line == '|' && wanted == 0) wanted = bars;
        ck_assert_msg(bars == wanted, "%zu bars, not %zu: %.*s", bars, wanted, (int)n, line);
    }
}

START_TEST(markdown_survives_any_name)
{
    fp_text text = {0};
    report_sample_init(&sample, 28);
    report_sample_fill(&sample, nasty);
    char name[] = "a|b<c>";
    sample.setting.name = name;
    fp_report_markdown(&text, &sample.report);
    check_characters(&text);
    check_tables(&text);
    ck_assert_ptr_null(strstr(text.data, "<b>"));
    ck_assert_ptr_null(strstr(text.data, "<c>"));
    ck_assert_ptr_null(strstr(text.data, "https://")); /* would be a link */
    ck_assert_ptr_null(strstr(text.data, "www."));
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(markdown_is_cut_at_900_kb_and_says_so)
{
    enum { CLAIMS = 24000 }; /* of about 90 bytes a row, hence twice what fits */
    fp_text text = {0};
    char cut[64];
    report_sample_init(&sample, CLAIMS + 1);
    for (int k = 0; k < CLAIMS; k++) report_sample_add(&sample, "setting", k % 2 ? "a/holds" : "a/fails", k % 2 ? FP_SUPPORTED : FP_VIOLATED);
    report_sample_expect(report_sample_add(&sample, "setting", "a/finding", FP_REFUTED), "scales are large");
    for (int k = 0; k < 100000; k++) fp_text_add(&text, "before"); /* what stands there already is not this report's */
    size_t before = text.len;
    fp_report_markdown(&text, &sample.report);
    ck_assert_uint_gt(text.len - before, 890 * 1024);
    ck_assert_uint_le(text.len - before, 900 * 1024);
    size_t shown = occurrences(&text, "| a/fails |") + occurrences(&text, "| a/holds |") + occurrences(&text, "| a/finding |");
    snprintf(cut, sizeof cut, "%zu of these", CLAIMS / 2 - occurrences(&text, "| a/fails |"));
    place(&text, cut);
    ck_assert_uint_lt(shown, CLAIMS);
    check_tables(&text);
    fp_text_clear(&text);
    fp_report_junit(&text, &sample.report); /* unique names for 24,000 equal ones, in reasonable time */
    place(&text, "name=\"a/fails #10000\"");
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* ---- terminal */

START_TEST(the_terminal_shows_headlines_first_failures_last_and_one_summary_line)
{
    fp_text text = {0};
    fp_sheet unselected = {.number = "3.3", .group = "near-minimal loss"}, *read[] = {&unselected};
    report_sample_init(&sample, 8);
    sample.sheets = (fp_sheets){.sheets = read, .count = 1};
    report_sample_add(&sample, "setting", "a/holds", FP_SUPPORTED);
    report_sample_expect(report_sample_add(&sample, "frozen softmax", "a/finding", FP_VIOLATED), "scales are large");
    report_sample_add(&sample, "frozen softmax", "a/fails", FP_VIOLATED);
    report_sample_add(&sample, "no such group", "a/stray", FP_SUPPORTED);
    report_sample_add(&sample, NULL, "a/lost", FP_SUPPORTED);
    report_sample_add_time(&sample, "T05", false);
    sample.report.exit_status = 1;
    fp_report_terminal(&text, &sample.report, false);
    ck_assert(place(&text, "headlines") < place(&text, "a/finding"));
    ck_assert(place(&text, "near-minimal loss                no claim selected\n") < place(&text, "\nfrozen softmax"));
    ck_assert(place(&text, "\nfrozen softmax") < place(&text, "\nsetting"));
    ck_assert(place(&text, "a/stray") < place(&text, "a/lost"));
    ck_assert(place(&text, "a/lost") < place(&text, "not reached"));
    ck_assert(place(&text, "not reached") < place(&text, "scales are large"));
    ck_assert(place(&text, "scales are large") < place(&text, "\ncontrary to expectation"));
    ck_assert(place(&text, "\ncontrary to expectation") < place(&text, "expected: holds"));
    ck_assert(place(&text, "expected: holds") < place(&text, "5 claims: 3 supported, 2 violated; 1 CONTRARY"));
    ck_assert_uint_eq(occurrences(&text, "-> exit 1\n"), 1);
    ck_assert_str_eq(text.data + text.len - strlen("-> exit 1\n"), "-> exit 1\n");
    ck_assert_uint_eq(occurrences(&text, "VIOLATED"), 2); /* capitals for the unexpected one only: in its group and at the end */
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(own_groups_are_counted_behind_the_headlines_and_head_their_tables)
{
    static const char wide[] = "a group of my own whose name is wider than the names of claims";
    fp_text text = {0};
    report_sample_init(&sample, 8);
    report_sample_add(&sample, "setting", "a/setting", FP_SUPPORTED);
    report_sample_add(&sample, wide, "b/wide", FP_SUPPORTED);
    report_sample_add(&sample, "o<n|e", "c/one", FP_VIOLATED);
    report_sample_add(&sample, wide, "d/wide", FP_SUPPORTED);
    report_sample_add(&sample, "near-minimal loss", "e/loss", FP_UNDECIDED);
    fp_report_terminal(&text, &sample.report, false);
    ck_assert_ptr_null(strstr(text.data, "frozen softmax")); /* no sheet has it */
    ck_assert_ptr_null(strstr(text.data, "other statements"));
    ck_assert(place(&text, "\n  near-minimal loss ") < place(&text, "\n  a group of my own"));
    ck_assert(place(&text, "\n  a group of my own") < place(&text, "\n  o<n|e "));
    ck_assert(place(&text, "\n  o<n|e ") < place(&text, "\nnear-minimal loss "));
    ck_assert(place(&text, "\nnear-minimal loss ") < place(&text, "\na group of my own whose name is wider than the names of claims\n"));
    ck_assert(place(&text, "claims\n  ") < place(&text, " b/wide"));
    ck_assert(place(&text, " b/wide") < place(&text, " d/wide"));
    ck_assert(place(&text, " d/wide") < place(&text, "\no<n|e "));
    ck_assert(place(&text, "\no<n|e ") < place(&text, "\nsetting "));
    ck_assert_ptr_null(strstr(text.data, "\n  setting ")); /* not counted above, there being others */
    fp_text_clear(&text);
    fp_report_markdown(&text, &sample.report);
    place(&text, "\n| near-minimal loss | 0 | 0 | 1 | 0 | 1 |\n| a group of my own whose name is wider than the names of claims | 2 | 0 | 0 | 0 | 0 |\n| o&lt;n\\|e | 0 | 1 | 0 | 0 | 1 |\n");
    check_tables(&text);
    fp_text_clear(&text);
    fp_report_junit(&text, &sample.report);
    place(&text, ".o&lt;n|e\"");
    fp_text_clear(&text);
    fp_report_json(&text, &sample.report);
    place(&text, "\"paper\":null");
    place(&text, "\"group\":\"o<n|e\"");
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(where_nothing_is_a_headline_all_groups_are_counted)
{
    fp_text text = {0};
    report_sample_init(&sample, 2);
    report_sample_add(&sample, "setting", "a/holds", FP_SUPPORTED);
    fp_report_terminal(&text, &sample.report, false);
    place(&text, "\n  setting                            1      0          0        0   as expected\n");
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(without_color_no_control_character_is_printed)
{
    fp_text text = {0};
    report_sample_init(&sample, 28);
    report_sample_fill(&sample, nasty);
    report_sample_add_time(&sample, nasty, true);
    fp_report_terminal(&text, &sample.report, false);
    check_characters(&text);
    fp_text_clear(&text);
    fp_report_terminal(&text, &sample.report, true);
    size_t escapes = occurrences(&text, "\033");
    ck_assert_uint_gt(escapes, 0);
    ck_assert_uint_eq(escapes, 2 * occurrences(&text, "\033[0m")); /* each colour is switched off, and names bring none */
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(numbers_are_short_and_stand_in_columns)
{
    fp_text text = {0};
    report_sample_init(&sample, 8);
    arb_set_str(report_sample_add(&sample, "setting", "a/one", FP_SUPPORTED)->margin, "1.23456789e-17", 128);
    arb_set_d(report_sample_add(&sample, "setting", "b/\xc3\xa4\xc3\xb6\xc3\xbc", FP_VIOLATED)->margin, -0.02344);
    arb_set_str(report_sample_add(&sample, "setting", "c/three", FP_UNDECIDED)->margin, "1e-9 +/- 3e-9", 128);
    arb_zero_pm_inf(report_sample_add(&sample, "setting", "d/four", FP_UNDECIDED)->margin);
    report_sample_add(&sample, "setting", "e/five", FP_SUPPORTED)->agreement_digits = 31;
    fp_report_terminal(&text, &sample.report, false);
    static const char *const rows[] = {
        "   supported      a/one                  1.23e-17       0.25       0.25\n",
        "!  VIOLATED       b/\xc3\xa4\xc3\xb6\xc3\xbc                   -0.0234       0.25       0.25\n",
        "!  UNDECIDED      c/three              0+/-4.1e-9       0.25       0.25\n",
        "!  UNDECIDED      d/four                unbounded       0.25       0.25\n",
        "   supported      e/five                to 10^-31                  0.25\n",
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) place(&text, rows[k]);
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

/* Of what holds the margin is at least, of what fails at most; nothing where the ball does not even show that; an undecided time is not called unreached. */
START_TEST(margins_and_times_say_no_more_than_was_shown)
{
    fp_text text = {0};
    report_sample_init(&sample, 8);
    arb_set_str(report_sample_add(&sample, "setting", "a/wide", FP_PROVED)->margin, "1.0 +/- 0.99", 128);
    arb_set_str(report_sample_add(&sample, "setting", "b/zero", FP_PROVED)->margin, "1e-16 +/- 2e-16", 128);
    arb_set_str(report_sample_add(&sample, "setting", "c/fails", FP_REFUTED)->margin, "-1.0 +/- 0.74", 128);
    fp_claim_result *none = report_sample_add(&sample, "setting", "d/none", FP_PROVED);
    arb_indeterminate(none->margin);
    arb_indeterminate(none->relative);
    arb_indeterminate(report_sample_add(&sample, "setting", "e/open", FP_UNDECIDED)->relative);
    report_sample_add_time(&sample, "T05", false);
    snprintf(sample.results.times[0].reason, sizeof sample.results.times[0].reason, "straddles-zero");
    fp_report_terminal(&text, &sample.report, false);
    static const char *const rows[] = { /* ends are rounded outward */
        "   proved         a/wide                >= 0.0099       0.25       0.25\n",
        "   proved         b/zero                                0.25       0.25\n",
        "!  REFUTED        c/fails                <= -0.25       0.25       0.25\n",
        "   proved         d/none                                           0.25\n",
        "  T05            not known\n",
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) place(&text, rows[k]);
    ck_assert_ptr_null(strstr(text.data, "nan"));
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(what_may_be_undecided_is_not_contrary_to_expectation)
{
    fp_text text = {0};
    report_sample_init(&sample, 2);
    report_sample_add(&sample, "setting", "a/holds", FP_SUPPORTED);
    report_sample_add(&sample, "setting", "a/open", FP_UNDECIDED);
    sample.report.allow_undecided = true;
    fp_report_brief(&text, &sample.report, false);
    ck_assert_str_eq(text.data, "2 claims: 1 supported, 1 undecided; 1 undecided allowed; all others as expected -> exit 0\n");
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

START_TEST(the_brief_report_of_a_good_run_is_its_summary_line)
{
    fp_text text = {0};
    report_sample_init(&sample, 2);
    report_sample_add(&sample, "setting", "a/holds", FP_SUPPORTED);
    fp_report_brief(&text, &sample.report, true);
    ck_assert_str_eq(text.data, "1 claim: 1 supported; all as expected -> exit 0\n");
    fp_text_clear(&text);
    report_sample_add(&sample, "setting", "a/fails", FP_REFUTED);
    sample.report.exit_status = 1;
    fp_report_brief(&text, &sample.report, false);
    ck_assert(place(&text, "REFUTED") < place(&text, "2 claims: 1 supported, 1 refuted; 1 CONTRARY TO EXPECTATION -> exit 1\n"));
    ck_assert_ptr_null(strstr(text.data, "a/holds"));
    fp_text_clear(&text);
    report_sample_clear(&sample);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report_text");
    TCase *markdown = tcase_create("markdown"), *terminal = tcase_create("terminal");
    tcase_set_timeout(markdown, 30);
    tcase_add_test(markdown, markdown_shows_what_is_contrary_to_expectation_first);
    tcase_add_test(markdown, markdown_survives_any_name);
    tcase_add_test(markdown, markdown_is_cut_at_900_kb_and_says_so);
    tcase_add_test(terminal, the_terminal_shows_headlines_first_failures_last_and_one_summary_line);
    tcase_add_test(terminal, own_groups_are_counted_behind_the_headlines_and_head_their_tables);
    tcase_add_test(terminal, where_nothing_is_a_headline_all_groups_are_counted);
    tcase_add_test(terminal, without_color_no_control_character_is_printed);
    tcase_add_test(terminal, numbers_are_short_and_stand_in_columns);
    tcase_add_test(terminal, margins_and_times_say_no_more_than_was_shown);
    tcase_add_test(terminal, what_may_be_undecided_is_not_contrary_to_expectation);
    tcase_add_test(terminal, the_brief_report_of_a_good_run_is_its_summary_line);
    suite_add_tcase(suite, markdown);
    suite_add_tcase(suite, terminal);
    return fp_test_main(suite);
}
