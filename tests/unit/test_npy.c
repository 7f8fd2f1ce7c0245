/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flowproof/problem.h"

static char dir[] = "/tmp/fp-npy-XXXXXX";
static char path[64];
static fp_error err;

static void open_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/a.npy", dir);
}

static void close_dir(void)
{
    unlink(path);
    rmdir(dir);
    strcpy(dir, "/tmp/fp-npy-XXXXXX");
}

static void put(const void *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(data, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
}

/* A file with the given version and dict, data appended. */
static void put_array(int major, const char *dict, const void *data, size_t len)
{
    char buffer[1024] = "\x93NUMPY";
    size_t n = strlen(dict), at = 8;
    buffer[6] = (char)major;
    buffer[at++] = (char)n;
    buffer[at++] = 0;
    if (major > 1) at += 2;
    memcpy(buffer + at, dict, n);
    memcpy(buffer + at + n, data, len);
    put(buffer, at + n + len);
}

static void refused(const char *part)
{
    fp_npy a;
    ck_assert_int_eq(fp_npy_read(&a, path, &err), FP_BAD_INPUT);
    ck_assert_ptr_null(a.x);
    ck_assert_msg(strstr(err.message, part), "'%s' lacks '%s'", err.message, part);
    ck_assert_msg(strstr(err.message, path), "'%s' lacks the path", err.message);
    ck_assert_ptr_null(strchr(err.message, '\n'));
}

START_TEST(every_supported_type_is_converted_exactly)
{
    static const struct {
        const char *descr, *bytes;
        size_t len;
        double value;
    } row[] = {
        {"<f4", "\x00\x00\xc0\xbf", 4, -1.5},
        {"<f4", "\x01\x00\x00\x00", 4, 0x1p-149},
        {"<f8", "\x01\x00\x00\x00\x00\x00\x00\x00", 8, 0x1p-1074},
        {"<f8", "\x00\x00\x00\x00\x00\x00\xf8\x3f", 8, 1.5},
        {"<i1", "\xfe", 1, -2},
        {"|i1", "\x80", 1, -128},
        {"<i2", "\x00\x80", 2, -32768},
        {"<i4", "\xff\xff\xff\xff", 4, -1},
        {"<i8", "\x00\x00\x00\x00\x00\x00\x20\x00", 8, 9007199254740992.0},
        {"<i8", "\x00\x00\x00\x00\x00\x00\xe0\xff", 8, -9007199254740992.0},
        {"<u1", "\xff", 1, 255},
        {"|u1", "\x80", 1, 128},
        {"<u2", "\xff\xff", 2, 65535},
        {"<u4", "\xff\xff\xff\xff", 4, 4294967295.0},
        {"<u8", "\x07\x00\x00\x00\x00\x00\x00\x00", 8, 7},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        char dict[128];
        fp_npy a;
        snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (1,), }\n", row[i].descr);
        put_array(1 + (int)(i % 3), dict, row[i].bytes, row[i].len);
        ck_assert_msg(fp_npy_read(&a, path, &err) == FP_OK, "%s: %s", row[i].descr, err.message);
        ck_assert_int_eq(a.dims, 1);
        ck_assert_int_eq(a.rows, 1);
        ck_assert_int_eq(a.cols, 1);
        ck_assert_msg(a.x[0] == row[i].value, "%s: %.17g, not %.17g", row[i].descr, a.x[0], row[i].value);
        fp_npy_clear(&a);
    }
}
END_TEST

START_TEST(fortran_order_is_transposed_and_key_order_is_free)
{
    fp_npy a;
    put_array(1, "{\"shape\":(2,3),'fortran_order':True,'descr':'|u1'}", "\x01\x04\x02\x05\x03\x06", 6);
    ck_assert_int_eq(fp_npy_read(&a, path, &err), FP_OK);
    ck_assert_int_eq(a.rows, 2);
    ck_assert_int_eq(a.cols, 3);
    for (int i = 0; i < 6; i++) ck_assert(a.x[i] == i + 1);
    fp_npy_clear(&a);
}
END_TEST

START_TEST(written_arrays_are_read_back_bit_for_bit)
{
    const double x[] = {0.1, -0.0, 0x1p-1074, 0x1.fffffffffffffp1023, -3, 1.0 / 3};
    fp_npy a;
    ck_assert_int_eq(fp_npy_write(path, x, 3, 2, 2, false, &err), FP_OK);
    ck_assert_int_eq(fp_npy_read(&a, path, &err), FP_OK);
    ck_assert_int_eq(a.rows, 3);
    ck_assert_int_eq(a.cols, 2);
    ck_assert_int_eq(a.dims, 2);
    ck_assert_mem_eq(a.x, x, sizeof x);
    fp_npy_clear(&a);
}
END_TEST

START_TEST(written_integers_read_back_and_fractions_are_not_written_as_integers)
{
    const double x[] = {-1, 9007199254740992.0, 0}, bad[] = {0.5};
    fp_npy a;
    ck_assert_int_eq(fp_npy_write(path, x, 3, 1, 1, true, &err), FP_OK);
    ck_assert_int_eq(fp_npy_read(&a, path, &err), FP_OK);
    ck_assert_int_eq(a.dims, 1);
    ck_assert_mem_eq(a.x, x, sizeof x);
    fp_npy_clear(&a);
    ck_assert_int_eq(fp_npy_write(path, bad, 1, 1, 1, true, &err), FP_INTERNAL);
}
END_TEST

START_TEST(the_header_ends_at_a_multiple_of_64_bytes_as_numpy_writes_it)
{
    static const char start[] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), } ";
    const double x[] = {1, 2};
    fp_text t = {0};
    ck_assert_int_eq(fp_npy_write(path, x, 1, 2, 2, false, &err), FP_OK);
    ck_assert_int_eq(fp_file_read(&t, path, 4096, &err), FP_OK);
    ck_assert_uint_eq(t.len, 128 + 16);
    ck_assert_int_eq(t.data[127], '\n');
    ck_assert_mem_eq(t.data, start, sizeof start - 1);
    fp_text_clear(&t);
}
END_TEST

#define GOOD "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
static const char one[8] = "\x00\x00\x00\x00\x00\x00\xf0\x3f";

START_TEST(broken_files_are_refused_with_their_reason)
{
    static const struct {
        const char *dict, *part;
    } row[] = {
        {"{'descr': '>f8', 'fortran_order': False, 'shape': (1,), }", "is big endian; allowed are float32, float64 or integers of 1 to 8 bytes, little endian: save x.astype('<f8')"},
        {"{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", "save x.astype('<i4')"},
        {"{'descr': '>f2', 'fortran_order': False, 'shape': (1,), }", "'>f2' is float16"},
        {"{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", "is bool and is not supported; allowed are float32"},
        {"{'descr': '|b1', 'fortran_order': False, 'shape': (1,), }", "save x.astype('int8'), or 2*x.astype('int8') - 1 for labels"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "float128) and is not supported"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "save x.astype('float64'), which rounds"},
        {"{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }", "'<U3' is text"},
        {"{'descr': '|V2', 'fortran_order': False, 'shape': (1,), }", "bfloat16"},
        {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,), }", "'<M8[ns]' is not supported; allowed are float32"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "holds Python objects and is not supported; allowed are float32, float64 or integers of 1 to 8 bytes, little endian: save x.astype('float64')"},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", "structured dtype; allowed are float32, float64 or integers of 1 to 8 bytes, little endian: save one field, x['name']"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }", "'<c16' is complex and is not supported; allowed are float32, float64 or integers of 1 to 8 bytes, little endian: save x.real"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }", "'<f2' is float16 and is not supported; allowed are float32, float64 or integers of 1 to 8 bytes, little endian: save x.astype('float32')"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", "has 0 dimensions"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1), }", "more than 2 dimensions; allowed are 1 and 2: x.squeeze()"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }", "is empty"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", "expected an extent"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", "is cut short"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "something after the array"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", "more than 2^31 elements"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2147483648, 2), }", "more than 2^31 elements"},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,), }", "expected True or False"},
        {"{'descr': '<f8', 'shape': (1,), }", "each once"},
        {"{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", "each once"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1}", "each once"},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,) } x", "expected the end"},
        {"{'descr' '<f8', 'fortran_order': False, 'shape': (1,) }", "expected ':'"},
        {"", "expected '{'"},
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        put_array(1, row[i].dict, one, 8);
        refused(row[i].part);
    }
}
END_TEST

START_TEST(wrong_magic_versions_and_missing_files_are_refused)
{
    put("", 0);
    refused("is not a .npy file");
    put("PK\x03\x04 an npz file", 16);
    refused("is not a .npy file but a zip archive");
    put("\x93NUMPY\x01", 7);
    refused("cut short within the .npy header");
    put("\x93NUMPY\x01\x00\xff\x7f{", 11);
    refused("cut short within the .npy header");
    put_array(4, GOOD, one, 8);
    refused("format 4.0; allowed are 1.0, 2.0 and 3.0");
    unlink(path);
    refused("a.npy");
}
END_TEST

START_TEST(non_finite_and_huge_values_are_refused_with_their_place)
{
    static const char nan8[8] = "\x00\x00\x00\x00\x00\x00\xf8\x7f", inf4[4] = "\x00\x00\x80\xff";
    put_array(1, GOOD, nan8, 8);
    refused("element [0] (from 0) is NaN");
    put_array(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1), }", inf4, 4);
    refused("element [0, 0] (from 0) is infinite");
    put_array(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "\x01\x00\x00\x00\x00\x00\x20\x00", 8);
    refused("beyond 2^53");
    put_array(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", "\x00\x00\x00\x00\x00\x00\x00\x80", 8);
    refused("beyond 2^53");
    put_array(1, "{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }", "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    refused("beyond 2^53");
}
END_TEST

/* Random edits of a good file: it loads, or there is a message; the sanitizers see the rest. */
START_TEST(mutated_files_load_or_give_a_message)
{
    const double x[] = {1, 2, 3, 4, 5, 6};
    fp_text good = {0};
    fp_rng rng;
    int loaded = 0;
    ck_assert_int_eq(fp_npy_write(path, x, 2, 3, 2, false, &err), FP_OK);
    ck_assert_int_eq(fp_file_read(&good, path, 4096, &err), FP_OK);
    fp_rng_init(&rng, 7, 1);
    for (int trial = 0; trial < 5000; trial++) {
        char *bad = fp_strndup(good.data, 0);
        bad = fp_realloc(bad, good.len, 1);
        memcpy(bad, good.data, good.len);
        size_t len = fp_rng_below(&rng, 4) ? good.len : fp_rng_below(&rng, good.len + 1);
        uint64_t edits = fp_rng_below(&rng, 4), span = fp_rng_below(&rng, 2) ? good.len : 72;
        for (uint64_t e = 0; e < edits; e++) bad[fp_rng_below(&rng, span)] = (char)fp_rng_u32(&rng);
        fp_npy a;
        put(bad, len);
        err.message[0] = '\0';
        fp_status st = fp_npy_read(&a, path, &err);
        ck_assert_msg(st == FP_OK || (st == FP_BAD_INPUT && err.message[0]), "trial %d: %d", trial, (int)st);
        ck_assert_msg(!strchr(err.message, '\n'), "trial %d: more than one line", trial);
        loaded += st == FP_OK;
        if (st == FP_OK) fp_npy_clear(&a);
        free(bad);
    }
    ck_assert_int_gt(loaded, 100);
    ck_assert_int_lt(loaded, 4900);
    fp_text_clear(&good);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("npy");
    TCase *c = tcase_create("npy");
    tcase_add_checked_fixture(c, open_dir, close_dir);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, every_supported_type_is_converted_exactly);
    tcase_add_test(c, fortran_order_is_transposed_and_key_order_is_free);
    tcase_add_test(c, written_arrays_are_read_back_bit_for_bit);
    tcase_add_test(c, written_integers_read_back_and_fractions_are_not_written_as_integers);
    tcase_add_test(c, the_header_ends_at_a_multiple_of_64_bytes_as_numpy_writes_it);
    tcase_add_test(c, broken_files_are_refused_with_their_reason);
    tcase_add_test(c, wrong_magic_versions_and_missing_files_are_refused);
    tcase_add_test(c, non_finite_and_huge_values_are_refused_with_their_place);
    tcase_add_test(c, mutated_files_load_or_give_a_message);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
