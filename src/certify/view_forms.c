/* SPDX-License-Identifier: MIT */
#include "view_impl.h"

void fp_view_form_init(fp_view_form *f)
{
    arb_init(f->value);
    arb_init(f->slope);
    mag_init(f->rest);
    f->now = 0;
}

void fp_view_form_clear(fp_view_form *f)
{
    arb_clear(f->value);
    arb_clear(f->slope);
    mag_clear(f->rest);
}

/* With x = x0 + delta x1 + rest of x: what is not in x0.z0 + delta (x1.z0 + x0.z1), by norms. A rest meets all of the other vector, so does an error. */
static void add_rests(mag_t rest, const fp_view_vector *x, const fp_view_vector *z)
{
    mag_t t;
    mag_init(t);
    mag_addmul(rest, x->change, z->change);
    mag_add(t, x->bend, x->error);
    mag_addmul(rest, t, z->norm);
    mag_add(t, x->value->norm, x->change);
    mag_addmul(rest, z->bend, t);
    mag_addmul(rest, z->error, t);
    mag_clear(t);
}

void fp_view_form_dot(fp_view_form *f, const fp_view *w, const fp_view_vector *x, const fp_view_vector *z)
{
    arb_t t;
    arb_init(t);
    fp_grid_dot(f->value, x->value, z->value, w->prec);
    arb_zero(f->slope);
    mag_zero(f->rest);
    if (!mag_is_zero(w->H)) {
        fp_grid_dot(f->slope, x->slope, z->value, w->prec);
        if (x == z)
            arb_set(t, f->slope);
        else
            fp_grid_dot(t, x->value, z->slope, w->prec);
        arb_add(f->slope, f->slope, t, w->prec);
    }
    add_rests(f->rest, x, z);
    arb_clear(t);
}

void fp_view_form_add(fp_view_form *f, const fp_view *w, const fp_view_form *x, const arb_t scale)
{
    mag_t size;
    if (scale == NULL) {
        arb_add(f->value, f->value, x->value, w->prec);
        arb_add(f->slope, f->slope, x->slope, w->prec);
        mag_add(f->rest, f->rest, x->rest);
        return;
    }
    mag_init(size);
    arb_get_mag(size, scale);
    arb_addmul(f->value, x->value, scale, w->prec);
    arb_addmul(f->slope, x->slope, scale, w->prec);
    mag_addmul(f->rest, x->rest, size);
    mag_clear(size);
}

void fp_view_form_range(arb_t out, const fp_view *w, const fp_view_form *f, mag_srcptr widening)
{
    mag_t size;
    mag_init(size);
    arb_get_mag(size, f->slope);
    mag_mul(size, size, w->H);
    mag_add(size, size, f->rest);
    mag_add(size, size, widening);
    arb_set(out, f->value);
    arb_add_error_mag(out, size);
    mag_clear(size);
}

/* E sqrt(|x|^2 + |z|^2) + E^2/2 */
static void pair_widening(mag_t out, const fp_view *w, const mag_t x, const mag_t z)
{
    mag_t t;
    mag_init(t);
    mag_hypot(out, x, z);
    mag_mul(out, out, w->E);
    mag_mul(t, w->E, w->E);
    mag_mul_2exp_si(t, t, -1);
    mag_add(out, out, t);
    mag_clear(t);
}

void fp_view_pair(arb_t out, const fp_view *w, const fp_view_vector *x, const fp_view_vector *z)
{
    fp_view_form f;
    mag_t widening;
    mag_init(widening);
    fp_view_form_init(&f);
    fp_view_form_dot(&f, w, x, z);
    pair_widening(widening, w, x->norm, z->norm);
    fp_view_form_range(out, w, &f, widening);
    fp_view_form_clear(&f);
    mag_clear(widening);
}

/* (21): 2 |x| e + e^2 */
void fp_view_square(arb_t out, const fp_view *w, const fp_view_vector *x, mag_srcptr e)
{
    fp_view_form f;
    mag_t widening;
    mag_init(widening);
    fp_view_form_init(&f);
    fp_view_form_dot(&f, w, x, x);
    mag_mul_2exp_si(widening, x->norm, 1);
    mag_add(widening, widening, e);
    mag_mul(widening, widening, e);
    fp_view_form_range(out, w, &f, widening);
    fp_view_form_clear(&f);
    mag_clear(widening);
}
