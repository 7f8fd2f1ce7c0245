/* SPDX-License-Identifier: MIT */
/* A source over a view: values are the view's, sums and derivatives follow from them by the equations. The view shows the reference instance at one state (widened by a given radius), so an ordinary source says what is right. */
#include <string.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

typedef struct {
    fp_source *source;
    double radius;
    unsigned long asked, set;
    fp_tube_quantity refused;
    bool refuses;
} mirror;

static void mirror_set(void *ctx, const arf_t a, const arf_t b)
{
    mirror *m = ctx;
    m->set += arf_cmp(a, b) <= 0;
}

static fp_base base_of(fp_tube_quantity quantity)
{
    static const fp_base names[] = {[FP_TUBE_G] = FP_BASE_G, [FP_TUBE_SCORE] = FP_BASE_SCORE, [FP_TUBE_KK] = FP_BASE_KK, [FP_TUBE_QQ] = FP_BASE_QQ, [FP_TUBE_VV] = FP_BASE_VV,
                                    [FP_TUBE_RHO] = FP_BASE_UNORM2, [FP_TUBE_WV] = FP_BASE_WV, [FP_TUBE_WW] = FP_BASE_WW, [FP_TUBE_P] = FP_BASE_P, [FP_TUBE_O] = FP_BASE_O,
                                    [FP_TUBE_F] = FP_BASE_F, [FP_TUBE_GI] = FP_BASE_GI, [FP_TUBE_ONE_MINUS_GI] = FP_BASE_GI, [FP_TUBE_LOSSOF] = FP_BASE_LOSSOF, [FP_TUBE_C] = FP_BASE_C,
                                    [FP_TUBE_N] = FP_BASE_NN};
    return names[quantity];
}

static void widen(arb_t x, double radius)
{
    mag_t r;
    mag_init(r);
    mag_set_d(r, radius);
    arb_add_error_mag(x, r);
    mag_clear(r);
}

static void vector_of(arb_ptr out, const mirror *m, fp_base base, long i)
{
    arb_srcptr x;
    long rows, index = i + 1;
    int space;
    const char *why = NULL;
    ck_assert_msg(fp_source_vector(&x, &rows, &space, m->source, base, &index, 0, FP_BY_EQUATIONS, &why), "%s", why);
    _arb_vec_set(out, x, rows);
}

/* w_j.u, which sheets have no name for */
static void value_WU(arb_t out, const mirror *m, long j)
{
    enum { ROWS = 8 };
    arb_ptr w = _arb_vec_init(ROWS), u = _arb_vec_init(ROWS);
    vector_of(w, m, FP_BASE_VEC_W, j);
    vector_of(u, m, FP_BASE_VEC_U, 0);
    arb_dot(out, NULL, 0, w, 1, u, 1, ROWS, TINY_PREC);
    _arb_vec_clear(w, ROWS);
    _arb_vec_clear(u, ROWS);
}

static bool mirror_value(arb_t out, void *ctx, fp_tube_quantity quantity, const long *index, const char **why)
{
    mirror *m = ctx;
    m->asked++;
    if (m->refuses && quantity == m->refused) {
        *why = "not today";
        return false;
    }
    if (quantity == FP_TUBE_WU) {
        value_WU(out, m, index[0]);
    } else {
        arb_ptr jet = _arb_vec_init(2);
        const long at[3] = {index[0] + 1, index[1] + 1, index[2] + 1};
        ck_assert(fp_source_scalar(jet, m->source, base_of(quantity), at, 0, FP_BY_EQUATIONS, why));
        arb_set(out, jet);
        if (quantity == FP_TUBE_ONE_MINUS_GI) {
            arb_sub_si(out, out, 1, TINY_PREC);
            arb_neg(out, out);
        }
        _arb_vec_clear(jet, 2);
    }
    widen(out, m->radius);
    return true;
}

static bool mirror_vector(arb_ptr out, void *ctx, fp_tube_vector vector, long index, const char **why)
{
    static const fp_base names[] = {[FP_TUBE_U] = FP_BASE_VEC_U, [FP_TUBE_W] = FP_BASE_VEC_W, [FP_TUBE_V] = FP_BASE_VEC_V, [FP_TUBE_K] = FP_BASE_VEC_K, [FP_TUBE_Q] = FP_BASE_VEC_Q};
    mirror *m = ctx;
    m->asked++;
    if (m->refuses) {
        *why = "not today";
        return false;
    }
    vector_of(out, m, names[vector], index);
    for (int r = 0; r < 8; r++) widen(out + r, m->radius);
    return true;
}

typedef struct {
    tiny_instance tiny;
    tiny_run run;
    mirror mirror;
    fp_tube_view view;
    fp_source *tube;
} scene;

static void look(scene *s, double a, double b)
{
    arf_t from, to;
    arf_init(from);
    arf_init(to);
    arf_set_d(from, a);
    arf_set_d(to, b);
    fp_source_set_tube(s->tube, &s->view, from, to);
    arf_clear(from);
    arf_clear(to);
}

static void scene_open(scene *s, double radius)
{
    memset(s, 0, sizeof *s);
    tiny_open(&s->tiny);
    tiny_run_open(&s->run, &s->tiny, FP_FLOW_REDUCED, true);
    s->mirror = (mirror){.source = s->run.source, .radius = radius};
    s->view = (fp_tube_view){&s->mirror, mirror_set, mirror_value, mirror_vector, NULL, NULL};
    s->tube = fp_source_new_tube(&s->tiny.problem, fp_flow_layout(s->run.flow), TINY_PREC);
    look(s, 0.0625, 0.125);
}

static void scene_close(scene *s)
{
    fp_source_free(s->tube);
    tiny_run_close(&s->run);
    tiny_close(&s->tiny);
}

typedef struct {
    fp_base base;
    long to[3];
} quantity;
static const quantity quantities[] = {
    {FP_BASE_G, {13, 1, 1}}, {FP_BASE_F, {6, 1, 1}}, {FP_BASE_GI, {6, 1, 1}}, {FP_BASE_LOSSOF, {6, 1, 1}}, {FP_BASE_S1, {1, 1, 1}}, {FP_BASE_S2, {1, 1, 1}}, {FP_BASE_S3, {1, 1, 1}},
    {FP_BASE_S4, {1, 1, 1}}, {FP_BASE_LOSS, {1, 1, 1}}, {FP_BASE_SCORE, {13, 13, 1}}, {FP_BASE_KK, {13, 13, 1}}, {FP_BASE_QQ, {13, 13, 1}}, {FP_BASE_VV, {13, 13, 1}},
    {FP_BASE_UNORM2, {1, 1, 1}}, {FP_BASE_C, {13, 1, 1}}, {FP_BASE_NN, {13, 13, 1}}, {FP_BASE_P, {6, 4, 4}}, {FP_BASE_S, {6, 4, 4}}, {FP_BASE_O, {6, 4, 1}}, {FP_BASE_WV, {4, 13, 1}},
    {FP_BASE_WW, {4, 4, 1}},
};

/* Every value and derivative of the tube source holds the ordinary source's, and is no wider than `widest`. */
static void compare_all(scene *s, fp_derivative how, double widest)
{
    arb_ptr right = _arb_vec_init(2), found = _arb_vec_init(2);
    long x[3];
    for (size_t r = 0; r < sizeof quantities / sizeof *quantities; r++)
        for (x[0] = 1; x[0] <= quantities[r].to[0]; x[0]++)
            for (x[1] = 1; x[1] <= quantities[r].to[1]; x[1]++)
                for (x[2] = 1; x[2] <= quantities[r].to[2]; x[2]++) {
                    tiny_ask(right, s->run.source, quantities[r].base, x[0], x[1], x[2], 1, FP_BY_EQUATIONS);
                    tiny_ask(found, s->tube, quantities[r].base, x[0], x[1], x[2], 1, how);
                    for (int k = 0; k < 2; k++)
                        ck_assert_msg(arb_overlaps(right + k, found + k) && arb_contains_arf(found + k, arb_midref(right + k)) && mag_get_d(arb_radref(found + k)) <= widest,
                                      "%s[%ld,%ld,%ld] jet %d, radius %g", fp_base_name(quantities[r].base), x[0], x[1], x[2], k, mag_get_d(arb_radref(found + k)));
                }
    _arb_vec_clear(right, 2);
    _arb_vec_clear(found, 2);
}

/* Radius 1e-30 through sums of at most 13 products of numbers below 100: below 1e-22. */
START_TEST(values_and_derivatives_enclose_those_of_an_ordinary_source)
{
    scene s;
    scene_open(&s, 1e-30);
    compare_all(&s, FP_BY_EQUATIONS, 1e-22);
    look(&s, 0.0625, 0.125);
    compare_all(&s, FP_BY_FIELD, 1e-22); /* slope() is d() */
    ck_assert(!fp_source_is_exact(s.tube));
    scene_close(&s);
}
END_TEST

START_TEST(a_wider_view_makes_wider_values)
{
    scene s;
    arb_t x;
    const char *why = NULL;
    const long index[3] = {1, 1, 1};
    arb_init(x);
    scene_open(&s, 1e-3);
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_F, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert(mag_get_d(arb_radref(x)) >= 1e-3 && mag_get_d(arb_radref(x)) < 1.1e-3);
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_LOSS, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert(mag_get_d(arb_radref(x)) >= 0.99e-3 && mag_get_d(arb_radref(x)) < 1.1e-3); /* a mean */
    arb_clear(x);
    scene_close(&s);
}
END_TEST

START_TEST(time_is_the_interval_and_a_new_interval_forgets)
{
    scene s;
    arb_t x;
    const char *why = NULL;
    const long index[3] = {1, 1, 1};
    arb_init(x);
    scene_open(&s, 0);
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_TIME, index, 0, FP_BY_EQUATIONS, &why));
    fp_ck_contains(x, "1/16");
    fp_ck_contains(x, "1/8");
    ck_assert(arf_cmp_2exp_si(arb_midref(x), -3) < 0 && mag_get_d(arb_radref(x)) == 0.03125);
    unsigned long asked = s.mirror.asked;
    for (int k = 0; k < 3; k++) ck_assert(fp_source_scalar(x, s.tube, FP_BASE_G, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert_uint_eq(s.mirror.asked, asked + 1);
    look(&s, 0.0625, 0.0625);
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_G, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert_uint_eq(s.mirror.asked, asked + 2);
    ck_assert_uint_eq(s.mirror.set, 2);
    arb_clear(x);
    scene_close(&s);
}
END_TEST

START_TEST(a_pair_that_no_sample_has_exerts_no_force)
{
    scene s;
    arb_ptr x = _arb_vec_init(2);
    const char *why = NULL;
    scene_open(&s, 1);
    bool any = false;
    for (long nu = 1; nu <= 13; nu++)
        for (long mu = 1; mu <= 13; mu++) {
            const long index[3] = {nu, mu, 1};
            bool occurs = false;
            for (int i = 0; i < 6; i++)
                for (int l = 0; l < 4; l++)
                    for (int k = 0; k < 4; k++) occurs |= s.tiny.problem.token[4 * i + l] == mu && s.tiny.problem.token[4 * i + k] == nu;
            ck_assert(fp_source_scalar(x, s.tube, FP_BASE_NN, index, 1, FP_BY_EQUATIONS, &why));
            if (!occurs) ck_assert(arb_is_zero(x) && arb_is_zero(x + 1));
            any |= !occurs;
        }
    ck_assert(any);
    _arb_vec_clear(x, 2);
    scene_close(&s);
}
END_TEST

START_TEST(what_the_view_refuses_is_refused_with_its_reason_each_time)
{
    scene s;
    arb_ptr x = _arb_vec_init(2);
    arb_srcptr v;
    long rows;
    int space;
    const char *why = NULL;
    const long index[3] = {1, 1, 1};
    scene_open(&s, 0);
    s.mirror.refuses = true;
    s.mirror.refused = FP_TUBE_F;
    for (int k = 0; k < 2; k++) {
        ck_assert(!fp_source_scalar(x, s.tube, FP_BASE_F, index, 0, FP_BY_EQUATIONS, &why));
        ck_assert_str_eq(why, "not today");
    }
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_G, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert(!fp_source_vector(&v, &rows, &space, s.tube, FP_BASE_VEC_K, index, 0, FP_BY_EQUATIONS, &why));
    s.mirror.refuses = false;
    look(&s, 0.0625, 0.125);
    ck_assert(fp_source_scalar(x, s.tube, FP_BASE_F, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert(fp_source_vector(&v, &rows, &space, s.tube, FP_BASE_VEC_K, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert_int_eq(rows, 8);
    _arb_vec_clear(x, 2);
    scene_close(&s);
}
END_TEST

/* ---- keeping */
static bool ask_G(arb_t out, fp_source *s, long mu)
{
    const char *why = NULL;
    const long index[3] = {mu, 1, 1};
    return fp_source_scalar(out, s, FP_BASE_G, index, 0, FP_BY_EQUATIONS, &why);
}

START_TEST(what_was_asked_is_kept_and_joined_as_the_hull)
{
    scene s;
    arb_t x, y, z;
    arb_init(x);
    arb_init(y);
    arb_init(z);
    scene_open(&s, 0);
    fp_source *kept = fp_source_new_tube(&s.tiny.problem, fp_flow_layout(s.run.flow), TINY_PREC);
    ck_assert(ask_G(x, s.tube, 1) && ask_G(y, s.tube, 2));
    fp_source_keep(kept, s.tube, false);
    ck_assert(ask_G(z, kept, 1) && arb_equal(z, x));
    ck_assert(ask_G(z, kept, 3) && !arb_is_finite(z)); /* was not asked, and the view is gone */
    s.mirror.radius = 1e-3;
    look(&s, 0.125, 0.25);
    ck_assert(ask_G(z, s.tube, 1) && ask_G(z, s.tube, 4));
    fp_source_keep(kept, s.tube, true);
    ck_assert(ask_G(z, kept, 4) && !arb_is_finite(z)); /* the first did not have it */
    ck_assert(ask_G(z, kept, 1) && arb_contains(z, x) && mag_get_d(arb_radref(z)) >= 1e-3);
    ck_assert(ask_G(z, kept, 2) && !arb_is_finite(z)); /* the second did not have it */
    const char *why = NULL;
    const long index[3] = {1, 1, 1};
    ck_assert(fp_source_scalar(z, kept, FP_BASE_TIME, index, 0, FP_BY_EQUATIONS, &why));
    fp_ck_contains(z, "1/16");
    fp_ck_contains(z, "1/4");
    fp_source_keep(kept, s.tube, false);
    ck_assert(fp_source_scalar(z, kept, FP_BASE_TIME, index, 0, FP_BY_EQUATIONS, &why));
    ck_assert(arf_cmp_2exp_si(arb_midref(z), -2) < 0 && mag_get_d(arb_radref(z)) == 0.0625);
    fp_source_free(kept);
    arb_clear(x);
    arb_clear(y);
    arb_clear(z);
    scene_close(&s);
}
END_TEST

START_TEST(the_exact_start_takes_slope_for_d_when_told)
{
    tiny_instance tiny;
    arb_ptr x = _arb_vec_init(2), y = _arb_vec_init(2);
    const char *why = NULL;
    const long index[3] = {1, 1, 1};
    tiny_open(&tiny);
    fp_source *s = fp_source_new_initial(&tiny.problem, TINY_PREC);
    ck_assert(!fp_source_scalar(x, s, FP_BASE_G, index, 1, FP_BY_FIELD, &why));
    fp_source_slope_by_equations(s);
    ck_assert(fp_source_scalar(x, s, FP_BASE_G, index, 1, FP_BY_FIELD, &why));
    ck_assert(fp_source_scalar(y, s, FP_BASE_G, index, 1, FP_BY_EQUATIONS, &why));
    ck_assert(arb_equal(x + 1, y + 1) && fp_source_is_exact(s));
    fp_source_free(s);
    _arb_vec_clear(x, 2);
    _arb_vec_clear(y, 2);
    tiny_close(&tiny);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tube_source");
    TCase *tests = tcase_create("tube_source");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, values_and_derivatives_enclose_those_of_an_ordinary_source);
    tcase_add_test(tests, a_wider_view_makes_wider_values);
    tcase_add_test(tests, time_is_the_interval_and_a_new_interval_forgets);
    tcase_add_test(tests, a_pair_that_no_sample_has_exerts_no_force);
    tcase_add_test(tests, what_the_view_refuses_is_refused_with_its_reason_each_time);
    tcase_add_test(tests, what_was_asked_is_kept_and_joined_as_the_hull);
    tcase_add_test(tests, the_exact_start_takes_slope_for_d_when_told);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
