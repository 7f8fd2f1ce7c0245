/* SPDX-License-Identifier: MIT */
/* Sheets of one's own: which prelude they see, and what they may leave out. */
#include "../support/sheets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static fp_error err;

static void write_sheet(const test_folder *f, const char *name, const char *text)
{
    test_folder_write(f, name, text, strlen(text));
}

static fp_status read_folders(fp_sheets *s, const test_folder *a, const test_folder *b, const char *standard)
{
    const char *const paths[] = {a->path, b ? b->path : NULL};
    return fp_sheets_read(s, paths, b ? 2 : 1, true, standard, NULL, &err);
}

static const char own[] = "statement 7\ntitle T\ngroup bounds of my own\nsays s\nclaim a: always [0, T1]: e(2) > 0\n";
static const char other[] = "statement 8\ntitle T\ngroup bounds of my own\nsays s\nclaim a: always [0, T1]: loss > 0\n";
static const char prelude[] = "prelude\ntime T1 = 1/2\n";

START_TEST(a_sheet_whose_folder_has_no_prelude_sees_the_standard_one)
{
    fp_sheets s;
    test_folder f;
    test_folder_make(&f);
    write_sheet(&f, "7.claim", own);
    ck_assert_int_eq(read_folders(&s, &f, NULL, NULL), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "unknown name 'T1'"));
    fp_ck_ok(read_folders(&s, &f, NULL, "proofs/prelude.claim"), &err);
    ck_assert_int_eq(s.count, 2);
    ck_assert(s.sheets[0]->is_prelude && s.sheets[0]->is_standard && !s.sheets[1]->is_standard);
    ck_assert_str_eq(s.sheets[0]->path, "proofs/prelude.claim");
    ck_assert_str_eq(s.sheets[1]->claims[0]->to->name, "T1");
    fp_sheets_clear(&s);
    test_folder_remove(&f);
}
END_TEST

START_TEST(a_prelude_of_the_folder_is_read_instead_of_the_standard_one)
{
    fp_sheets s;
    test_folder f;
    test_folder_make(&f);
    write_sheet(&f, "8.claim", other);
    write_sheet(&f, "prelude.claim", prelude);
    fp_ck_ok(read_folders(&s, &f, NULL, "proofs/prelude.claim"), &err);
    ck_assert_int_eq(s.count, 2);
    ck_assert(s.sheets[0]->is_prelude && !s.sheets[0]->is_standard);
    ck_assert_int_eq(mpq_cmp_ui(s.sheets[1]->claims[0]->to->value->kids[0]->number, 1, 1), 0);
    fp_sheets_clear(&s);
    write_sheet(&f, "7.claim", own); /* e(x) is not declared there */
    ck_assert_int_eq(read_folders(&s, &f, NULL, "proofs/prelude.claim"), FP_BAD_INPUT);
    test_folder_remove(&f);
}
END_TEST

START_TEST(each_of_two_folders_has_its_prelude)
{
    fp_sheets s;
    test_folder f, g;
    test_folder_make(&f);
    test_folder_make(&g);
    write_sheet(&f, "7.claim", own);
    write_sheet(&g, "8.claim", other);
    write_sheet(&g, "prelude.claim", prelude);
    fp_ck_ok(read_folders(&s, &f, &g, "proofs/prelude.claim"), &err);
    ck_assert_int_eq(s.count, 4);
    ck_assert_int_eq(s.sheets[0]->is_standard + s.sheets[1]->is_standard, 1);
    ck_assert_str_eq(s.sheets[2]->claims[0]->to->place.file, "proofs/prelude.claim");
    ck_assert_ptr_nonnull(strstr(s.sheets[3]->claims[0]->to->place.file, g.path));
    fp_sheets_clear(&s);
    test_folder_remove(&f);
    test_folder_remove(&g);
}
END_TEST

START_TEST(the_standard_prelude_of_the_standard_sheets_is_their_own)
{
    const char *const paths[] = {"proofs/4.4.claim", "tests/sheets/identities"};
    fp_sheets s;
    for (int turn = 0; turn < 2; turn++) { /* whichever is read first */
        const char *const order[] = {paths[turn], paths[1 - turn]};
        fp_ck_ok(fp_sheets_read(&s, order, 2, false, "./proofs/prelude.claim", NULL, &err), &err);
        ck_assert_int_eq(s.count, 3);
        ck_assert(s.sheets[0]->is_prelude && !s.sheets[0]->is_standard);
        fp_sheets_clear(&s);
    }
}
END_TEST

static void digest_with(char out[65], const test_folder *f, const test_folder *standard, const char *text)
{
    fp_sheets s;
    char *path = fp_asprintf("%s/prelude.claim", standard->path);
    write_sheet(standard, "prelude.claim", text);
    fp_ck_ok(read_folders(&s, f, NULL, path), &err);
    memcpy(out, s.sha256, 65);
    fp_sheets_clear(&s);
    free(path);
}

START_TEST(the_digest_depends_on_the_standard_prelude_and_not_on_where_it_lies)
{
    char digest[4][65];
    test_folder f, here, there;
    test_folder_make(&f);
    test_folder_make(&here);
    test_folder_make(&there);
    write_sheet(&f, "8.claim", other);
    digest_with(digest[0], &f, &here, prelude);
    digest_with(digest[1], &f, &there, prelude);
    digest_with(digest[2], &f, &there, "prelude\ntime T1 = 1/3\n");
    write_sheet(&f, "prelude.claim", prelude);
    digest_with(digest[3], &f, &there, "prelude\ntime T1 = 1/3\n");
    ck_assert_str_eq(digest[0], digest[1]);
    ck_assert_str_ne(digest[0], digest[2]);
    ck_assert_str_eq(digest[0], digest[3]);
    test_folder_remove(&f);
    test_folder_remove(&here);
    test_folder_remove(&there);
}
END_TEST

START_TEST(a_name_of_the_standard_prelude_is_not_declared_anew)
{
    fp_sheets s;
    test_folder f;
    test_folder_make(&f);
    write_sheet(&f, "7.claim", "statement 7\ntitle T\ngroup g\nsays s\ntime T1 = 1\nclaim a: always [0, T1]: loss > 0\n");
    ck_assert_int_eq(read_folders(&s, &f, NULL, "proofs/prelude.claim"), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "7.claim:5:6: 'T1' is declared already, at proofs/prelude.claim:"));
    ck_assert_ptr_nonnull(strstr(err.message, "put a prelude.claim of your own beside the sheet"));
    write_sheet(&f, "prelude.claim", "prelude\n"); /* the cure */
    fp_ck_ok(read_folders(&s, &f, NULL, "proofs/prelude.claim"), &err);
    fp_sheets_clear(&s);
    test_folder_remove(&f);
}
END_TEST

START_TEST(a_fault_of_the_standard_prelude_is_told_with_its_place)
{
    fp_sheets s;
    test_folder f, g;
    test_folder_make(&f);
    test_folder_make(&g);
    char *path = fp_asprintf("%s/prelude.claim", g.path);
    write_sheet(&f, "8.claim", other);
    ck_assert_int_eq(read_folders(&s, &f, NULL, path), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, path));
    write_sheet(&g, "prelude.claim", "prelude\ntime T1 = loss\n");
    ck_assert_int_eq(read_folders(&s, &f, NULL, path), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "prelude.claim:2:11: "));
    free(path);
    test_folder_remove(&f);
    test_folder_remove(&g);
}
END_TEST

START_TEST(a_twin_sees_what_its_original_sees)
{
    fp_sheets s;
    test_folder f, twins;
    test_folder_make(&f);
    snprintf(twins.path, sizeof twins.path, "%.50s/twins", f.path);
    ck_assert_int_eq(mkdir(twins.path, 0700), 0);
    write_sheet(&f, "7.claim", own);
    write_sheet(&twins, "7.claim", "twin 7\nclaim a: always [0, T1]: e(2) < 0\n");
    fp_ck_ok(read_folders(&s, &f, NULL, "proofs/prelude.claim"), &err);
    ck_assert_int_eq(s.count, 3);
    ck_assert_ptr_eq(s.sheets[1]->claims[0]->to, s.sheets[2]->claims[0]->to);
    ck_assert_str_eq(s.sheets[2]->group, "bounds of my own");
    ck_assert_ptr_null(s.sheets[2]->paper);
    fp_sheets_clear(&s);
    test_folder_remove(&twins);
    test_folder_remove(&f);
}
END_TEST

START_TEST(any_group_that_fits_a_line_is_allowed_and_no_paper_is_needed)
{
    static const char sixty[] = "\xc3\xa4 group of my own, with exactly as many characters as may be";
    fp_sheets s;
    test_folder f;
    fp_text text = {0};
    test_folder_make(&f);
    fp_text_addf(&text, "statement 7\ntitle T\ngroup %s\nsays s\nclaim a: n > 1\n", sixty);
    write_sheet(&f, "7.claim", text.data);
    fp_ck_ok(read_folders(&s, &f, NULL, NULL), &err);
    ck_assert_str_eq(s.sheets[0]->group, sixty);
    ck_assert_uint_eq(strlen(sixty), FP_GROUP_CHARACTERS + 1);
    ck_assert_ptr_null(s.sheets[0]->paper);
    fp_sheets_clear(&s);
    fp_text_clear(&text);
    fp_text_addf(&text, "statement 7\ntitle T\ngroup %s!\nsays s\nclaim a: n > 1\n", sixty);
    write_sheet(&f, "7.claim", text.data);
    ck_assert_int_eq(read_folders(&s, &f, NULL, NULL), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "7.claim:3:1: a group of 61 characters; allowed are 60"));
    fp_text_clear(&text);
    test_folder_remove(&f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_sheet_whose_folder_has_no_prelude_sees_the_standard_one,
        a_prelude_of_the_folder_is_read_instead_of_the_standard_one,
        each_of_two_folders_has_its_prelude,
        the_standard_prelude_of_the_standard_sheets_is_their_own,
        the_digest_depends_on_the_standard_prelude_and_not_on_where_it_lies,
        a_name_of_the_standard_prelude_is_not_declared_anew,
        a_fault_of_the_standard_prelude_is_told_with_its_place,
        a_twin_sees_what_its_original_sees,
        any_group_that_fits_a_line_is_allowed_and_no_paper_is_needed,
    };
    Suite *suite = suite_create("own_sheets");
    TCase *tc = tcase_create("sheets");
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) tcase_add_test(tc, tests[k]);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
