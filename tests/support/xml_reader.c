/* SPDX-License-Identifier: MIT */
#include "xml_reader.h"

#include <stdlib.h>
#include <string.h>

#include "characters.h"

enum { DEPTH_MAX = 32 };

typedef struct {
    const char *start, *s, *end;
    char **why;
} reader;

static bool fail(reader *r, const char *what)
{
    if (!*r->why) *r->why = fp_asprintf("byte %zu: %s", (size_t)(r->s - r->start), what);
    return false;
}

static bool take(reader *r, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(r->end - r->s) < n || memcmp(r->s, word, n) != 0) return false;
    r->s += n;
    return true;
}

static bool skip_blanks(reader *r)
{
    const char *from = r->s;
    while (r->s < r->end && *r->s && strchr(" \t\r\n", *r->s)) r->s++;
    return r->s > from;
}

static bool is_allowed(uint32_t code)
{
    return code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xD7FF) || (code >= 0xE000 && code <= 0xFFFD) ||
           (code >= 0x10000 && code <= 0x10FFFF);
}

static bool take_reference(reader *r, fp_text *out)
{
    static const char *const names[][2] = {{"amp;", "&"}, {"lt;", "<"}, {"gt;", ">"}, {"quot;", "\""}, {"apos;", "'"}};
    for (int k = 0; k < 5; k++)
        if (take(r, names[k][0])) {
            fp_text_add(out, names[k][1]);
            return true;
        }
    if (!take(r, "#")) return fail(r, "unknown entity");
    char *after;
    unsigned long code = take(r, "x") ? strtoul(r->s, &after, 16) : strtoul(r->s, &after, 10);
    if (after == r->s || *after != ';' || code > 0x10FFFF || !is_allowed((uint32_t)code)) return fail(r, "bad character reference");
    r->s = after + 1;
    characters_put(out, (uint32_t)code);
    return true;
}

/* Up to, not including, `stop`. */
static bool take_text(reader *r, fp_text *out, char stop)
{
    fp_text_add(out, "");
    while (r->s < r->end && *r->s != stop) {
        const char *from = r->s;
        if (take(r, "&")) {
            if (!take_reference(r, out)) return false;
            continue;
        }
        if (*r->s == '<') return fail(r, "'<' in a value");
        if (stop == '<' && take(r, "]]>")) return fail(r, "']]>' in character data");
        if (!is_allowed(characters_take(&r->s, r->end))) return fail(r, "character not allowed");
        fp_text_addn(out, from, (size_t)(r->s - from));
    }
    return r->s < r->end || fail(r, "end of the document");
}

static bool take_name(reader *r, char **name)
{
    const char *from = r->s;
    while (r->s < r->end && (*r->s == '-' || *r->s == '_' || (*r->s >= '0' && *r->s <= '9') || ((*r->s | 0x20) >= 'a' && (*r->s | 0x20) <= 'z')))
        r->s++;
    *name = fp_strndup(from, (size_t)(r->s - from));
    bool letter = (**name | 0x20) >= 'a' && (**name | 0x20) <= 'z';
    return letter || fail(r, "a name wanted");
}

static bool take_attribute(reader *r, xml *x)
{
    fp_text value = {0};
    int k = x->attributes;
    if (k == XML_ATTRIBUTES_MAX) return fail(r, "too many attributes");
    x->attributes++;
    if (!take_name(r, &x->attribute[k])) return false;
    for (int other = 0; other < k; other++)
        if (strcmp(x->attribute[other], x->attribute[k]) == 0) return fail(r, "the same attribute twice");
    bool good = take(r, "=\"") && take_text(r, &value, '"') && take(r, "\"");
    x->value[k] = value.data;
    return good || fail(r, "=\"...\" wanted");
}

static bool take_element(reader *r, xml *x, int depth);

static bool take_content(reader *r, xml *x, int depth)
{
    xml **tail = &x->first;
    fp_text text = {0};
    bool good;
    while ((good = take_text(r, &text, '<'))) {
        if (r->end - r->s > 1 && r->s[1] == '/') break;
        *tail = fp_alloc(1, sizeof **tail);
        if (!(good = take_element(r, *tail, depth + 1))) break;
        tail = &(*tail)->next;
    }
    x->text = text.data;
    return good && take(r, "</") && ((take(r, x->name) && (skip_blanks(r), take(r, ">"))) || fail(r, "end tag does not match"));
}

static bool take_element(reader *r, xml *x, int depth)
{
    if (depth > DEPTH_MAX || !take(r, "<") || !take_name(r, &x->name)) return fail(r, "an element wanted");
    while (skip_blanks(r) && r->s < r->end && *r->s != '>' && *r->s != '/')
        if (!take_attribute(r, x)) return false;
    if (take(r, "/>")) {
        x->text = fp_strdup("");
        return true;
    }
    return take(r, ">") ? take_content(r, x, depth) : fail(r, "'>' wanted");
}

xml *xml_read(const char *data, size_t len, char **why)
{
    reader r = {data, data, data + len, why};
    xml *x = fp_alloc(1, sizeof *x);
    *why = NULL;
    take(&r, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    bool good = take_element(&r, x, 0);
    skip_blanks(&r);
    if (good && r.s != r.end) good = fail(&r, "something after the document");
    if (good) return x;
    xml_free(x);
    return NULL;
}

void xml_free(xml *x)
{
    while (x) {
        xml *next = x->next;
        xml_free(x->first);
        for (int k = 0; k < x->attributes; k++) {
            free(x->attribute[k]);
            free(x->value[k]);
        }
        free(x->name);
        free(x->text);
        free(x);
        x = next;
    }
}

const char *xml_value(const xml *x, const char *attribute)
{
    for (int k = 0; k < x->attributes; k++)
        if (strcmp(x->attribute[k], attribute) == 0) return x->value[k];
    return NULL;
}

const xml *xml_child(const xml *x, const char *name)
{
    const xml *k = x->first;
    while (k && strcmp(k->name, name) != 0) k = k->next;
    return k;
}
