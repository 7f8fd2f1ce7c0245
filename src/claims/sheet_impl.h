/* SPDX-License-Identifier: MIT */
/* Inside of the sheet reader: arena, tokens, names, node builders, parser. Errors are NULL or false returns; the first one has
 * set p->err and later ones are ignored, so callers only pass them on. */
#ifndef FLOWPROOF_SHEET_IMPL_H
#define FLOWPROOF_SHEET_IMPL_H

#include "flowproof/sheet.h"

enum {
    FP_SHEET_MAX_BYTES = 1 << 20,
    FP_SHEET_MAX_NESTING = 200,      /* brackets, unary operators, quantifiers: depth of the parser's recursion */
    FP_SHEET_MAX_HEIGHT = 1000,      /* of a tree, definitions expanded: depth of everybody else's recursion */
    FP_SHEET_MAX_TERMS = 1000000,    /* of a tree, definitions expanded: work of whoever walks through it once */
    FP_SHEET_MAX_DECLARATIONS = 500, /* per sheet */
    FP_SHEET_MAX_VARIABLES = 32,     /* in scope at one place */
    FP_SHEET_MAX_BINDERS = 6,        /* of one binder */
    FP_SHEET_MAX_PARAMETERS = 8,
    FP_SHEET_MAX_CONSTANTS = 64, /* per sheet: fp_claim.constants is a 64-bit set */
    FP_SHEET_MAX_CLAIM_CONSTANTS = 4
};

/* ---- arena: everything of an fp_sheets lives until it is cleared */
typedef struct fp_arena fp_arena;
fp_arena *fp_arena_new(void);
void fp_arena_free(fp_arena *a);
void *fp_arena_alloc(fp_arena *a, size_t count, size_t size); /* zeroed */
char *fp_arena_strndup(fp_arena *a, const char *s, size_t n);
void fp_arena_mpq_init(fp_arena *a, mpq_ptr q); /* cleared with the arena; q must not move */
/* items stay in the arena: such lists are not for fp_list_add or fp_list_clear */
void fp_arena_list_add(fp_arena *a, fp_list *list, const char *s, size_t n);
/* An array that grows one by one, doubling at powers of two: returns the place for pointers[count]. */
void *fp_arena_grow(fp_arena *a, void *array, int count, size_t size);

/* ---- nodes carry more than the public part */
typedef struct {
    fp_node node; /* first, so that fp_node * and fp_node_box * convert */
    uint64_t constants;
    int height;
    long terms; /* nodes, with its definitions expanded */
    bool live_d; /* a d or slope below whose derivative does not vanish by an init or at around it */
    bool has_at;
    bool has_real; /* reads a variable of a `for all real` around it */
    bool has_box;  /* a `for all real` below */
    bool has_sup;
} fp_node_box;
static inline const fp_node_box *fp_node_boxed(const fp_node *n)
{
    return (const fp_node_box *)n;
}

/* ---- text and tokens */
typedef struct {
    const char *file; /* as in fp_place */
    const char *data;
    size_t len;
} fp_sheet_source;

typedef struct {
    size_t at;
    int line, column;
} fp_cursor;

enum { /* single characters stand for themselves */
    FP_TOKEN_END = 256,
    FP_TOKEN_NUMBER,
    FP_TOKEN_NAME,
    FP_TOKEN_STRING, /* s, n: without the quotes */
    FP_TOKEN_LE,
    FP_TOKEN_GE,
    FP_TOKEN_EQ,
    FP_TOKEN_NE,
    FP_TOKEN_DOTS,
    FP_TOKEN_BAD
};
typedef struct {
    int kind;
    const char *s;
    size_t n;
    fp_place place;
    const char *bad; /* BAD: why; reported by fp_parse_fail, when the parser stops at it */
} fp_token;

/* ---- declared names */
typedef enum { FP_NAME_CONSTANT, FP_NAME_LET, FP_NAME_DEFINE, FP_NAME_TIME } fp_name_kind;
typedef struct fp_name fp_name;
struct fp_name {
    fp_name_kind kind;
    const char *name;
    fp_place place;
    bool used;
    const fp_definition *definition; /* let, define; of a static time: its value as a let */
    const fp_time *time;
    int index;                            /* constant */
    bool flow[FP_SHEET_MAX_PARAMETERS];   /* define: the parameter stands where nothing may depend on time, or inside d, slope, init, at */
    fp_name *next;
};
typedef struct fp_names fp_names;
struct fp_names {
    fp_name *first, **last;
    int count;
    const fp_names *outer; /* of a twin: its original; of a sheet: the prelude */
    bool is_standard; /* of the prelude that comes from elsewhere, see fp_sheet */
};
fp_name *fp_names_find(const fp_names *names, const char *s, size_t n);
fp_name *fp_names_add(fp_arena *a, fp_names *names, fp_name_kind kind, const char *name, fp_place place);

/* ---- tables of the language */
bool fp_token_is(const fp_token *t, const char *word);
bool fp_base_find(fp_base *out, const fp_token *t);
bool fp_base_is_parameter(fp_base b);
int fp_base_arity(fp_base b);
fp_type fp_base_type(fp_base b);
bool fp_base_static(fp_base b);
bool fp_set_find(fp_set_id *out, const fp_token *t);
int fp_function_find(const fp_token *t); /* its number, -1 if it is none */
bool fp_word_is_reserved(const char *s, size_t n); /* keywords, functions, sets */
const char *fp_type_name(fp_type t);

/* ---- parser of one field */
typedef struct {
    const char *name;
    fp_place place;
    fp_type type;
    fp_node *set;   /* NULL for a parameter of a define */
    int parameter;  /* of a define, or -1 */
    bool moving;    /* ranges over a list whose elements depend on t */
    int flow_depth; /* p->flow_depth where it was bound */
} fp_variable;

typedef struct {
    int nodes, definitions, times;
} fp_ids;

typedef struct {
    fp_sheet_source source;
    size_t end;       /* of the field */
    fp_cursor cursor; /* behind `token` */
    fp_token token;
    int before; /* kind of the token before it; 0: none */
    fp_arena *arena;
    fp_ids *ids;
    fp_names *names;
    fp_sheet *sheet; /* receives times; NULL for --observe */
    fp_variable scope[FP_SHEET_MAX_VARIABLES];
    int scope_count, scope_hidden; /* variables below scope_hidden exist but may not be used: a time is being read */
    int frame;                     /* slots needed so far */
    int depth;
    int flow_depth; /* > 0 inside d, slope, init, at */
    bool in_init, in_sup;
    bool parameter_int[FP_SHEET_MAX_PARAMETERS]; /* first pass of a define: must be INT */
    bool parameter_flow[FP_SHEET_MAX_PARAMETERS];
    bool failed;
    fp_error *err;
    fp_text *context; /* may be NULL */
} fp_parser;

/* Reports "file:line:column: message" and the context lines. Always false / NULL. */
bool fp_parse_fail(fp_parser *p, fp_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool fp_parse_expected(fp_parser *p, const char *allowed); /* "found '...', expected ..." at the current token */
void fp_parse_context(fp_text *context, const fp_sheet_source *source, fp_place place);

void fp_parse_start(fp_parser *p, fp_cursor from, size_t end); /* reads the first token */
void fp_parse_next(fp_parser *p);
bool fp_parse_accept(fp_parser *p, int kind);
bool fp_parse_expect(fp_parser *p, int kind, const char *allowed);
bool fp_parse_accept_word(fp_parser *p, const char *word);
fp_token fp_parse_peek(fp_parser *p); /* the token after the current one */
/* The raw word that begins at the current token, up to white space, ',' or one of `stops`; then moves on. Only ASCII is accepted. */
bool fp_parse_word(fp_parser *p, fp_token *word, const char *stops);
bool fp_parse_done(fp_parser *p); /* the field must end here */
char *fp_parse_name(fp_parser *p, fp_place *place, const char *what);
bool fp_parse_paper(fp_parser *p, const char **paper); /* [paper "text"], then the end of the field */

/* ---- building checked nodes: NULL after an error. `place` is where errors are reported. */
fp_node *fp_make(fp_parser *p, fp_node_kind kind, fp_place place, int kids);
fp_node *fp_make_finish(fp_parser *p, fp_node *n); /* flags from the kids; heights */
fp_node *fp_make_negation(fp_parser *p, fp_place place, fp_node *a);
fp_node *fp_make_binary(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *a, fp_node *b);
fp_node *fp_make_compare(fp_parser *p, fp_compare op, fp_place place, fp_node *a, fp_node *b);
fp_node *fp_make_logic(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *a, fp_node *b); /* b NULL for NOT */
fp_node *fp_make_function(fp_parser *p, fp_node_kind kind, fp_place place, fp_node *const *args, int count);
fp_node *fp_make_binder(fp_parser *p, fp_node_kind kind, fp_place place, const fp_variable *vars, int count, int slot,
                        fp_node *where, fp_node *body);
fp_node *fp_make_use(fp_parser *p, fp_place place, const fp_name *name, fp_node *const *args);
bool fp_want_static(fp_parser *p, const fp_node *n, const char *what); /* marks parameters of a define */
void fp_mark_flow(fp_parser *p, const fp_node *n); /* parameters below n must be given static arguments */
bool fp_want_free(fp_parser *p, const fp_node *n, const char *what); /* of constants */
bool fp_want_numeric(fp_parser *p, const fp_node *n, const char *what);
bool fp_want_bool(fp_parser *p, const fp_node *n, const char *what);
bool fp_want_int(fp_parser *p, const fp_node *n, const char *what); /* marks parameters of a define */
bool fp_want_from_one(fp_parser *p, const fp_node *n, const char *what); /* an index: what is below 1 on every instance is refused */
/* Exact value of a tree of numbers and + - * / and unary -; false if it is something else or divides by zero. */
bool fp_node_rational(mpq_ptr q, const fp_node *n);
bool fp_node_equal(const fp_node *a, const fp_node *b); /* same structure; slots, not ids */

/* ---- grammar */
fp_node *fp_parse_proposition(fp_parser *p); /* also plain expressions: the type tells */
fp_node *fp_parse_sum(fp_parser *p);         /* an expression without comparisons */
fp_node *fp_parse_primary(fp_parser *p);
fp_node *fp_parse_quantifier(fp_parser *p, fp_node_kind kind);
bool fp_parse_variable_name(fp_parser *p, const fp_token *t); /* may t name a variable here? */
bool fp_parse_is_real(const fp_parser *p); /* at `for all real` */
fp_node *fp_parse_real(fp_parser *p);      /* there */
bool fp_parse_deeper(fp_parser *p); /* call p->depth-- when it returned true */
bool fp_parse_binders(fp_parser *p, fp_node_kind kind, fp_variable *vars, int *count, fp_node **where);
void fp_parse_unbind(fp_parser *p, int count);
const fp_time *fp_parse_time(fp_parser *p); /* a named time or a static expression */
bool fp_want_final(fp_parser *p, const fp_time *t, fp_place place, const char *what); /* refuses a `last t with` */

/* ---- fields: a declaration adds to p->names and p->sheet */
bool fp_parse_constant(fp_parser *p);
bool fp_parse_let(fp_parser *p);
bool fp_parse_define(fp_parser *p);
bool fp_parse_time_field(fp_parser *p);
bool fp_parse_requires(fp_parser *p);
bool fp_parse_globs(fp_parser *p, fp_list *out, const char *stop_word); /* comma separated, up to stop_word or the end */
bool fp_parse_claim(fp_parser *p, fp_claim_kind kind);

#endif
