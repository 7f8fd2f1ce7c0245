/* SPDX-License-Identifier: MIT */
/* One file: checked for text, split into fields, read into an fp_sheet. */
#include "sheet_files.h"

#include <string.h>

const char *const fp_groups[FP_GROUPS] = {"phase-1 MLP alignment", "frozen softmax", "automatic gradient balancing", "near-minimal loss", "setting",
                                          "initialisation",        "exact equations", "phase-2 attention"};

static const char *const keywords[] = {
#define ROW(id, name) name,
    FP_FIELD_LIST(ROW)
#undef ROW
};
enum { KEYWORDS = sizeof keywords / sizeof keywords[0] };

/* What is read is the tidy text; it is digested so, and so columns count. */
static bool tidy(fp_sheet_file *f, fp_parser *p)
{
    fp_text_fault fault;
    bool good = fp_text_tidy(&f->text, &fault);
    f->source = p->source = (fp_sheet_source){f->source.file, f->text.data ? f->text.data : "", f->text.len};
    return good || fp_parse_fail(p, (fp_place){p->source.file, (int)fault.line, (int)fault.column}, "%s", fault.what);
}

/* Where formulas stand, comments too are free of what acts: it could show another formula than the one that is read. */
static bool check_comments(fp_parser *p, const fp_sheet_field *f)
{
    fp_place place = {p->source.file, f->body.line, f->body.column};
    uint32_t code = 0;
    for (size_t at = f->body.at, n; at < f->end; at += n) {
        n = fp_utf8_read(&code, p->source.data + at, f->end - at);
        if (n > 1 && fp_character_acts(code))
            return fp_parse_fail(p, place, "found the invisible character U+%04X, which may not stand beside a formula; delete it", (unsigned)code);
        place.column++;
        if (code == '\n') place.line++, place.column = 1;
        if (n == 0) n = 1;
    }
    return true;
}

static bool add_field(fp_sheet_file *f, fp_parser *p, fp_cursor at)
{
    const char *s = f->source.data + at.at;
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    fp_place place = {f->source.file, at.line, at.column};
    fp_token word = {.kind = FP_TOKEN_NAME, .s = s, .n = n};
    int k = 0;
    while (k < KEYWORDS && !fp_token_is(&word, keywords[k])) k++;
    char hint[FP_HINT];
    size_t sign;
    if (k == KEYWORDS && fp_character_hint(hint, &sign, s, strcspn(s, " \t\n")) && sign == n) return fp_parse_fail(p, place, "%s; in column 1 a field begins, continuation lines are indented", hint);
    if (k == KEYWORDS) {
        char *text = fp_arena_strndup(p->arena, s, n > 40 ? 40 : n);
        const char *close = n ? fp_closest(text, keywords, KEYWORDS) : NULL;
        return fp_parse_fail(p, place, "found '%s' in column 1, where a field begins%s%s%s; continuation lines are indented. "
                             "Fields: statement twin prelude title paper group says assumes requires constant let define time erratum claim order probability",
                             text, close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
    }
    f->fields = fp_arena_grow(p->arena, f->fields, f->count, sizeof *f->fields);
    f->fields[f->count++] = (fp_sheet_field){(fp_field_kind)k, place, {at.at + n, at.line, at.column + (int)n}, f->source.len};
    return true;
}

/* A field begins where column 1 holds neither white space nor '#', and reaches to the next. */
static bool split(fp_sheet_file *f, fp_parser *p)
{
    fp_cursor at = {0, 1, 1};
    while (at.at < f->source.len) {
        char c = f->source.data[at.at];
        if (!strchr(" \t\n#", c)) {
            if (f->count) f->fields[f->count - 1].end = at.at;
            if (!add_field(f, p, at)) return false;
        }
        const char *newline = memchr(f->source.data + at.at, '\n', f->source.len - at.at);
        at.at = newline ? (size_t)(newline + 1 - f->source.data) : f->source.len;
        at.line++;
    }
    return f->count > 0 || fp_parse_fail(p, (fp_place){f->source.file, 1, 1}, "an empty sheet; it begins with 'statement NUMBER', 'twin NUMBER' or 'prelude'");
}

/* The words of a text field, comments removed, joined by single spaces. NULL if there are none. */
static char *joined(fp_parser *p, const fp_sheet_field *f)
{
    fp_text out = {0};
    const char *s = p->source.data + f->body.at, *end = p->source.data + f->end;
    while (s < end) {
        size_t blank = 0, n = 0;
        while (s + blank < end && strchr(" \t\n", s[blank])) blank++;
        s += blank;
        if (s < end && *s == '#') {
            while (s < end && *s != '\n') s++;
            continue;
        }
        while (s + n < end && !strchr(" \t\n#", s[n])) n++;
        if (n && out.len && blank) fp_text_add(&out, " ");
        fp_text_addn(&out, s, n);
        s += n;
    }
    char *text = out.len ? fp_arena_strndup(p->arena, out.data, out.len) : NULL;
    fp_text_clear(&out);
    return text;
}

static bool set_text(fp_parser *p, const char **where, const fp_sheet_field *f)
{
    const char *name = keywords[f->kind];
    if (*where) return fp_parse_fail(p, f->place, "a second '%s' in one sheet", name);
    *where = joined(p, f);
    return *where || fp_parse_fail(p, f->place, "'%s' is empty", name);
}

static bool set_number(fp_parser *p, fp_sheet *s, const fp_sheet_field *f)
{
    if (!set_text(p, &s->number, f)) return false;
    size_t n = strspn(s->number, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    if (s->number[n] == '\0' && n < 64) return true;
    char hint[FP_HINT], q[FP_QUOTE];
    size_t at;
    if (fp_character_hint(hint, &at, s->number, strlen(s->number))) return fp_parse_fail(p, f->place, "%s, in the number of a statement", hint);
    return fp_parse_fail(p, f->place, "'%s' is no statement number; allowed are up to 63 letters, digits, . _ -, such as 4.4 or A2.3", fp_quote(q, s->number, strlen(s->number)));
}

/* Any text that fits a line of a report. */
static bool set_group(fp_parser *p, fp_sheet *s, const fp_sheet_field *f)
{
    size_t characters = 0;
    if (!set_text(p, &s->group, f)) return false;
    for (const char *c = s->group; *c; c++) characters += (*c & 0xC0) != 0x80;
    return characters <= FP_GROUP_CHARACTERS ||
           fp_parse_fail(p, f->place, "a group of %zu characters; allowed are %d: it is the heading under which reports show the sheet", characters, FP_GROUP_CHARACTERS);
}

/* Where the text of a field begins, past blanks and comments. */
static fp_place text_place(const fp_parser *p, const fp_sheet_field *f)
{
    fp_place place = {f->place.file, f->body.line, f->body.column};
    bool comment = false;
    for (size_t at = f->body.at; at < f->end; at++) {
        char c = p->source.data[at];
        comment = c != '\n' && (comment || c == '#');
        if (!comment && !strchr(" \t\n", c)) break;
        place.column++;
        if (c == '\n') place.line++, place.column = 1;
    }
    return place;
}

static const char *const erratum_classes[] = {"false: ", "unproved but true: ", "loose: ", "typographic: "};

static bool add_erratum(fp_parser *p, fp_sheet *s, const fp_sheet_field *f)
{
    const char *text = NULL;
    bool classified = false;
    if (!set_text(p, &text, f)) return false;
    for (size_t k = 0; k < sizeof erratum_classes / sizeof *erratum_classes; k++)
        classified = classified || strncmp(text, erratum_classes[k], strlen(erratum_classes[k])) == 0;
    char q[FP_QUOTE];
    if (!classified)
        return fp_parse_fail(p, text_place(p, f), "found '%s'; an erratum begins with its class: 'false: ', 'unproved but true: ', 'loose: ' or 'typographic: '", fp_quote(q, text, strlen(text)));
    fp_arena_list_add(p->arena, &s->errata, text, strlen(text));
    return true;
}

static bool scan_field(fp_parser *p, fp_sheet *s, const fp_sheet_field *f, bool first)
{
    bool opening = f->kind == FP_FIELD_STATEMENT || f->kind == FP_FIELD_TWIN || f->kind == FP_FIELD_PRELUDE;
    if (first != opening)
        return fp_parse_fail(p, f->place,
                             first ? "a sheet begins with 'statement NUMBER', 'twin NUMBER' or 'prelude'" : "'%s' can only be the first field of a sheet",
                             keywords[f->kind]);
    switch (f->kind) {
    case FP_FIELD_TWIN: s->is_twin = true; return set_number(p, s, f);
    case FP_FIELD_STATEMENT: return set_number(p, s, f);
    case FP_FIELD_PRELUDE:
        s->is_prelude = true;
        s->number = "prelude";
        return !joined(p, f) || fp_parse_fail(p, f->place, "nothing may follow 'prelude' in this field");
    case FP_FIELD_TITLE: return set_text(p, &s->title, f);
    case FP_FIELD_PAPER: return set_text(p, &s->paper, f);
    case FP_FIELD_SAYS: return set_text(p, &s->says, f);
    case FP_FIELD_GROUP: return set_group(p, s, f);
    case FP_FIELD_ERRATUM: return add_erratum(p, s, f);
    default: break;
    }
    bool declares = f->kind == FP_FIELD_LET || f->kind == FP_FIELD_DEFINE || f->kind == FP_FIELD_TIME;
    return !s->is_prelude || declares || fp_parse_fail(p, f->place, "'%s' in a prelude; only let, define and time may stand there", keywords[f->kind]);
}

static bool check_complete(fp_parser *p, const fp_sheet *s, fp_place place)
{
    if (s->is_prelude || s->is_twin) return true;
    const char *missing = !s->title ? "title" : !s->group ? "group" : !s->says ? "says" : NULL;
    return !missing || fp_parse_fail(p, place, "the sheet has no field '%s'; needed are title, group (any text) and says", missing);
}

bool fp_sheet_scan(fp_sheet_file *f, fp_parser *p)
{
    if (!tidy(f, p) || !split(f, p)) return false;
    fp_sheet *s = f->sheet = fp_arena_alloc(p->arena, 1, sizeof *s);
    s->path = f->source.file;
    for (int k = 0; k < f->count; k++)
        if (!scan_field(p, s, &f->fields[k], k == 0)) return false;
    return check_complete(p, s, f->fields[0].place);
}

static bool declare(fp_parser *p, const fp_sheet_field *f)
{
    switch (f->kind) {
    case FP_FIELD_CONSTANT: return fp_parse_constant(p);
    case FP_FIELD_LET: return fp_parse_let(p);
    case FP_FIELD_DEFINE: return fp_parse_define(p);
    case FP_FIELD_TIME: return fp_parse_time_field(p);
    default: return true;
    }
}

static bool state(fp_parser *p, const fp_sheet_field *f)
{
    switch (f->kind) {
    case FP_FIELD_ASSUMES: return fp_parse_globs(p, &p->sheet->assumes, NULL) && fp_parse_done(p);
    case FP_FIELD_REQUIRES: return fp_parse_requires(p);
    case FP_FIELD_CLAIM: return fp_parse_claim(p, FP_CLAIM);
    case FP_FIELD_ORDER: return fp_parse_claim(p, FP_ORDER);
    case FP_FIELD_PROBABILITY: return fp_parse_claim(p, FP_PROBABILITY);
    default: return true;
    }
}

static bool each_field(fp_sheet_file *f, fp_parser *p, bool (*read)(fp_parser *, const fp_sheet_field *))
{
    for (int k = 0; k < f->count; k++) {
        const fp_sheet_field *field = &f->fields[k];
        if (field->kind < FP_FIELD_ASSUMES) continue; /* text, read by the scan */
        if (!check_comments(p, field)) return false;
        fp_parse_start(p, field->body, field->end);
        if (!read(p, field)) return false;
    }
    return true;
}

static bool check_used(fp_parser *p, const fp_names *names)
{
    for (const fp_name *e = names->first; e; e = e->next)
        if (!e->used) return fp_parse_fail(p, e->place, "'%s' is declared and never used", e->name);
    return true;
}

/* A twin starts from what its original declares; constants keep their indices. */
static void take_over(fp_arena *a, fp_sheet *s)
{
    const fp_sheet *o = s->original;
    if (!s->title) s->title = o->title;
    if (!s->paper) s->paper = o->paper;
    if (!s->group) s->group = o->group;
    if (!s->says) s->says = o->says;
    if (o->constants_count) {
        s->constants = fp_arena_alloc(a, FP_SHEET_MAX_CONSTANTS, sizeof *s->constants);
        memcpy(s->constants, o->constants, (size_t)o->constants_count * sizeof *s->constants);
        s->constants_count = o->constants_count;
    }
}

bool fp_sheet_parse(fp_sheet_file *f, fp_parser *p)
{
    fp_sheet *s = p->sheet = f->sheet;
    p->names = &f->names;
    if (s->is_twin) take_over(p->arena, s);
    if (!each_field(f, p, declare) || !each_field(f, p, state)) return false;
    if (s->is_prelude) return true;
    if (!s->claims_count) return fp_parse_fail(p, f->fields[0].place, "the sheet states nothing; it needs a claim, an order or a probability");
    if (s->is_twin && !s->requires_) s->requires_ = s->original->requires_;
    if (s->is_twin && !s->assumes.count) s->assumes = s->original->assumes;
    return check_used(p, &f->names);
}
