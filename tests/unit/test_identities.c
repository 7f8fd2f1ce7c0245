/* SPDX-License-Identifier: MIT */
/* The identities of tests/sheets/identities at an exact state of every form of the flow, with distinct tokens and with repeated ones: what quantities are, how they move, and that the form's own field moves them so. */
#include "../support/fp_check.h"
#include "flowproof/check.h"

enum { PREC = 128, BALLS = 160, DIGITS_BITS = 83 /* 25 digits */ };

/* One long Euler step from the start: a state like any other, in which neurons have moved. */
static fp_vec *some_state(fp_flow *flow)
{
    fp_vec *y = fp_flow_initial(flow), *slope = fp_vec_new(fp_vec_len(y), PREC);
    const fp_field *field = fp_flow_field(flow);
    mpfr_t t, h;
    mpfr_inits2(PREC, t, h, (mpfr_ptr)NULL);
    mpfr_set_zero(t, 1);
    field->rhs(slope, t, y, field->ctx);
    mpfr_set_d(h, 0.1, MPFR_RNDN);
    fp_vec_axpy(y, 0, h, slope, 0, fp_vec_len(y), t);
    fp_vec_free(slope);
    mpfr_clears(t, h, (mpfr_ptr)NULL);
    return y;
}

static void check_leaf(const fp_leaf *leaf, const char *id)
{
    mag_t difference, most;
    mag_init(difference);
    mag_init(most);
    arb_get_mag(difference, leaf->margin);
    arb_get_mag(most, leaf->scale);
    mag_mul_2exp_si(most, most, -DIGITS_BITS);
    ck_assert_msg(arb_contains_zero(leaf->margin) && mag_cmp(difference, most) <= 0, "%s: the sides differ, or agree to fewer than 25 digits", id);
    mag_clear(difference);
    mag_clear(most);
}

/* Returns how many identities speak of what the form does not keep. */
static int check_form(const fp_sheets *sheets, const fp_problem *problem, fp_flow_kind kind)
{
    fp_error err = {FP_OK, ""};
    fp_flow *flow;
    int unavailable = 0;
    fp_leaves leaves = {0};
    mpfr_t t;
    fp_ck_ok(fp_flow_new(&flow, kind, problem, PREC, NULL, &err), &err);
    fp_vec *y = some_state(flow);
    fp_source *now = fp_source_new(flow, BALLS), *initial = fp_source_new_initial(problem, BALLS);
    fp_eval *e = fp_eval_new(sheets, problem, BALLS);
    mpfr_init2(t, PREC);
    mpfr_set_d(t, 0.1, MPFR_RNDN);
    fp_source_set(now, t, y);
    fp_eval_set_initial(e, initial);
    fp_eval_set_now(e, now);
    for (int k = 0; k < sheets->sheets[0]->claims_count; k++) {
        const fp_claim *claim = sheets->sheets[0]->claims[k];
        fp_eval_failure failure = {0};
        bool ok = fp_eval_leaves(&leaves, e, claim, &failure);
        ck_assert_msg(ok || strcmp(failure.reason, "unavailable") == 0, "%s: %s", claim->id, failure.detail);
        unavailable += !ok;
        for (size_t r = 0; ok && r < leaves.count; r++)
            if (leaves.item[r].node->op == FP_IDENTITY) check_leaf(&leaves.item[r], claim->id);
    }
    fp_leaves_clear(&leaves);
    fp_eval_free(e);
    fp_source_free(now);
    fp_source_free(initial);
    fp_vec_free(y);
    fp_flow_free(flow);
    mpfr_clear(t);
    return unavailable;
}

static void check_setting(const char *path)
{
    static const int unavailable[] = {[FP_FLOW_WEIGHTS] = 0, [FP_FLOW_REDUCED] = 0, [FP_FLOW_GRAM] = 14, [FP_FLOW_COMPRESSED] = 3};
    const char *folder = "tests/sheets/identities";
    fp_error err = {FP_OK, ""};
    fp_setting setting;
    fp_problem problem;
    fp_sheets sheets;
    fp_text context = {0};
    fp_ck_ok(fp_setting_read(&setting, path, &err), &err);
    fp_ck_ok(fp_problem_make(&problem, &setting, NULL, NULL, &err), &err);
    fp_ck_ok(fp_sheets_read(&sheets, &folder, 1, false, NULL, &context, &err), &err);
    for (int kind = 0; kind < 4; kind++) ck_assert_int_eq(check_form(&sheets, &problem, (fp_flow_kind)kind), unavailable[kind]);
    fp_sheets_clear(&sheets);
    fp_problem_clear(&problem);
    fp_setting_clear(&setting);
    fp_text_clear(&context);
}

START_TEST(identities_hold_at_a_state_of_every_form)
{
    check_setting("proofs/settings/tiny.setting");
    check_setting("tests/settings/repeats.setting");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identities");
    TCase *tests = tcase_create("identities");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, identities_hold_at_a_state_of_every_form);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
