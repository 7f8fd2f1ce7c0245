/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"

#include "flowproof/json.h"

static fp_error err;

static fp_json *read_text(const char *text, size_t len)
{
    fp_json *j;
    fp_ck_ok(fp_json_read(&j, text, len, "x.json", &err), &err);
    return j;
}

START_TEST(values_of_every_kind_are_read_and_reached_by_their_path)
{
    static const char text[] = " {\"a\": [1, -2.50e+3, \"\\u00e4\\ud834\\udd1e\\n\\/\"], \"b\": {\"\": true, \"c\": null}, \"d\": false, \"e\": [], \"f\": {}}\n";
    fp_json *j = read_text(text, sizeof text - 1);
    ck_assert_int_eq(j->kind, FP_JSON_OBJECT);
    ck_assert_uint_eq(j->count, 5);
    ck_assert_str_eq(fp_json_text(j, "a.0"), "1");
    ck_assert_str_eq(fp_json_text(j, "a.1"), "-2.50e+3");
    ck_assert_str_eq(fp_json_text(j, "a.2"), "\xc3\xa4\xf0\x9d\x84\x9e\n/");
    ck_assert_int_eq(fp_json_at(j, "b.c")->kind, FP_JSON_NULL);
    ck_assert_int_eq(fp_json_at(j, "d")->kind, FP_JSON_FALSE);
    ck_assert_uint_eq(fp_json_at(j, "e")->count, 0);
    ck_assert_uint_eq(fp_json_at(j, "a")->begin, 7);
    ck_assert_int_eq(text[fp_json_at(j, "a")->end - 1], ']');
    fp_json_free(j);
}
END_TEST

START_TEST(a_path_that_leads_nowhere_gives_nothing)
{
    static const char text[] = "{\"a\":[1],\"s\":\"x\",\"t\":true}";
    static const char *const nowhere[] = {"b", "a.1", "a.x", "a.-0", "a.0x", "s.0", "a.0.0"};
    fp_json *j = read_text(text, sizeof text - 1);
    for (size_t k = 0; k < sizeof nowhere / sizeof *nowhere; k++) ck_assert_msg(fp_json_at(j, nowhere[k]) == NULL, "%s", nowhere[k]);
    ck_assert_ptr_null(fp_json_text(j, "a"));
    ck_assert(fp_json_is_true(j, "t") && !fp_json_is_true(j, "s") && !fp_json_is_true(j, "u"));
    ck_assert_ptr_null(fp_json_at(NULL, "a"));
    fp_json_free(j);
}
END_TEST

START_TEST(what_is_not_json_is_refused_with_its_place)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "x.json:1:1: found the end of the file, wanted is a value"},
        {"started, not finished\n", "x.json:1:1: found 's', wanted is a value"},
        {"{\"a\": 1,\n  \"\xc3\xa4\": ?}", "x.json:2:8: found '?', wanted is a value"},
        {"{", "x.json:1:2: found the end of the file, wanted is a string"},
        {"{}x", "x.json:1:3: found 'x', the document ends before it"},
        {"[1,]", "x.json:1:4: found ']', wanted is a value"},
        {"[1 2]", "x.json:1:4: found '2', wanted is ',' or ']'"},
        {"{\"a\" 1}", "x.json:1:6: found '1', wanted is ':'"},
        {"{\"b\":0,\n\"a\":1,\"c\":0,\"a\":2}", "x.json:2:17: found the same name twice, names of one object differ"},
        {"01", "x.json:1:1: found a zero in front, a number begins with its first digit"},
        {"-", "x.json:1:2: found the end of the file, wanted is a digit"},
        {"1.", "x.json:1:3: found the end of the file, wanted is a digit"},
        {"1e+", "x.json:1:4: found the end of the file, wanted is a digit"},
        {"+1", "x.json:1:1: found '+', wanted is a value"},
        {".5", "x.json:1:1: found '.', wanted is a value"},
        {"nan", "x.json:1:1: found 'n', wanted is a value"},
        {"'a'", "x.json:1:1: found ''', wanted is a value"},
        {"\"\x01\"", "x.json:1:2: found the byte 0x01, a control character must be written as an escape"},
        {"\"\\x\"", "x.json:1:3: found 'x', wanted is one of \" \\ / b f n r t u after a backslash"},
        {"\"\x80\"", "x.json:1:2: found the byte 0x80, which is not UTF-8"},
        {"\"\xc0\xaf\"", "x.json:1:2: found the byte 0xc0, which is not UTF-8"},
        {"\"\xed\xa0\x80\"", "x.json:1:2: found the byte 0xed, which is not UTF-8"},
        {"\"\xf4\x90\x80\x80\"", "x.json:1:2: found the byte 0xf4, which is not UTF-8"},
        {"\"\\ud800\"", "x.json:1:4: found half a surrogate pair, wanted are both halves"},
        {"\"\\udc00\"", "x.json:1:4: found half a surrogate pair, wanted are both halves"},
        {"\"\\u0000\"", "x.json:1:4: found the character NUL, which no text here may hold"},
        {"\"\\u00g0\"", "x.json:1:6: found 'g', wanted are four hexadecimal digits"},
        {"\"a", "x.json:1:3: found the end of the file, wanted is '\"' at the end of the string"},
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        fp_json *j;
        ck_assert_int_eq(fp_json_read(&j, bad[k].text, strlen(bad[k].text), "x.json", &err), FP_BAD_INPUT);
        ck_assert_ptr_null(j);
        ck_assert_str_eq(err.message, bad[k].message);
    }
}
END_TEST

START_TEST(nesting_is_limited_and_the_limit_is_reached)
{
    for (int deep = FP_JSON_DEPTH_MAX; deep <= 100000; deep = deep == FP_JSON_DEPTH_MAX ? deep + 1 : 100 * deep) {
        fp_json *j;
        fp_text text = {0};
        for (int k = 0; k < deep; k++) fp_text_add(&text, "[");
        fp_text_add(&text, "7");
        for (int k = 0; k < deep; k++) fp_text_add(&text, "]");
        fp_status status = fp_json_read(&j, text.data, text.len, "x.json", &err);
        ck_assert_int_eq(status, deep <= FP_JSON_DEPTH_MAX ? FP_OK : FP_BAD_INPUT);
        if (status != FP_OK) ck_assert_msg(strncmp(err.message, "x.json:1:66: ", 13) == 0 && strstr(err.message, "nested too deeply"), "%s", err.message);
        fp_json_free(j);
        fp_text_clear(&text);
    }
}
END_TEST

START_TEST(an_object_of_many_names_is_read_in_reasonable_time)
{
    fp_text text = {0};
    fp_text_add(&text, "{");
    for (int k = 0; k < 200000; k++) fp_text_addf(&text, "%s\"%d\":0", k ? "," : "", k);
    fp_text_add(&text, "}");
    fp_json *j = read_text(text.data, text.len);
    ck_assert_uint_eq(j->count, 200000);
    fp_json_free(j);
    fp_text_clear(&text);
}
END_TEST

static void write_back(fp_text *out, const fp_json *j)
{
    static const char *const words[] = {"null", "false", "true"};
    if (j->key) fp_text_addf(out, "\"%s\":", j->key);
    if (j->kind <= FP_JSON_TRUE) fp_text_add(out, words[j->kind]);
    if (j->kind == FP_JSON_NUMBER) fp_text_add(out, j->text);
    if (j->kind == FP_JSON_STRING) fp_text_addf(out, "\"%s\"", j->text);
    if (j->kind < FP_JSON_ARRAY) return;
    fp_text_add(out, j->kind == FP_JSON_ARRAY ? "[" : "{");
    for (const fp_json *k = j->first; k; k = k->next) {
        write_back(out, k);
        if (k->next) fp_text_add(out, ",");
    }
    fp_text_add(out, j->kind == FP_JSON_ARRAY ? "]" : "}");
}

static void random_value(fp_text *out, fp_rng *r, int depth)
{
    uint64_t kind = fp_rng_below(r, depth > 5 ? 5 : 8);
    if (kind < 3) fp_text_add(out, kind == 0 ? "null" : kind == 1 ? "false" : "true");
    if (kind == 3) fp_text_addf(out, "%d.%de-%d", (int)fp_rng_below(r, 100) - 50, (int)fp_rng_below(r, 100), (int)fp_rng_below(r, 9));
    if (kind == 4) fp_text_addf(out, "\"\xe2\x89\xa4%u\"", (unsigned)fp_rng_u32(r));
    if (kind < 5) return;
    int count = (int)fp_rng_below(r, 5);
    fp_text_add(out, kind == 5 ? "[" : "{");
    for (int k = 0; k < count; k++) {
        if (k) fp_text_add(out, ",");
        if (kind > 5) fp_text_addf(out, "\"k%d\":", k);
        random_value(out, r, depth + 1);
    }
    fp_text_add(out, kind == 5 ? "]" : "}");
}

START_TEST(random_documents_come_back_as_they_were)
{
    fp_rng r;
    fp_rng_init(&r, 7, 1);
    for (int round = 0; round < 2000; round++) {
        fp_text text = {0}, again = {0};
        random_value(&text, &r, 0);
        fp_json *j = read_text(text.data, text.len);
        write_back(&again, j);
        ck_assert_str_eq(again.data, text.data);
        fp_json_free(j);
        fp_text_clear(&text);
        fp_text_clear(&again);
    }
}
END_TEST

/* Whatever comes: a document or a message with a place, no crash (the sanitizers watch). */
START_TEST(damaged_documents_are_read_or_refused_with_a_place)
{
    fp_rng r;
    int refused = 0;
    fp_rng_init(&r, 7, 2);
    for (int round = 0; round < 20000; round++) {
        fp_text text = {0};
        fp_json *j;
        random_value(&text, &r, 0);
        for (uint64_t k = fp_rng_below(&r, 4); k-- > 0;) text.data[fp_rng_below(&r, text.len)] = (char)fp_rng_u32(&r);
        size_t len = fp_rng_below(&r, 4) ? text.len : (size_t)fp_rng_below(&r, text.len + 1);
        char *exact = fp_alloc(len + 1, 1); /* so that reading past the end is seen */
        memcpy(exact + 1, text.data, len);
        if (fp_json_read(&j, exact + 1, len, "x.json", &err) != FP_OK) {
            refused++;
            ck_assert_msg(strncmp(err.message, "x.json:", 7) == 0 && strchr("123456789", err.message[7]), "%s", err.message);
        }
        fp_json_free(j);
        free(exact);
        fp_text_clear(&text);
    }
    ck_assert_int_gt(refused, 5000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tc = tcase_create("reader");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, values_of_every_kind_are_read_and_reached_by_their_path);
    tcase_add_test(tc, a_path_that_leads_nowhere_gives_nothing);
    tcase_add_test(tc, what_is_not_json_is_refused_with_its_place);
    tcase_add_test(tc, nesting_is_limited_and_the_limit_is_reached);
    tcase_add_test(tc, an_object_of_many_names_is_read_in_reasonable_time);
    tcase_add_test(tc, random_documents_come_back_as_they_were);
    tcase_add_test(tc, damaged_documents_are_read_or_refused_with_a_place);
    suite_add_tcase(suite, tc);
    return fp_test_main(suite);
}
