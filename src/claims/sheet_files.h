/* SPDX-License-Identifier: MIT */
/* Files of sheets: what sheets.c and sheet_fields.c share. */
#ifndef FLOWPROOF_SHEET_FILES_H
#define FLOWPROOF_SHEET_FILES_H

#include "sheet_impl.h"

/* Those before ASSUMES are text, the rest are read as tokens. */
#define FP_FIELD_LIST(X)                                                                                                          \
    X(STATEMENT, "statement") X(TWIN, "twin") X(PRELUDE, "prelude") X(TITLE, "title") X(PAPER, "paper") X(GROUP, "group")         \
    X(SAYS, "says") X(ERRATUM, "erratum") X(ASSUMES, "assumes") X(REQUIRES, "requires") X(CONSTANT, "constant") X(LET, "let")     \
    X(DEFINE, "define") X(TIME, "time") X(CLAIM, "claim") X(ORDER, "order") X(PROBABILITY, "probability")
typedef enum {
#define FP_FIELD_ENUM(id, name) FP_FIELD_##id,
    FP_FIELD_LIST(FP_FIELD_ENUM)
#undef FP_FIELD_ENUM
} fp_field_kind;

typedef struct {
    fp_field_kind kind;
    fp_place place;
    fp_cursor body;
    size_t end;
} fp_sheet_field;

typedef struct {
    fp_sheet_source source; /* file: in the arena; data: text.data */
    fp_text text;
    char *relative; /* to the path it was found under; in the arena */
    unsigned long long device, inode; /* two paths to one file are one sheet */
    bool is_standard; /* see fp_sheet */
    fp_sheet_field *fields;
    int count;
    fp_names names;
    fp_sheet *sheet;
} fp_sheet_file;

bool fp_sheet_scan(fp_sheet_file *f, fp_parser *p);  /* fields and texts: makes f->sheet */
bool fp_sheet_parse(fp_sheet_file *f, fp_parser *p); /* formulas; original and outer names are set */

#endif
