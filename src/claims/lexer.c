/* SPDX-License-Identifier: MIT */
/* Tokens of one field, with places; messages with the source line and a caret. Columns count characters, not bytes. */
#include "sheet_impl.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

enum { SHOWN = 140 }; /* bytes of a source line that the context shows */

static bool is_continuation(char c) /* of an UTF-8 sequence */
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The part of the line around the caret, as it can be shown: the caret stands below its character, in columns of a terminal. */
void fp_parse_context(fp_text *context, const fp_sheet_source *source, fp_place place)
{
    if (!context || place.line < 1) return;
    const char *line = source->data, *end = source->data + source->len;
    for (int k = 1; k < place.line && line < end; k++) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        line = next ? next + 1 : end;
    }
    const char *stop = line, *caret = line;
    while (stop < end && *stop != '\n') stop++;
    for (int column = 1; caret < stop && column < place.column; column++)
        do caret++;
        while (caret < stop && is_continuation(*caret));
    if (caret - line > SHOWN - 20) line = caret - (SHOWN - 20);
    if (stop - line > SHOWN) stop = line + SHOWN;
    while (line < caret && is_continuation(*line)) line++;
    while (stop > caret && stop < end && is_continuation(*stop)) stop--;
    fp_text before = {0};
    fp_text_add_escaped(&before, line, (size_t)(caret - line), NULL);
    fp_text_add_escaped(context, line, (size_t)(stop - line), NULL);
    fp_text_addf(context, "\n%*s^\n", fp_text_width(before.data), "");
    fp_text_clear(&before);
}

bool fp_parse_fail(fp_parser *p, fp_place place, const char *format, ...)
{
    if (p->failed) return false;
    p->failed = true;
    char message[800], q[FP_QUOTE];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (p->token.kind == FP_TOKEN_BAD) { /* where reading stopped: no type or name before it is to blame */
        place = p->token.place;
        snprintf(message, sizeof message, "found '%s': %s", fp_quote(q, p->token.s, p->token.n), p->token.bad);
    }
    fp_fail(p->err, FP_BAD_INPUT, "%s:%d:%d: %s", place.file, place.line, place.column, message);
    fp_parse_context(p->context, &p->source, place);
    return false;
}

static bool ends_operand(int kind)
{
    return kind == FP_TOKEN_NUMBER || kind == FP_TOKEN_NAME || kind == ')' || kind == ']';
}

/* "2 loss" and "(x + 1)(y + 1)", where an operator was allowed. */
static bool lacks_operator(fp_parser *p, const char *allowed)
{
    const fp_token *t = &p->token;
    if (!ends_operand(p->before) || strncmp(allowed, "an operator", 11) != 0) return false;
    fp_token after = fp_parse_peek(p);
    bool function = after.kind == '(' && fp_function_find(t) >= 0;
    return t->kind == FP_TOKEN_NUMBER || t->kind == '(' || (t->kind == FP_TOKEN_NAME && (function || !fp_word_is_reserved(t->s, t->n)));
}

bool fp_parse_expected(fp_parser *p, const char *allowed)
{
    const fp_token *t = &p->token;
    const char *what = t->kind == FP_TOKEN_STRING ? "\"" : "'";
    char q[FP_QUOTE];
    if (t->kind == FP_TOKEN_END) return fp_parse_fail(p, t->place, "found the end of the field, expected %s", allowed);
    return fp_parse_fail(p, t->place, "found %s%s%s, expected %s%s", what, fp_quote(q, t->s, t->n), what, allowed,
                         lacks_operator(p, allowed) ? "; a product is written with '*'" : "");
}

static char look(const fp_parser *p, size_t ahead)
{
    size_t at = p->cursor.at + ahead;
    return at < p->end ? p->source.data[at] : '\0';
}

static void step(fp_parser *p)
{
    char c = p->source.data[p->cursor.at++];
    if (c == '\n') {
        p->cursor.line++;
        p->cursor.column = 1;
    } else if (!is_continuation(c)) {
        p->cursor.column++;
    }
}

static void skip_blank(fp_parser *p)
{
    while (p->cursor.at < p->end) {
        char c = look(p, 0);
        if (c == '#')
            while (p->cursor.at < p->end && look(p, 0) != '\n') step(p);
        else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            step(p);
        else
            return;
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int bad(fp_parser *p, const char *why)
{
    p->token.bad = why;
    return FP_TOKEN_BAD;
}

/* digits [. digits] [e [sign] digits]; "1..3" is a range, so a point counts only before a digit. */
static int lex_number(fp_parser *p)
{
    while (is_digit(look(p, 0))) step(p);
    if (look(p, 0) == '.' && is_digit(look(p, 1))) {
        step(p);
        while (is_digit(look(p, 0))) step(p);
    }
    if (look(p, 0) == 'e' || look(p, 0) == 'E') {
        size_t sign = look(p, 1) == '+' || look(p, 1) == '-';
        if (is_digit(look(p, 1 + sign)))
            for (size_t k = 0; k <= sign || is_digit(look(p, 0)); k++) step(p);
    }
    if (!is_word(look(p, 0))) return FP_TOKEN_NUMBER;
    while (is_word(look(p, 0))) step(p);
    return bad(p, "a number runs into a letter; write a product with '*', as in 2*x");
}

static int lex_string(fp_parser *p)
{
    step(p);
    while (p->cursor.at < p->end && look(p, 0) != '"' && look(p, 0) != '\n') step(p);
    if (look(p, 0) == '"') {
        step(p);
        return FP_TOKEN_STRING;
    }
    return bad(p, "a text in quotes must end with '\"' on its line");
}

/* Signs of other languages, longest first. */
static const struct {
    const char *sign, *why;
} foreign[] = {
    {"=>", "'implies' joins a premise and a conclusion; 'greater or equal' is >="},
    {"->", "'implies' joins a premise and a conclusion; there are no arrows"},
    {"=<", "'less or equal' is <="},
    {"<>", "'different' is != (of integers)"},
    {":=", "a definition is written with ="},
    {"**", "a power is written with ^, as in x^2"},
    {"||", "'or' joins propositions; a norm is norm(x)"},
    {"|", "an absolute value is abs(x), a norm norm(x), the size of a set count(i in S)"},
    {"&", "'and' joins propositions"},
    {"!", "'not' denies a proposition"},
    {"\\", "formulas are plain text, without TeX commands: <= for \\le, sum(i in S: e) for \\sum, sqrt(x) for \\sqrt"},
};

static int lex_foreign(fp_parser *p)
{
    char hint[FP_HINT];
    size_t at, left = p->end - p->cursor.at;
    const char *s = p->source.data + p->cursor.at;
    for (size_t k = 0; k < sizeof foreign / sizeof *foreign; k++) {
        size_t n = strlen(foreign[k].sign);
        if (n > left || memcmp(s, foreign[k].sign, n) != 0) continue;
        while (n--) step(p);
        return bad(p, foreign[k].why);
    }
    if (strchr("+-*/^()[]{},:<>=~", *s)) return step(p), *s;
    bool named = fp_character_hint(hint, &at, s, left) && at == 0;
    do step(p);
    while (p->cursor.at < p->end && is_continuation(look(p, 0)));
    return bad(p, named ? fp_arena_strndup(p->arena, hint, strlen(hint))
                        : "this character has no meaning here; the signs of the language are + - * / ^ ( ) [ ] { } , : .. ~ = == != < <= > >=");
}

static int lex_sign(fp_parser *p)
{
    static const struct {
        char text[3];
        int kind;
    } pairs[] = {{"<=", FP_TOKEN_LE}, {">=", FP_TOKEN_GE}, {"==", FP_TOKEN_EQ}, {"!=", FP_TOKEN_NE}, {"..", FP_TOKEN_DOTS}};
    char c = look(p, 0), after = look(p, 1);
    for (size_t k = 0; k < sizeof pairs / sizeof pairs[0]; k++)
        if (c == pairs[k].text[0] && after == pairs[k].text[1]) {
            step(p);
            step(p);
            return pairs[k].kind;
        }
    return lex_foreign(p);
}

void fp_parse_next(fp_parser *p)
{
    fp_cursor behind = p->cursor; /* the end of a field is reported behind its last token */
    skip_blank(p);
    if (p->cursor.at < p->end) behind = p->cursor;
    fp_token *t = &p->token;
    p->before = t->kind;
    t->place = (fp_place){p->source.file, behind.line, behind.column};
    t->s = p->source.data + p->cursor.at;
    char c = look(p, 0);
    if (p->cursor.at >= p->end) {
        t->kind = FP_TOKEN_END;
    } else if (is_digit(c)) {
        t->kind = lex_number(p);
    } else if (is_word(c)) {
        t->kind = FP_TOKEN_NAME;
        while (is_word(look(p, 0))) step(p);
    } else {
        t->kind = c == '"' ? lex_string(p) : lex_sign(p);
    }
    t->n = (size_t)(p->source.data + p->cursor.at - t->s);
    if (t->kind == FP_TOKEN_STRING) {
        t->s++;
        t->n -= 2;
    }
}

void fp_parse_start(fp_parser *p, fp_cursor from, size_t end)
{
    p->cursor = from;
    p->end = end;
    p->scope_count = p->scope_hidden = p->frame = p->depth = p->flow_depth = 0;
    p->in_init = p->in_sup = false;
    p->token.kind = 0;
    fp_parse_next(p);
}

bool fp_parse_accept(fp_parser *p, int kind)
{
    if (p->token.kind != kind) return false;
    fp_parse_next(p);
    return true;
}

bool fp_parse_expect(fp_parser *p, int kind, const char *allowed)
{
    return fp_parse_accept(p, kind) || fp_parse_expected(p, allowed);
}

bool fp_token_is(const fp_token *t, const char *word)
{
    return t->kind == FP_TOKEN_NAME && t->n == strlen(word) && memcmp(t->s, word, t->n) == 0;
}

bool fp_parse_accept_word(fp_parser *p, const char *word)
{
    if (!fp_token_is(&p->token, word)) return false;
    fp_parse_next(p);
    return true;
}

fp_token fp_parse_peek(fp_parser *p)
{
    fp_parser ahead = *p;
    fp_parse_next(&ahead);
    return ahead.token;
}

bool fp_parse_word(fp_parser *p, fp_token *word, const char *stops)
{
    if (p->token.kind == FP_TOKEN_END) return false;
    *word = p->token;
    p->token.kind = 0;
    if (word->kind == FP_TOKEN_STRING) word->s--; /* its quote */
    p->cursor = (fp_cursor){(size_t)(word->s - p->source.data), word->place.line, word->place.column};
    while (p->cursor.at < p->end && !isspace((unsigned char)look(p, 0)) && !strchr(",#", look(p, 0)) && !strchr(stops, look(p, 0))) step(p);
    word->n = (size_t)(p->source.data + p->cursor.at - word->s);
    char hint[FP_HINT];
    size_t at;
    if (fp_character_hint(hint, &at, word->s, word->n))
        return fp_parse_fail(p, (fp_place){p->source.file, word->place.line, word->place.column + (int)at}, "%s", hint);
    fp_parse_next(p);
    return word->n > 0;
}

bool fp_parse_done(fp_parser *p)
{
    if (p->failed) return false;
    return p->token.kind == FP_TOKEN_END || fp_parse_expected(p, "an operator or the end of the field (a new field begins in column 1)");
}
