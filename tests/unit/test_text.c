/* SPDX-License-Identifier: MIT */
/* Characters: what acts is never shown, what people's editors write is read, and what is not ASCII is named. */
#include <stdlib.h>
#include <string.h>

#include "../support/characters.h"
#include "../support/fp_check.h"

/* ---- UTF-8 */

START_TEST(exactly_the_well_formed_sequences_are_read)
{
    fp_rng r;
    fp_rng_init(&r, 1, 0);
    for (uint32_t code = 0; code <= 0x10FFFF; code += code < 0x3000 ? 1 : 97) {
        fp_text t = {0};
        uint32_t got = 0;
        characters_put(&t, code);
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        ck_assert_uint_eq(fp_utf8_read(&got, t.data, t.len), surrogate ? 0 : t.len);
        ck_assert(surrogate || got == code);
        for (size_t n = 1; n < t.len; n++) ck_assert_uint_eq(fp_utf8_read(&got, t.data, n), 0); /* cut short */
        fp_text_clear(&t);
    }
    for (int k = 0; k < 200000; k++) { /* against the reader of the tests */
        char bytes[4];
        const char *s = bytes;
        uint32_t code = 0;
        for (int b = 0; b < 4; b++) bytes[b] = (char)(fp_rng_u32(&r) | (b ? 0x80 : 0xC0));
        uint32_t want = characters_take(&s, bytes + 4);
        size_t n = fp_utf8_read(&code, bytes, 4);
        ck_assert_uint_eq(n, want == UINT32_MAX ? 0 : (size_t)(s - bytes));
        ck_assert(n == 0 || code == want);
    }
}
END_TEST

static bool shows(const char *text, const char *expected)
{
    fp_text t = {0};
    fp_text_add_safe(&t, text);
    bool same = strcmp(t.data, expected) == 0;
    if (!same) printf("'%s', not '%s'\n", t.data, expected);
    fp_text_clear(&t);
    return same;
}

START_TEST(letters_of_every_language_are_shown_as_they_are)
{
    static const char *const plain[] = {"", "abc ~", "\xc3\xa9t\xc3\xa9", "\xce\xb1\xce\xb2\xe2\x89\xa4\xe2\x88\x91", "\xe6\x97\xa5\xe6\x9c\xac", "\xd7\xa9\xd7\x9c", "e\xcc\x81", "\xf0\x9d\x91\x9a",
                                        "\xe2\x9a\xa0\xef\xb8\x8f", "\xc2\xa0"};
    for (size_t k = 0; k < sizeof plain / sizeof *plain; k++) ck_assert(shows(plain[k], plain[k]));
}
END_TEST

START_TEST(what_acts_is_replaced_by_one_character_each)
{
    static const uint32_t acting[] = {0x80, 0x85, 0x9B, 0x9D, 0xAD, 0x61C, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2028, 0x2029, 0x202A, 0x202D, 0x202E, 0x2060, 0x2066, 0x2069, 0x206F,
                                      0xFEFF, 0xFFFE, 0xFFFF, 0xFFF9, 0xE0001, 0xE0041, 0x1FFFE, 0x10FFFF};
    for (size_t k = 0; k < sizeof acting / sizeof *acting; k++) {
        fp_text t = {0};
        characters_put(&t, acting[k]);
        ck_assert_msg(fp_character_acts(acting[k]), "U+%04X", (unsigned)acting[k]);
        ck_assert_msg(shows(t.data, "\xef\xbf\xbd"), "U+%04X", (unsigned)acting[k]);
        fp_text_clear(&t);
    }
    ck_assert(shows("a\x1b[31m\a\x7f b\tc\r\nd", "a?[31m?? b c  d"));
    ck_assert(shows("\xff\xe9t\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbdt\xef\xbf\xbd\xef\xbf\xbd"));
}
END_TEST

START_TEST(lines_keep_their_ends_and_nothing_else)
{
    fp_text t = {0};
    fp_text_add_lines(&t, "a\nb\x1b\n\nc");
    ck_assert_str_eq(t.data, "a\nb?\n\nc");
    fp_text_clear(&t);
}
END_TEST

START_TEST(a_quotation_is_cut_between_characters)
{
    char q[FP_QUOTE];
    fp_text t = {0};
    for (int k = 0; k < 41; k++) fp_text_add(&t, "\xf0\x9d\x91\x9a");
    fp_quote(q, t.data, t.len);
    ck_assert_uint_eq(strlen(q), 4 * 40 + 3);
    ck_assert_str_eq(q + 4 * 40, "...");
    ck_assert_str_eq(fp_quote(q, t.data, 4 * 40) + 4 * 39, "\xf0\x9d\x91\x9a");
    ck_assert_str_eq(fp_quote(q, "\xff\xff", 2), "\xef\xbf\xbd\xef\xbf\xbd");
    fp_text_clear(&t);
}
END_TEST

START_TEST(a_message_too_long_is_cut_between_characters)
{
    fp_error err;
    fp_text t = {0};
    for (int k = 0; k < 2000; k++) fp_text_add(&t, "\xe2\x89\xa4");
    for (int before = 0; before < 3; before++) {
        fp_fail(&err, FP_IO, "%.*s%s", before, "xy", t.data);
        size_t n = strlen(err.message);
        ck_assert(n < sizeof err.message && n + 4 > sizeof err.message - 1);
        ck_assert_str_eq(err.message + n - 3, "...");
        ck_assert_uint_eq((n - 3 - (size_t)before) % 3, 0);
    }
    fp_text_clear(&t);
}
END_TEST

START_TEST(columns_of_a_terminal_are_counted)
{
    ck_assert_int_eq(fp_text_width("abc"), 3);
    ck_assert_int_eq(fp_text_width("\xc3\xa9\xce\xb1"), 2);
    ck_assert_int_eq(fp_text_width("e\xcc\x81"), 1);
    ck_assert_int_eq(fp_text_width("\xe6\x97\xa5\xe6\x9c\xac"), 4);
    ck_assert_int_eq(fp_text_width("\xff"), 1);
}
END_TEST

/* ---- text files */

static void tidied(const char *text, size_t len, const char *expected)
{
    fp_text t = {0};
    fp_text_fault fault;
    fp_text_addn(&t, text, len);
    ck_assert_msg(fp_text_tidy(&t, &fault), "%zu:%zu: %s", fault.line, fault.column, fault.what);
    ck_assert_str_eq(t.data, expected);
    ck_assert_uint_eq(t.len, strlen(expected));
    fp_text_clear(&t);
}

START_TEST(line_ends_byte_order_marks_and_odd_spaces_are_accepted)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"a\r\nb\r\n", "a\nb\n"},
        {"a\rb\r", "a\nb\n"},
        {"a\n\r\nb\r\r\n", "a\n\nb\n\n"},
        {"\xef\xbb\xbf" "a", "a"},
        {"a\xc2\xa0" "b\xe2\x80\xaf\xe3\x80\x80\xe2\x80\x89" "c", "a b   c"},
        {"a\xe2\x80\x8b" "b", "a b"},
        {"\xc3\xa9\t\xe2\x89\xa4\xe2\x80\x9c", "\xc3\xa9\t\xe2\x89\xa4\xe2\x80\x9c"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) tidied(rows[k][0], strlen(rows[k][0]), rows[k][1]);
    fp_text none = {0};
    fp_text_fault fault;
    ck_assert(fp_text_tidy(&none, &fault));
}
END_TEST

START_TEST(what_cannot_stand_in_a_text_file_is_named_at_its_line_and_column)
{
    static const struct {
        const char *text;
        size_t len, line, column;
        const char *part;
    } rows[] = {
        {"ab\r\n\xc3\xa9\x01", 7, 2, 2, "control character 0x01"},
        {"ab\rc\xe9 x", 7, 2, 2, "byte 0xe9, which is not UTF-8; save the file as UTF-8"},
        {"a\0b", 3, 1, 2, "control character 0x00"},
        {"\xff\xfe" "a\0b\0", 6, 1, 1, "UTF-16; save the file as UTF-8"},
        {"\xfe\xff\0a\0b", 6, 1, 1, "UTF-16"},
        {"a\0b\0", 4, 1, 1, "UTF-16"},
        {"\0a\0b", 4, 1, 1, "UTF-16"},
        {"x\xe2\x80\xa8y", 5, 1, 2, "line separator U+2028"},
        {"x\xc2\x85y", 4, 1, 2, "line separator U+0085"},
        {"x\n\xe2\x80\x8by", 6, 2, 1, "invisible character U+200B; delete it"},
        {"x\xef\xbb\xbf", 4, 1, 2, "invisible character U+FEFF"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        fp_text t = {0};
        fp_text_fault fault;
        fp_text_addn(&t, rows[k].text, rows[k].len);
        ck_assert_msg(!fp_text_tidy(&t, &fault), "row %zu is accepted", k);
        ck_assert_msg(fault.line == rows[k].line && fault.column == rows[k].column && strstr(fault.what, rows[k].part), "row %zu: %zu:%zu: %s", k, fault.line, fault.column, fault.what);
        fp_text_clear(&t);
    }
}
END_TEST

START_TEST(a_sign_that_is_not_ascii_is_named_with_what_to_type)
{
    static const struct {
        const char *text;
        size_t at;
        const char *hint;
    } rows[] = {
        {"a \xe2\x89\xa4 b", 2, "U+2264 (less than or equal) has no meaning here; write <="},
        {"\xe2\x88\x92", 0, "U+2212 (minus sign) has no meaning here; write -"},
        {"\xce\xb1", 0, "U+03B1 (Greek alpha) has no meaning here; write alpha"},
        {"\xce\xa9", 0, "U+03A9 (Greek Omega) has no meaning here; write Omega"},
        {"\xcf\x89", 0, "U+03C9 (Greek omega) has no meaning here; write omega"},
        {"x\xe2\x81\xb5", 1, "U+2075 (a raised digit) has no meaning here; write ^5"},
        {"x\xe2\x82\x80", 1, "write the digit 0"},
        {"\xef\xbd\x9c", 0, "U+FF5C (full width) has no meaning here; write |"},
        {"\xf0\x9d\x91\x9a", 0, "a mathematical letter"},
        {"\xe2\x81\xa1", 0, "invisible: delete it"},
        {"\xe2\x80\x83", 0, "write a blank"},
        {"\xe9", 0, "the byte 0xe9 is not UTF-8"},
        {"\xe6\x97\xa5", 0, "U+65E5 has no meaning here; names and signs are plain ASCII"},
    };
    char hint[FP_HINT];
    size_t at;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        ck_assert(fp_character_hint(hint, &at, rows[k].text, strlen(rows[k].text)));
        ck_assert_msg(at == rows[k].at && strstr(hint, rows[k].hint), "%zu: %s", at, hint);
    }
    ck_assert(!fp_character_hint(hint, &at, "plain ~", 7));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    const TTest *const tests[] = {
        exactly_the_well_formed_sequences_are_read,
        letters_of_every_language_are_shown_as_they_are,
        what_acts_is_replaced_by_one_character_each,
        lines_keep_their_ends_and_nothing_else,
        a_quotation_is_cut_between_characters,
        a_message_too_long_is_cut_between_characters,
        columns_of_a_terminal_are_counted,
        line_ends_byte_order_marks_and_odd_spaces_are_accepted,
        what_cannot_stand_in_a_text_file_is_named_at_its_line_and_column,
        a_sign_that_is_not_ascii_is_named_with_what_to_type,
    };
    suite_add_tcase(suite, cases);
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) tcase_add_test(cases, tests[k]);
    return fp_test_main(suite);
}
