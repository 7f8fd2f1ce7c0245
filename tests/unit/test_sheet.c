/* SPDX-License-Identifier: MIT */
#include "../support/sheets.h"

#include <stdlib.h>
#include <string.h>

static fp_error err;

static fp_status read_path(fp_sheets *s, const char *path, fp_text *context)
{
    return fp_sheets_read(s, &path, 1, true, NULL, context, &err);
}

static const fp_sheet *find_sheet(const fp_sheets *s, const char *number, bool twin)
{
    for (int k = 0; k < s->count; k++)
        if (strcmp(s->sheets[k]->number, number) == 0 && s->sheets[k]->is_twin == twin) return s->sheets[k];
    ck_abort_msg("no sheet %s", number);
    return NULL;
}

static const fp_claim *find_claim(const fp_sheet *s, const char *name)
{
    for (int k = 0; k < s->claims_count; k++)
        if (strcmp(s->claims[k]->name, name) == 0) return s->claims[k];
    ck_abort_msg("no claim %s", name);
    return NULL;
}

static const char head[] = "statement 7\ntitle T\npaper p\ngroup setting\nsays s\n";

/* Reads one sheet made of `text` behind the usual head. */
static fp_status read_text(fp_sheets *s, const test_folder *f, const char *text)
{
    fp_text all = {0};
    fp_text_addf(&all, "%s%s", head, text);
    test_folder_write(f, "7.claim", all.data, all.len);
    fp_text_clear(&all);
    return read_path(s, f->path, NULL);
}

static void copy_prelude(const test_folder *f)
{
    fp_text prelude = {0};
    fp_ck_ok(fp_file_read(&prelude, "proofs/prelude.claim", 1 << 20, &err), &err);
    test_folder_write(f, "prelude.claim", prelude.data, prelude.len);
    fp_text_clear(&prelude);
}

/* ---- what parsing makes of the passing sheets */

START_TEST(passing_sheets_are_read_in_natural_order_with_twins_after_originals)
{
    static const char *const expected[] = {"prelude", "1.1", "1.2", "1.2", "1.10"};
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    ck_assert_int_eq(s.count, 5);
    for (int k = 0; k < 5; k++) ck_assert_str_eq(s.sheets[k]->number, expected[k]);
    ck_assert(s.sheets[0]->is_prelude && s.sheets[3]->is_twin && !s.sheets[2]->is_twin);
    ck_assert_ptr_eq(s.sheets[3]->original, s.sheets[2]);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(fields_of_a_sheet_are_kept)
{
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    const fp_sheet *x = find_sheet(&s, "1.1", false);
    ck_assert_str_eq(x->title, "Every construct");
    ck_assert_str_eq(x->says, "nothing: this sheet is read, printed and read again");
    ck_assert_uint_eq(x->errata.count, 2);
    ck_assert_str_eq(x->errata.items[1], "unproved but true: and the second");
    ck_assert_uint_eq(x->assumes.count, 2);
    ck_assert_str_eq(x->assumes.items[1], "1.10/a-?");
    ck_assert_int_eq(x->requires_->kind, FP_NODE_AND);
    ck_assert_int_eq(x->constants_count, 2);
    ck_assert_str_eq(x->constants[0].because, "policy: 'C << 1'");
    ck_assert(x->constants[0].smallest && !x->constants[1].smallest);
    ck_assert_int_eq(mpq_cmp_si(x->constants[1].value, -63, 10), 0);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(claims_carry_window_variant_constants_and_frame)
{
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    const fp_sheet *x = find_sheet(&s, "1.1", false);
    const fp_claim *c = find_claim(x, "ratio");
    ck_assert_str_eq(c->id, "1.1/ratio");
    ck_assert(c->window == FP_WINDOW_ALWAYS && !c->open_from && !c->open_to && c->constants == 3);
    ck_assert_str_eq(c->from->name, "T1");
    c = find_claim(x, "inward");
    ck_assert_str_eq(c->variant, "meant");
    ck_assert(c->body->kind == FP_NODE_FORALL && c->frame == 1 && c->from->kind == FP_TIME_LAST);
    ck_assert_str_eq(c->body->names[0], "e");
    c = find_claim(x, "event");
    ck_assert(c->window == FP_WINDOW_EVENTUALLY && c->open_from && c->open_to);
    ck_assert_str_eq(c->to->name, "T9");
    c = find_claim(x, "bound");
    ck_assert(c->window == FP_WINDOW_AT && !c->from->name && c->to == NULL && c->frame == 3);
    ck_assert_int_eq(find_claim(x, "plain")->window, FP_WINDOW_NONE);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(orders_and_probabilities_carry_their_parts)
{
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    const fp_sheet *x = find_sheet(&s, "1.1", false);
    const fp_claim *c = find_claim(x, "change");
    ck_assert(c->kind == FP_ORDER && c->order == FP_ORDER_THETA && c->order_tilde);
    ck_assert(c->body->kind == FP_NODE_FORALL && c->body->kids[2] == c->order_expression);
    ck_assert(find_claim(x, "large")->body == find_claim(x, "large")->order_expression);
    ck_assert_int_eq(find_claim(x, "little")->order, FP_ORDER_LITTLE_O);
    ck_assert_int_eq(find_claim(x, "little")->frame, 2);
    c = find_claim(x, "single");
    ck_assert(c->kind == FP_PROBABILITY && c->of.count == 2 && c->given.count == 1 && c->at_least->kind == FP_NODE_SUB);
    ck_assert_str_eq(c->of.items[0], "1.1/*");
    ck_assert_str_eq(c->given.items[0], "1.10/?");
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(parameters_of_a_define_are_integers_exactly_if_used_as_such)
{
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    const fp_sheet *x = find_sheet(&s, "1.1", false);
    static const struct {
        const char *name;
        fp_type types[2];
    } expected[] = {{"moved", {FP_TYPE_INT, FP_TYPE_INT}}, {"between", {FP_TYPE_REAL, FP_TYPE_INT}}, {"power3", {FP_TYPE_REAL}}, {"listed", {FP_TYPE_INT}}};
    int seen = 0;
    for (int k = 0; k < x->definitions_count; k++)
        for (size_t e = 0; e < 4; e++)
            if (strcmp(x->definitions[k]->name, expected[e].name) == 0) {
                seen++;
                for (int i = 0; i < x->definitions[k]->parameters; i++) ck_assert_int_eq(x->definitions[k]->parameter_types[i], expected[e].types[i]);
            }
    ck_assert_int_eq(seen, 4);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(a_twin_inherits_declarations_and_keeps_ids)
{
    fp_sheets s;
    fp_ck_ok(read_path(&s, "tests/sheets/pass", NULL), &err);
    const fp_sheet *twin = find_sheet(&s, "1.2", true), *original = find_sheet(&s, "1.2", false);
    const fp_claim *c = find_claim(twin, "a");
    ck_assert(c->is_twin && c->constants == 1 && twin->constants_count == 1);
    ck_assert_str_eq(c->id, find_claim(original, "a")->id);
    ck_assert_str_eq(twin->constants[0].name, "C");
    ck_assert_str_eq(twin->title, original->title);
    fp_sheets_clear(&s);
}
END_TEST

/* Source and the fully bracketed text that must give the same tree. */
START_TEST(precedence_is_that_of_the_language)
{
    static const char *const same[][2] = {
        {"-loss^2 < 1", "(-(loss^2)) < 1"},
        {"2^3^2 < loss", "(2^(3^2)) < loss"},
        {"loss^-1 < 1", "(loss^(-1)) < 1"},
        {"-loss*S1 < 1", "((-loss)*S1) < 1"},
        {"1 - 2 - loss < S1/2/3*4", "((1 - 2) - loss) < (((S1/2)/3)*4)"},
        {"loss > 0 implies S1 > 0 implies S2 > 0", "(loss > 0) implies ((S1 > 0) implies (S2 > 0))"},
        {"not loss > 0 and S1 > 0", "(not (loss > 0)) and (S1 > 0)"},
        {"loss > 0 or S1 > 0 or S2 > 0 implies S3 > 0", "(((loss > 0) or (S1 > 0)) or (S2 > 0)) implies (S3 > 0)"},
        {"0 < loss <= S1 = S2", "((0 < loss) and (loss <= S1)) and (S1 = S2)"},
        {"for i in I1: F[i] > 0 and loss > 0 implies S1 > 0", "for i in I1: (((F[i] > 0) and (loss > 0)) implies (S1 > 0))"},
        {"loss > 0 and exists i in I1: F[i] > 0 or loss > 0", "(loss > 0) and (exists i in I1: ((F[i] > 0) or (loss > 0)))"},
    };
    test_folder f;
    test_folder_make(&f);
    for (size_t k = 0; k < sizeof same / sizeof same[0]; k++) {
        fp_sheets s;
        fp_text text = {0}, dump[2] = {{0}, {0}};
        fp_text_addf(&text, "claim a: initially: %s\nclaim b: initially: %s\n", same[k][0], same[k][1]);
        fp_ck_ok(read_text(&s, &f, text.data), &err);
        for (int c = 0; c < 2; c++) test_dump(&dump[c], s.sheets[0]->claims[c]->body);
        ck_assert_msg(strcmp(dump[0].data, dump[1].data) == 0, "'%s' is not '%s'", same[k][0], same[k][1]);
        for (int c = 0; c < 2; c++) fp_text_clear(&dump[c]);
        fp_text_clear(&text);
        fp_sheets_clear(&s);
    }
    test_folder_remove(&f);
}
END_TEST

START_TEST(types_promote_and_static_is_seen_through_definitions)
{
    fp_sheets s;
    test_folder f;
    test_folder_make(&f);
    fp_ck_ok(read_text(&s, &f, "let x = 1/2 + n\nlet w = 2*loss\nclaim a: n + 1 == 3^2*n\nclaim b: x > 1\nclaim c: initially: d(w) + init(w) > 1\n"), &err);
    const fp_sheet *x = s.sheets[0];
    ck_assert_int_eq(x->claims[0]->body->kids[1]->type, FP_TYPE_INT);
    ck_assert(x->definitions[0]->body->type == FP_TYPE_REAL && x->definitions[0]->body->is_static);
    ck_assert(x->claims[1]->body->is_static && !x->claims[2]->body->is_static);
    const fp_node *sum = x->claims[2]->body->kids[0];
    ck_assert(sum->d_order == 1 && !sum->kids[0]->is_static && sum->kids[1]->is_static && sum->kids[1]->d_order == 0);
    fp_sheets_clear(&s);
    test_folder_remove(&f);
}
END_TEST

/* ---- refusals */

START_TEST(every_reject_sheet_is_refused_at_its_place_with_its_message)
{
    fp_list files = {0};
    fp_ck_ok(fp_dir_list(&files, "tests/sheets/reject", ".claim", &err), &err);
    ck_assert_uint_gt(files.count, 130);
    for (size_t k = 0; k < files.count; k++) {
        if (strstr(files.items[k], "/prelude.claim")) continue;
        fp_text text = {0}, context = {0};
        fp_sheets s;
        int line, column, used = 0;
        fp_ck_ok(fp_file_read(&text, files.items[k], 1 << 20, &err), &err);
        ck_assert_msg(sscanf(text.data, "# expect: %d:%d: %n", &line, &column, &used) == 2 && used, "%s: no expectation", files.items[k]);
        text.data[strcspn(text.data, "\n")] = '\0';
        ck_assert_msg(read_path(&s, files.items[k], &context) == FP_BAD_INPUT, "%s is accepted", files.items[k]);
        char *place = fp_asprintf("%s:%d:%d: ", files.items[k], line, column);
        ck_assert_msg(strncmp(err.message, place, strlen(place)) == 0, "%s: found %s", place, err.message);
        ck_assert_msg(strstr(err.message, text.data + used) != NULL, "'%s' not in %s", text.data + used, err.message);
        ck_assert_msg(context.len && context.data[context.len - 2] == '^', "%s: no caret", files.items[k]);
        free(place);
        fp_text_clear(&text);
        fp_text_clear(&context);
    }
    fp_list_clear(&files);
}
END_TEST

START_TEST(the_caret_stands_below_the_column)
{
    fp_sheets s;
    fp_text context = {0};
    ck_assert_int_eq(read_path(&s, "tests/sheets/reject/unknown-name.claim", &context), FP_BAD_INPUT);
    ck_assert_str_eq(context.data, "claim a: initially: los > 0\n                    ^\n");
    fp_text_clear(&context);
}
END_TEST

/* Columns of a terminal: a tab is shown as a blank, Chinese takes two, a mark on a letter none; what acts is shown as one character. */
START_TEST(the_caret_stands_below_any_text)
{
    static const char *const rows[][2] = {
        {"claim a: initially: \tlos > 0\n", "claim a: initially:  los > 0\n                     ^\n"},
        {"let x = 1 paper \"\xe6\x97\xa5 e\xcc\x81\" los\n", "let x = 1 paper \"\xe6\x97\xa5 e\xcc\x81\" los\n                       ^\n"},
        {"title \xe2\x80\xae\xc2\x9b x\x1b\n", "title \xef\xbf\xbd\xef\xbf\xbd x?\n          ^\n"},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        test_folder f;
        fp_sheets s;
        fp_text text = {0}, context = {0};
        test_folder_make(&f);
        fp_text_addf(&text, "%s%s", head, rows[k][0]);
        test_folder_write(&f, "7.claim", text.data, text.len);
        ck_assert_int_eq(read_path(&s, f.path, &context), FP_BAD_INPUT);
        ck_assert_str_eq(context.data, rows[k][1]);
        fp_text_clear(&text);
        fp_text_clear(&context);
        test_folder_remove(&f);
    }
}
END_TEST

START_TEST(a_missing_path_and_a_folder_without_sheets_are_refused)
{
    fp_sheets s;
    ck_assert_int_eq(read_path(&s, "tests/sheets/nowhere", NULL), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "tests/sheets/nowhere"));
    ck_assert_int_eq(read_path(&s, "include", NULL), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no sheets here"));
    ck_assert_int_eq(fp_sheets_read(&s, NULL, 0, false, NULL, NULL, &err), FP_BAD_INPUT);
}
END_TEST

START_TEST(two_sheets_with_one_number_are_refused)
{
    test_folder f;
    fp_sheets s;
    fp_text text = {0};
    test_folder_make(&f);
    fp_text_addf(&text, "%sclaim a: n > 1\n", head);
    test_folder_write(&f, "7.claim", text.data, text.len);
    test_folder_write(&f, "8.claim", text.data, text.len);
    ck_assert_int_eq(read_path(&s, f.path, NULL), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "8.claim:1:1: statement 7 is there already, in"));
    fp_text_clear(&text);
    test_folder_remove(&f);
}
END_TEST

START_TEST(a_file_reached_by_two_paths_is_read_once)
{
    const char *const paths[] = {"tests/sheets/pass", "tests/sheets/pass/1.2.claim", "./tests/sheets/pass/twins"};
    fp_sheets s;
    fp_ck_ok(fp_sheets_read(&s, paths, 3, false, NULL, NULL, &err), &err);
    ck_assert_int_eq(s.count, 5);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(twins_are_left_out_unless_asked_for)
{
    const char *path = "tests/sheets/pass";
    fp_sheets s;
    fp_ck_ok(fp_sheets_read(&s, &path, 1, false, NULL, NULL, &err), &err);
    ck_assert_int_eq(s.count, 4);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(a_sheet_above_one_mebibyte_is_refused)
{
    test_folder f;
    fp_sheets s;
    size_t len = (1 << 20) + 1;
    char *big = fp_alloc(len, 1);
    memset(big, '#', len);
    test_folder_make(&f);
    test_folder_write(&f, "7.claim", big, len);
    ck_assert_int_eq(read_path(&s, f.path, NULL), FP_BAD_INPUT);
    free(big);
    test_folder_remove(&f);
}
END_TEST

START_TEST(the_digest_depends_on_every_byte_and_not_on_the_folder)
{
    test_folder f[2];
    char digests[3][65];
    for (int k = 0; k < 3; k++) {
        fp_sheets s;
        if (k < 2) test_folder_make(&f[k]);
        fp_ck_ok(read_text(&s, &f[k ? 1 : 0], k == 2 ? "claim a: n > 1 # changed\n" : "claim a: n > 1\n"), &err);
        memcpy(digests[k], s.sha256, 65);
        fp_sheets_clear(&s);
    }
    ck_assert_str_eq(digests[0], digests[1]);
    ck_assert_str_ne(digests[0], digests[2]);
    for (int k = 0; k < 2; k++) test_folder_remove(&f[k]);
}
END_TEST

/* ---- printing */

/* Writes the sheet again with its claims printed: the declarations are taken from the source by field. */
static void add_declarations(fp_text *out, const char *source)
{
    bool claim = false;
    for (const char *line = source; *line;) {
        size_t n = strcspn(line, "\n");
        if (!strchr(" \t#\n", *line)) claim = !strncmp(line, "claim", 5) || !strncmp(line, "order", 5) || !strncmp(line, "probability", 11);
        if (!claim) {
            fp_text_addn(out, line, n);
            fp_text_add(out, "\n");
        }
        line += n + (line[n] == '\n');
    }
}

static void add_claims(fp_text *out, const fp_sheet *s)
{
    static const char *const words[] = {[FP_CLAIM] = "claim", [FP_ORDER] = "order", [FP_PROBABILITY] = "probability"};
    for (int k = 0; k < s->claims_count; k++) {
        fp_text_addf(out, "%s %s: ", words[s->claims[k]->kind], s->claims[k]->name);
        fp_claim_print(out, s->claims[k]);
        fp_text_add(out, "\n");
    }
}

static void check_same_claims(const fp_sheet *a, const fp_sheet *b)
{
    ck_assert_int_eq(a->claims_count, b->claims_count);
    for (int k = 0; k < a->claims_count; k++) {
        fp_text dump[2] = {{0}, {0}}, print = {0};
        test_dump_claim(&dump[0], a->claims[k]);
        test_dump_claim(&dump[1], b->claims[k]);
        fp_claim_print(&print, a->claims[k]);
        ck_assert_msg(strcmp(dump[0].data, dump[1].data) == 0, "%s does not survive printing: %s", a->claims[k]->id, print.data);
        fp_text_clear(&dump[0]);
        fp_text_clear(&dump[1]);
        fp_text_clear(&print);
    }
}

static void check_round_trip(const char *folder)
{
    fp_sheets first, second;
    test_folder f;
    test_folder_make(&f);
    fp_ck_ok(fp_sheets_read(&first, &folder, 1, false, NULL, NULL, &err), &err);
    for (int k = 0; k < first.count; k++) {
        fp_text source = {0}, text = {0};
        fp_ck_ok(fp_file_read(&source, first.sheets[k]->path, 1 << 20, &err), &err);
        add_declarations(&text, source.data);
        add_claims(&text, first.sheets[k]);
        test_folder_write(&f, strrchr(first.sheets[k]->path, '/') + 1, text.data, text.len);
        fp_text_clear(&source);
        fp_text_clear(&text);
    }
    fp_ck_ok(read_path(&second, f.path, NULL), &err);
    ck_assert_int_eq(first.count, second.count);
    for (int k = 0; k < first.count; k++) check_same_claims(first.sheets[k], second.sheets[k]);
    fp_sheets_clear(&first);
    fp_sheets_clear(&second);
    test_folder_remove(&f);
}

START_TEST(printed_claims_of_all_sheets_parse_to_the_same_trees)
{
    check_round_trip("tests/sheets/pass");
    check_round_trip("proofs");
}
END_TEST

START_TEST(printed_random_trees_parse_to_the_same_trees)
{
    test_folder f;
    fp_rng r;
    test_folder_make(&f);
    fp_rng_init(&r, 20241009, 1);
    copy_prelude(&f);
    for (int round = 0; round < 20; round++) {
        fp_sheets s[2];
        fp_text text = {0};
        for (int k = 0; k < 25; k++) {
            fp_text_addf(&text, "claim c%d: always [0, T1): ", k);
            test_random_proposition(&text, &r);
            fp_text_add(&text, "\n");
        }
        ck_assert_msg(read_text(&s[0], &f, text.data) == FP_OK, "%s\n%s", err.message, text.data);
        fp_text_clear(&text);
        add_claims(&text, s[0].sheets[1]);
        ck_assert_msg(read_text(&s[1], &f, text.data) == FP_OK, "%s\n%s", err.message, text.data);
        check_same_claims(s[0].sheets[1], s[1].sheets[1]);
        fp_text_clear(&text);
        fp_sheets_clear(&s[0]);
        fp_sheets_clear(&s[1]);
    }
    test_folder_remove(&f);
}
END_TEST

START_TEST(brackets_are_printed_only_where_needed)
{
    static const char *const kept[] = {
        "(loss + 1)*2 < 3",
        "1 - (2 - loss) <= S1 < S2",
        "(-loss)^2 < -loss^2",
        "(loss^2)^3 < 2^3^m",
        "(loss > 0 or S1 > 0) and S2 > 0",
        "(loss > 0 implies S1 > 0) implies S2 > 0",
        "not (loss > 0 and S1 > 0)",
        "(for i in I1: F[i] > 0) and loss > 0",
        "loss < 1e-10 + 0.001 + 2.0 + 1e30",
        "count(i in samples[1] where i > 2) < max(i in I1, j in I2: F[i]*F[j])",
    };
    test_folder f;
    test_folder_make(&f);
    for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++) {
        fp_sheets s;
        char *text = fp_asprintf("claim a: initially: %s\n", kept[k]);
        fp_text print = {0};
        fp_ck_ok(read_text(&s, &f, text), &err);
        fp_node_print(&print, s.sheets[0]->claims[0]->body);
        ck_assert_str_eq(print.data, kept[k]);
        fp_text_clear(&print);
        fp_sheets_clear(&s);
        free(text);
    }
    test_folder_remove(&f);
}
END_TEST

/* ---- lists of quantities */

START_TEST(observed_quantities_are_split_named_and_numbered)
{
    fp_sheets s;
    fp_expressions e;
    fp_ck_ok(read_path(&s, "proofs/prelude.claim", NULL), &err);
    fp_ck_ok(fp_expressions_parse(&e, " loss , max(i in I1: F[i]),score[2,1]/e(T1+2) ", "--observe", &s, NULL, &err), &err);
    ck_assert_int_eq(e.count, 3);
    ck_assert_str_eq(e.texts.items[0], "loss");
    ck_assert_str_eq(e.texts.items[1], "max(i in I1: F[i])");
    ck_assert_str_eq(e.texts.items[2], "score[2,1]/e(T1+2)");
    ck_assert(e.frames[0] == 0 && e.frames[1] == 1 && e.ids > s.nodes && e.nodes[0]->id == s.nodes);
    fp_expressions_clear(&e);
    fp_sheets_clear(&s);
}
END_TEST

START_TEST(wrong_observed_quantities_are_refused_with_their_column)
{
    static const char *const wrong[][2] = {
        {"loss, los", "--observe:1:7: unknown name 'los'"}, {"loss,", "--observe:1:6: found the end"}, {"", "--observe:1:1: found the end"},
        {"u", "--observe:1:1: an observed quantity must be a number"}, {"loss > 1", "--observe:1:6: found '>'"},
        {"at(1, loss)", "--observe:1:1: at(T, ..) belongs to sheets"},
    };
    for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
        fp_expressions e;
        ck_assert_int_eq(fp_expressions_parse(&e, wrong[k][0], "--observe", NULL, NULL, &err), FP_BAD_INPUT);
        ck_assert_msg(strncmp(err.message, wrong[k][1], strlen(wrong[k][1])) == 0, "'%s': %s", wrong[k][0], err.message);
    }
}
END_TEST

/* ---- robustness */

static bool has_place(const char *message)
{
    int line = 0, column = 0;
    const char *colon = strstr(message, ".claim:");
    return colon && sscanf(colon, ".claim:%d:%d: ", &line, &column) == 2 && line >= 1 && column >= 1;
}

START_TEST(mutated_sheets_are_read_or_refused_with_a_place)
{
    enum { ROUNDS = 4000 };
    test_folder f;
    fp_rng r;
    fp_text original = {0};
    int accepted = 0;
    test_folder_make(&f);
    copy_prelude(&f);
    fp_rng_init(&r, 7, 2);
    fp_ck_ok(fp_file_read(&original, "tests/sheets/pass/1.1.claim", 1 << 20, &err), &err);
    for (int k = 0; k < ROUNDS; k++) {
        fp_sheets s;
        fp_text text = {0}, context = {0};
        fp_text_addn(&text, original.data, original.len);
        test_mutate(&text, &r);
        test_folder_write(&f, "1.1.claim", text.data, text.len);
        if (read_path(&s, f.path, &context) == FP_OK) {
            accepted++;
            fp_sheets_clear(&s);
        } else {
            ck_assert_msg(has_place(err.message) && context.len, "round %d: %s", k, err.message);
        }
        fp_text_clear(&text);
        fp_text_clear(&context);
    }
    ck_assert_msg(accepted > ROUNDS / 50 && accepted < ROUNDS / 2, "%d of %d mutations accepted: they do not reach deep", accepted, ROUNDS);
    fp_text_clear(&original);
    test_folder_remove(&f);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        passing_sheets_are_read_in_natural_order_with_twins_after_originals,
        fields_of_a_sheet_are_kept,
        claims_carry_window_variant_constants_and_frame,
        orders_and_probabilities_carry_their_parts,
        parameters_of_a_define_are_integers_exactly_if_used_as_such,
        a_twin_inherits_declarations_and_keeps_ids,
        precedence_is_that_of_the_language,
        types_promote_and_static_is_seen_through_definitions,
        every_reject_sheet_is_refused_at_its_place_with_its_message,
        the_caret_stands_below_the_column,
        the_caret_stands_below_any_text,
        a_missing_path_and_a_folder_without_sheets_are_refused,
        two_sheets_with_one_number_are_refused,
        a_file_reached_by_two_paths_is_read_once,
        twins_are_left_out_unless_asked_for,
        a_sheet_above_one_mebibyte_is_refused,
        the_digest_depends_on_every_byte_and_not_on_the_folder,
        printed_claims_of_all_sheets_parse_to_the_same_trees,
        printed_random_trees_parse_to_the_same_trees,
        brackets_are_printed_only_where_needed,
        observed_quantities_are_split_named_and_numbered,
        wrong_observed_quantities_are_refused_with_their_column,
        mutated_sheets_are_read_or_refused_with_a_place,
    };
    Suite *suite = suite_create("sheet");
    for (size_t k = 0; k < sizeof tests / sizeof tests[0]; k++) {
        TCase *c = tcase_create(tests[k]->name);
        tcase_set_timeout(c, 120);
        tcase_add_test(c, tests[k]);
        suite_add_tcase(suite, c);
    }
    return fp_test_main(suite);
}
