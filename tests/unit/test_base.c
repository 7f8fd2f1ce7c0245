/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/fp_check.h"

/* ---- status */

START_TEST(every_status_has_a_name_a_text_and_an_exit_status)
{
    ck_assert_str_eq(fp_status_name(FP_BAD_INPUT), "FP_BAD_INPUT");
    ck_assert_str_eq(fp_status_text(FP_OK), "ok");
    ck_assert_int_eq(fp_status_exit(FP_OK), 0);
    ck_assert_int_eq(fp_status_exit(FP_USAGE), 2);
    ck_assert_int_eq(fp_status_exit(FP_INTERRUPTED), 130);
    ck_assert_int_eq(fp_status_exit((fp_status)999), 4);
}
END_TEST

START_TEST(a_message_may_quote_itself_and_stays_on_one_line)
{
    fp_error err;
    ck_assert_int_eq(fp_fail(&err, FP_IO, "a\nb\x1b[2J %d", 7), FP_IO);
    ck_assert_str_eq(err.message, "a b?[2J 7");
    fp_fail(&err, FP_USAGE, "outer: %s", err.message);
    ck_assert_str_eq(err.message, "outer: a b?[2J 7");
    ck_assert_int_eq(err.code, FP_USAGE);
}
END_TEST

START_TEST(a_message_too_long_ends_in_dots)
{
    fp_error err;
    fp_fail(&err, FP_IO, "%2000d", 1);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
    ck_assert_str_eq(err.message + sizeof err.message - 4, "...");
}
END_TEST

/* ---- memory and text */

static int exit_status_of_huge_allocation(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(9);
        fp_realloc(NULL, SIZE_MAX / 2 + 1, 2); /* 0 bytes when it wraps */
        _exit(9);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_product_that_overflows_ends_with_status_4)
{
    ck_assert_int_eq(exit_status_of_huge_allocation(), 4);
}
END_TEST

START_TEST(copies_are_equal_and_empty_allocations_are_not_null)
{
    char *a = fp_strdup("abc"), *b = fp_strndup("abc", 2), *c = fp_strndup("abc", 9);
    char *d = fp_asprintf("%s-%d", a, 5);
    void *e = fp_alloc(0, 8);
    ck_assert_str_eq(a, "abc");
    ck_assert_str_eq(b, "ab");
    ck_assert_str_eq(c, "abc");
    ck_assert_str_eq(d, "abc-5");
    ck_assert_ptr_nonnull(e);
    free(a), free(b), free(c), free(d), free(e);
}
END_TEST

START_TEST(text_grows_and_keeps_nul_bytes)
{
    fp_text t = {0};
    fp_text_addn(&t, "a\0b", 3);
    ck_assert_uint_eq(t.len, 3);
    ck_assert_int_eq(memcmp(t.data, "a\0b", 4), 0);
    for (int i = 0; i < 1000; i++) fp_text_addf(&t, "%04d", i);
    fp_text_add(&t, "end");
    ck_assert_uint_eq(t.len, 3 + 4000 + 3);
    ck_assert_str_eq(t.data + 3 + 4000 - 4, "0999end");
    fp_text_clear(&t);
    ck_assert_ptr_null(t.data);
}
END_TEST

START_TEST(globs_match_the_whole_string)
{
    static const struct {
        const char *pattern, *s;
        bool match;
    } rows[] = {
        {"", "", true},         {"", "a", false},       {"*", "", true},           {"*", "a/b", true},
        {"a*c", "abbc", true},  {"a*c", "abbcd", false}, {"a?c", "abc", true},      {"a?c", "ac", false},
        {"D.1/*", "D.1/x", true}, {"*ab*ab", "abxabab", true}, {"*ab*ab", "abxaba", false}, {"a**", "a", true},
        {"[a]", "a", false},    {"4.4*", "4.40", true}, {"*/ratio", "4.4/ratio", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_msg(fp_glob_match(rows[i].pattern, rows[i].s) == rows[i].match, "'%s' against '%s'",
                      rows[i].pattern, rows[i].s);
}
END_TEST

START_TEST(a_long_row_of_stars_is_matched_quickly)
{
    char s[4001];
    memset(s, 'a', 4000);
    s[4000] = 0;
    ck_assert(!fp_glob_match("*a*a*a*a*a*a*a*a*b", s));
}
END_TEST

START_TEST(the_closest_word_is_suggested_only_if_it_is_close)
{
    static const char *const words[] = {"horizon", "precision", "tolerance", "m", "m1", "seed"};
    const size_t n = sizeof words / sizeof *words;
    ck_assert_str_eq(fp_closest("horzion", words, n), "horizon");
    ck_assert_str_eq(fp_closest("precison", words, n), "precision");
    ck_assert_str_eq(fp_closest("m2", words, n), "m");
    ck_assert_str_eq(fp_closest("seed", words, n), "seed");
    ck_assert_ptr_null(fp_closest("x", words, n));
    ck_assert_ptr_null(fp_closest("", words, n));
    ck_assert_ptr_null(fp_closest("wibble", words, n));
    ck_assert_ptr_null(fp_closest("seed", words, 0));
    ck_assert_str_eq(fp_closest("1m", words + 4, 1), "m1"); /* a swap counts once */
}
END_TEST

/* ---- files */

static char *scratch(void)
{
    const char *root = getenv("TMPDIR");
    char *path = fp_asprintf("%s/fp_base_XXXXXX", root ? root : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static void put(const char *path, const char *content)
{
    fp_error err;
    fp_ck_ok(fp_file_write(path, content, strlen(content), &err), &err);
}

static void expect_content(const char *path, const char *data, size_t len)
{
    fp_error err;
    fp_text t = {0};
    fp_ck_ok(fp_file_read(&t, path, 1 << 20, &err), &err);
    ck_assert_uint_eq(t.len, len);
    ck_assert_int_eq(memcmp(t.data, data, len), 0);
    ck_assert_int_eq(t.data[len], 0);
    fp_text_clear(&t);
}

/* Every name of the folder but "." and "..", hidden ones too; removes them if asked to. */
static size_t count_names(const char *root, bool remove_them)
{
    size_t count = 0;
    DIR *dir = opendir(root);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *path = fp_asprintf("%s/%s", root, entry->d_name);
        count++;
        if (remove_them) remove(path);
        free(path);
    }
    closedir(dir);
    return count;
}

static void remove_tree(char *root)
{
    count_names(root, true);
    rmdir(root);
    free(root);
}

START_TEST(a_file_written_is_read_back_byte_for_byte)
{
    char *root = scratch(), *path = fp_asprintf("%s/x.bin", root);
    fp_error err;
    fp_ck_ok(fp_file_write(path, "a\0\n\xff", 4, &err), &err);
    expect_content(path, "a\0\n\xff", 4);
    put(path, "");
    expect_content(path, "", 0);
    free(path);
    remove_tree(root);
}
END_TEST

START_TEST(a_write_leaves_no_temporary_file_and_keeps_rights_and_links)
{
    char *root = scratch(), *path = fp_asprintf("%s/x", root), *name = fp_asprintf("%s/link", root);
    struct stat st;
    put(path, "old");
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(symlink("x", name), 0);
    put(name, "new");
    expect_content(path, "new", 3);
    ck_assert_int_eq(lstat(name, &st), 0);
    ck_assert(S_ISLNK(st.st_mode));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0640);
    ck_assert_uint_eq(count_names(root, false), 2);
    free(path), free(name);
    remove_tree(root);
}
END_TEST

START_TEST(reading_refuses_folders_missing_and_large_files)
{
    char *root = scratch(), *path = fp_asprintf("%s/x", root);
    fp_error err;
    fp_text t = {0};
    put(path, "12345");
    ck_assert_int_eq(fp_file_read(&t, path, 4, &err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "larger than the 4 bytes"));
    ck_assert_ptr_null(t.data);
    fp_ck_ok(fp_file_read(&t, path, 5, &err), &err);
    ck_assert_int_eq(fp_file_read(&t, root, 4, &err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "folder"));
    ck_assert_int_eq(fp_file_read(&t, "/nowhere/at/all", 4, &err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "/nowhere/at/all"));
    char *big = fp_alloc(20000, 1); /* more than one read */
    fp_ck_ok(fp_file_write(path, big, 20000, &err), &err);
    ck_assert_int_eq(fp_file_read(&t, path, 19999, &err), FP_BAD_INPUT);
    fp_ck_ok(fp_file_read(&t, path, 20000, &err), &err);
    ck_assert_uint_eq(t.len, 20000);
    fp_text_clear(&t);
    free(big);
    free(path);
    remove_tree(root);
}
END_TEST

static void refused_as(const char *path, const char *kind)
{
    fp_error err;
    fp_text t = {0};
    ck_assert_int_eq(fp_file_read(&t, path, 100, &err), FP_BAD_INPUT);
    ck_assert_msg(strstr(err.message, kind) && strstr(err.message, "only regular files are read"), "%s", err.message);
    ck_assert_ptr_null(t.data);
}

/* A pipe that nobody writes to would be waited for for ever. */
START_TEST(only_regular_files_are_read_and_nothing_is_waited_for)
{
    char *root = scratch(), *path = fp_asprintf("%s/fifo", root), *link_path = fp_asprintf("%s/link", root), *bound = fp_asprintf("%s/socket", root), *file = fp_asprintf("%s/f", root);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    refused_as(path, "is a pipe");
    ck_assert_int_eq(symlink("fifo", link_path), 0);
    refused_as(link_path, "is a pipe");
    refused_as(root, "is a folder");
    refused_as("/dev/zero", "is a device");
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_uint_lt(strlen(bound), sizeof name.sun_path);
    strcpy(name.sun_path, bound);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&name, sizeof name), 0);
    refused_as(bound, "is a socket");
    close(server);
    put(file, "text");
    unlink(link_path);
    ck_assert_int_eq(symlink("f", link_path), 0);
    expect_content(link_path, "text", 4);
    free(path), free(link_path), free(bound), free(file);
    remove_tree(root);
}
END_TEST

START_TEST(hidden_names_are_passed_over_and_folders_named_like_files_refused)
{
    char *root = scratch(), *hidden = fp_asprintf("%s/._a.claim", root), *plain = fp_asprintf("%s/a.claim", root), *folder = fp_asprintf("%s/b.claim", root);
    char *git = fp_asprintf("%s/.git", root), *inside = fp_asprintf("%s/x.claim", git);
    fp_error err;
    fp_list all;
    put(hidden, "x"), put(plain, "x");
    fp_ck_ok(fp_dir_make(git, &err), &err);
    put(inside, "x");
    fp_ck_ok(fp_dir_list(&all, root, ".claim", &err), &err);
    ck_assert_uint_eq(all.count, 1);
    ck_assert_str_eq(all.items[0], plain);
    fp_list_clear(&all);
    fp_ck_ok(fp_dir_list(&all, hidden, ".claim", &err), &err); /* named: wanted */
    ck_assert_uint_eq(all.count, 1);
    fp_list_clear(&all);
    fp_ck_ok(fp_dir_make(folder, &err), &err);
    ck_assert_int_eq(fp_dir_list(&all, root, ".claim", &err), FP_BAD_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "b.claim: is a folder"));
    unlink(inside), rmdir(git);
    free(hidden), free(plain), free(folder), free(git), free(inside);
    remove_tree(root);
}
END_TEST

START_TEST(a_pipe_with_a_name_is_written_to_and_not_replaced)
{
    char *root = scratch(), *path = fp_asprintf("%s/fifo", root), got[3] = "";
    fp_error err;
    struct stat st;
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK);
    fp_ck_ok(fp_file_write(path, "hi", 2, &err), &err);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert(S_ISFIFO(st.st_mode));
    ck_assert_int_eq(read(reader, got, 2), 2);
    ck_assert_str_eq(got, "hi");
    close(reader);
    free(path);
    remove_tree(root);
}
END_TEST

/* In a child without root's rights: root would replace the device itself if special files were not told apart. */
static int status_of_full_disk(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        fp_error err;
        if (getuid() == 0 && setuid(65534) != 0) _exit(FP_IO);
        fp_status st = fp_file_write("/dev/full", "x", 1, &err);
        _exit(st == FP_IO && !strstr(err.message, "/dev/full: cannot be written") ? 99 : (int)st);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(a_full_disk_is_an_error)
{
    struct stat st;
    if (stat("/dev/full", &st) != 0) return;
    ck_assert_int_eq(status_of_full_disk(), FP_IO);
}
END_TEST

/* Writes to "-" with standard output replaced by fd. */
static fp_status write_to(int fd, fp_error *err)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    ck_assert_int_ge(dup2(fd, STDOUT_FILENO), 0);
    fp_status st = fp_file_write("-", "hello", 5, err);
    ck_assert_int_ge(dup2(saved, STDOUT_FILENO), 0);
    close(saved);
    return st;
}

START_TEST(standard_output_may_be_a_pipe_but_not_a_full_disk)
{
    fp_error err;
    int ends[2], full = open("/dev/full", O_WRONLY);
    char got[6] = "";
    ck_assert_int_eq(pipe(ends), 0);
    fp_ck_ok(write_to(ends[1], &err), &err);
    ck_assert_int_eq(read(ends[0], got, 5), 5);
    ck_assert_str_eq(got, "hello");
    close(ends[0]), close(ends[1]);
    if (full < 0) return;
    ck_assert_int_eq(write_to(full, &err), FP_IO);
    close(full);
}
END_TEST

START_TEST(writing_into_a_missing_folder_or_onto_a_folder_is_an_error)
{
    char *root = scratch(), *path = fp_asprintf("%s/no/x", root);
    fp_error err;
    ck_assert_int_eq(fp_file_write(path, "x", 1, &err), FP_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "/no/x"));
    ck_assert_int_eq(fp_file_write(root, "x", 1, &err), FP_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "is a folder"));
    free(path);
    remove_tree(root);
}
END_TEST

START_TEST(folders_are_made_with_their_parents)
{
    char *root = scratch(), *path = fp_asprintf("%s//a/b/", root), *file = fp_asprintf("%s/a/b/f", root);
    char *below = fp_asprintf("%s/c", file), *a = fp_asprintf("%s/a", root), *b = fp_asprintf("%s/a/b", root);
    fp_error err;
    fp_ck_ok(fp_dir_make(path, &err), &err);
    fp_ck_ok(fp_dir_make(path, &err), &err);
    fp_ck_ok(fp_dir_make("/", &err), &err);
    put(file, "x");
    ck_assert_int_eq(fp_dir_make(file, &err), FP_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "not a folder"));
    ck_assert_int_eq(fp_dir_make(below, &err), FP_IO);
    ck_assert_int_eq(fp_dir_make("", &err), FP_IO);
    unlink(file), rmdir(b), rmdir(a);
    free(path), free(file), free(below), free(a), free(b);
    remove_tree(root);
}
END_TEST

START_TEST(a_folder_is_listed_recursively_sorted_by_bytes_and_without_cycles)
{
    static const char *const names[] = {"b.claim", "a/z.claim", "B.claim", "a/skip.txt", "a-b.claim"};
    static const char *const sorted[] = {"B.claim", "a-b.claim", "a/z.claim", "b.claim"};
    char *root = scratch(), *sub = fp_asprintf("%s/a", root), *loop = fp_asprintf("%s/a/loop", root);
    fp_error err;
    fp_list all;
    fp_ck_ok(fp_dir_make(sub, &err), &err);
    ck_assert_int_eq(symlink("..", loop), 0);
    for (size_t i = 0; i < 5; i++) {
        char *path = fp_asprintf("%s/%s", root, names[i]);
        put(path, "x");
        free(path);
    }
    fp_ck_ok(fp_dir_list(&all, root, ".claim", &err), &err);
    ck_assert_uint_eq(all.count, 4);
    for (size_t i = 0; i < 4; i++) ck_assert_str_eq(all.items[i] + strlen(root) + 1, sorted[i]);
    fp_list_clear(&all);
    unlink(loop);
    char *file = fp_asprintf("%s/b.claim", root);
    fp_ck_ok(fp_dir_list(&all, file, ".claim", &err), &err);
    ck_assert_uint_eq(all.count, 1);
    fp_list_clear(&all);
    ck_assert_int_eq(fp_dir_list(&all, "/nowhere/at/all", "", &err), FP_BAD_INPUT);
    free(file), free(loop);
    remove_tree(fp_strdup(sub));
    rmdir(sub), free(sub);
    remove_tree(root);
}
END_TEST

/* ---- SHA-256: FIPS 180-2 appendix B and the NIST example values */

static void expect_digest(const void *data, size_t len, size_t times, const char *hex)
{
    fp_sha256 s;
    char out[65];
    fp_sha256_init(&s);
    for (size_t i = 0; i < times; i++) fp_sha256_add(&s, data, len);
    fp_sha256_hex(out, &s);
    ck_assert_str_eq(out, hex);
}

START_TEST(sha256_gives_the_published_digests)
{
    expect_digest("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_digest("abc", 3, 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, 1,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    expect_digest("aaaaaaaaaa", 10, 100000,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

START_TEST(sha256_does_not_depend_on_how_the_bytes_are_cut)
{
    char data[200], whole[65], cut[65];
    fp_sha256 s;
    for (size_t i = 0; i < sizeof data; i++) data[i] = (char)(i * 37);
    for (size_t len = 0; len <= sizeof data; len++) {
        size_t first = len * 5 / 7;
        fp_sha256_init(&s);
        fp_sha256_add(&s, data, len);
        fp_sha256_hex(whole, &s);
        fp_sha256_init(&s);
        fp_sha256_add(&s, data, first);
        fp_sha256_add(&s, data + first, len - first);
        fp_sha256_hex(cut, &s);
        ck_assert_str_eq(whole, cut);
    }
}
END_TEST

/* ---- random numbers: known answers of Random123 (kat_vectors, philox4x32 10) */

static void expect_philox(const uint32_t c[4], const uint32_t k[2], const uint32_t expected[4])
{
    uint32_t out[4];
    fp_philox4x32(out, c, k);
    for (int i = 0; i < 4; i++) ck_assert_uint_eq(out[i], expected[i]);
}

START_TEST(philox_gives_the_known_answers)
{
    const uint32_t f = 0xffffffff;
    expect_philox((uint32_t[4]){0}, (uint32_t[2]){0},
                  (uint32_t[4]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    expect_philox((uint32_t[4]){f, f, f, f}, (uint32_t[2]){f, f},
                  (uint32_t[4]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    expect_philox((uint32_t[4]){0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                  (uint32_t[2]){0xa4093822, 0x299f31d0},
                  (uint32_t[4]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}
END_TEST

START_TEST(a_stream_is_its_blocks_in_order)
{
    fp_rng r;
    uint32_t block[4];
    fp_rng_init(&r, UINT64_C(0x0123456789abcdef), 3);
    r.index = UINT64_C(0xfffffffff);
    for (uint32_t b = 0; b < 3; b++) {
        uint64_t index = UINT64_C(0xfffffffff) + b;
        fp_philox4x32(block, (uint32_t[4]){(uint32_t)index, (uint32_t)(index >> 32), 3, 0},
                      (uint32_t[2]){0x89abcdef, 0x01234567});
        ck_assert_uint_eq(fp_rng_u64(&r), (uint64_t)block[1] << 32 | block[0]);
        ck_assert_uint_eq(fp_rng_u32(&r), block[2]);
        ck_assert_uint_eq(fp_rng_u32(&r), block[3]);
    }
}
END_TEST

START_TEST(bounded_draws_are_in_range_and_even)
{
    fp_rng r;
    long counts[6] = {0};
    fp_rng_init(&r, 1, 0);
    for (int i = 0; i < 60000; i++) counts[fp_rng_below(&r, 6)]++;
    /* each count is binomial(60000, 1/6), standard deviation 91.3; 6 of them are 548 */
    for (int i = 0; i < 6; i++) ck_assert_int_lt(labs(counts[i] - 10000), 548);
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_eq(fp_rng_below(&r, 1), 0);
        ck_assert_uint_lt(fp_rng_below(&r, UINT64_MAX), UINT64_MAX);
    }
    /* 3 * 2^62: plain reduction would favour the first third two to one */
    int low = 0;
    for (int i = 0; i < 3000; i++) low += fp_rng_below(&r, UINT64_C(3) << 62) < UINT64_C(1) << 62;
    ck_assert_int_lt(abs(low - 1000), 155); /* 6 * sqrt(3000 * 2/9) */
}
END_TEST

/* ---- threads */

typedef struct {
    fp_pool *pool;
    atomic_int seen[300], inner;
} tally;

static void count_part(void *ctx, size_t part)
{
    tally *t = ctx;
    atomic_fetch_add(&t->seen[part], 1);
}

static void count_inner(void *ctx, size_t part)
{
    (void)part;
    atomic_fetch_add(&((tally *)ctx)->inner, 1);
}

static void nest(void *ctx, size_t part)
{
    tally *t = ctx;
    count_part(ctx, part);
    fp_pool_run(t->pool, 4, count_inner, ctx);
}

static void expect_each_once(fp_pool *pool, size_t parts)
{
    tally *t = fp_alloc(1, sizeof *t);
    t->pool = pool;
    fp_pool_run(pool, parts, nest, t);
    for (size_t i = 0; i < 300; i++) ck_assert_int_eq(t->seen[i], i < parts);
    ck_assert_int_eq(t->inner, (int)parts * 4);
    free(t);
}

START_TEST(every_part_runs_once_on_any_number_of_threads_even_nested)
{
    expect_each_once(NULL, 10);
    ck_assert_int_eq(fp_pool_threads(NULL), 1);
    for (int threads = 1; threads <= 5; threads++) {
        fp_pool *pool = fp_pool_new(threads);
        ck_assert_int_eq(fp_pool_threads(pool), threads);
        for (size_t parts = 0; parts <= 300; parts = 2 * parts + 1) expect_each_once(pool, parts);
        for (int i = 0; i < 200; i++) expect_each_once(pool, 3);
        fp_pool_free(pool);
    }
    fp_pool_free(NULL);
}
END_TEST

static void *run_from_outside(void *arg)
{
    for (int i = 0; i < 50; i++) expect_each_once(arg, 7);
    return NULL;
}

static void count_until_third(void *ctx, size_t part)
{
    atomic_int *done = ctx;
    (void)part;
    if (atomic_fetch_add(done, 1) == 2) fp_interrupt(15);
}

START_TEST(an_interruption_leaves_out_the_parts_that_have_not_begun)
{
    for (int threads = 1; threads <= 3; threads++) {
        atomic_int done = 0;
        fp_pool *pool = fp_pool_new(threads);
        fp_pool_run(pool, 1000, count_until_third, &done);
        ck_assert_msg(done >= 3 && done < 3 + threads, "%d parts by %d threads", done, threads);
        fp_pool_run(pool, 1000, count_until_third, &done);
        ck_assert_int_lt(done, 3 + threads);
        fp_interrupt(0);
        fp_pool_free(pool);
    }
}
END_TEST

START_TEST(an_interruption_ends_reading_and_listing)
{
    fp_text text = {0};
    fp_list list;
    fp_error err = {0};
    fp_interrupt(2);
    ck_assert_int_eq(fp_file_read(&text, "/proc/self/exe", 1 << 30, &err), FP_INTERRUPTED);
    ck_assert_int_eq(fp_dir_list(&list, "/tmp", ".claim", &err), FP_INTERRUPTED);
    ck_assert_int_eq(fp_interrupted(), 2);
    fp_interrupt(0);
    fp_ck_ok(fp_file_read(&text, "/proc/self/exe", 1 << 30, &err), &err);
    fp_text_clear(&text);
}
END_TEST

START_TEST(two_threads_may_share_a_pool)
{
    fp_pool *pool = fp_pool_new(3);
    pthread_t other;
    ck_assert_int_eq(pthread_create(&other, NULL, run_from_outside, pool), 0);
    run_from_outside(pool);
    pthread_join(other, NULL);
    fp_pool_free(pool);
}
END_TEST

static atomic_int ended;
static void note_end(void)
{
    atomic_fetch_add(&ended, 1);
}

START_TEST(each_worker_calls_the_hook_before_it_ends)
{
    fp_pool *pool = fp_pool_new(4);
    fp_pool_on_exit(pool, note_end);
    fp_pool_on_exit(pool, flint_cleanup);
    expect_each_once(pool, 20);
    atomic_store(&ended, 0);
    fp_pool_free(pool);
    ck_assert_int_eq(ended, 3); /* the fourth is the caller */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("base");
    TCase *c = tcase_create("base");
    tcase_set_timeout(c, 30);
    tcase_add_test(c, every_status_has_a_name_a_text_and_an_exit_status);
    tcase_add_test(c, a_message_may_quote_itself_and_stays_on_one_line);
    tcase_add_test(c, a_message_too_long_ends_in_dots);
    tcase_add_test(c, a_product_that_overflows_ends_with_status_4);
    tcase_add_test(c, copies_are_equal_and_empty_allocations_are_not_null);
    tcase_add_test(c, text_grows_and_keeps_nul_bytes);
    tcase_add_test(c, globs_match_the_whole_string);
    tcase_add_test(c, a_long_row_of_stars_is_matched_quickly);
    tcase_add_test(c, the_closest_word_is_suggested_only_if_it_is_close);
    tcase_add_test(c, a_file_written_is_read_back_byte_for_byte);
    tcase_add_test(c, a_write_leaves_no_temporary_file_and_keeps_rights_and_links);
    tcase_add_test(c, reading_refuses_folders_missing_and_large_files);
    tcase_add_test(c, only_regular_files_are_read_and_nothing_is_waited_for);
    tcase_add_test(c, hidden_names_are_passed_over_and_folders_named_like_files_refused);
    tcase_add_test(c, a_pipe_with_a_name_is_written_to_and_not_replaced);
    tcase_add_test(c, a_full_disk_is_an_error);
    tcase_add_test(c, standard_output_may_be_a_pipe_but_not_a_full_disk);
    tcase_add_test(c, writing_into_a_missing_folder_or_onto_a_folder_is_an_error);
    tcase_add_test(c, folders_are_made_with_their_parents);
    tcase_add_test(c, a_folder_is_listed_recursively_sorted_by_bytes_and_without_cycles);
    tcase_add_test(c, sha256_gives_the_published_digests);
    tcase_add_test(c, sha256_does_not_depend_on_how_the_bytes_are_cut);
    tcase_add_test(c, philox_gives_the_known_answers);
    tcase_add_test(c, a_stream_is_its_blocks_in_order);
    tcase_add_test(c, bounded_draws_are_in_range_and_even);
    tcase_add_test(c, every_part_runs_once_on_any_number_of_threads_even_nested);
    tcase_add_test(c, two_threads_may_share_a_pool);
    tcase_add_test(c, an_interruption_leaves_out_the_parts_that_have_not_begun);
    tcase_add_test(c, an_interruption_ends_reading_and_listing);
    tcase_add_test(c, each_worker_calls_the_hook_before_it_ends);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
