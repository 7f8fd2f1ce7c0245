/* SPDX-License-Identifier: MIT */
/* tests/data/reference-tiny/values.csv comes from a separate program (see its README): the flow of that instance to about 30 digits. Here the four
 * forms are integrated to the same times. FP_FULL=1 in the environment adds t = 16, 256 for all forms, and 18 digits at t <= 1. */
#include <stdlib.h>
#include <string.h>

#include "../support/fp_check.h"
#include "flowproof/flow.h"

static const char folder[] = "tests/data/reference-tiny", table[] = "tests/data/reference-tiny/values.csv";

typedef struct {
    double t;
    char quantity[8], value[64];
} row;

typedef struct {
    row rows[128];
    size_t count;
} reference;

/* The table must be there and whole: 4 times, 14 quantities. */
static void read_reference(reference *ref)
{
    fp_text text = {0};
    fp_error err = {0};
    ck_assert_msg(fp_file_read(&text, table, 1 << 20, &err) == FP_OK, "%s", err.message);
    ck_assert(strncmp(text.data, "t,quantity,value\n", 17) == 0);
    ref->count = 0;
    for (const char *line = text.data + 17; *line != 0; line = strchr(line, '\n') + 1) {
        row *r = &ref->rows[ref->count++];
        ck_assert_int_eq(sscanf(line, "%lf,%7[^,],%63[^\n]", &r->t, r->quantity, r->value), 3);
        ck_assert(ref->count < 128 && strchr(line, '\n') != NULL);
    }
    ck_assert_uint_eq(ref->count, 56);
    fp_text_clear(&text);
}

static void product(mpfr_ptr out, const fp_vec *y, size_t i, size_t j, long rows)
{
    mpfr_t tmp;
    mpfr_init2(tmp, fp_vec_prec(y));
    fp_vec_dot(out, y, i, y, j, (size_t)rows, tmp);
    mpfr_clear(tmp);
}

/* u of a state, in weights form sum_j a_j w_j */
static fp_vec *output_vector(const fp_flow *flow, const fp_vec *y)
{
    const fp_layout *at = fp_flow_layout(flow);
    size_t rows = (size_t)at->rows_v;
    fp_vec *u = fp_vec_new(rows, fp_vec_prec(y));
    mpfr_t sign, tmp;
    mpfr_inits2(fp_vec_prec(y), sign, tmp, (mpfr_ptr)0);
    mpfr_set_ui(sign, 1, MPFR_RNDN);
    if (at->kind != FP_FLOW_WEIGHTS)
        fp_vec_axpy(u, 0, sign, y, at->u, rows, tmp);
    for (size_t j = 0; at->kind == FP_FLOW_WEIGHTS && j < (size_t)at->m1; j++) {
        mpfr_set_si(sign, fp_flow_problem(flow)->a[j], MPFR_RNDN);
        fp_vec_axpy(u, 0, sign, y, at->W + j * rows, rows, tmp);
    }
    mpfr_clears(sign, tmp, (mpfr_ptr)0);
    return u;
}

/* G of token a (0-based) from u.v, or rho for a = d */
static void output_of(mpfr_ptr out, const fp_flow *flow, const fp_vec *y, size_t a)
{
    const fp_layout *at = fp_flow_layout(flow);
    size_t rows = (size_t)at->rows_v;
    fp_vec *u = output_vector(flow, y);
    mpfr_t tmp;
    mpfr_init2(tmp, fp_vec_prec(y));
    if (a == (size_t)at->d)
        fp_vec_dot(out, u, 0, u, 0, rows, tmp);
    else
        fp_vec_dot(out, u, 0, y, at->V + a * rows, rows, tmp);
    mpfr_clear(tmp);
    fp_vec_free(u);
}

/* A21, B12, P12, R12: inner products of two tokens' vectors */
static void inner_product(mpfr_ptr out, const fp_flow *flow, const fp_vec *y, const char *name)
{
    const fp_layout *at = fp_flow_layout(flow);
    size_t a = (size_t)(name[1] - '1'), b = (size_t)(name[2] - '1'), d = (size_t)at->d;
    bool is_B = name[0] == 'B';
    long rows = is_B ? at->rows_v : at->rows_k;
    size_t gram = name[0] == 'A' ? at->A : is_B ? at->B : name[0] == 'P' ? at->P : at->R;
    size_t left = is_B ? at->V : name[0] == 'R' ? at->Q : at->K, right = is_B ? at->V : name[0] == 'P' ? at->K : at->Q;
    if (at->has_vectors)
        product(out, y, left + a * (size_t)rows, right + b * (size_t)rows, rows);
    else
        fp_vec_get(out, y, gram + a * d + b);
}

static void quantity(mpfr_ptr out, fp_flow *flow, const fp_vec *y, const char *name)
{
    const fp_layout *at = fp_flow_layout(flow);
    if (strcmp(name, "loss") == 0) {
        fp_flow_outputs(NULL, out, flow, y);
    } else if (strcmp(name, "F0") == 0) {
        fp_reals F;
        fp_reals_init(&F, (size_t)at->n, fp_vec_prec(y));
        fp_flow_outputs(&F, NULL, flow, y);
        mpfr_set(out, F.x, MPFR_RNDN);
        fp_reals_clear(&F);
    } else if (name[0] == 'G' || strcmp(name, "rho") == 0) {
        size_t a = name[0] == 'G' ? (size_t)(name[1] - '1') : (size_t)at->d;
        if (at->has_vectors)
            output_of(out, flow, y, a);
        else
            fp_vec_get(out, y, name[0] == 'G' ? at->G + a : at->rho);
    } else {
        inner_product(out, flow, y, name);
    }
}

typedef struct {
    fp_flow *flow;
    const reference *ref;
    long digits;
    size_t compared;
} comparison;

static void compare(comparison *c, mpfr_srcptr t, const fp_vec *y)
{
    mpfr_t x;
    mpfr_init2(x, fp_vec_prec(y));
    for (size_t k = 0; k < c->ref->count; k++) {
        const row *r = &c->ref->rows[k];
        if (mpfr_cmp_d(t, r->t) != 0)
            continue;
        quantity(x, c->flow, y, r->quantity);
        const char *why = fp_why_not_digits(x, r->value, c->digits);
        ck_assert_msg(why == NULL, "%s form, t = %g, %s: %s", fp_flow_kind_name(fp_flow_layout(c->flow)->kind), r->t, r->quantity, why);
        c->compared++;
    }
    mpfr_clear(x);
}

static bool observe(fp_run *run, void *ctx)
{
    compare(ctx, fp_run_right(run), fp_run_state(run));
    return true;
}

static void integrate(comparison *c, const char *t_end, const char *tolerance, mpfr_prec_t prec)
{
    mpq_t zero, end, tol;
    fp_reals stops;
    fp_error err = {0};
    mpq_inits(zero, end, tol, (mpq_ptr)0);
    ck_assert(fp_rational_parse(end, t_end) && fp_rational_parse(tol, tolerance));
    fp_reals_init(&stops, 3, prec);
    mpfr_set_d(stops.x, 0.0625, MPFR_RNDN);
    mpfr_set_ui(stops.x + 1, 1, MPFR_RNDN);
    mpfr_set_ui(stops.x + 2, 16, MPFR_RNDN);
    stops.n = mpq_cmp_ui(end, 1, 1) > 0 ? 3 : 1; /* strictly before the end */
    fp_run_options options = {.t0 = zero, .t_end = end, .tolerance = tol, .prec = prec, .stops = &stops, .max_steps = 10000000};
    fp_run *run = fp_run_new(fp_flow_field(c->flow), &options);
    fp_vec *y0 = fp_flow_initial(c->flow);
    fp_outcome outcome = fp_run_go(run, y0, observe, c, &err);
    ck_assert_msg(outcome == FP_RUN_END, "%s: %s", fp_outcome_text(outcome), err.message);
    stops.n = 3;
    fp_vec_free(y0);
    fp_run_free(run);
    fp_reals_clear(&stops);
    mpq_clears(zero, end, tol, (mpq_ptr)0);
}

static void check_form(fp_flow_kind kind, const char *t_end, const char *tolerance, mpfr_prec_t prec, long digits, size_t times)
{
    reference ref;
    fp_setting setting;
    fp_problem problem;
    fp_error err = {0};
    comparison c = {.ref = &ref, .digits = digits};
    read_reference(&ref);
    fp_setting_defaults(&setting);
    ck_assert_msg(fp_problem_make(&problem, &setting, folder, folder, &err) == FP_OK, "%s", err.message);
    ck_assert_msg(fp_flow_new(&c.flow, kind, &problem, prec, NULL, &err) == FP_OK, "%s", err.message);
    integrate(&c, t_end, tolerance, prec);
    ck_assert_uint_eq(c.compared, 14 * times);
    fp_flow_free(c.flow);
    fp_problem_clear(&problem);
    fp_setting_clear(&setting);
}

static bool is_full(void)
{
    const char *full = getenv("FP_FULL");
    return full != NULL && strcmp(full, "1") == 0;
}

START_TEST(every_form_has_the_reference_values_to_12_digits_at_t_1)
{
    check_form((fp_flow_kind)_i, "1", "1e-14", 128, 12, 2);
}
END_TEST

START_TEST(every_form_has_the_reference_values_to_12_digits_at_t_256)
{
    if (is_full())
        check_form((fp_flow_kind)_i, "256", "1e-15", 128, 12, 4);
}
END_TEST

START_TEST(the_reduced_form_has_the_reference_values_to_18_digits_at_t_1)
{
    if (is_full())
        check_form(FP_FLOW_REDUCED, "1", "1e-20", 128, 18, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reference-tiny");
    TCase *plain = tcase_create("values");
    tcase_set_timeout(plain, 600);
    tcase_add_loop_test(plain, every_form_has_the_reference_values_to_12_digits_at_t_1, 0, 4);
    tcase_add_loop_test(plain, every_form_has_the_reference_values_to_12_digits_at_t_256, 0, 4);
    tcase_add_test(plain, the_reduced_form_has_the_reference_values_to_18_digits_at_t_1);
    suite_add_tcase(suite, plain);
    return fp_test_main(suite);
}
