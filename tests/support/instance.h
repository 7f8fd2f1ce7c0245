/* SPDX-License-Identifier: MIT */
/* For the tests of src/problem: a scratch folder, settings from text, drawn instances. Static, so that tests of lower
 * layers need not link src/problem. */
#ifndef FLOWPROOF_TEST_INSTANCE_H
#define FLOWPROOF_TEST_INSTANCE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowproof/problem.h"

#define TINY "n=6\nL=4\nd=distinct\nm=16\nm1=4\ninit=theory-nolog\n"

static const char *const arrays[] = {"tokens", "labels", "a", "W", "W_V", "W_K", "W_Q"};
enum { ARRAYS = sizeof arrays / sizeof arrays[0] };

static char dir[] = "/tmp/fp-test-XXXXXX";
static char path[64];
static fp_error err;

static inline void open_dir(void)
{
    ck_assert_ptr_nonnull(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/x.setting", dir);
}

static inline void close_dir(void)
{
    unlink(path);
    for (size_t i = 0; i < ARRAYS; i++) {
        char *file = fp_asprintf("%s/%s.npy", dir, arrays[i]);
        unlink(file);
        free(file);
    }
    rmdir(dir);
    strcpy(dir, "/tmp/fp-test-XXXXXX");
}

static inline fp_status read_bytes(fp_setting *s, const char *text, size_t len)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(text, 1, len, f), len);
    ck_assert_int_eq(fclose(f), 0);
    return fp_setting_read(s, path, &err);
}

static inline void setting(fp_setting *s, const char *text)
{
    ck_assert_msg(read_bytes(s, text, strlen(text)) == FP_OK, "%s", err.message);
}

static inline void make(fp_problem *p, const fp_setting *s)
{
    ck_assert_msg(fp_problem_make(p, s, NULL, NULL, &err) == FP_OK, "%s", err.message);
}

/* Def. 2.1 and Assumption 2.3 (i), and (ii) if asked. */
static inline void check_definition(const fp_problem *p, bool distinct)
{
    long counts[5] = {0};
    int *uses = fp_alloc((size_t)p->d + 1, sizeof *uses);
    for (long i = 0; i < p->n; i++) {
        int c[4] = {0};
        for (long l = 0; l < p->L; l++) {
            int x = p->token[i * p->L + l];
            ck_assert(x >= 1 && x <= p->d);
            if (x <= 3)
                c[x]++;
            else
                uses[x]++;
        }
        int group = c[1] ? (c[2] ? 1 : 2) : (c[2] ? 3 : 4);
        ck_assert(c[3] == 1 && c[1] <= 1 && c[2] <= 1);
        ck_assert_int_eq(p->group[i], group);
        ck_assert_int_eq(p->label[i], group == 1 ? 1 : -1);
        ck_assert(i == 0 || p->group[i] >= p->group[i - 1]);
        counts[group]++;
    }
    ck_assert(counts[1] == p->n / 2 && counts[2] == p->n / 6 && counts[3] == p->n / 6 && counts[4] == p->n / 6);
    for (long x = 4; distinct && x <= p->d; x++) ck_assert_int_le(uses[x], 1);
    free(uses);
}

static inline int run_tests(const char *name, const TTest *const tests[], size_t count)
{
    Suite *s = suite_create(name);
    TCase *c = tcase_create(name);
    tcase_add_checked_fixture(c, open_dir, close_dir);
    tcase_set_timeout(c, 60);
    for (size_t i = 0; i < count; i++) tcase_add_test(c, tests[i]);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}

#endif
