/* SPDX-License-Identifier: MIT */
#include "flowproof/arith.h"

/* 1/(1+e^z): e^z has no overflow in Arb and a relative error of about rad(z), which the sum and the inverse keep. */
static void logistic(arb_t out, const arb_t z, slong prec)
{
    arb_exp(out, z, prec);
    arb_add_ui(out, out, 1, prec);
    arb_inv(out, out, prec);
}

/* log(1+e^-z) = -z + log(1+e^z), so that log1p gets the small one of e^z, e^-z. */
static void log_loss(arb_t out, const arb_t z, slong prec)
{
    arb_t e;
    arb_init(e);
    bool negative = arb_is_negative(z);
    if (negative)
        arb_exp(e, z, prec);
    else {
        arb_neg(e, z);
        arb_exp(e, e, prec);
    }
    arb_log1p(e, e, prec);
    if (negative)
        arb_sub(out, e, z, prec);
    else
        arb_set(out, e);
    arb_clear(e);
}

typedef void (*decreasing_fn)(arb_t out, const arb_t z, slong prec);

static bool is_wide(const arb_t z)
{
    return mag_cmp_2exp_si(arb_radref(z), -16) > 0 && arb_is_finite(z);
}

/* f decreasing: on [a, b] the range is [f(b), f(a)], whatever the width; division of wide balls would lose it. */
static void on_ends(arb_t out, const arb_t z, decreasing_fn f, slong prec)
{
    arb_t low, high;
    arb_init(low);
    arb_init(high);
    arb_get_lbound_arf(arb_midref(low), z, prec);
    arb_get_ubound_arf(arb_midref(high), z, prec);
    f(low, low, prec);
    f(high, high, prec);
    arb_union(out, low, high, prec);
    arb_clear(low);
    arb_clear(high);
}

void fp_ball_logistic(arb_t out, const arb_t z, slong prec)
{
    if (is_wide(z))
        on_ends(out, z, logistic, prec);
    else
        logistic(out, z, prec);
}

void fp_ball_log_loss(arb_t out, const arb_t z, slong prec)
{
    if (is_wide(z))
        on_ends(out, z, log_loss, prec);
    else
        log_loss(out, z, prec);
}
