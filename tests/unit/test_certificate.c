/* SPDX-License-Identifier: MIT */
/* Certificates: written, verified, damaged in ten thousand ways, and forged. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "flowproof/verify.h"

enum { DIGEST = 32, DAMAGES = 10000 };

typedef struct {
    fp_setting setting;
    fp_problem problem;
    fp_pool *pool;
    fp_flow *flow;
    char folder[64], path[96];
    fp_text bytes; /* of the good certificate */
    fp_certificate_writer *writer;
    fp_error err;
} rig;
static rig R;

static bool record(const fp_step *s, const fp_start *start, void *ctx)
{
    rig *r = ctx;
    (void)start;
    ck_assert_int_eq(fp_certificate_add(r->writer, s, &r->err), FP_OK);
    return true;
}

static fp_certificate_head head_of(const rig *r, const fp_certify_options *o)
{
    const fp_layout *layout = fp_flow_layout(r->flow);
    return (fp_certificate_head){.setting = (char *)"tiny", .setting_sha256 = (char *)r->setting.sha256, .dataset = (char *)"", .weights = (char *)"",
                                 .data_sha256 = (char *)r->problem.data_sha256, .weights_sha256 = (char *)r->problem.weights_sha256, .sheets = (char *)"proofs\tmine", .sheets_sha256 = (char *)"",
                                 .flow = (char *)"reduced", .horizon = (char *)"1/4", .only = (char *)"4.4/*", .precision = 128, .order = o->order,
                                 .limbs = o->limbs, .d = layout->d, .rows_v = layout->rows_v, .rows_k = layout->rows_k};
}

static void write_certificate(rig *r, unsigned long every)
{
    mpq_t tolerance;
    arf_t end;
    fp_chain_stats stats;
    mpq_init(tolerance);
    arf_init(end);
    ck_assert(fp_rational_parse(tolerance, "1e-14"));
    arf_set_d(end, 0.25);
    fp_chain_options options = {.certify = {.order = 12, .limbs = 1, .parts = 4, .tolerance = tolerance, .pool = r->pool}, .t_end = end};
    fp_certificate_head head = head_of(r, &options.certify);
    ck_assert_int_eq(fp_certificate_create(&r->writer, r->path, &head, every, &r->err), FP_OK);
    ck_assert_int_eq(fp_chain_run(&options, r->flow, record, r, &stats, &r->err), FP_CHAIN_END);
    ck_assert_uint_ge(stats.steps, 3);
    ck_assert_int_eq(fp_certificate_close(r->writer, stats.t, FP_CHAIN_END, &r->err), FP_OK);
    fp_text_clear(&r->bytes);
    ck_assert_int_eq(fp_file_read(&r->bytes, r->path, 1u << 30, &r->err), FP_OK);
    fp_chain_stats_clear(&stats);
    arf_clear(end);
    mpq_clear(tolerance);
}

static void setup(void)
{
    memset(&R, 0, sizeof R);
    ck_assert_int_eq(fp_setting_read(&R.setting, "proofs/settings/tiny.setting", &R.err), FP_OK);
    ck_assert_int_eq(fp_problem_make(&R.problem, &R.setting, NULL, NULL, &R.err), FP_OK);
    R.pool = fp_pool_new(2);
    ck_assert_int_eq(fp_flow_new(&R.flow, FP_FLOW_REDUCED, &R.problem, 128, R.pool, &R.err), FP_OK);
    strcpy(R.folder, "/tmp/flowproof-certificate-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(R.folder));
    snprintf(R.path, sizeof R.path, "%s/run.cert", R.folder);
    write_certificate(&R, 1);
}

static void teardown(void)
{
    remove(R.path);
    rmdir(R.folder);
    fp_text_clear(&R.bytes);
    fp_flow_free(R.flow);
    fp_pool_free(R.pool);
    fp_problem_clear(&R.problem);
    fp_setting_clear(&R.setting);
}

static void store(const rig *r, const char *data, size_t len)
{
    FILE *file = fopen(r->path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, len, file), len);
    fclose(file);
}

/* Puts a correct digest under data: what a forger would do. */
static void reseal(char *data, size_t len)
{
    fp_sha256 sha;
    char hex[65];
    fp_sha256_init(&sha);
    fp_sha256_add(&sha, data, len - DIGEST);
    fp_sha256_hex(hex, &sha);
    for (int k = 0; k < DIGEST; k++) {
        const char pair[3] = {hex[2 * k], hex[2 * k + 1], 0};
        data[len - DIGEST + (size_t)k] = (char)strtoul(pair, NULL, 16);
    }
}

/* ---- what a verified tube says of G(mu_1) .. G(mu_4) at the ends of its steps */
enum { SEEN = 4, STEPS_MOST = 64 };
typedef struct {
    arb_struct G[STEPS_MOST][SEEN];
    arf_struct t[STEPS_MOST];
    size_t steps;
} sight;

static void sight_init(sight *x)
{
    for (size_t s = 0; s < STEPS_MOST; s++) {
        for (int k = 0; k < SEEN; k++) arb_init(&x->G[s][k]);
        arf_init(&x->t[s]);
    }
    x->steps = 0;
}

static void sight_clear(sight *x)
{
    for (size_t s = 0; s < STEPS_MOST; s++) {
        for (int k = 0; k < SEEN; k++) arb_clear(&x->G[s][k]);
        arf_clear(&x->t[s]);
    }
}

static bool look(const fp_segment *segment, void *ctx)
{
    sight *x = ctx;
    const char *why;
    ck_assert_uint_lt(x->steps, STEPS_MOST);
    segment->view[0]->set(segment->view[0]->ctx, segment->right, segment->right);
    for (long k = 0; k < SEEN; k++) ck_assert(segment->view[0]->value(&x->G[x->steps][k], segment->view[0]->ctx, FP_TUBE_G, &k, &why));
    arf_set(&x->t[x->steps++], segment->right);
    return true;
}

/* Where both speak of the same time, both contain the true values, so they meet. Returns how many such times there are. */
static int check_overlap(const sight *x, const sight *y)
{
    int common = 0;
    for (size_t r = 0; r < x->steps; r++)
        for (size_t s = 0; s < y->steps; s++) {
            if (!arf_equal(&x->t[r], &y->t[s])) continue;
            common++;
            for (int k = 0; k < SEEN; k++) ck_assert_msg(arb_overlaps(&x->G[r][k], &y->G[s][k]), "two proofs about G(mu_%d) contradict one another", k + 1);
        }
    return common;
}

static fp_chain_outcome verify(rig *r, fp_chain_stats *stats, sight *seen)
{
    fp_certificate *c;
    fp_chain_outcome outcome = FP_CHAIN_FAILED;
    fp_verify_options options = {.problem = &r->problem, .pool = r->pool, .observer = seen ? look : NULL, .ctx = seen};
    r->err = (fp_error){FP_OK, ""};
    if (seen) seen->steps = 0;
    fp_chain_stats_init(stats);
    if (fp_certificate_open(&c, r->path, &r->err) != FP_OK) return outcome;
    fp_chain_stats_clear(stats);
    outcome = fp_certificate_verify(c, &options, stats, &r->err);
    fp_certificate_free(c);
    return outcome;
}

static bool is_rejected(rig *r)
{
    fp_chain_stats stats;
    bool proved = verify(r, &stats, NULL) == FP_CHAIN_END;
    fp_chain_stats_clear(&stats);
    return !proved && r->err.code == FP_REJECTED;
}

START_TEST(what_was_written_verifies_with_every_knot_or_a_few)
{
    fp_chain_stats all, few;
    size_t size = R.bytes.len;
    sight first, second;
    sight_init(&first);
    sight_init(&second);
    ck_assert_int_eq(verify(&R, &all, &first), FP_CHAIN_END);
    write_certificate(&R, 3);
    ck_assert_uint_lt(R.bytes.len, size / 2);
    ck_assert_int_eq(verify(&R, &few, &second), FP_CHAIN_END);
    ck_assert_uint_eq(few.steps, all.steps);
    ck_assert_double_lt(mag_get_d(all.e), 1e-12);
    ck_assert_double_lt(mag_get_d(few.e), 1e-12);
    ck_assert_int_eq(check_overlap(&first, &second), (int)all.steps);
    sight_clear(&first);
    sight_clear(&second);
    fp_chain_stats_clear(&all);
    fp_chain_stats_clear(&few);
}
END_TEST

START_TEST(the_head_comes_back)
{
    fp_certificate *c;
    ck_assert_int_eq(fp_certificate_open(&c, R.path, &R.err), FP_OK);
    const fp_certificate_head *head = fp_certificate_get_head(c);
    ck_assert_str_eq(head->only, "4.4/*");
    ck_assert_str_eq(head->dataset, "");
    ck_assert_str_eq(head->horizon, "1/4");
    ck_assert_str_eq(head->data_sha256, R.problem.data_sha256);
    ck_assert_str_eq(head->sheets, "proofs\tmine");
    ck_assert_int_eq(head->order, 12);
    fp_certificate_free(c);
}
END_TEST

/* ---- damage: a bit, a run of bytes, a cut, an exchange of two places, something more */
static size_t damage(char *data, size_t len, fp_rng *rng)
{
    size_t at = (size_t)fp_rng_below(rng, len), other = (size_t)fp_rng_below(rng, len);
    switch (fp_rng_below(rng, 5)) {
    case 0: data[at] = (char)(data[at] ^ (char)(1 << fp_rng_below(rng, 8))); return len;
    case 1: return at;
    case 2: {
        size_t run = 1 + (size_t)fp_rng_below(rng, 64);
        for (size_t k = at; k < len && k < at + run; k++) data[k] = (char)fp_rng_u32(rng);
        return len;
    }
    case 3: {
        size_t run = len - (at > other ? at : other);
        if (run > 512) run = 512;
        for (size_t k = 0; k < run; k++) {
            char held = data[at + k];
            data[at + k] = data[other + k];
            data[other + k] = held;
        }
        return len;
    }
    default:
        memmove(data + at, data + other, (at > other ? len - at : len - other));
        return len;
    }
}

START_TEST(ten_thousand_damaged_files_are_all_rejected)
{
    char *data = fp_alloc(R.bytes.len, 1);
    fp_rng rng;
    fp_rng_init(&rng, 7, 1);
    int unchanged = 0;
    for (int k = 0; k < DAMAGES; k++) {
        memcpy(data, R.bytes.data, R.bytes.len);
        size_t len = damage(data, R.bytes.len, &rng);
        if (len == R.bytes.len && memcmp(data, R.bytes.data, len) == 0) {
            unchanged++;
            continue;
        }
        store(&R, data, len);
        fp_certificate *c;
        R.err.code = FP_OK;
        ck_assert_msg(fp_certificate_open(&c, R.path, &R.err) == FP_REJECTED, "damage %d passed", k);
    }
    ck_assert_int_lt(unchanged, DAMAGES / 20);
    free(data);
}
END_TEST

/* With a correct digest: nothing crashes, and what is accepted at all is still true. */
START_TEST(forged_files_never_crash_the_reader_and_never_prove_what_is_false)
{
    char *data = fp_alloc(R.bytes.len, 1);
    fp_rng rng;
    fp_chain_stats stats;
    sight good, forged;
    int rejected = 0, accepted = 0, ended = 0;
    sight_init(&good);
    sight_init(&forged);
    ck_assert_int_eq(verify(&R, &stats, &good), FP_CHAIN_END);
    fp_chain_stats_clear(&stats);
    fp_rng_init(&rng, 8, 1);
    for (int k = 0; k < 120; k++) {
        memcpy(data, R.bytes.data, R.bytes.len);
        size_t len = R.bytes.len;
        if (k % 2)
            data[fp_rng_below(&rng, len)] ^= (char)(1 << fp_rng_below(&rng, 8)); /* mostly a digit of a knot */
        else
            len = damage(data, len, &rng);
        if (len < 2 * DIGEST) continue;
        reseal(data, len);
        store(&R, data, len);
        fp_chain_outcome outcome = verify(&R, &stats, &forged);
        bool proved = outcome == FP_CHAIN_END;
        fp_chain_stats_clear(&stats);
        accepted += proved;
        ended += outcome == FP_CHAIN_OPEN;
        rejected += outcome == FP_CHAIN_FAILED && R.err.code == FP_REJECTED;
        ck_assert_msg(proved || outcome == FP_CHAIN_OPEN || R.err.code == FP_REJECTED, "%d: %s", k, R.err.message);
        check_overlap(&good, &forged); /* all that was shown, to whatever time, even by what was rejected in the end */
    }
    ck_assert_int_gt(rejected, 40);
    ck_assert_int_lt(ended, 10); /* times that were moved a little, all of them alike */
    ck_assert_int_gt(accepted, 10); /* low bits of knots, hints, text of the head that only the caller compares */
    sight_clear(&good);
    sight_clear(&forged);
    free(data);
}
END_TEST

/* Positions of the step records, found by reading them. */
static size_t step_length(const rig *r)
{
    const char *first = memchr(strstr(r->bytes.data, "\n\n"), 'S', 16);
    size_t begin = (size_t)(first - r->bytes.data);
    const fp_layout *layout = fp_flow_layout(r->flow);
    size_t knot = 8 * (size_t)(layout->rows_v + 1) * (size_t)(1 + layout->d) + 16 * (size_t)(layout->rows_k + 1) * (size_t)layout->d;
    size_t text = 1 + (size_t)(unsigned char)r->bytes.data[begin + 1];
    text += 1 + (size_t)(unsigned char)r->bytes.data[begin + 1 + text];
    return 1 + text + 12 + 1 + knot;
}

START_TEST(exchanged_steps_with_a_new_digest_are_rejected)
{
    char *data = fp_alloc(R.bytes.len, 1);
    const char *first = memchr(strstr(R.bytes.data, "\n\n"), 'S', 16);
    size_t begin = (size_t)(first - R.bytes.data), len = step_length(&R);
    ck_assert_int_eq(R.bytes.data[begin + len], 'S');
    memcpy(data, R.bytes.data, R.bytes.len);
    memmove(data + begin, data + begin + len, R.bytes.len - begin - len); /* the first step is left out */
    reseal(data, R.bytes.len - len);
    store(&R, data, R.bytes.len - len);
    ck_assert(is_rejected(&R));
    free(data);
}
END_TEST

/* Where the second step's hint of a radius and its knot are. */
static size_t second_hint(const rig *r)
{
    const char *first = memchr(strstr(r->bytes.data, "\n\n"), 'S', 16);
    size_t at = (size_t)(first - r->bytes.data) + step_length(r);
    ck_assert_int_eq(r->bytes.data[at++], 'S');
    at += 1 + (size_t)(unsigned char)r->bytes.data[at];
    return at + 1 + (size_t)(unsigned char)r->bytes.data[at];
}

/* A knot off the flow: the distance is in the radius from there on, or the certificate is rejected. */
START_TEST(a_moved_knot_widens_the_tube_or_is_rejected)
{
    char *data = fp_alloc(R.bytes.len, 1);
    fp_chain_stats stats;
    size_t knot = second_hint(&R) + 12 + 1 + 8; /* the first digits: u, 60 bits each, the top one fills them */
    for (int bit = 8; bit < 56; bit += 8) {
        memcpy(data, R.bytes.data, R.bytes.len);
        data[knot + (size_t)bit / 8] ^= 1;
        reseal(data, R.bytes.len);
        store(&R, data, R.bytes.len);
        fp_chain_outcome outcome = verify(&R, &stats, NULL);
        bool proved = outcome == FP_CHAIN_END;
        double e = mag_get_d(stats.e);
        ck_assert_msg(proved || (outcome == FP_CHAIN_FAILED && strstr(R.err.message, "knots lie apart")), "bit %d: %s", bit, R.err.message);
        fp_chain_stats_clear(&stats);
        /* |u| is of order 1 and its largest entry has 60 bits, so the entry moved by 2^(bit-60) |u|, give or take 8; u counts with 1/sqrt(m1) = 1/2 at most */
        ck_assert_msg(!proved || e > ldexp(1, bit - 66), "bit %d: radius %g", bit, e);
        ck_assert(proved || bit > 40);
    }
    free(data);
}
END_TEST

START_TEST(a_wrong_hint_costs_time_but_changes_nothing)
{
    char *data = fp_alloc(R.bytes.len, 1);
    fp_chain_stats good, other;
    ck_assert_int_eq(verify(&R, &good, NULL), FP_CHAIN_END);
    for (int k = 0; k < 3; k++) {
        size_t at = second_hint(&R);
        memcpy(data, R.bytes.data, R.bytes.len);
        memset(data + at, 0, 12);
        if (k > 0) data[at + 3] = 0x20; /* mantissa 1/2 */
        if (k == 1) data[at + 4] = 100; /* 2^99 */
        if (k == 2) memset(data + at + 4, 0xff, 8), data[at + 4] = 0, data[at + 5] = (char)0xfe; /* 2^-513 */
        reseal(data, R.bytes.len);
        store(&R, data, R.bytes.len);
        ck_assert_msg(verify(&R, &other, NULL) == FP_CHAIN_END, "hint %d: %s", k, R.err.message);
        ck_assert_double_lt(mag_get_d(other.e), 1.01 * mag_get_d(good.e));
        fp_chain_stats_clear(&other);
    }
    fp_chain_stats_clear(&good);
    free(data);
}
END_TEST

/* Bytes before the digest: why it ended is the last one, the version stands on the first line. */
START_TEST(an_end_for_no_known_reason_and_another_version_are_refused_and_named)
{
    char *data = fp_alloc(R.bytes.len, 1), *version;
    memcpy(data, R.bytes.data, R.bytes.len);
    data[R.bytes.len - DIGEST - 1] = 'x';
    reseal(data, R.bytes.len);
    store(&R, data, R.bytes.len);
    ck_assert(is_rejected(&R));
    ck_assert_msg(strstr(R.err.message, "does not say why it ends there") != NULL, "%s", R.err.message);
    memcpy(data, R.bytes.data, R.bytes.len);
    version = strchr(data, ' ') + 1;
    ck_assert_int_eq(*version, '0' + FP_CERTIFICATE_VERSION);
    *version = '2';
    reseal(data, R.bytes.len);
    store(&R, data, R.bytes.len);
    ck_assert(is_rejected(&R));
    ck_assert_msg(strstr(R.err.message, "it is of version 2, and version 3 is read here") != NULL, "%s", R.err.message);
    free(data);
}
END_TEST

START_TEST(another_dataset_is_rejected)
{
    fp_problem mine = R.problem;
    fp_setting changed = R.setting;
    changed.seed = 2;
    ck_assert_int_eq(fp_problem_make(&R.problem, &changed, NULL, NULL, &R.err), FP_OK);
    ck_assert(is_rejected(&R));
    fp_problem_clear(&R.problem);
    R.problem = mine;
}
END_TEST

START_TEST(an_abandoned_certificate_leaves_nothing)
{
    fp_certify_options o = {.order = 12, .limbs = 1, .parts = 4};
    fp_certificate_head head = head_of(&R, &o);
    fp_list files = {0};
    ck_assert_int_eq(fp_certificate_create(&R.writer, R.path, &head, 1, &R.err), FP_OK);
    fp_certificate_abandon(R.writer);
    ck_assert_int_eq(fp_dir_list(&files, R.folder, "tmp", &R.err), FP_OK);
    ck_assert_uint_eq(files.count, 0);
    fp_list_clear(&files);
}
END_TEST

static bool is_refused(const fp_step *s, const fp_start *start, void *ctx)
{
    rig *r = ctx;
    (void)start;
    ck_assert(fp_step_is_estimated(s));
    ck_assert_int_eq(fp_certificate_add(r->writer, s, &r->err), FP_INTERNAL);
    return false;
}

START_TEST(an_estimated_step_is_refused)
{
    mpq_t tolerance;
    arf_t end;
    fp_chain_stats stats;
    mpq_init(tolerance);
    arf_init(end);
    ck_assert(fp_rational_parse(tolerance, "1e-14"));
    arf_set_d(end, 0.25);
    fp_chain_options options = {.certify = {.tolerance = tolerance, .pool = R.pool}, .t_end = end, .estimate = true};
    fp_certificate_head head = head_of(&R, &(fp_certify_options){.order = 12, .limbs = 1, .parts = 4});
    ck_assert_int_eq(fp_certificate_create(&R.writer, R.path, &head, 1, &R.err), FP_OK);
    ck_assert_int_eq(fp_chain_run(&options, R.flow, is_refused, &R, &stats, &R.err), FP_CHAIN_STOPPED);
    fp_certificate_abandon(R.writer);
    fp_chain_stats_clear(&stats);
    arf_clear(end);
    mpq_clear(tolerance);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("certificate");
    TCase *cases = tcase_create("certificate");
    tcase_set_timeout(cases, 300);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, what_was_written_verifies_with_every_knot_or_a_few);
    tcase_add_test(cases, the_head_comes_back);
    tcase_add_test(cases, an_estimated_step_is_refused);
    tcase_add_test(cases, ten_thousand_damaged_files_are_all_rejected);
    tcase_add_test(cases, forged_files_never_crash_the_reader_and_never_prove_what_is_false);
    tcase_add_test(cases, exchanged_steps_with_a_new_digest_are_rejected);
    tcase_add_test(cases, a_moved_knot_widens_the_tube_or_is_rejected);
    tcase_add_test(cases, a_wrong_hint_costs_time_but_changes_nothing);
    tcase_add_test(cases, an_end_for_no_known_reason_and_another_version_are_refused_and_named);
    tcase_add_test(cases, another_dataset_is_rejected);
    tcase_add_test(cases, an_abandoned_certificate_leaves_nothing);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
