/* SPDX-License-Identifier: MIT */
/* Time derivatives of G and of the scores that occur, along the true solution: those of their series along y, and how far the true ones may be off (certificate.md, (21b)). Since x' = f(x)
 * and |y' - f(y)| <= D, a block of x' is within |f(x) - f(y)| + D of that of y', and f is a sum of products whose factors are known up to the widenings (17) and E:
 *     |dub'|   <= D + sqrt(m1) sum_t ( dc_t (|v_t| + E) + |c_t| E )
 *     |dv_t'|  <= D + sqrt(m1) ( dc_t (|ub| + E) + |c_t| E )
 *     |dk_nu'| <= D + sum_mu ( dN (|q_mu| + E) + |N| E ), and |dq_mu'| likewise with k
 *     |dG_t'|  <= sqrt(m1) ( |dub'| (|v_t| + E) + |ub'| E + |dv_t'| (|ub| + E) + |v_t'| E ), and |ds'| likewise over sqrt m. */
#include "view_impl.h"

typedef struct {
    const fp_view *w;
    const fp_range *range;
    mag_t ub, root_m1, h;
    mag_ptr k, q; /* |dk'|, |dq'| */
} slopes;

/* sum += d (size + E) + value E */
static void add_product(mag_t sum, const mag_t d, const mag_t size, const mag_t value, const mag_t E)
{
    mag_t t;
    mag_init(t);
    mag_add(t, size, E);
    mag_addmul(sum, d, t);
    mag_addmul(sum, value, E);
    mag_clear(t);
}

/* >= |y'| of one vector on the whole step: sum_k k |y_k| h^(k-1) */
static void speed(mag_t out, const slopes *x, fp_series_block block, long token)
{
    mag_t power, t;
    mag_init(power);
    mag_init(t);
    mag_zero(out);
    mag_one(power);
    for (int k = 1; k <= x->w->order; k++, mag_mul(power, power, x->h)) {
        mag_mul_ui(t, power, (ulong)k);
        mag_addmul(out, fp_series_vector(x->w->series, block, token, k)->norm, t);
    }
    mag_clear(power);
    mag_clear(t);
}

static void set_dub(mag_t dub, const slopes *x)
{
    mag_t c;
    mag_init(c);
    mag_zero(dub);
    for (long t = 0; t < x->w->shape->d; t++) {
        arb_get_mag(c, x->range->c + t);
        add_product(dub, x->w->widening.c + t, x->range->v + t, c, x->w->E);
    }
    mag_mul(dub, dub, x->root_m1);
    mag_add(dub, dub, fp_step_defect(x->w->step));
    mag_clear(c);
}

static void set_G(fp_view *w, const slopes *x)
{
    mag_t dub, ub_speed, dv, c, v_speed, sum;
    mag_ptr const all[] = {dub, ub_speed, dv, c, v_speed, sum};
    for (int k = 0; k < 6; k++) mag_init(all[k]);
    set_dub(dub, x);
    speed(ub_speed, x, FP_SERIES_U, 0);
    mag_div(ub_speed, ub_speed, w->root_m1_lower);
    for (long t = 0; t < w->shape->d; t++) {
        arb_get_mag(c, x->range->c + t);
        mag_zero(dv);
        add_product(dv, w->widening.c + t, x->ub, c, w->E);
        mag_mul(dv, dv, x->root_m1);
        mag_add(dv, dv, fp_step_defect(w->step));
        speed(v_speed, x, FP_SERIES_V, t);
        mag_zero(sum);
        add_product(sum, dub, x->range->v + t, ub_speed, w->E);
        add_product(sum, dv, x->ub, v_speed, w->E);
        mag_mul(w->slope_G + t, sum, x->root_m1);
    }
    for (int k = 0; k < 6; k++) mag_clear(all[k]);
}

/* |dk'| of every key token and |dq'| of every query token */
static void set_keys(slopes *x)
{
    const fp_series_shape *shape = x->w->shape;
    mag_t N;
    mag_init(N);
    for (long t = 0; t < shape->d; t++) {
        mag_set(x->k + t, fp_step_defect(x->w->step));
        mag_set(x->q + t, fp_step_defect(x->w->step));
    }
    for (size_t e = 0; e < shape->pairs; e++) {
        long nu = shape->key[e], mu = shape->query[e];
        arb_get_mag(N, x->range->N + e);
        add_product(x->k + nu, x->w->widening.N + e, x->range->q + mu, N, x->w->E);
        add_product(x->q + mu, x->w->widening.N + e, x->range->k + nu, N, x->w->E);
    }
    mag_clear(N);
}

static void set_scores(fp_view *w, slopes *x)
{
    const fp_series_shape *shape = w->shape;
    mag_ptr k_speed = _mag_vec_init(shape->d), q_speed = _mag_vec_init(shape->d);
    mag_t root_m, sum;
    mag_init(root_m);
    mag_init(sum);
    arb_get_mag_lower(root_m, w->root_m);
    set_keys(x);
    for (long t = 0; t < shape->d; t++) {
        speed(k_speed + t, x, FP_SERIES_K, t);
        speed(q_speed + t, x, FP_SERIES_Q, t);
    }
    for (size_t e = 0; e < shape->pairs; e++) {
        long nu = shape->key[e], mu = shape->query[e];
        mag_zero(sum);
        add_product(sum, x->k + nu, x->range->q + mu, k_speed + nu, w->E);
        add_product(sum, x->q + mu, x->range->k + nu, q_speed + mu, w->E);
        mag_div(w->slope_s + e, sum, root_m);
    }
    mag_clear(root_m);
    mag_clear(sum);
    _mag_vec_clear(k_speed, shape->d);
    _mag_vec_clear(q_speed, shape->d);
}

/* G and s are polynomials in tau of degree 2 P: what is cut off has a derivative of at most 2 P/h times its own size. */
static void set_tail_factor(fp_view *w)
{
    mag_t h;
    mag_init(h);
    arf_get_mag_lower(h, w->step->h);
    mag_set_ui(w->tail_factor, 2 * (ulong)w->order);
    mag_div(w->tail_factor, w->tail_factor, h);
    mag_clear(h);
}

void fp_view_slopes_set(fp_view *w, const fp_range *range)
{
    slopes x = {.w = w, .range = range, .k = _mag_vec_init(w->shape->d), .q = _mag_vec_init(w->shape->d)};
    arb_t root;
    arb_init(root);
    mag_init(x.ub);
    mag_init(x.root_m1);
    mag_init(x.h);
    mag_init(w->root_m1_lower);
    mag_init(w->tail_factor);
    w->slope_G = _mag_vec_init(w->shape->d);
    w->slope_s = _mag_vec_init((slong)w->shape->pairs);
    arb_sqrt_ui(root, (ulong)w->shape->m1, w->prec);
    arb_get_mag(x.root_m1, root);
    arb_get_mag_lower(w->root_m1_lower, root);
    mag_div(x.ub, range->u, w->root_m1_lower);
    arf_get_mag(x.h, w->step->h);
    set_G(w, &x);
    set_scores(w, &x);
    set_tail_factor(w);
    mag_clear(x.ub);
    mag_clear(x.root_m1);
    mag_clear(x.h);
    arb_clear(root);
    _mag_vec_clear(x.k, w->shape->d);
    _mag_vec_clear(x.q, w->shape->d);
}

void fp_view_slopes_clear(fp_view *w)
{
    mag_clear(w->root_m1_lower);
    mag_clear(w->tail_factor);
    _mag_vec_clear(w->slope_G, w->shape->d);
    _mag_vec_clear(w->slope_s, (slong)w->shape->pairs);
}

/* f'(T) + delta f''(T) + rest, |rest| <= sum_k 3 C(k,3) |f_k| b^(k-3) H^2 */
void fp_view_slope(arb_t out, const fp_view *w, arb_srcptr coefficient, mag_srcptr tail, mag_srcptr widening)
{
    slong terms = w->order + 1;
    mag_t reach, size;
    arb_t x;
    arb_init(x);
    mag_init(reach);
    mag_init(size);
    arb_dot(out, NULL, 0, coefficient, 1, w->power1, 1, terms, w->bits);
    if (!mag_is_zero(w->H)) {
        arb_dot(x, NULL, 0, coefficient, 1, w->power2, 1, terms, 64);
        fp_view_add_weighted(reach, coefficient, w->third, 3, w->order);
        mag_mul_ui(reach, reach, 3);
        arf_get_mag_lower(size, w->half);
        mag_div(reach, reach, size);
        arb_get_mag(size, x);
        mag_mul(size, size, w->H);
        mag_mul_2exp_si(size, size, 1);
        mag_add(reach, reach, size);
        arb_add_error_mag(out, reach);
    }
    mag_mul(size, tail, w->tail_factor);
    arb_add_error_mag(out, size);
    arb_add_error_mag(out, widening);
    mag_clear(reach);
    mag_clear(size);
    arb_clear(x);
}
