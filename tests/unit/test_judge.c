/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/fp_check.h"
#include "../support/source_instance.h"

static void point(fp_eval *e, tiny_world *w)
{
    fp_eval_set_now(e, w->run.source);
    fp_eval_set_initial(e, w->initial);
}

/* ---- propositions: a sheet written for the test */
typedef struct {
    fp_sheets sheets;
    fp_eval *eval;
    char folder[64];
} book;

static void book_open(book *b, tiny_world *w, const char *body)
{
    fp_error err = {0};
    fp_text text = {0}, context = {0};
    char path[96];
    strcpy(b->folder, "/tmp/flowproof-eval-XXXXXX");
    ck_assert(mkdtemp(b->folder) != NULL);
    snprintf(path, sizeof path, "%s/1.1.claim", b->folder);
    fp_text_addf(&text, "statement 1.1\ntitle  Test\npaper  p. 1\ngroup  setting\nsays   nothing\n%s", body);
    fp_ck_ok(fp_file_write(path, text.data, text.len, &err), &err);
    const char *paths[] = {path};
    fp_status status = fp_sheets_read(&b->sheets, paths, 1, false, NULL, &context, &err);
    ck_assert_msg(status == FP_OK, "%s\n%s", err.message, context.data ? context.data : "");
    unlink(path);
    rmdir(b->folder);
    fp_text_clear(&text);
    fp_text_clear(&context);
    b->eval = fp_eval_new(&b->sheets, &w->tiny.problem, TINY_PREC);
    point(b->eval, w);
}

static void book_close(book *b)
{
    fp_eval_free(b->eval);
    fp_sheets_clear(&b->sheets);
}

static const fp_claim *claim_of(const book *b, int r)
{
    for (int s = 0; s < b->sheets.count; s++)
        if (b->sheets.sheets[s]->claims_count > r)
            return b->sheets.sheets[s]->claims[r];
    ck_abort_msg("no claim");
    return NULL;
}

static fp_judgement judged(book *b, int r, fp_leaves *leaves)
{
    fp_judgement j;
    fp_eval_failure failure = {0};
    ck_assert_msg(fp_eval_leaves(leaves, b->eval, claim_of(b, r), &failure), "%s", failure.detail);
    fp_eval_judge(&j, b->eval, claim_of(b, r)->body, leaves);
    return j;
}

START_TEST(leaves_carry_margin_scale_binding_and_sensitivity)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "constant C = 3 smallest\nconstant D = 1/2 largest\n"
                      "claim one:\n  for i in {2, 5}, l in 1..2:  i + l <= C*i - 2*D\n"
                      "claim two:\n  D*4 < 6\n");
    fp_judgement j = judged(&b, 0, &l);
    ck_assert_uint_eq(l.count, 4);
    for (size_t r = 0; r < 4; r++) {
        long i = r < 2 ? 2 : 5, k = 1 + (long)(r % 2);
        const fp_leaf *leaf = &l.item[r];
        ck_assert(arb_equal_si(leaf->margin, 3 * i - 1 - i - k));
        ck_assert(arb_equal_si(leaf->scale, 3 * i - 1 > i + k ? 3 * i - 1 : i + k));
        ck_assert(arb_equal_si(leaf->by_constant, i) && arb_equal_si(leaf->by_constant + 1, -2));
        ck_assert(leaf->bindings == 2 && leaf->binding[0] == i && leaf->binding[1] == k && leaf->exact);
        ck_assert_str_eq(leaf->binding_name[0], "i");
        ck_assert_str_eq(leaf->binding_name[1], "l");
    }
    ck_assert_int_eq((int)j.truth, FP_TRUE);
    ck_assert_uint_eq(j.decisive, 1);
    ck_assert(fabs(j.relative - 1.0 / 5) < 1e-15);
    j = judged(&b, 1, &l);
    ck_assert(arb_equal_si(l.item[0].margin, 4) && arb_equal_si(l.item[0].by_constant, -4));
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

static const char logic[] = "claim and_:\n  1 <= 2 and 3 < 2\n"             /* FALSE, decided by leaf 1 */
                            "claim or_:\n  1 <= 2 or 3 < 2\n"               /* TRUE, leaf 0 */
                            "claim not_:\n  not 3 < 2\n"                    /* TRUE */
                            "claim implies_:\n  1 > 2 implies 3 < 2\n"      /* TRUE, premise false */
                            "claim implies2:\n  1 < 2 implies 3 < 2\n"      /* FALSE */
                            "claim exists_:\n  exists i in 1..3: i >= 3\n"  /* TRUE, leaf 2 */
                            "claim for_:\n  for i in 1..3: i < 3\n"         /* FALSE, leaf 2 */
                            "claim tight:\n  2 <= 2\n"                      /* TRUE */
                            "claim strict:\n  2 < 2\n"                      /* FALSE */
                            "claim zero:\n  0 <= 0\n"                       /* TRUE, 0/0 := 0 */
                            "claim same:\n  1/4 + 1/4 = 1/2\n"              /* TRUE: exact */
                            "claim other:\n  1/4 + 1/4 = 1/4\n"             /* FALSE */
                            "claim roots:\n  sqrt(2)^2 = 2\n"               /* UNKNOWN, identity */
                            "claim unequal:\n  sqrt(2)^2 = 2.01\n"          /* FALSE */
                            "claim integers:\n  tok[1,1] == tok[1,1] and tok[1,1] != tok[1,2]\n"
                            "claim guarded:\n  for x in {1, -1}:  x > 0 implies log(x) >= 0\n"
                            "claim straddle:\n  sqrt(2)^2 <= 2\n"
                            "claim mixed:\n  sqrt(2)^2 = 2 and sqrt(2)^2 <= 2\n";

START_TEST(logic_is_three_valued_and_names_the_decisive_leaf)
{
    static const fp_truth truths[] = {FP_FALSE, FP_TRUE,  FP_TRUE, FP_TRUE,  FP_FALSE,   FP_TRUE,  FP_FALSE, FP_TRUE,    FP_FALSE,
                                      FP_TRUE,  FP_TRUE,  FP_FALSE, FP_UNKNOWN, FP_FALSE, FP_TRUE, FP_TRUE,  FP_UNKNOWN, FP_UNKNOWN};
    static const size_t decisive[] = {1, 0, 0, 0, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0};
    tiny_world w;
    book b;
    fp_leaves l = {0};
    tiny_world_open(&w);
    book_open(&b, &w, logic);
    for (int r = 0; r < (int)(sizeof truths / sizeof *truths); r++) {
        fp_judgement j = judged(&b, r, &l);
        ck_assert_msg(j.truth == truths[r], "%s: %d", claim_of(&b, r)->name, (int)j.truth);
        if (r < (int)(sizeof decisive / sizeof *decisive))
            ck_assert_msg(j.decisive == decisive[r], "%s: leaf %zu", claim_of(&b, r)->name, j.decisive);
        ck_assert_msg(j.only_identities_unknown == (r == 12), "%s", claim_of(&b, r)->name);
    }
    fp_judgement j = judged(&b, 3, &l);
    ck_assert(j.premises == 1 && j.premises_true == 0);
    j = judged(&b, 4, &l);
    ck_assert(j.premises == 1 && j.premises_true == 1);
    j = judged(&b, 9, &l);
    ck_assert(j.relative == 0);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(an_identity_under_a_negation_shows_nothing)
{
    static const char *const bodies[] = {"not (S1 = sum(i in I1: g[i]))", "S1 = sum(i in I1: g[i]) implies loss < 0",
                                         "loss < 0 or not (loss = loss)"};
    tiny_world w;
    fp_leaves l = {0};
    tiny_world_open(&w);
    for (int k = 0; k < 3; k++) {
        book b;
        char text[128];
        snprintf(text, sizeof text, "claim one:\n  initially: %s\n", bodies[k]);
        book_open(&b, &w, text);
        fp_judgement j = judged(&b, 0, &l);
        ck_assert_msg(j.truth == FP_UNKNOWN && !j.only_identities_unknown, "%s", bodies[k]);
        book_close(&b);
    }
    fp_leaves_clear(&l);
    tiny_world_close(&w);
}
END_TEST

START_TEST(a_failing_premise_counts_with_the_opposite_sign)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "claim one:\n  initially: loss > 0 implies loss < 0\nclaim two:\n  initially: not (loss > 0)\n");
    fp_judgement j = judged(&b, 1, &l);
    ck_assert(j.truth == FP_FALSE && j.negated);
    ck_assert_double_lt(j.relative, 0);
    j = judged(&b, 0, &l);
    ck_assert(j.truth == FP_FALSE);
    ck_assert_double_lt(j.relative, 0);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

static fp_judgement judged_wider(book *b, int r, fp_leaves *leaves, double radius)
{
    arf_t more;
    arf_init(more);
    arf_set_d(more, radius);
    judged(b, r, leaves);
    arb_add_error_arf(leaves->item[0].margin, more);
    fp_judgement j;
    fp_eval_judge(&j, b->eval, claim_of(b, r)->body, leaves);
    arf_clear(more);
    return j;
}

START_TEST(what_the_ball_of_a_margin_leaves_open_is_unknown)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "claim low:\n  initially:  loss <= loss + 1\nclaim high:\n  initially:  loss + 1 <= loss\nclaim same:\n  initially:  loss + 1 = loss\n");
    for (int r = 0; r < 3; r++) {
        ck_assert_int_eq((int)judged_wider(&b, r, &l, 0.75).truth, r == 0 ? FP_TRUE : FP_FALSE);
        fp_judgement j = judged_wider(&b, r, &l, 1.5);
        ck_assert(j.truth == FP_UNKNOWN && j.only_identities_unknown == (r == 2));
        ck_assert_int_eq((int)judged_wider(&b, r, &l, HUGE_VAL).truth, FP_UNKNOWN);
    }
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(a_nan_never_proves_anything)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    fp_judgement j;
    tiny_world_open(&w);
    book_open(&b, &w, logic);
    for (int r = 0; r < 18; r++) {
        judged(&b, r, &l);
        for (size_t k = 0; k < l.count; k++)
            arb_indeterminate(l.item[k].margin);
        fp_eval_judge(&j, b.eval, claim_of(&b, r)->body, &l);
        ck_assert_msg(j.truth == FP_UNKNOWN && !j.only_identities_unknown, "%s: %d", claim_of(&b, r)->name, (int)j.truth);
    }
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(foreign_leaves_are_not_judged)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    fp_judgement j;
    tiny_world_open(&w);
    book_open(&b, &w, logic);
    judged(&b, 1, &l);
    fp_eval_judge(&j, b.eval, claim_of(&b, 0)->body, &l);
    ck_assert_int_eq((int)j.truth, FP_UNKNOWN);
    judged(&b, 7, &l);
    l.count = 0;
    fp_eval_judge(&j, b.eval, claim_of(&b, 7)->body, &l);
    ck_assert_int_eq((int)j.truth, FP_UNKNOWN);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(real_parameters_of_a_define_mean_the_expression)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "define  sq(x) = x*x\ndefine two(i, x) = G[i]*x + sum(i2 in 1..2: x)\nlet r = S2/S3\n"
                      "claim f:\n  always [0, horizon]:  (d(S2) - r*d(S3))/S3 = d(r)\n" /* value kept first, then the derivative */
                      "claim a:\n  always [0, horizon]:  d(sq(loss)) = 2*loss*d(loss)\n"
                      "claim b:\n  for i in {1, 2}:  always [0, horizon]:  two(i, F[i]) = (G[i] + 2)*F[i]\n"
                      "claim c:\n  always [0, horizon]:  d(r) = (d(S2) - r*d(S3))/S3\n"
                      "claim e:\n  for x in {loss, G[1]}:  always [0, horizon]:  sq(x) - sq(loss) = x^2 - loss^2\n");
    for (int r = 0; r < 5; r++) {
        fp_judgement j = judged(&b, r, &l);
        ck_assert_msg(j.truth == FP_UNKNOWN && j.only_identities_unknown, "%s", claim_of(&b, r)->name);
        for (size_t k = 0; k < l.count; k++)
            ck_assert(mag_get_d(arb_radref(l.item[k].margin)) < 1e-60);
    }
    ck_assert(l.count == 2 && l.item[1].binding[0] == 2);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(a_later_time_is_read_from_its_own_source)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    fp_eval_failure failure = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "claim a:\n  always [0, horizon]:  at(1/16, loss) - init(loss) = loss - init(loss)\n");
    const fp_claim *claim = claim_of(&b, 0);
    ck_assert(!fp_eval_leaves(&l, b.eval, claim, &failure));
    ck_assert_str_eq(failure.reason, "time-not-reached");
    const fp_time *time = claim->body->kids[0]->kids[0]->time;
    fp_eval_set_time(b.eval, time, w.initial);
    ck_assert_int_eq((int)judged(&b, 0, &l).truth, FP_FALSE);
    fp_eval_set_time(b.eval, time, w.run.source);
    ck_assert_int_eq((int)judged(&b, 0, &l).truth, FP_UNKNOWN);
    fp_eval_set_now(b.eval, w.initial);
    ck_assert_int_eq((int)judged(&b, 0, &l).truth, FP_FALSE);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(empty_quantifiers_fail_and_where_filters)
{
    tiny_world w;
    book b;
    fp_leaves l = {0};
    fp_eval_failure failure = {0};
    tiny_world_open(&w);
    book_open(&b, &w, "claim a:\n  for i in samples where y[i] == 2:  i >= 1\nclaim b:\n  for i in samples where y[i] == -1:  i >= 1\n");
    ck_assert(!fp_eval_leaves(&l, b.eval, claim_of(&b, 0), &failure));
    ck_assert_str_eq(failure.reason, "vacuous");
    judged(&b, 1, &l);
    ck_assert_uint_eq(l.count, 3);
    fp_leaves_clear(&l);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

START_TEST(ratios_of_orders_range_over_their_indices)
{
    tiny_world w;
    book b;
    arb_t low, high;
    fp_eval_failure failure = {0};
    tiny_world_open(&w);
    arb_init(low);
    arb_init(high);
    book_open(&b, &w, "order a:\n  for i in 1..3, l in 1..2:  always [0, horizon]:  10*i + l  is  O(2)\n");
    ck_assert_msg(fp_eval_ratio(low, high, b.eval, claim_of(&b, 0), &failure), "%s", failure.detail);
    ck_assert(arb_equal_si(high, 16));
    arb_mul_si(low, low, 2, 64);
    ck_assert(arb_equal_si(low, 11));
    arb_clear(low);
    arb_clear(high);
    book_close(&b);
    tiny_world_close(&w);
}
END_TEST

/* ---- the shipped sheets of Appendix C */
static long check_identities(fp_eval *e, const fp_sheet *sheet)
{
    fp_leaves l = {0};
    long count = 0;
    for (int r = 0; r < sheet->claims_count; r++) {
        const fp_claim *claim = sheet->claims[r];
        fp_eval_failure failure = {0};
        if (claim->kind != FP_CLAIM)
            continue;
        ck_assert_msg(fp_eval_leaves(&l, e, claim, &failure), "%s: %s", claim->id, failure.detail);
        for (size_t k = 0; k < l.count; k++) {
            if (l.item[k].node->op != FP_IDENTITY)
                continue;
            ck_assert_msg(arb_contains_zero(l.item[k].margin) && mag_get_d(arb_radref(l.item[k].margin)) < 1e-30, "%s", claim->id);
            count++;
        }
    }
    fp_leaves_clear(&l);
    return count;
}

START_TEST(the_identities_of_appendix_c_hold)
{
    static const char *const paths[] = {"proofs/C.1.claim", "proofs/C.2.claim", "proofs/C.3.claim", "proofs/C.4.claim"};
    tiny_world w;
    fp_sheets sheets = {0};
    fp_error err = {0};
    long count = 0;
    tiny_world_open(&w);
    fp_ck_ok(fp_sheets_read(&sheets, paths, 4, false, NULL, NULL, &err), &err);
    fp_eval *e = fp_eval_new(&sheets, &w.tiny.problem, TINY_PREC);
    point(e, &w);
    for (int r = 0; r < sheets.count; r++)
        count += check_identities(e, sheets.sheets[r]);
    ck_assert_int_gt(count, 500);
    fp_eval_free(e);
    fp_sheets_clear(&sheets);
    tiny_world_close(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *tests = tcase_create("judge");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, leaves_carry_margin_scale_binding_and_sensitivity);
    tcase_add_test(tests, logic_is_three_valued_and_names_the_decisive_leaf);
    tcase_add_test(tests, an_identity_under_a_negation_shows_nothing);
    tcase_add_test(tests, a_failing_premise_counts_with_the_opposite_sign);
    tcase_add_test(tests, what_the_ball_of_a_margin_leaves_open_is_unknown);
    tcase_add_test(tests, a_nan_never_proves_anything);
    tcase_add_test(tests, foreign_leaves_are_not_judged);
    tcase_add_test(tests, real_parameters_of_a_define_mean_the_expression);
    tcase_add_test(tests, a_later_time_is_read_from_its_own_source);
    tcase_add_test(tests, empty_quantifiers_fail_and_where_filters);
    tcase_add_test(tests, ratios_of_orders_range_over_their_indices);
    tcase_add_test(tests, the_identities_of_appendix_c_hold);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
