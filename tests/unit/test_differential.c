/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <time.h>

#include "../support/differential.h"

static double cpu(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

START_TEST(no_verdict_is_wrong)
{
    int number = getenv("FP_CLAIMS") ? atoi(getenv("FP_CLAIMS")) : 50;
    world w;
    fp_rng random;
    double start = cpu();
    world_open(&w, _i);
    printf("world %s: %zu steps, %g s\n", w.is.name, w.solution.steps, cpu() - start);
    start = cpu();
    fp_rng_init(&random, 1, (uint32_t)_i);
    claim_maker maker = {.world = &w.is, .random = &random};
    tree_claim *claims = fp_alloc((size_t)number, sizeof *claims);
    int truths[4] = {0};
    for (int k = 0; k < number; k++) {
        claim_random(&claims[k], &maker, k);
        truths[claims[k].truth]++;
    }
    printf("  made in %g s: unsure %d true %d false %d none %d\n", cpu() - start, truths[0], truths[1], truths[2], truths[3]);
    if (getenv("FP_LIST"))
        for (int k = 0; k < number; k++) {
            fp_text text = {0};
            claim_print(&text, &claims[k]);
            printf("%s    %s %g: %d\n", text.data, claims[k].label, claims[k].offset, (int)claims[k].truth);
            fp_text_clear(&text);
        }
    static const tube_choice tubes[] = {{TUBE_MADE, 1e-17, 5}, {TUBE_MADE, 1e-9, 6}, {TUBE_MADE, 1e-2, 8}, {TUBE_PROVED, 1e-17, 4}, {TUBE_LYING, 1e-6, 4}};
    for (size_t r = 0; r < 5; r++) {
        if (_i == 0 && r > 0) break;
        differential_count count = {0};
        start = cpu();
        differential_check(&count, claims, number, &w, &tubes[r]);
        printf("  tube %d %g: %g s: decided %lu undecided %lu unsure %lu none %lu wrong %lu; far %lu of %lu\n", tubes[r].kind, tubes[r].radius, cpu() - start, count.decided, count.undecided,
               count.unsure, count.none, count.wrong, count.far_decided, count.far_claims);
        fflush(stdout);
    }
    for (int k = 0; k < number; k++) claim_clear(&claims[k]);
    free(claims);
    forest_clear(&maker.trees);
    world_close(&w);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("differential");
    TCase *c = tcase_create("differential");
    tcase_set_timeout(c, 600);
    tcase_add_loop_test(c, no_verdict_is_wrong, 0, WORLDS);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
