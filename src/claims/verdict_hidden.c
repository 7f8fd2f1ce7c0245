/* SPDX-License-Identifier: MIT */
/* Why the sign of a margin is hidden, and advice that can be true: no precision and no tolerance tells equal sides from nearly equal ones, or decides at a kink. */
#include "check_impl.h"

enum {
    NEARER_BITS = 20,  /* the centre of the margin so far below its radius: the centres of the sides agree far better than they are known */
    ROUNDING_BITS = 40 /* of the precision; what is nearer than the rest beside the sides is rounding */
};

static bool bends(fp_node_kind kind)
{
    return kind == FP_NODE_ABS || kind == FP_NODE_MIN || kind == FP_NODE_MAX || kind == FP_NODE_MIN_OVER || kind == FP_NODE_MAX_OVER;
}

static bool has_kink(const fp_node *node, bool derived)
{
    if (!node) return false;
    if (derived && bends(node->kind)) return true;
    derived |= node->kind == FP_NODE_D || node->kind == FP_NODE_SLOPE;
    for (int r = 0; r < node->count; r++)
        if (has_kink(node->kids[r], derived)) return true;
    return node->kind == FP_NODE_USE && has_kink(node->definition->body, derived);
}

static bool seem_equal(const arb_t margin, const arb_t scale, slong prec)
{
    mag_t centre, radius, size, room;
    bool equal = arb_contains_zero(margin) && arb_contains_zero(scale);
    mag_init(centre);
    mag_init(radius);
    mag_init(size);
    mag_init(room);
    arf_get_mag(centre, arb_midref(margin));
    mag_mul_2exp_si(radius, arb_radref(margin), -NEARER_BITS);
    equal |= arb_contains_zero(margin) && mag_cmp(centre, radius) <= 0;
    arb_get_mag(size, margin);
    arb_get_mag_lower(room, scale);
    mag_mul_2exp_si(room, room, ROUNDING_BITS - prec);
    equal |= mag_cmp(size, room) <= 0;
    mag_clear(centre);
    mag_clear(radius);
    mag_clear(size);
    mag_clear(room);
    return equal;
}

fp_hidden fp_hidden_of(const fp_node *body, const arb_t margin, const arb_t scale, slong prec)
{
    return has_kink(body, false) ? FP_HIDDEN_KINK : seem_equal(margin, scale, prec) ? FP_HIDDEN_EQUAL : FP_HIDDEN_NEAR;
}

void fp_hidden_add(fp_text *out, fp_hidden hidden, const char *thinner)
{
    static const char *const texts[][2] = {
        [FP_HIDDEN_NEAR] = {"rounding hides its sign; a higher precision may decide", "the enclosure of the solution hides the sign"},
        [FP_HIDDEN_EQUAL] = {"the sides agree as far as they are computed; if they are equal there, no precision shows it",
                             "the sides agree as far as the solution is enclosed; if they are equal there, no thinner tube shows it"},
        [FP_HIDDEN_EDGE] = {"it may lie outside the window, whose ends are not known so closely", "it may lie outside the window, whose ends are not known so closely"},
        [FP_HIDDEN_KINK] = {"rounding hides its sign, or a kink of abs, max or min, where d(..) is an interval", "the enclosure of the solution hides the sign, or a kink of abs, max or min, where d(..) is an interval"},
    };
    fp_text_add(out, texts[hidden][thinner != NULL]);
    if (hidden == FP_HIDDEN_NEAR && thinner) fp_text_addf(out, "; %s may decide", thinner);
}
