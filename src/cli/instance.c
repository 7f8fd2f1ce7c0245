/* SPDX-License-Identifier: MIT */
/* Setting, overrides from the command line, problem, threads: what check and run have in common. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fp_status read_setting(fp_setting *setting, const char *given, fp_error *err)
{
    if (given == NULL) {
        fp_setting_defaults(setting);
        return FP_OK;
    }
    char *path;
    if (cli_setting_find(&path, given, err) != FP_OK) return err->code;
    fp_status status = fp_setting_read(setting, path, err);
    free(path);
    return status;
}

/* Options that stand in place of a key of the setting allow what the key allows: one table has the ranges of both. */
static fp_status override(fp_setting *s, const cli_arguments *arguments, fp_error *err)
{
    static const struct {
        cli_option option;
        const char *name; /* of the option and of the key */
    } list[] = {{CLI_flow, "flow"},           {CLI_method, "method"},   {CLI_precision, "precision"},
                {CLI_tolerance, "tolerance"}, {CLI_horizon, "horizon"}, {CLI_max_steps, "max-steps"}};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {
        const char *given = arguments->value[list[k].option];
        if (given && fp_setting_set(s, list[k].name, given, list[k].name, err) != FP_OK) return err->code;
    }
    return fp_setting_check(s, arguments->value[CLI_precision] ? "precision" : "tolerance", err);
}

static fp_status check_taylor(const cli_instance *instance, fp_error *err)
{
    const fp_setting *s = &instance->setting;
    if (instance->kind != FP_FLOW_REDUCED && instance->kind != FP_FLOW_COMPRESSED)
        return fp_fail(err, FP_USAGE, "method taylor needs the reduced or compressed flow; flow is '%s'", s->flow);
    if (s->precision > FP_FLOW_SERIES_PREC_MAX)
        return fp_fail(err, FP_USAGE, "precision is %ld bits; with method taylor allowed: %d to %d", s->precision, FP_PREC_MIN, FP_FLOW_SERIES_PREC_MAX);
    return FP_OK;
}

static fp_status choose_method(cli_instance *out, fp_error *err)
{
    const fp_setting *s = &out->setting;
    if (!fp_flow_kind_parse(&out->kind, s->flow)) return fp_fail(err, FP_INTERNAL, "flow is '%s', which has no equations", s->flow);
    if (!fp_method_parse(&out->method, s->method)) return fp_fail(err, FP_INTERNAL, "method is '%s', which has no integrator", s->method);
    return out->method == FP_METHOD_TAYLOR ? check_taylor(out, err) : FP_OK;
}

static fp_status make_pool(cli_instance *out, const char *given, fp_error *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN), threads = processors < 1 ? 1 : processors > 64 ? 64 : processors;
    if (given && cli_long(&threads, given, "threads", 1, 256, err) != FP_OK) return err->code;
    out->threads = (int)threads;
    out->pool = fp_pool_new(out->threads);
    fp_pool_on_exit(out->pool, flint_cleanup);
    fp_pool_on_exit(out->pool, mpfr_free_cache);
    return FP_OK;
}

static char *rational_text(mpq_srcptr q)
{
    mpfr_t x;
    mpfr_init2(x, 64);
    fp_mpfr_set_rational(x, q);
    char text[64];
    mpfr_snprintf(text, sizeof text, "%.6Rg", x);
    mpfr_clear(x);
    return fp_strdup(text);
}

/* One line about files that a user may believe to be in use. */
static void note_unused(const char *dir)
{
    fp_list names;
    fp_problem_unused(&names, dir);
    for (size_t k = 0; k < names.count; k++) cli_print(stderr, "%s%s", k ? ", " : "flowproof: not used: ", names.items[k]);
    if (names.count) cli_line(stderr, " in %s", dir);
    fp_list_clear(&names);
}

static void note_folders(const char *const *v)
{
    if (v[CLI_quiet]) return;
    if (v[CLI_dataset]) note_unused(v[CLI_dataset]);
    if (v[CLI_weights] && !(v[CLI_dataset] && strcmp(v[CLI_dataset], v[CLI_weights]) == 0)) note_unused(v[CLI_weights]);
}

fp_status cli_instance_make(cli_instance *out, const cli_arguments *arguments, fp_error *err)
{
    const char *const *v = arguments->value;
    *out = (cli_instance){0};
    if (v[CLI_setting] == NULL && (v[CLI_dataset] == NULL || v[CLI_weights] == NULL))
        return fp_fail(err, FP_USAGE, "no instance: give --setting NAME ('flowproof settings' lists them), or --dataset DIR and --weights DIR");
    if (read_setting(&out->setting, v[CLI_setting], err) != FP_OK) return err->code;
    if (override(&out->setting, arguments, err) != FP_OK || choose_method(out, err) != FP_OK ||
        make_pool(out, v[CLI_threads], err) != FP_OK ||
        fp_problem_make(&out->problem, &out->setting, v[CLI_dataset], v[CLI_weights], err) != FP_OK) {
        cli_instance_clear(out);
        return err->code;
    }
    out->tolerance = rational_text(out->setting.tolerance);
    note_folders(v);
    return FP_OK;
}

void cli_instance_clear(cli_instance *instance)
{
    fp_problem_clear(&instance->problem);
    fp_setting_clear(&instance->setting);
    fp_pool_free(instance->pool);
    free(instance->tolerance);
    *instance = (cli_instance){0};
}
