/* SPDX-License-Identifier: MIT */
#include "sheets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void test_folder_make(test_folder *f)
{
    strcpy(f->path, "/tmp/flowproof-sheets-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(f->path));
}

/* Plain writing: fp_file_write syncs, which thousands of files would wait for. */
void test_folder_write(const test_folder *f, const char *name, const char *data, size_t len)
{
    char *path = fp_asprintf("%s/%s", f->path, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    ck_assert_int_eq(fclose(file), 0);
    free(path);
}

void test_folder_remove(const test_folder *f)
{
    fp_list list = {0};
    fp_error err;
    fp_dir_list(&list, f->path, ".claim", &err);
    for (size_t k = 0; k < list.count; k++) unlink(list.items[k]);
    fp_list_clear(&list);
    rmdir(f->path);
}

static void dump_time(fp_text *out, const fp_time *t)
{
    if (!t)
        fp_text_add(out, "-");
    else if (t->name)
        fp_text_add(out, t->name);
    else
        test_dump(out, t->value);
}

void test_dump(fp_text *out, const fp_node *n)
{
    if (!n) {
        fp_text_add(out, "-");
        return;
    }
    fp_text_addf(out, "(%d:%d b%d s%d o%d v%d n%d i%d f%s", (int)n->kind, (int)n->type, (int)n->base, (int)n->set, (int)n->op, n->slot, n->binders,
                 n->index, n->definition ? n->definition->name : "");
    for (int k = 0; n->names && k < n->binders; k++) fp_text_addf(out, " %s", n->names[k]);
    char *q = fp_alloc(mpz_sizeinbase(mpq_numref(n->number), 10) + mpz_sizeinbase(mpq_denref(n->number), 10) + 3, 1);
    fp_text_addf(out, " %s @", mpq_get_str(q, 10, n->number));
    free(q);
    dump_time(out, n->time);
    for (int k = 0; k < n->count; k++) test_dump(out, n->kids[k]);
    fp_text_add(out, ")");
}

void test_dump_claim(fp_text *out, const fp_claim *c)
{
    fp_text_addf(out, "%s kind %d window %d%d%d order %d%d frame %d ", c->id, (int)c->kind, (int)c->window, c->open_from, c->open_to, (int)c->order,
                 c->order_tilde, c->frame);
    dump_time(out, c->from);
    dump_time(out, c->to);
    test_dump(out, c->body);
    test_dump(out, c->order_form);
    test_dump(out, c->at_least);
    for (size_t k = 0; k < c->of.count; k++) fp_text_addf(out, " %s", c->of.items[k]);
    for (size_t k = 0; k < c->given.count; k++) fp_text_addf(out, " given %s", c->given.items[k]);
}

/* ---- random propositions. The variables in scope are i0, i1, ... */

typedef struct {
    fp_text *out;
    fp_rng *r;
    int scope;
    bool in_d;
} writer;

static unsigned pick(writer *w, unsigned bound)
{
    return (unsigned)fp_rng_below(w->r, bound);
}

static void write_index(writer *w)
{
    if (w->scope && pick(w, 2))
        fp_text_addf(w->out, "i%u", pick(w, (unsigned)w->scope));
    else
        fp_text_addf(w->out, "%u", 1 + pick(w, 3));
}

static void write_atom(writer *w)
{
    static const char *const atoms[] = {"loss", "S1", "m", "0.25", "1e-9", "3", "2.0", "sigma0", "12345678901234567890123", "1e30", "T1"};
    static const char *const bases[] = {"G", "F", "y", "c"};
    if (pick(w, 2)) {
        fp_text_add(w->out, atoms[pick(w, sizeof atoms / sizeof atoms[0])]);
        return;
    }
    fp_text_addf(w->out, "%s[", bases[pick(w, 4)]);
    write_index(w);
    fp_text_add(w->out, "]");
}

static void write_number(writer *w, int depth);

static void write_binders(writer *w, int depth, const char *head)
{
    static const char *const sets[] = {"I1", "samples[2]", "1..3", "{1, 2, n}", "neurons", "1..(n + 1)"};
    fp_text_addf(w->out, "%si%d in %s", head, w->scope, sets[pick(w, 6)]);
    w->scope++;
    if (pick(w, 3) == 0) fp_text_addf(w->out, " where (i%d > 1) and (not (i%d == 2))", w->scope - 1, w->scope - 1);
    fp_text_add(w->out, ": ");
    (void)depth;
}

static void write_infix(writer *w, int depth)
{
    static const char *const signs[] = {" + ", " - ", "*", "/"};
    fp_text_add(w->out, "(");
    write_number(w, depth - 1);
    fp_text_add(w->out, signs[pick(w, 4)]);
    write_number(w, depth - 1);
    fp_text_add(w->out, ")");
}

static void write_power(writer *w, int depth)
{
    static const char *const exponents[] = {"2", "(-1)", "(1/2)", "(m^2)", "(-m^2)"};
    fp_text_add(w->out, "((");
    write_number(w, depth - 1);
    fp_text_addf(w->out, ")^%s)", exponents[pick(w, 5)]);
}

static void write_call(writer *w, int depth)
{
    static const char *const heads[] = {"abs(", "(-", "sqrt(", "init(", "at(T1, ", "at(2*T1, ", "d("};
    bool was = w->in_d;
    unsigned k = pick(w, was ? 3 : 7);
    w->in_d |= k >= 3;
    fp_text_add(w->out, heads[k]);
    write_number(w, depth - 1);
    fp_text_add(w->out, ")");
    w->in_d = was;
}

static void write_fold(writer *w, int depth)
{
    static const char *const heads[] = {"sum(", "max(", "min("};
    write_binders(w, depth, heads[pick(w, 3)]);
    write_number(w, depth - 1);
    fp_text_add(w->out, ")");
    w->scope--;
}

static void write_minimum(writer *w, int depth)
{
    fp_text_add(w->out, "min(");
    write_number(w, depth - 1);
    fp_text_add(w->out, ", ");
    write_number(w, depth - 1);
    fp_text_add(w->out, ")");
}

static void write_number(writer *w, int depth)
{
    static void (*const writers[])(writer *, int) = {write_infix, write_infix, write_infix, write_power, write_call, write_call, write_fold, write_minimum};
    if (depth <= 0)
        write_atom(w);
    else
        writers[pick(w, sizeof writers / sizeof writers[0])](w, depth);
}

static void write_truth(writer *w, int depth);

static void write_comparison(writer *w, int depth)
{
    static const char *const signs[] = {" < ", " <= ", " = "};
    fp_text_add(w->out, "(");
    write_number(w, depth);
    for (unsigned links = 1 + pick(w, 2); links > 0; links--) {
        fp_text_add(w->out, signs[pick(w, 3)]);
        write_number(w, depth);
    }
    fp_text_add(w->out, ")");
}

static void write_logic(writer *w, int depth)
{
    static const char *const words[] = {" and ", " or ", " implies "};
    fp_text_add(w->out, "(");
    write_truth(w, depth - 1);
    fp_text_add(w->out, words[pick(w, 3)]);
    write_truth(w, depth - 1);
    fp_text_add(w->out, ")");
}

static void write_quantifier(writer *w, int depth)
{
    fp_text_add(w->out, "(");
    write_binders(w, depth, pick(w, 2) ? "for " : "exists ");
    write_truth(w, depth - 1);
    fp_text_add(w->out, ")");
    w->scope--;
}

static void write_truth(writer *w, int depth)
{
    unsigned k = depth <= 0 ? 0 : pick(w, 6);
    if (k == 0) {
        write_comparison(w, 2);
    } else if (k == 1) {
        fp_text_add(w->out, "(not ");
        write_truth(w, depth - 1);
        fp_text_add(w->out, ")");
    } else if (k == 2) {
        write_quantifier(w, depth);
    } else {
        write_logic(w, depth);
    }
}

void test_random_proposition(fp_text *out, fp_rng *r)
{
    writer w = {.out = out, .r = r};
    write_truth(&w, 4);
}

/* ---- mutations */

static void replace(fp_text *text, size_t at, size_t remove, const char *insert, size_t n)
{
    fp_text out = {0};
    fp_text_addn(&out, text->data, at);
    fp_text_addn(&out, insert, n);
    fp_text_addn(&out, text->data + at + remove, text->len - at - remove);
    fp_text_clear(text);
    *text = out;
}

static void mutate_once(fp_text *text, fp_rng *r)
{
    static const char alphabet[] = "()[]{}:,.^*/+-<>=~#\"'\n\t 0129abcdefgtCIFT_\x80\xc3\x01$&";
    static const char *const words[] = {"d(", "for i in I1: ", "and", "1e999", "C", "init(", "at T1:", "min(", "{", "\nlet x = ", "variant \"\"", "t"};
    size_t at = (size_t)fp_rng_below(r, text->len), n = 0;
    while (at + n < text->len && !strchr(" \n(),:", text->data[at + n])) n++;
    unsigned kind = (unsigned)fp_rng_below(r, 5);
    const char *word = words[fp_rng_below(r, sizeof words / sizeof words[0])];
    if (kind == 0) replace(text, at, 1, &alphabet[fp_rng_below(r, sizeof alphabet)], 1);
    if (kind == 1) replace(text, at, n, "", 0);
    if (kind == 2) {
        char *copy = fp_strndup(text->data + at, n);
        replace(text, (size_t)fp_rng_below(r, text->len), 0, copy, n);
        free(copy);
    }
    if (kind == 3) replace(text, at, 0, word, strlen(word));
    if (kind == 4) {
        const char *newline = memchr(text->data + at, '\n', text->len - at);
        replace(text, at, newline ? (size_t)(newline + 1 - text->data) - at : text->len - at, "", 0);
    }
    if (!text->len) fp_text_add(text, "x");
}

void test_mutate(fp_text *text, fp_rng *r)
{
    for (uint64_t k = 1 + fp_rng_below(r, 8); k > 0; k--) mutate_once(text, r);
}
