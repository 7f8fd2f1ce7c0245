/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "../support/instance.h"

static const char reference[] = "tests/data/reference-tiny";

/* ---- drawn data */

START_TEST(drawn_data_satisfy_definition_2_1_and_assumption_2_3)
{
    for (int seed = 1; seed <= 20; seed++) {
        fp_setting s;
        fp_problem p;
        char *text = fp_asprintf("n=%d\nL=%d\nd=distinct\nm=1\nm1=1\ninit=kaiming-normal\nseed=%d", 6 * seed, 3 + seed % 4, seed);
        setting(&s, text);
        make(&p, &s);
        ck_assert_int_eq(p.d, fp_distinct_d(p.n, p.L));
        check_definition(&p, true);
        fp_problem_clear(&p);
        fp_setting_clear(&s);
        free(text);
    }
}
END_TEST

START_TEST(uniform_tokens_and_positions_are_uniform)
{
    fp_setting s;
    fp_problem p;
    setting(&s, "n=60000\nL=5\nd=13\nm=1\nm1=1\ninit=kaiming-normal\ntokens=uniform");
    make(&p, &s);
    check_definition(&p, false);
    long token[14] = {0}, place[5] = {0}, random = 0;
    for (long k = 0; k < p.n * p.L; k++) {
        token[p.token[k]]++;
        random += p.token[k] > 3;
        if (p.token[k] == 3) place[k % 5]++;
    }
    /* binomial standard deviations: sqrt(N q (1-q)); 6 of them fail by chance with probability below 1e-8 */
    double q = (double)random / 10, spread = sqrt(q * 0.9);
    for (int x = 4; x <= 13; x++) ck_assert(fabs((double)token[x] - q) < 6 * spread);
    for (int l = 0; l < 5; l++) ck_assert(fabs((double)place[l] - 12000) < 6 * sqrt(12000 * 0.8));
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}
END_TEST

static void make_refused(const char *text, const char *part)
{
    fp_setting s;
    fp_problem p;
    setting(&s, text);
    ck_assert_msg(fp_problem_make(&p, &s, NULL, NULL, &err) == FP_BAD_INPUT, "accepted: %s", text);
    ck_assert_msg(strstr(err.message, part), "'%s' lacks '%s'", err.message, part);
    ck_assert_ptr_null(p.token);
    fp_setting_clear(&s);
}

START_TEST(what_cannot_be_drawn_is_refused_with_the_minimum)
{
    make_refused("n=7\nL=4\nd=99\nm=1\nm1=1\ninit=theory", "n must be a multiple of 6");
    make_refused("n=6\nL=2\nd=99\nm=1\nm1=1\ninit=theory", "L must be at least 3");
    make_refused("n=60\nL=5\nd=64\nm=1\nm1=1\ninit=theory", "needs d >= 163");
    make_refused("n=60\nL=5\nd=3\nm=1\nm1=1\ninit=theory\ntokens=uniform", "needs d >= 4");
    make_refused("L=5\nd=64\nm=1\nm1=1\ninit=theory", "n is not given; it is needed to draw the data");
    make_refused("n=6\nL=4\nd=64\nm1=1\ninit=theory", "m is not given; it is needed to draw the weights");
    make_refused("n=6\nL=4\nm=2\nm1=1\ninit=theory", "d is not given");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1", "init is not given");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=theory\nsigma0=1\nsigma1=1", "init = theory fixes sigma0");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=m-2\nsigma1=1", "must be a positive number");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=1/(m-2)\nsigma1=1", "not defined here");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=1\nsigma1=exp(-1000)", "must be a positive number");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=2^500+1\nsigma1=1", "between 2^-500 and 2^500");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=1\nsigma1=2^501", "between 2^-500 and 2^500");
    make_refused("n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=2^-501\nsigma1=1", "between 2^-500 and 2^500");
    make_refused("n=6\nL=4\nd=1000000000\nm=1000000000\nm1=1\ninit=theory", "at most 2^31 entries");
    make_refused("n=999999996\nL=1000000000\nd=64\nm=2\nm1=1\ninit=theory", "at most 2^31");
}
END_TEST

/* ---- import and export */

static fp_status import(fp_problem *p, const fp_setting *s, const char *from)
{
    return fp_problem_make(p, s, from, from, &err);
}

START_TEST(the_largest_and_the_smallest_deviations_allowed_are_drawn)
{
    fp_setting s;
    fp_problem p;
    setting(&s, "n=6\nL=4\nd=64\nm=2\nm1=1\ninit=normal\nsigma0=2^500\nsigma1=2^-500");
    make(&p, &s);
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}
END_TEST

START_TEST(the_reference_instance_imports)
{
    fp_setting s;
    fp_problem p;
    arb_t x;
    arb_init(x);
    fp_setting_defaults(&s);
    ck_assert_msg(import(&p, &s, reference) == FP_OK, "%s", err.message);
    ck_assert(p.n == 6 && p.L == 4 && p.d == 13 && p.m == 8 && p.m1 == 4);
    check_definition(&p, true);
    for (int i = 0; i < 8 * 13; i++) ck_assert(p.W_V[i] * 1024 == floor(p.W_V[i] * 1024));
    ck_assert(!p.sigmas_known && !fp_problem_sigma(x, x, &p, 64));
    fp_problem_clear(&p);
    s.sigma0 = fp_strdup("1/sqrt(L*m)");
    s.sigma1 = fp_strdup("1/sqrt(m1)");
    ck_assert_int_eq(import(&p, &s, reference), FP_OK);
    ck_assert(p.sigmas_known);
    fp_problem_clear(&p);
    fp_setting_clear(&s);
    arb_clear(x);
}
END_TEST

START_TEST(exporting_the_reference_instance_gives_its_files_byte_for_byte)
{
    fp_setting s;
    fp_problem p;
    fp_setting_defaults(&s);
    ck_assert_int_eq(import(&p, &s, reference), FP_OK);
    ck_assert_msg(fp_problem_export(&p, dir, &err) == FP_OK, "%s", err.message);
    for (size_t i = 0; i < ARRAYS; i++) {
        fp_text a = {0}, b = {0};
        char *from = fp_asprintf("%s/%s.npy", reference, arrays[i]), *to = fp_asprintf("%s/%s.npy", dir, arrays[i]);
        ck_assert_int_eq(fp_file_read(&a, from, 1 << 20, &err), FP_OK);
        ck_assert_int_eq(fp_file_read(&b, to, 1 << 20, &err), FP_OK);
        ck_assert_uint_eq(a.len, b.len);
        ck_assert_msg(memcmp(a.data, b.data, a.len) == 0, "%s.npy differs", arrays[i]);
        fp_text_clear(&a);
        fp_text_clear(&b);
        free(from);
        free(to);
    }
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}
END_TEST

START_TEST(an_exported_instance_comes_back_with_the_same_digests)
{
    fp_setting s, none;
    fp_problem p, q;
    setting(&s, TINY);
    fp_setting_defaults(&none);
    make(&p, &s);
    ck_assert_int_eq(fp_problem_export(&p, dir, &err), FP_OK);
    ck_assert_msg(import(&q, &none, dir) == FP_OK, "%s", err.message);
    ck_assert_str_eq(p.data_sha256, q.data_sha256);
    ck_assert_str_eq(p.weights_sha256, q.weights_sha256);
    fp_problem_clear(&q);
    /* imported data beside drawn weights, and the other way round */
    ck_assert_msg(fp_problem_make(&q, &s, dir, NULL, &err) == FP_OK, "%s", err.message);
    ck_assert_str_eq(p.weights_sha256, q.weights_sha256);
    fp_problem_clear(&q);
    ck_assert_msg(fp_problem_make(&q, &s, NULL, dir, &err) == FP_OK, "%s", err.message);
    ck_assert_str_eq(p.data_sha256, q.data_sha256);
    ck_assert(q.sigmas_known);
    fp_problem_clear(&q);
    fp_problem_clear(&p);
    fp_setting_clear(&s);
    fp_setting_clear(&none);
}
END_TEST

START_TEST(imported_weights_take_their_sigmas_from_the_init_with_the_imported_sizes)
{
    /* n = 6, L = 4, d = 13, m = 8, m1 = 4 */
    const struct {
        const char *text;
        double sigma0, sigma1;
    } row[] = {
        {"init=kaiming-normal", sqrt(2.0 / 13), sqrt(2.0 / 8)},
        {"init=kaiming-uniform", sqrt(2.0 / 13), sqrt(2.0 / 8)},
        {"init=framework-default", 1 / sqrt(3.0 * 13), 1 / sqrt(3.0 * 8)},
        {"init=theory", 0.01 / sqrt(2.0 * 4 * 8 * 4 * log(4 * 6 * 4 / 0.01) * log(2 * 4 * 6 / 0.01)), 0.5},
        {"init=theory-nolog", 1 / sqrt(4.0 * 8), 0.5},
        {"init=normal\nsigma0=1/d\nsigma1=n/L", 1.0 / 13, 1.5},
        {"sigma0=1/d\nsigma1=n/L", 1.0 / 13, 1.5},
    };
    arb_t s0, s1;
    arb_init(s0);
    arb_init(s1);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        fp_setting s;
        fp_problem p;
        setting(&s, row[i].text);
        ck_assert_msg(import(&p, &s, reference) == FP_OK, "%s: %s", row[i].text, err.message);
        ck_assert(p.sigmas_known && fp_problem_sigma(s0, s1, &p, 64));
        double found0 = arf_get_d(arb_midref(s0), ARF_RND_NEAR), found1 = arf_get_d(arb_midref(s1), ARF_RND_NEAR);
        ck_assert_msg(fabs(found0 / row[i].sigma0 - 1) < 1e-14, "%s: sigma0 is %.17g", row[i].text, found0);
        ck_assert_msg(fabs(found1 / row[i].sigma1 - 1) < 1e-14, "%s: sigma1 is %.17g", row[i].text, found1);
        fp_problem_clear(&p);
        fp_setting_clear(&s);
    }
    arb_clear(s0);
    arb_clear(s1);
}
END_TEST

START_TEST(a_sigma_beside_an_init_that_fixes_another_one_is_refused_for_imported_weights_too)
{
    fp_setting s;
    fp_problem p;
    setting(&s, "init=theory\nsigma0=1\nsigma1=1");
    ck_assert_int_eq(import(&p, &s, reference), FP_BAD_INPUT);
    ck_assert_msg(strstr(err.message, "init = theory fixes sigma0 and sigma1"), "%s", err.message);
    fp_setting_clear(&s);
}
END_TEST

/* Exports the reference instance to `dir`. */
static void put_reference(void)
{
    fp_setting s;
    fp_problem p;
    fp_setting_defaults(&s);
    ck_assert_int_eq(import(&p, &s, reference), FP_OK);
    ck_assert_int_eq(fp_problem_export(&p, dir, &err), FP_OK);
    fp_problem_clear(&p);
    fp_setting_clear(&s);
}

static void put(const char *name, const double *x, long rows, long cols, int dims)
{
    char *file = fp_asprintf("%s/%s.npy", dir, name);
    ck_assert_int_eq(fp_npy_write(file, x, rows, cols, dims, false, &err), FP_OK);
    free(file);
}

/* The folder as it stands is refused, because of DIR/name.npy. */
static void folder_refused(const char *name, const char *part)
{
    fp_setting s;
    fp_problem p;
    char *file = fp_asprintf("%s/%s.npy: ", dir, name);
    fp_setting_defaults(&s);
    ck_assert_msg(import(&p, &s, dir) == FP_BAD_INPUT, "accepted: %s", part);
    ck_assert_msg(strstr(err.message, part), "'%s' lacks '%s'", err.message, part);
    ck_assert_msg(strstr(err.message, file), "'%s' lacks '%s'", err.message, file);
    ck_assert_ptr_null(p.W_V);
    free(file);
    fp_setting_clear(&s);
}

/* Replaces one array of an exported reference instance and expects a refusal. */
static void import_refused(const char *name, const double *x, long rows, long cols, int dims, const char *part)
{
    put_reference();
    put(name, x, rows, cols, dims);
    folder_refused(name, part);
}

START_TEST(what_is_transposed_is_named_with_its_cure)
{
    static const char *const matrices[] = {"W", "W_V", "W_K", "W_Q"};
    const double z[104] = {0}, ones[24] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    import_refused("tokens", ones, 4, 6, 2, "has shape 4 x 6, but labels.npy has 6 labels: it is transposed (n x L, a sample a row), save x.T.copy()");
    for (int k = 1; k < 4; k++) import_refused(matrices[k], z, 13, 8, 2, "has shape 13 x 8; the other files make it 8 x 13: it is transposed, save x.T.copy()");
    import_refused("W", z, 8, 4, 2, "has shape 8 x 4; the other files make it 4 x 8: it is transposed, save x.T.copy()");
    put_reference();
    for (int k = 1; k < 4; k++) put(matrices[k], z, 13, 8, 2);
    folder_refused("W_V", "has shape 13 x 8; the other files make it 8 x 13: it is transposed, save x.T.copy(); so are W_K.npy, W_Q.npy");
    put("W", z, 8, 4, 2);
    folder_refused("W", "has shape 8 x 4; the other files make it 4 x 8: it is transposed, save x.T.copy(); so are W_V.npy, W_K.npy, W_Q.npy");
}
END_TEST

START_TEST(most_files_say_what_the_sizes_are)
{
    const double z[104] = {0};
    put_reference();
    put("W_V", z, 13, 8, 2);
    put("W", z, 5, 5, 2);
    folder_refused("W", "has shape 5 x 5; the other files make it 4 x 8 (m1 = entries of a.npy, m = rows of the others)");
}
END_TEST

START_TEST(swapped_files_are_named)
{
    static const char *const matrices[] = {"W_V", "W_K", "W_Q"};
    const double z[104] = {0}, y[24] = {1, 1, 1, 1, 1, 1};
    for (int k = 0; k < 3; k++) {
        char *part = fp_asprintf("has shape 8 x 13, and %s.npy 4 x 8: the two are swapped", matrices[k]);
        put_reference();
        put("W", z, 8, 13, 2);
        put(matrices[k], z, 4, 8, 2);
        folder_refused("W", part);
        free(part);
    }
    put_reference();
    put("tokens", y, 6, 1, 1);
    put("labels", y, 6, 4, 2);
    folder_refused("tokens", "has 1 dimension, and labels.npy 2: the two are swapped");
}
END_TEST

START_TEST(a_missing_file_says_what_is_there)
{
    put_reference();
    char *from = fp_asprintf("%s/W_V.npy", dir), *to = fp_asprintf("%s/W_v.npy", dir);
    ck_assert_int_eq(rename(from, to), 0);
    folder_refused("W_V", "there is no such file; the folder holds W.npy, W_K.npy, W_Q.npy, W_v.npy, a.npy, labels.npy, tokens.npy (is 'W_v.npy' meant?)");
    ck_assert_int_eq(rename(to, from), 0);
    free(from);
    free(to);
    fp_setting s;
    fp_problem p;
    fp_setting_defaults(&s);
    ck_assert_int_eq(fp_problem_make(&p, &s, "/no/such", dir, &err), FP_BAD_INPUT);
    ck_assert_msg(strstr(err.message, "/no/such: No such file or directory; a folder that holds tokens.npy is wanted"), "%s", err.message);
    fp_setting_clear(&s);
}
END_TEST

START_TEST(arrays_that_are_not_read_are_listed)
{
    const double z[1] = {0};
    fp_list names;
    put_reference();
    put("W_O", z, 1, 1, 1);
    fp_problem_unused(&names, dir);
    ck_assert_uint_eq(names.count, 1);
    ck_assert_str_eq(names.items[0], "W_O.npy");
    fp_list_clear(&names);
    char *file = fp_asprintf("%s/W_O.npy", dir);
    unlink(file);
    free(file);
    fp_problem_unused(&names, dir);
    ck_assert_uint_eq(names.count, 0);
    fp_list_clear(&names);
}
END_TEST

START_TEST(ids_from_zero_and_labels_that_are_not_signs_are_refused_with_their_cure)
{
    double x[24], y[6] = {1, 1, 1, 0, 0, 0};
    for (int i = 0; i < 24; i++) x[i] = i % 13;
    import_refused("tokens", x, 6, 4, 2, "sample 1, position 1 holds 0; allowed are the integers 1 to d = 13 (the ids count from 0: save x.astype('int64') + 1)");
    x[1] = 13; /* then adding 1 is no cure */
    import_refused("tokens", x, 6, 4, 2, "holds 0; allowed are the integers 1 to d = 13");
    ck_assert_ptr_null(strstr(err.message, "count from 0"));
    import_refused("labels", y, 6, 1, 1, "the label of sample 4 is 0; allowed are 1 and -1 (all are 0 or 1: save 2*x.astype('int8') - 1)");
    import_refused("a", y, 4, 1, 1, "neuron 4 is 0; allowed are 1 and -1 (all are 0 or 1: save 2*x.astype('int8') - 1)");
    for (int i = 3; i < 6; i++) y[i] = 255;
    import_refused("labels", y, 6, 1, 1, "the label of sample 4 is 255; allowed are 1 and -1 (-1 was stored in an unsigned type: save x.astype('int8'))");
    y[3] = 0.5;
    import_refused("labels", y, 6, 1, 1, "the label of sample 4 is 0.5; allowed are 1 and -1");
    ck_assert_ptr_null(strstr(err.message, "save"));
}
END_TEST

START_TEST(imported_arrays_that_are_wrong_are_refused_with_their_place)
{
    double x[24], y[6] = {1, 1, 1, 0, -1, -1}, z[104] = {0};
    for (int i = 0; i < 24; i++) x[i] = 4;
    x[9] = 14;
    import_refused("tokens", x, 6, 4, 2, "sample 3, position 2 holds 14; allowed are the integers 1 to d = 13");
    x[9] = 0;
    import_refused("tokens", x, 6, 4, 2, "sample 3, position 2 holds 0;");
    x[9] = 3.5;
    import_refused("tokens", x, 6, 4, 2, "sample 3, position 2 holds 3.5;");
    x[9] = -1e300;
    import_refused("tokens", x, 6, 4, 2, "sample 3, position 2 holds");
    import_refused("tokens", x, 24, 1, 1, "has 1 dimension; 2 expected: save x.reshape(rows, columns)");
    import_refused("labels", y, 6, 1, 1, "the label of sample 4 is 0; allowed are 1 and -1");
    import_refused("labels", y, 6, 1, 2, "has 2 dimensions; 1 expected: save x.ravel()");
    import_refused("labels", y, 3, 1, 1, "has 3 labels, but tokens.npy has 6 samples");
    y[3] = 2;
    import_refused("a", y, 4, 1, 1, "neuron 4 is 2; allowed are 1 and -1");
    import_refused("W_K", z, 13, 8, 2, "has shape 13 x 8; the other files make it 8 x 13");
    import_refused("W_Q", z, 8, 12, 2, "has shape 8 x 12; the other files make it 8 x 13");
    import_refused("W", z, 8, 4, 2, "has shape 8 x 4; the other files make it 4 x 8");
    z[15] = NAN;
    import_refused("W_Q", z, 8, 13, 2, "element [1, 2] (from 0) is NaN");
}
END_TEST

START_TEST(imported_sizes_that_contradict_the_setting_are_refused)
{
    static const char *const row[][2] = {{"n=12", "tokens.npy: has n = 6, but"},
                                         {"L=5", "tokens.npy: has L = 4, but"},
                                         {"d=14", "W_V.npy: has d = 13, but"},
                                         {"m=9", "W_V.npy: has m = 8, but"},
                                         {"m1=3", "a.npy: has m1 = 4, but"}};
    for (size_t i = 0; i < 5; i++) {
        fp_setting s;
        fp_problem p;
        setting(&s, row[i][0]);
        ck_assert_int_eq(import(&p, &s, reference), FP_BAD_INPUT);
        ck_assert_msg(strstr(err.message, row[i][1]), "'%s' lacks '%s'", err.message, row[i][1]);
        fp_setting_clear(&s);
    }
}
END_TEST

START_TEST(imported_data_need_not_satisfy_the_papers_definition)
{
    const double tokens[] = {1, 2, 2, 2, 3, 3}, labels[] = {-1, 1, -1};
    fp_setting s;
    fp_problem p;
    char *file = fp_asprintf("%s/tokens.npy", dir), *second = fp_asprintf("%s/labels.npy", dir);
    ck_assert_int_eq(fp_npy_write(file, tokens, 3, 2, 2, false, &err), FP_OK);
    ck_assert_int_eq(fp_npy_write(second, labels, 3, 1, 1, false, &err), FP_OK);
    setting(&s, "m=2\nm1=1\nd=3\ninit=theory-nolog");
    ck_assert_msg(fp_problem_make(&p, &s, dir, NULL, &err) == FP_OK, "%s", err.message);
    ck_assert(p.n == 3 && p.L == 2 && p.group[0] == 1 && p.group[1] == 3 && p.group[2] == 4);
    ck_assert(p.label[0] == -1 && p.label[1] == 1);
    fp_problem_clear(&p);
    s.d = 0;
    s.d_is_distinct = true;
    ck_assert_int_eq(fp_problem_make(&p, &s, dir, NULL, &err), FP_BAD_INPUT);
    ck_assert_msg(strstr(err.message, "only if n is a multiple of 6"), "%s", err.message);
    fp_setting_clear(&s);
    free(file);
    free(second);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        drawn_data_satisfy_definition_2_1_and_assumption_2_3,
        uniform_tokens_and_positions_are_uniform,
        what_cannot_be_drawn_is_refused_with_the_minimum,
        the_largest_and_the_smallest_deviations_allowed_are_drawn,
        the_reference_instance_imports,
        exporting_the_reference_instance_gives_its_files_byte_for_byte,
        an_exported_instance_comes_back_with_the_same_digests,
        imported_weights_take_their_sigmas_from_the_init_with_the_imported_sizes,
        a_sigma_beside_an_init_that_fixes_another_one_is_refused_for_imported_weights_too,
        what_is_transposed_is_named_with_its_cure,
        most_files_say_what_the_sizes_are,
        swapped_files_are_named,
        a_missing_file_says_what_is_there,
        arrays_that_are_not_read_are_listed,
        ids_from_zero_and_labels_that_are_not_signs_are_refused_with_their_cure,
        imported_arrays_that_are_wrong_are_refused_with_their_place,
        imported_sizes_that_contradict_the_setting_are_refused,
        imported_data_need_not_satisfy_the_papers_definition,
    };
    return run_tests("problem", tests, sizeof tests / sizeof tests[0]);
}
