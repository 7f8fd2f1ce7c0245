/* SPDX-License-Identifier: MIT */
/* Tables of the words of the language, and the names a sheet declares. */
#include "sheet_impl.h"

#include <string.h>

static const struct {
    const char *name;
    int arity;
    fp_type type;
    bool is_static;
    const char *indices; /* s sample, t token, j neuron, l position */
} bases[FP_BASE_COUNT] = {
#define ROW(id, name, arity, type, is_static) [FP_BASE_##id] = {name, arity, FP_TYPE_##type, is_static, NULL},
    FP_BASE_LIST(ROW)
#undef ROW
};

static const char *const sets[FP_SET_COUNT] = {
#define ROW(id, name) [FP_SET_##id] = name,
    FP_SET_LIST(ROW)
#undef ROW
};

static const char *const words[] = {
    "and",      "or",         "not",   "implies", "for",  "exists", "in",   "where", "with",  "initially", "always", "eventually", "at",
    "variant",  "is",         "because", "claims",  "hold", "given",  "abs",  "sqrt",  "log",   "exp",       "min",    "max",        "sum",
    "count",    "dot",        "sqnorm", "norm",   "init", "slope", "chi2cdf", "sup"};

const char *fp_base_name(fp_base b)
{
    return bases[b].name;
}

const char *fp_base_indices(fp_base b)
{
    switch (b) {
    case FP_BASE_TOK:
    case FP_BASE_O: return "sl";
    case FP_BASE_P:
    case FP_BASE_S: return "sll";
    case FP_BASE_Y:
    case FP_BASE_F:
    case FP_BASE_GI:
    case FP_BASE_LOSSOF: return "s";
    case FP_BASE_A:
    case FP_BASE_VEC_W: return "j";
    case FP_BASE_WV: return "jt";
    case FP_BASE_WW: return "jj";
    case FP_BASE_G:
    case FP_BASE_C:
    case FP_BASE_VEC_V:
    case FP_BASE_VEC_K:
    case FP_BASE_VEC_Q: return "t";
    case FP_BASE_SCORE:
    case FP_BASE_KK:
    case FP_BASE_QQ:
    case FP_BASE_VV:
    case FP_BASE_NN: return "tt";
    default: return "";
    }
}

int fp_base_arity(fp_base b)
{
    return bases[b].arity;
}

fp_type fp_base_type(fp_base b)
{
    return bases[b].type;
}

bool fp_base_static(fp_base b)
{
    return bases[b].is_static;
}

bool fp_base_is_parameter(fp_base b)
{
    return bases[b].arity == 0 && (bases[b].is_static || b == FP_BASE_TIME);
}

bool fp_base_find(fp_base *out, const fp_token *t)
{
    for (int b = 0; b < FP_BASE_COUNT; b++)
        if (fp_token_is(t, bases[b].name)) {
            *out = (fp_base)b;
            return true;
        }
    return false;
}

bool fp_set_find(fp_set_id *out, const fp_token *t)
{
    for (int k = 0; k < FP_SET_COUNT; k++)
        if (fp_token_is(t, sets[k])) {
            *out = (fp_set_id)k;
            return true;
        }
    return false;
}

const char *fp_set_name(fp_set_id s)
{
    return sets[s];
}

bool fp_word_is_reserved(const char *s, size_t n)
{
    fp_token t = {.kind = FP_TOKEN_NAME, .s = s, .n = n};
    fp_set_id set;
    if (fp_set_find(&set, &t)) return true;
    for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
        if (fp_token_is(&t, words[k])) return true;
    return false;
}

const char *fp_type_name(fp_type t)
{
    static const char *const names[] = {
        [FP_TYPE_BOOL] = "a proposition", [FP_TYPE_INT] = "an integer", [FP_TYPE_REAL] = "a real number", [FP_TYPE_VECTOR] = "a vector", [FP_TYPE_SET] = "a set"};
    return names[t];
}

fp_name *fp_names_find(const fp_names *names, const char *s, size_t n)
{
    for (; names; names = names->outer)
        for (fp_name *e = names->first; e; e = e->next)
            if (strlen(e->name) == n && memcmp(e->name, s, n) == 0) return e;
    return NULL;
}

fp_name *fp_names_add(fp_arena *a, fp_names *names, fp_name_kind kind, const char *name, fp_place place)
{
    fp_name *e = fp_arena_alloc(a, 1, sizeof *e);
    e->kind = kind;
    e->name = name;
    e->place = place;
    if (!names->first) names->last = &names->first;
    *names->last = e;
    names->last = &e->next;
    names->count++;
    return e;
}

const char *fp_place_file_name(fp_place place)
{
    const char *slash = place.file ? strrchr(place.file, '/') : NULL;
    return slash ? slash + 1 : place.file ? place.file : "";
}
