/* SPDX-License-Identifier: MIT */
/* Random statements about boxes of reals against exact values at rational points: what is proved holds at every point tried, what is refuted fails at the point shown. The bound of each is the least value on a
 * grid, so that many of them touch. FP_BOXES, FP_SEED: how many, and which. */
#include <stdlib.h>

#include "../support/tube_rig.h"

enum { NODES_MOST = 64, GRID = 12 };

typedef enum { X, Y, NUMBER, SUM, DIFFERENCE, PRODUCT, LEAST, GREATEST, SIZE, SQUARE, KINDS } kind;
typedef struct {
    kind kind;
    int left, right;
    long number;
} tree_node;
typedef struct {
    tree_node node[NODES_MOST];
    int count;
} tree;

static unsigned long drawn;

static unsigned long draw(unsigned long below)
{
    drawn = drawn * 6364136223846793005ul + 1442695040888963407ul;
    return (drawn >> 33) % below;
}

static int grow(tree *t, int depth)
{
    int at = t->count++;
    tree_node n = {.kind = depth == 0 ? (kind)draw(3) : (kind)draw(KINDS), .number = (long)draw(9) - 4};
    if (n.kind > NUMBER) n.left = grow(t, depth - 1);
    if (n.kind > NUMBER && n.kind < SIZE) n.right = grow(t, depth - 1);
    t->node[at] = n;
    return at;
}

static void spell(fp_text *out, const tree *t, int at)
{
    static const char *const before[] = {"", "", "", "(", "(", "(", "min(", "max(", "abs(", "("}, *const between[] = {"", "", "", " + ", " - ", "*", ", ", ", ", "", ""},
                             *const after[] = {"", "", "", ")", ")", ")", ")", ")", ")", ")^2"};
    const tree_node *n = &t->node[at];
    if (n->kind == X || n->kind == Y) fp_text_add(out, n->kind == X ? "x" : "y");
    if (n->kind == NUMBER) fp_text_addf(out, "(%ld/3)", n->number);
    if (n->kind <= NUMBER) return;
    fp_text_add(out, before[n->kind]);
    spell(out, t, n->left);
    fp_text_add(out, between[n->kind]);
    if (n->kind < SIZE) spell(out, t, n->right);
    fp_text_add(out, after[n->kind]);
}

static void value(mpq_ptr out, const tree *t, int at, mpq_srcptr x, mpq_srcptr y)
{
    const tree_node *n = &t->node[at];
    mpq_t a;
    mpq_init(a);
    if (n->kind > NUMBER) value(out, t, n->left, x, y);
    if (n->kind > NUMBER && n->kind < SIZE) value(a, t, n->right, x, y);
    switch (n->kind) {
    case X: mpq_set(out, x); break;
    case Y: mpq_set(out, y); break;
    case NUMBER: mpq_set_si(out, n->number, 3); mpq_canonicalize(out); break;
    case SUM: mpq_add(out, out, a); break;
    case DIFFERENCE: mpq_sub(out, out, a); break;
    case PRODUCT: mpq_mul(out, out, a); break;
    case LEAST: if (mpq_cmp(a, out) < 0) mpq_set(out, a); break;
    case GREATEST: if (mpq_cmp(a, out) > 0) mpq_set(out, a); break;
    case SIZE: mpq_abs(out, out); break;
    default: mpq_mul(out, out, out); break;
    }
    mpq_clear(a);
}

/* ---- a statement: tree >= least, or > least, on [low, low + width] in thirds and halves */
typedef struct {
    tree tree;
    long low[2], width[2], parts[2];
    bool strict;
    mpq_t least;
} statement;

static void place(mpq_ptr out, const statement *s, int variable, long step, long steps)
{
    mpq_set_si(out, s->low[variable] * steps + s->width[variable] * step, (unsigned long)(s->parts[variable] * steps));
    mpq_canonicalize(out);
}

/* The least value on a grid of steps. */
static void least_on_grid(mpq_ptr out, const statement *s, long steps)
{
    mpq_t x, y, z;
    mpq_inits(x, y, z, NULL);
    for (long i = 0; i <= steps; i++)
        for (long k = 0; k <= steps; k++) {
            place(x, s, 0, i, steps);
            place(y, s, 1, k, steps);
            value(z, &s->tree, 0, x, y);
            if ((i == 0 && k == 0) || mpq_cmp(z, out) < 0) mpq_set(out, z);
        }
    mpq_clears(x, y, z, NULL);
}

static void make(statement *s)
{
    s->tree.count = 0;
    grow(&s->tree, 2 + (int)draw(2));
    for (int v = 0; v < 2; v++) {
        s->low[v] = (long)draw(5) - 3;
        s->width[v] = 1 + (long)draw(4);
        s->parts[v] = 1 + (long)draw(3);
    }
    s->strict = draw(3) == 0;
    mpq_init(s->least);
    least_on_grid(s->least, s, GRID);
}

static void state(fp_text *out, const statement *s, int index)
{
    char *least = fp_rational_text(s->least);
    fp_text_addf(out, "claim c%d: for all real x in [%ld/%ld, %ld/%ld], y in [%ld/%ld, %ld/%ld]: ", index, s->low[0], s->parts[0], s->low[0] + s->width[0], s->parts[0], s->low[1], s->parts[1],
                 s->low[1] + s->width[1], s->parts[1]);
    spell(out, &s->tree, 0);
    fp_text_addf(out, " %s %s\n", s->strict ? ">" : ">=", least);
    free(least);
}

/* "x=1/3, y=0.25"; false if a number may have been rounded for show */
static bool read_point(mpq_ptr x, mpq_ptr y, const char *text)
{
    char first[64], second[64];
    if (sscanf(text, "x=%63[^,], y=%63s", first, second) != 2) return false;
    return strlen(first) < 14 && strlen(second) < 14 && fp_rational_parse(x, first) && fp_rational_parse(y, second);
}

static void check_refuted(const statement *s, const fp_claim_result *found, const char *text)
{
    mpq_t x, y, z;
    mpq_inits(x, y, z, NULL);
    if (read_point(x, y, found->binding)) {
        value(z, &s->tree, 0, x, y);
        int order = mpq_cmp(z, s->least);
        ck_assert_msg(s->strict ? order <= 0 : order < 0, "refuted, but it holds at %s:\n%s", found->binding, text);
    }
    mpq_clears(x, y, z, NULL);
}

static void check_proved(const statement *s, const char *text)
{
    mpq_t least;
    mpq_init(least);
    ck_assert_msg(!s->strict, "proved, but the sides are equal somewhere:\n%s", text);
    least_on_grid(least, s, 35);
    ck_assert_msg(mpq_cmp(least, s->least) >= 0, "proved, but it fails somewhere:\n%s", text);
    mpq_clear(least);
}

static void check_some(int count, int *proved, int *refuted)
{
    tube_rig r;
    fp_text sheet = {0};
    statement *all = fp_alloc((size_t)count, sizeof *all);
    tube_begin(&r);
    for (int k = 0; k < count; k++) {
        make(&all[k]);
        state(&sheet, &all[k], k);
    }
    fp_text_add(&sheet, "claim known: for all real x in [0, 1], y in [0, 1]: x*y >= 0\n");
    tube_check(&r, (const char *const[]){"X.1", sheet.data, NULL});
    tube_expect(&r, "X.1/known", "proved");
    for (int k = 0; k < count; k++) {
        char *id = fp_asprintf("X.1/c%d", k);
        fp_text text = {0};
        const fp_claim_result *found = tube_result(&r, id);
        state(&text, &all[k], k);
        if (found->verdict == FP_PROVED) check_proved(&all[k], text.data);
        if (found->verdict == FP_REFUTED) check_refuted(&all[k], found, text.data);
        *proved += found->verdict == FP_PROVED;
        *refuted += found->verdict == FP_REFUTED;
        if (getenv("FP_BOXES") && found->verdict == FP_UNDECIDED) printf("undecided %s", text.data);
        fp_text_clear(&text);
        free(id);
        mpq_clear(all[k].least);
    }
    free(all);
    fp_text_clear(&sheet);
    tube_end(&r);
}

START_TEST(random_statements_are_proved_and_refuted_rightly)
{
    const char *count = getenv("FP_BOXES"), *seed = getenv("FP_SEED");
    int wanted = count ? atoi(count) : 60, proved = 0, refuted = 0;
    drawn = seed ? strtoul(seed, NULL, 10) : 1;
    check_some(wanted, &proved, &refuted);
    if (count) printf("%d proved, %d refuted of %d\n", proved, refuted, wanted);
    ck_assert_msg(proved > wanted / 4 && refuted > wanted / 4, "%d proved, %d refuted", proved, refuted);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("box");
    TCase *tests = tcase_create("box");
    tcase_set_timeout(tests, 3000);
    tcase_add_test(tests, random_statements_are_proved_and_refuted_rightly);
    suite_add_tcase(suite, tests);
    return fp_test_main(suite);
}
