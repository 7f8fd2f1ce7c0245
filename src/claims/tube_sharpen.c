/* SPDX-License-Identifier: MIT */
/* Sharper enclosures of margins over an interval from their derivatives (mean value theorem; Lebourg's for min, max, abs). */
#include "tube_impl.h"

typedef struct {
    arb_srcptr slope;
    arb_srcptr low, middle, high; /* thin values; low, high may be NULL */
    arb_t reach;                  /* [-half, half] */
    slong prec;
} fp_form;

/* x := x cut down by the form. False: empty. */
static bool cut(arb_t x, const fp_form *f)
{
    arb_t y;
    arb_init(y);
    arb_mul(y, f->slope, f->reach, f->prec);
    arb_add(y, y, f->middle, f->prec);
    bool ok = fp_ball_meet(x, y);
    bool monotone = arb_is_finite(f->slope) && (arb_is_nonnegative(f->slope) || arb_is_nonpositive(f->slope));
    if (ok && monotone && f->low && f->high && arb_is_finite(f->low) && arb_is_finite(f->high)) {
        fp_ball_hull(y, f->low, f->high);
        ok = fp_ball_meet(x, y);
    }
    arb_clear(y);
    return ok;
}

static bool empty(const char *id, const fp_leaf *leaf, fp_error *err)
{
    fp_fail(err, FP_INTERNAL, "self-check failed: two enclosures of the same margin of %s (%s:%d:%d) do not meet", id, fp_place_file_name(leaf->node->place),
            leaf->node->place.line, leaf->node->place.column);
    return false;
}

static const fp_leaf *leaf_at(const fp_leaves *l, bool has, size_t r)
{
    return has && r < l->count ? &l->item[r] : NULL;
}

/* What is 0 or more at an end that does not belong to the interval, and grows from there, is positive on the rest; and the other way round. */
static void leave_end(fp_leaf *leaf, const fp_leaf *end, const fp_leaf *other, bool grows, bool falls)
{
    bool inequality = leaf->node->op == FP_LE || leaf->node->op == FP_LT || leaf->node->op == FP_GE || leaf->node->op == FP_GT;
    if (!end || !other || !inequality || leaf->boxed) return;
    if (grows && fp_ball_is_nonnegative(end->margin) == FP_TRUE && arb_is_positive(other->margin)) leaf->holds = true;
    if (falls && fp_ball_is_positive(end->margin) == FP_FALSE && arb_is_negative(other->margin)) leaf->fails = true;
}

static bool monotone(const fp_leaf *leaf)
{
    return arb_is_finite(leaf->slope) && (arb_is_nonnegative(leaf->slope) || arb_is_nonpositive(leaf->slope));
}

static bool sharpen_leaf(fp_views *v, size_t r, arb_srcptr reach, slong prec)
{
    fp_leaf *leaf = &v->wide.item[r];
    const fp_leaf *middle = &v->middle.item[r], *low = leaf_at(&v->low, v->has_low, r), *high = leaf_at(&v->high, v->has_high, r);
    if (!leaf->has_slope) return true;
    fp_form f = {.slope = leaf->slope, .low = low ? low->margin : NULL, .middle = middle->margin, .high = high ? high->margin : NULL, .prec = prec};
    arb_init(f.reach);
    arb_set(f.reach, reach);
    bool ok = arb_is_finite(middle->margin) ? cut(leaf->margin, &f) : true;
    for (int k = 0; ok && k < FP_SENSITIVITIES_MAX && leaf->by_constant && middle->by_constant; k++) {
        f.slope = leaf->by_slope + k;
        f.middle = middle->by_constant + k;
        f.low = low && low->by_constant ? low->by_constant + k : NULL;
        f.high = high && high->by_constant ? high->by_constant + k : NULL;
        ok = cut(leaf->by_constant + k, &f);
    }
    arb_clear(f.reach);
    v->wants_ends |= monotone(leaf);
    return ok;
}

static void leave_ends(fp_views *v, size_t r, bool open_low, bool open_high)
{
    fp_leaf *leaf = &v->wide.item[r];
    const fp_leaf *low = leaf_at(&v->low, v->has_low, r), *high = leaf_at(&v->high, v->has_high, r);
    if (open_low && leaf->has_slope) leave_end(leaf, low, high, arb_is_positive(leaf->slope), arb_is_negative(leaf->slope));
    if (open_high && leaf->has_slope) leave_end(leaf, high, low, arb_is_negative(leaf->slope), arb_is_positive(leaf->slope));
}

bool fp_tube_sharpen(fp_views *v, const char *id, const arf_t half, bool open_low, bool open_high, slong prec, fp_error *err)
{
    arb_t reach;
    bool ok = true;
    if (v->wide.count != v->middle.count) return true;
    arb_init(reach);
    arf_get_mag(arb_radref(reach), half);
    v->wants_ends = false;
    for (size_t r = 0; ok && r < v->wide.count; r++) {
        ok = sharpen_leaf(v, r, reach, prec);
        leave_ends(v, r, open_low, open_high);
        if (!ok) empty(id, &v->wide.item[r], err);
    }
    arb_clear(reach);
    return ok;
}

bool fp_tube_consistent(const fp_leaves *wide, const fp_leaves *thin, const char *id, fp_error *err)
{
    if (wide->count != thin->count) return true;
    for (size_t r = 0; r < wide->count; r++) {
        bool known = arb_is_finite(wide->item[r].margin) && arb_is_finite(thin->item[r].margin);
        if (known && !arb_overlaps(wide->item[r].margin, thin->item[r].margin)) return empty(id, &wide->item[r], err);
    }
    return true;
}
