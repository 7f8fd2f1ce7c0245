/* SPDX-License-Identifier: MIT */
#include "../support/instance.h"

/* ---- constant expressions */

static const char *const names[] = {"n", "m", "delta"};

static fp_status eval(arb_t out, const char *text)
{
    arb_ptr v = _arb_vec_init(3);
    arb_set_si(v, 60);
    arb_set_si(v + 1, 1024);
    arb_set_d(v + 2, 0.25);
    fp_status st = fp_constant_eval(out, text, names, v, 3, 128, &err);
    _arb_vec_clear(v, 3);
    return st;
}

START_TEST(constant_expressions_have_the_precedence_of_mathematics)
{
    /* pairs that denote the same number */
    static const char *const same[][2] = {
        {"1+2*3", "7"},          {"8/4/2", "1"},        {"10-4-3", "3"},          {"-2^2", "-4"},
        {"2^3^2", "512"},        {"2^-1", "0.5"},       {"(1+2)*3", "9"},         {"2*-3", "-6"},
        {"sqrt(m)", "32"},       {"n/m", "15/256"},     {"delta", "1/4"},         {"4^(1/2)", "2"},
        {"1e-3*1000", "1"},      {"log(exp(3))", "3"},  {" + 1 ", "1"},           {"(-2)^3", "-8"},
        {"sqrt(2)^2", "2"},      {".5", "0.5"},         {"1/sqrt(n*m)", "(60*1024)^-0.5"},
        {"pi", "3.14159265358979323846264338327950288419716939937510"},
    };
    arb_t x, y;
    arb_init(x);
    arb_init(y);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        ck_assert_msg(eval(x, same[i][0]) == FP_OK, "%s: %s", same[i][0], err.message);
        ck_assert_int_eq(eval(y, same[i][1]), FP_OK);
        ck_assert_msg(arb_overlaps(x, y), "%s is not %s", same[i][0], same[i][1]);
        ck_assert_msg(arb_rel_accuracy_bits(x) > 110, "%s is not sharp", same[i][0]);
    }
    arb_clear(x);
    arb_clear(y);
}
END_TEST

START_TEST(constant_expressions_that_are_wrong_name_the_column)
{
    static const char *const row[][2] = {
        {"", "column 1: expected a number"},
        {"1+", "column 3: expected a number"},
        {"1 2", "column 3: expected an operator"},
        {"(1", "column 3: expected an operator or ')'"},
        {"sqrt 2", "column 6: expected '('"},
        {"2*mm", "column 3: unknown name 'mm'"},
        {"lgo(2)", "did you mean 'log'"},
        {"1/(n-60)", "column 2: not defined here"},
        {"3+sqrt(-1)", "column 3: not defined here"},
        {"log(0)", "column 1: not defined here"},
        {"(-8)^(1/3)", "column 5: not defined here"},
        {"1e999999", "column 1: not a number"},
        {"1..2", "column 3: expected"},
        {"2e", "column 2: expected"},
        {"1\xc3\xa9", "column 2: expected"},
    };
    arb_t x;
    arb_init(x);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ck_assert_msg(eval(x, row[i][0]) == FP_BAD_INPUT, "accepted: %s", row[i][0]);
        ck_assert_msg(strstr(err.message, row[i][1]), "%s: '%s' lacks '%s'", row[i][0], err.message, row[i][1]);
    }
    fp_text deep = {0};
    for (int i = 0; i < 100000; i++) fp_text_add(&deep, "(");
    ck_assert_int_eq(eval(x, deep.data), FP_BAD_INPUT);
    ck_assert(strstr(err.message, "nested too deeply"));
    fp_text_clear(&deep);
    arb_clear(x);
}
END_TEST

START_TEST(towers_of_powers_end_in_a_value_or_a_message)
{
    static const char *const text[] = {"exp(exp(exp(1e100000)))", "2^(2^39)", "((2^(2^39))^(2^39))^(2^39)", "1e100000^1e100000",
                                       "exp(-exp(1e300))", "9^9^9^9^9", "0^0", "0^-1"};
    arb_t x;
    arb_init(x);
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++) {
        fp_status st = eval(x, text[i]);
        ck_assert_msg(st == FP_OK || st == FP_BAD_INPUT, "%s", text[i]);
    }
    arb_clear(x);
}
END_TEST

/* ---- settings */

/* The message ends "x.setting" + rest-of-place, and has `part`. */
static void setting_refused(const char *text, const char *place, const char *part)
{
    fp_setting s;
    ck_assert_msg(read_bytes(&s, text, strlen(text)) == FP_BAD_INPUT, "accepted: %s", text);
    char *start = fp_asprintf("%s%s", path, place);
    ck_assert_msg(strncmp(err.message, start, strlen(start)) == 0, "'%s' does not begin with '%s'", err.message, start);
    ck_assert_msg(strstr(err.message, part), "'%s' lacks '%s'", err.message, part);
    free(start);
}

START_TEST(a_setting_reads_every_key)
{
    fp_setting s;
    setting(&s, "\xef\xbb\xbfn = 12 # samples\r\n  L=5\nd\t=\t70\nm=3\nm1=2\n\n# nothing\ntokens=uniform\ninit=normal\nsigma0=1/sqrt(L*m)\n"
                "sigma1 = 2^-3\nseed=18446744073709551615\nhorizon=1e3\nCT1=2.5\nmargin=1/3\npower=0.25\ndelta=1e-2\n"
                "flow=gram\nmethod=rk45\nprecision=100000\ntolerance=1e-20\nmax-steps=7");
    ck_assert_int_eq(s.n, 12);
    ck_assert_int_eq(s.L, 5);
    ck_assert_int_eq(s.d, 70);
    ck_assert(!s.d_is_distinct);
    ck_assert_int_eq(s.m, 3);
    ck_assert_int_eq(s.m1, 2);
    ck_assert_int_eq(s.tokens, FP_TOKENS_UNIFORM);
    ck_assert(s.has_init && s.init == FP_INIT_NORMAL);
    ck_assert_str_eq(s.sigma0, "1/sqrt(L*m)");
    ck_assert_str_eq(s.sigma1, "2^-3");
    ck_assert(s.seed == UINT64_MAX);
    ck_assert(mpq_cmp_si(s.horizon, 1000, 1) == 0);
    ck_assert(mpq_cmp_si(s.CT1, 5, 2) == 0);
    ck_assert(mpq_cmp_si(s.margin, 1, 3) == 0);
    ck_assert(mpq_cmp_si(s.power, 1, 4) == 0);
    ck_assert(mpq_cmp_si(s.delta, 1, 100) == 0);
    ck_assert_str_eq(s.flow, "gram");
    ck_assert_str_eq(s.method, "rk45");
    ck_assert_int_eq(s.precision, 100000);
    ck_assert_int_eq(s.max_steps, 7);
    ck_assert_str_eq(s.name, "x");
    ck_assert_uint_eq(strlen(s.sha256), 64);
    fp_setting_clear(&s);
    fp_setting_clear(&s);
}
END_TEST

START_TEST(an_empty_setting_holds_the_defaults)
{
    fp_setting s, none;
    setting(&s, "");
    fp_setting_defaults(&none);
    ck_assert_int_eq(s.n, 0);
    ck_assert(!s.has_init);
    ck_assert_int_eq(s.tokens, FP_TOKENS_DISTINCT);
    ck_assert_int_eq(s.precision, 128);
    ck_assert_int_eq(s.max_steps, 1000000);
    ck_assert(mpq_cmp_si(s.horizon, 1, 1) == 0 && mpq_cmp_si(s.margin, 1, 2) == 0 && mpq_cmp_si(s.delta, 1, 100) == 0);
    ck_assert(mpq_equal(s.tolerance, none.tolerance) && s.seed == 1 && none.seed == 1);
    ck_assert_str_eq(s.sha256, none.sha256);
    ck_assert_ptr_null(none.path);
    ck_assert_str_eq(none.flow, "reduced");
    fp_setting_clear(&s);
    fp_setting_clear(&none);
}
END_TEST

START_TEST(wrong_settings_are_refused_with_line_column_and_what_is_allowed)
{
    setting_refused("n = 6\nsede = 3\n", ":2:1: ", "unknown key 'sede', did you mean 'seed'?; allowed: n L d");
    setting_refused("n = 6\nL = 4\n n = 6\n", ":3:2: ", "'n' was already set on line 1");
    setting_refused("n = sechs", ":1:5: ", "expected n to be an integer from 1 to 1000000000, found 'sechs'");
    setting_refused("n = 0", ":1:5: ", "from 1");
    setting_refused("n = -6", ":1:5: ", "from 1");
    setting_refused("m = 1000000001", ":1:5: ", "to 1000000000");
    setting_refused("m = 99999999999999999999999", ":1:5: ", "to 1000000000");
    setting_refused("m = 99999999999999999999999999999999999999999999999999999", ":1:5: ", "...'");
    setting_refused("d = many", ":1:5: ", "or distinct");
    setting_refused("seed = 18446744073709551616", ":1:8: ", "to 18446744073709551615");
    setting_refused("horizon = 0", ":1:11: ", "above 0");
    setting_refused("horizon = ", ":1:10: ", "found ''");
    setting_refused("delta = 1", ":1:9: ", "below 1");
    setting_refused("delta = 1/0", ":1:9: ", "below 1");
    setting_refused("tolerance = 1e-99", ":1:13: ", "precision = 128 bits is too few for tolerance 1e-99; allowed: at least 345 bits, or a tolerance of at least 2^-112");
    setting_refused("precision = 20", ":1:13: ", "from 53 to 100000");
    setting_refused("init = kaiming", ":1:8: ", "allowed: kaiming-normal, kaiming-uniform, framework-default, theory");
    setting_refused("flow = gramm", ":1:8: ", "did you mean 'gram'");
    setting_refused("method = euler", ":1:10: ", "allowed: rk45");
    setting_refused("init = normal\nsigma0 = 1", ":1:8: ", "needs both");
    setting_refused("sigma0 = 1", ":1:10: ", "together");
    setting_refused("sigma0 = 1/sqrt(q)\nsigma1=1", ":1:17: ", "unknown name 'q'");
    setting_refused("sigma0 = \nsigma1=1", ":1:9: ", "found the end");
    setting_refused("just words", ":1:1: ", "expected a line `name = value`, found 'just words'");
    setting_refused("= 3", ":1:1: ", "unknown key ''");
    setting_refused("n = 6\n\x01\x02 = 4", ":2:1: ", "found the control character 0x01");
}
END_TEST

/* A key, what is allowed at its edges, and what is not just beyond them. */
static const struct {
    const char *key, *allowed[2], *refused[4];
} ranges[] = {
    {"n", {"1", "1000000000"}, {"0", "1000000001", "-1", "1.5"}},
    {"L", {"1", "1000000000"}, {"0", "1000000001", "", "1e3"}},
    {"d", {"1", "1000000000"}, {"0", "1000000001", "distinc", "1/2"}},
    {"m", {"1", "1000000000"}, {"0", "1000000001", "18446744073709551617", "+1"}},
    {"m1", {"1", "1000000000"}, {"0", "1000000001", "0x10", " "}},
    {"seed", {"0", "18446744073709551615"}, {"-1", "18446744073709551616", "1.0", "x"}},
    {"horizon", {"1e-300", "1000000000000000"}, {"0", "1000000000000001", "1e300", "nan"}},
    {"CT1", {"1/1000000", "1e100"}, {"0", "-1", "inf", "1/0"}},
    {"margin", {"1/1000000", "1e100"}, {"0", "-1", "inf", "1/0"}},
    {"power", {"1/1000000", "1e100"}, {"0", "-1", "inf", "1/0"}},
    {"delta", {"1e-300", "0.999999"}, {"0", "1", "2", "-0.1"}},
    {"precision", {"53", "100000"}, {"52", "100001", "128.0", "0"}},
    {"tolerance", {"1/5192296858534827628530496329220096", "0.999999"}, {"1/5192296858534827628530496329220097", "1", "0", "1e-99"}}, /* 2^-112, at 128 bits */
    {"max-steps", {"1", "1000000000000"}, {"0", "1000000000001", "1e6", "-5"}},
    {"evaluations", {"1", "1000000000000"}, {"0", "1000000000001", "1e6", "-5"}},
    {"claim-memory", {"1", "1000000"}, {"0", "1000001", "256MB", "-5"}},
};

/* As an option of the command line does it. */
static fp_status set_option(const char *key, const char *text)
{
    fp_setting s;
    fp_setting_defaults(&s);
    fp_status status = fp_setting_set(&s, key, text, key, &err);
    if (status == FP_OK) status = fp_setting_check(&s, key, &err);
    fp_setting_clear(&s);
    return status;
}

static fp_status set_line(const char *key, const char *text)
{
    fp_setting s;
    char *line = fp_asprintf("%s = %s\n", key, text);
    fp_status status = read_bytes(&s, line, strlen(line));
    if (status == FP_OK) fp_setting_clear(&s);
    free(line);
    return status;
}

START_TEST(the_edges_of_every_range_are_the_same_in_files_and_options)
{
    size_t known = sizeof ranges / sizeof *ranges + 6; /* tokens, init, sigma0, sigma1, flow, method have no range */
    ck_assert_uint_eq(known, FP_SETTING_KEYS);
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
        const char *key = ranges[k].key;
        for (int j = 0; j < 2; j++) {
            ck_assert_msg(set_line(key, ranges[k].allowed[j]) == FP_OK, "%s = %s: %s", key, ranges[k].allowed[j], err.message);
            ck_assert_msg(set_option(key, ranges[k].allowed[j]) == FP_OK, "--%s %s: %s", key, ranges[k].allowed[j], err.message);
        }
        for (int j = 0; j < 4; j++) {
            ck_assert_msg(set_line(key, ranges[k].refused[j]) == FP_BAD_INPUT, "%s = %s is accepted", key, ranges[k].refused[j]);
            ck_assert_msg(strstr(err.message, ":1:") && strstr(err.message, key), "no place or key: %s", err.message);
            ck_assert_msg(set_option(key, ranges[k].refused[j]) == FP_USAGE, "--%s %s is accepted", key, ranges[k].refused[j]);
            ck_assert_msg(strstr(err.message, key), "no option: %s", err.message);
        }
    }
}
END_TEST

START_TEST(missing_setting_files_are_refused)
{
    fp_setting s;
    ck_assert_int_eq(fp_setting_read(&s, "/nonexistent/x.setting", &err), FP_BAD_INPUT);
    ck_assert(strstr(err.message, "/nonexistent/x.setting"));
    ck_assert_int_eq(fp_setting_read(&s, "/tmp", &err), FP_BAD_INPUT);
}
END_TEST

START_TEST(mutated_settings_load_or_give_a_message)
{
    static const char good[] = TINY "sigma0=1/(2*sqrt(L*m1))\nsigma1=exp(-1)\nhorizon=64\ndelta=1/100 # one\nflow=gram\n";
    static const char alphabet[] = "nLdm10=()^*/-+e.# \n\"\0\xff";
    fp_rng rng;
    int loaded = 0;
    fp_rng_init(&rng, 3, 1);
    for (int trial = 0; trial < 4000; trial++) {
        char bad[sizeof good];
        memcpy(bad, good, sizeof good);
        size_t len = sizeof good - 1 - (fp_rng_below(&rng, 4) ? 0 : fp_rng_below(&rng, sizeof good - 1));
        for (uint64_t e = 1 + fp_rng_below(&rng, 4); e > 0; e--)
            bad[fp_rng_below(&rng, sizeof good - 1)] = alphabet[fp_rng_below(&rng, sizeof alphabet - 1)];
        fp_setting s;
        err.message[0] = '\0';
        fp_status st = read_bytes(&s, bad, len);
        ck_assert_msg(st == FP_OK || (st == FP_BAD_INPUT && err.message[0]), "trial %d: %.*s", trial, (int)len, bad);
        ck_assert_msg(!strchr(err.message, '\n'), "trial %d: more than one line", trial);
        loaded += st == FP_OK;
        if (st == FP_OK) fp_setting_clear(&s);
    }
    ck_assert_int_gt(loaded, 100);
    ck_assert_int_lt(loaded, 3900);
}
END_TEST

START_TEST(the_shipped_settings_read_and_have_their_sizes)
{
    static const struct {
        const char *name;
        long n, L, d, m, m1;
    } row[] = {{"paper-experiment", 60, 5, 64, 128, 256}, {"theory", 60, 5, 163, 1024, 16},
               {"theory-nolog", 60, 5, 163, 1024, 16}, {"tiny", 6, 4, 13, 16, 4}};
    for (size_t i = 0; i < 4; i++) {
        fp_setting s;
        char *file = fp_asprintf("proofs/settings/%s.setting", row[i].name);
        ck_assert_msg(fp_setting_read(&s, file, &err) == FP_OK, "%s", err.message);
        ck_assert_str_eq(s.name, row[i].name);
        ck_assert(s.n == row[i].n && s.L == row[i].L && s.d == row[i].d && s.m == row[i].m && s.m1 == row[i].m1);
        fp_setting_clear(&s);
        free(file);
    }
}
END_TEST

START_TEST(the_text_of_each_key_is_kept_as_the_file_has_it)
{
    fp_setting s;
    setting(&s, "L = 5\ndelta =  1e-2 # small\nd=distinct\n");
    for (size_t k = 0; k < FP_SETTING_KEYS; k++) {
        fp_setting_key key;
        ck_assert(fp_setting_key_at(&key, k));
        const char *expected = strcmp(key.name, "L") == 0 ? "5" : strcmp(key.name, "delta") == 0 ? "1e-2" : strcmp(key.name, "d") == 0 ? "distinct" : NULL;
        ck_assert_msg(!s.given[k] == !expected, "%s", key.name);
        if (expected) ck_assert_str_eq(s.given[k], expected);
    }
    fp_setting_clear(&s);
}
END_TEST

START_TEST(every_kind_of_init_is_documented_with_deviations_that_a_setting_may_declare)
{
    fp_setting_init init;
    size_t count = 0;
    for (; fp_setting_init_at(&init, count); count++) {
        fp_setting s;
        fp_text text = {0};
        fp_text_addf(&text, "init = %s\nsigma0 = %s\nsigma1 = %s\n", init.name, init.sigma0 ? init.sigma0 : "1", init.sigma1 ? init.sigma1 : "1");
        setting(&s, text.data);
        ck_assert_uint_eq((size_t)s.init, count);
        ck_assert_int_eq(!init.sigma0, s.init == FP_INIT_NORMAL);
        fp_setting_clear(&s);
        fp_text_clear(&text);
    }
    ck_assert_uint_eq(count, FP_INIT_NORMAL + 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        constant_expressions_have_the_precedence_of_mathematics,
        constant_expressions_that_are_wrong_name_the_column,
        towers_of_powers_end_in_a_value_or_a_message,
        a_setting_reads_every_key,
        an_empty_setting_holds_the_defaults,
        wrong_settings_are_refused_with_line_column_and_what_is_allowed,
        the_edges_of_every_range_are_the_same_in_files_and_options,
        missing_setting_files_are_refused,
        mutated_settings_load_or_give_a_message,
        the_shipped_settings_read_and_have_their_sizes,
        the_text_of_each_key_is_kept_as_the_file_has_it,
        every_kind_of_init_is_documented_with_deviations_that_a_setting_may_declare,
    };
    return run_tests("setting", tests, sizeof tests / sizeof tests[0]);
}
