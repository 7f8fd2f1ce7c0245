/* SPDX-License-Identifier: MIT */
/* An instance and sheets for the checker: what tube_rig.h and whole_rig.h build on. Functions are static: only tests that link the claims layer include this. */
#ifndef FP_TESTS_CHECKER_RIG_H
#define FP_TESTS_CHECKER_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fp_check.h"
#include "flowproof/check.h"

enum { RIG_PREC = 128, RIG_BALLS = 160 };

static const char rig_setting[] = "n = 6\nL = 3\nd = distinct\nm = 4\nm1 = 3\ninit = theory-nolog\nhorizon = 2\n";
static const char rig_head[] = "title none\npaper none\ngroup setting\nsays nothing\n";

typedef struct {
    char folder[64];
    fp_setting setting;
    fp_problem problem;
    fp_sheets sheets;
    fp_flow *flow[2];
    fp_vec *y0;
    fp_error err;
} rig;

static char *rig_write(const rig *r, const char *name, const char *text)
{
    fp_error err = {0};
    char *path = fp_asprintf("%s/%s", r->folder, name);
    fp_ck_ok(fp_file_write(path, text, strlen(text), &err), &err);
    return path;
}

static void rig_begin(rig *r)
{
    memset(r, 0, sizeof *r);
    snprintf(r->folder, sizeof r->folder, "/tmp/fp-check-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(r->folder));
    char *path = rig_write(r, "rig.setting", rig_setting);
    fp_ck_ok(fp_setting_read(&r->setting, path, &r->err), &r->err);
    remove(path);
    free(path);
    fp_ck_ok(fp_problem_make(&r->problem, &r->setting, NULL, NULL, &r->err), &r->err);
    for (int k = 0; k < 2; k++)
        fp_ck_ok(fp_flow_new(&r->flow[k], FP_FLOW_REDUCED, &r->problem, RIG_PREC, NULL, &r->err), &r->err);
    r->y0 = fp_flow_initial(r->flow[0]);
}

/* Sheets are given as number, body, number, body, .., NULL. A number "twin X" makes a twin. */
static void rig_sheets(rig *r, const char *const *list)
{
    for (; *list; list += 2) {
        bool twin = strncmp(list[0], "twin ", 5) == 0;
        char *name = fp_asprintf("%s%s.claim", twin ? "twin-" : "", twin ? list[0] + 5 : list[0]);
        char *text = twin ? fp_asprintf("%s\n%s", list[0], list[1]) : fp_asprintf("statement %s\n%s%s", list[0], rig_head, list[1]);
        free(rig_write(r, name, text));
        free(name);
        free(text);
    }
    const char *path = r->folder;
    fp_text context = {0};
    fp_status status = fp_sheets_read(&r->sheets, &path, 1, true, NULL, &context, &r->err);
    ck_assert_msg(status == FP_OK, "%s\n%s", r->err.message, context.data ? context.data : "");
    fp_text_clear(&context);
}

static void rig_end(rig *r)
{
    char *command = fp_asprintf("rm -rf '%s'", r->folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
    fp_sheets_clear(&r->sheets);
    fp_vec_free(r->y0);
    for (int k = 0; k < 2; k++) fp_flow_free(r->flow[k]);
    fp_problem_clear(&r->problem);
    fp_setting_clear(&r->setting);
}

#endif
