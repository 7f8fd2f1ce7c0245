/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../support/fp_check.h"

#include "flowproof/sheet.h"

static fp_error err;

START_TEST(every_quantity_says_what_it_is_and_where_the_paper_has_it)
{
    for (int k = 0; k < FP_BASE_COUNT; k++) {
        fp_base b = (fp_base)k;
        ck_assert_msg(fp_base_meaning(b) && fp_base_meaning(b)[0], "%s has no meaning", fp_base_name(b));
        const char *paper = fp_base_paper(b);
        ck_assert_msg(paper && (strstr(paper, "p. ") || strncmp(paper, "none", 4) == 0), "%s has no place in the paper", fp_base_name(b));
    }
}
END_TEST

START_TEST(quantities_are_written_with_as_many_indices_as_they_have)
{
    for (int k = 0; k < FP_BASE_COUNT; k++) {
        fp_base b = (fp_base)k;
        const char *name = fp_base_name(b), *written = fp_base_written(b);
        size_t n = strlen(name), indices = 0;
        ck_assert_msg(strncmp(written, name, n) == 0 && (written[n] == 0 || written[n] == '['), "%s is written %s", name, written);
        for (const char *s = written; *s; s++) indices += *s == '[' || *s == ',';
        ck_assert_msg(indices == strlen(fp_base_indices(b)), "%s is written %s", name, written);
    }
}
END_TEST

START_TEST(every_set_has_its_place_in_the_paper)
{
    for (int k = 0; k < FP_SET_COUNT; k++) ck_assert_msg(fp_set_paper((fp_set_id)k) && strstr(fp_set_paper((fp_set_id)k), "p. "), "%s", fp_set_name((fp_set_id)k));
}
END_TEST

START_TEST(every_declaration_of_the_prelude_has_its_place_in_the_paper)
{
    const char *path = "proofs/prelude.claim";
    fp_sheets s;
    fp_ck_ok(fp_sheets_read(&s, &path, 1, false, NULL, NULL, &err), &err);
    ck_assert_int_gt(s.sheets[0]->definitions_count + s.sheets[0]->times_count, 5);
    for (int k = 0; k < s.sheets[0]->definitions_count; k++) ck_assert_msg(s.sheets[0]->definitions[k]->paper != NULL, "%s", s.sheets[0]->definitions[k]->name);
    for (int k = 0; k < s.sheets[0]->times_count; k++)
        ck_assert_msg(!s.sheets[0]->times[k]->name || s.sheets[0]->times[k]->paper, "%s", s.sheets[0]->times[k]->name);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(a_place_in_the_paper_behind_a_declaration_is_kept)
{
    const char *path = "tests/sheets/pass/1.1.claim";
    fp_sheets s;
    int found = 0;
    fp_ck_ok(fp_sheets_read(&s, &path, 1, false, NULL, NULL, &err), &err);
    const fp_sheet *x = s.sheets[s.count - 1];
    for (int k = 0; k < x->definitions_count; k++)
        if (strcmp(x->definitions[k]->name, "power3") == 0) found += strcmp(x->definitions[k]->paper, "(16), p. 52") == 0;
    for (int k = 0; k < x->times_count; k++)
        if (x->times[k]->name && strcmp(x->times[k]->name, "half") == 0) found += strcmp(x->times[k]->paper, "Lemma F.20, p. 62") == 0;
    ck_assert_int_eq(found, 2);
    fp_sheets_clear(&s);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("paper");
    TCase *tc = tcase_create("places");
    tcase_add_test(tc, every_quantity_says_what_it_is_and_where_the_paper_has_it);
    tcase_add_test(tc, quantities_are_written_with_as_many_indices_as_they_have);
    tcase_add_test(tc, every_set_has_its_place_in_the_paper);
    tcase_add_test(tc, every_declaration_of_the_prelude_has_its_place_in_the_paper);
    tcase_add_test(tc, a_place_in_the_paper_behind_a_declaration_is_kept);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
