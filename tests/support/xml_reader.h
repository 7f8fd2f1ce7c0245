/* SPDX-License-Identifier: MIT */
/* A strict reader of XML 1.0 for tests, as far as reports use it: elements, attributes, character data, the five entities and numeric
 * references, an XML declaration. No document type, comments, sections or instructions. */
#ifndef FLOWPROOF_TEST_XML_READER_H
#define FLOWPROOF_TEST_XML_READER_H

#include "flowproof/base.h"

enum { XML_ATTRIBUTES_MAX = 16 };

typedef struct xml {
    char *name;
    char *text; /* character data of the element, children's left out */
    char *attribute[XML_ATTRIBUTES_MAX], *value[XML_ATTRIBUTES_MAX];
    int attributes;
    struct xml *first, *next;
} xml;

/* NULL and a sentence in *why (to be freed) if the bytes are not a well-formed document. */
xml *xml_read(const char *data, size_t len, char **why);
void xml_free(xml *x);
const char *xml_value(const xml *x, const char *attribute); /* NULL if there is none */
const xml *xml_child(const xml *x, const char *name);       /* the first one, or NULL */

#endif
