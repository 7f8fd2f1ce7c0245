/* SPDX-License-Identifier: MIT */
/* Instances that are small and odd. */
#include <stdlib.h>
#include <unistd.h>

#include "differential.h"

typedef struct {
    const char *name, *setting, *horizon;
    int missing;  /* a class whose samples are given to another one */
    bool moves;
} world_kind;

#define SMALL "n = 6\nL = 3\nd = 5\ntokens = uniform\n"
static const world_kind kinds[WORLDS] = {
    {"time alone", SMALL "m = 2\nm1 = 1\ninit = kaiming-normal\n", "2", 0, false},
    {"tokens that repeat", SMALL "m = 3\nm1 = 3\ninit = kaiming-normal\nseed = 11\n", "2", 0, true},
    {"m = 1", SMALL "m = 1\nm1 = 3\ninit = normal\nsigma0 = 1\nsigma1 = 1\nseed = 12\n", "2", 0, true},
    {"m1 = 1", SMALL "m = 3\nm1 = 1\ninit = kaiming-normal\nseed = 13\n", "2", 0, true},
    {"no class 4", SMALL "m = 2\nm1 = 2\ninit = normal\nsigma0 = 1/2\nsigma1 = 1\nseed = 14\n", "2", 4, true},
    {"no class 2", SMALL "m = 3\nm1 = 2\ninit = normal\nsigma0 = 1\nsigma1 = 1/2\nseed = 15\n", "2", 2, true},
    {"weights of scale 5", SMALL "m = 2\nm1 = 2\ninit = normal\nsigma0 = 5\nsigma1 = 5\nseed = 16\n", "1/64", 0, true},
    {"weights of scale 1e-3", SMALL "m = 3\nm1 = 3\ninit = normal\nsigma0 = 1/1000\nsigma1 = 1/1000\nseed = 17\n", "2", 0, true},
    {"an end without binary digits", SMALL "m = 2\nm1 = 3\ninit = kaiming-normal\nseed = 18\n", "4/3", 0, true},
    {"one group's weights large", SMALL "m = 2\nm1 = 2\ninit = normal\nsigma0 = 2\nsigma1 = 1/10\nseed = 19\n", "1/2", 1, true},
};

const char *world_name(int number)
{
    return kinds[number].name;
}

static void read_setting(fp_setting *s, const world_kind *k)
{
    fp_error err = {0};
    char path[] = "/tmp/fp-world-XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
    char *text = fp_asprintf("%shorizon = %s\n", k->setting, k->horizon);
    fp_ck_ok(fp_file_write(path, text, strlen(text), &err), &err);
    fp_ck_ok(fp_setting_read(s, path, &err), &err);
    remove(path);
    free(text);
}

/* Every sample of the class gets another token where the first of from..to stands, and belongs to another class. */
static void drop_class(fp_problem *p, int group)
{
    static const struct {
        int from, to, by, becomes;
    } change[] = {[1] = {2, 2, 4, 2}, [2] = {1, 1, 2, 3}, [4] = {4, 5, 1, 2}};
    for (long i = 0; i < p->n; i++) {
        if (p->group[i] != group) continue;
        int *token = p->token + i * p->L;
        while (*token < change[group].from || *token > change[group].to) token++;
        *token = change[group].by;
        p->group[i] = change[group].becomes;
        p->label[i] = -1;
    }
}

void world_open(world *w, int number)
{
    const world_kind *k = &kinds[number];
    fp_error err = {0};
    *w = (world){.is = {.name = k->name}};
    read_setting(&w->setting, k);
    fp_ck_ok(fp_problem_make(&w->problem, &w->setting, NULL, NULL, &err), &err);
    if (k->missing) drop_class(&w->problem, k->missing);
    fp_ck_ok(fp_flow_new(&w->flow, FP_FLOW_REDUCED, &w->problem, WORLD_PREC, NULL, &err), &err);
    arb_t horizon;
    arf_t end;
    arb_init(horizon);
    arf_init(end);
    fp_ball_set_rational(horizon, w->setting.horizon, CLAIM_PREC);
    arf_init(w->is.horizon);
    arf_set(w->is.horizon, arb_midref(horizon));
    w->is.horizon_text = fp_strdup(k->horizon);
    w->is.problem = &w->problem;
    arb_get_ubound_arf(end, horizon, TUBE_PREC);
    if (k->moves) {
        reference_init(&w->solution, &w->problem, end);
        w->is.flow = &w->solution;
    }
    arf_clear(end);
    arb_clear(horizon);
}

void world_close(world *w)
{
    if (w->is.flow) reference_clear(&w->solution);
    fp_flow_free(w->flow);
    fp_problem_clear(&w->problem);
    fp_setting_clear(&w->setting);
    arf_clear(w->is.horizon);
    free(w->is.horizon_text);
}
