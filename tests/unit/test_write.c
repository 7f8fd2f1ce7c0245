/* SPDX-License-Identifier: MIT */
/* Files that appear whole or not at all, what killed runs leave behind, and streams. */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/fp_check.h"

static char root[] = "/tmp/flowproof-write-XXXXXX";
static fp_error err;

static void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(chdir(root), 0);
}

static void end(void)
{
    char *command = fp_asprintf("rm -rf '%s'", root);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

static size_t files(void)
{
    size_t count = 0;
    DIR *dir = opendir(root);
    ck_assert_ptr_nonnull(dir);
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static void expect(const char *path, const char *content)
{
    fp_text t = {0};
    fp_ck_ok(fp_file_read(&t, path, 1 << 20, &err), &err);
    ck_assert_str_eq(t.data, content);
    fp_text_clear(&t);
}

START_TEST(a_file_written_in_pieces_appears_when_it_is_closed)
{
    fp_writer *w;
    char *big = fp_alloc(100000, 1);
    memset(big, 'x', 99999);
    fp_ck_ok(fp_file_write("f", "old", 3, &err), &err);
    fp_ck_ok(fp_writer_open(&w, "f", &err), &err);
    fp_ck_ok(fp_writer_put(w, big, 99999, &err), &err);
    expect("f", "old");
    fp_ck_ok(fp_writer_close(w, &err), &err);
    expect("f", big);
    ck_assert_uint_eq(files(), 1);
    free(big);
}
END_TEST

START_TEST(an_abandoned_file_leaves_the_old_one)
{
    fp_writer *w;
    fp_ck_ok(fp_file_write("f", "old", 3, &err), &err);
    fp_ck_ok(fp_writer_open(&w, "f", &err), &err);
    fp_ck_ok(fp_writer_put(w, "new", 3, &err), &err);
    fp_writer_abandon(w);
    expect("f", "old");
    ck_assert_uint_eq(files(), 1);
}
END_TEST

/* A child opens a writer, says so through the pipe and waits to be killed. */
static pid_t start_writer(void)
{
    int ready[2];
    char byte = 0;
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        fp_writer *w;
        fp_error mine;
        if (fp_writer_open(&w, "f", &mine) != FP_OK || write(ready[1], "r", 1) != 1) _exit(1);
        for (;;) pause();
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

START_TEST(what_a_killed_run_left_is_removed_by_the_next_and_what_a_live_one_writes_is_not)
{
    pid_t child = start_writer();
    fp_ck_ok(fp_file_write("g", "x", 1, &err), &err);
    ck_assert_uint_eq(files(), 2); /* g and the child's */
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    ck_assert_uint_eq(files(), 2);
    fp_ck_ok(fp_file_write("g", "y", 1, &err), &err);
    ck_assert_uint_eq(files(), 1);
    expect("g", "y");
}
END_TEST

START_TEST(files_of_other_names_are_nobody_s_leftovers)
{
    const char *const names[] = {".flowproof-1-0.tmp.bak", ".flowproof.tmp", "flowproof-1-0.tmp", ".flowproof-1"};
    for (int k = 0; k < 4; k++) fclose(fopen(names[k], "w"));
    fp_ck_ok(fp_file_write("g", "x", 1, &err), &err);
    ck_assert_uint_eq(files(), 5);
}
END_TEST

START_TEST(a_size_limit_is_an_error_and_leaves_the_old_file)
{
    fp_ck_ok(fp_file_write("f", "old", 3, &err), &err);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {1000, 1000};
        char *big = fp_alloc(200000, 1);
        signal(SIGXFSZ, SIG_IGN);
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(1);
        fp_status st = fp_file_write("f", big, 200000, &err);
        _exit(st == FP_IO && strstr(err.message, "File too large") ? 0 : 2);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    expect("f", "old");
    ck_assert_uint_eq(files(), 1);
}
END_TEST

START_TEST(a_fifo_gets_its_bytes_once_and_is_an_error_when_nobody_reads)
{
    ck_assert_int_eq(mkfifo("p", 0600), 0);
    ck_assert(fp_file_is_stream("p"));
    ck_assert(!fp_file_is_stream("nothing"));
    pid_t child = fork();
    if (child == 0) {
        fp_text t = {0};
        char buffer[64];
        FILE *f = fopen("p", "r");
        size_t n = f ? fread(buffer, 1, sizeof buffer, f) : 0;
        fp_text_addn(&t, buffer, n);
        _exit(strcmp(t.data, "one document") == 0 ? 0 : 1);
    }
    fp_ck_ok(fp_file_write("p", "one document", 12, &err), &err);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(fp_file_write("p", "x", 1, &err), FP_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "nothing reads"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("write");
    TCase *c = tcase_create("write");
    tcase_set_timeout(c, 60);
    tcase_add_checked_fixture(c, begin, end);
    tcase_add_test(c, a_file_written_in_pieces_appears_when_it_is_closed);
    tcase_add_test(c, an_abandoned_file_leaves_the_old_one);
    tcase_add_test(c, what_a_killed_run_left_is_removed_by_the_next_and_what_a_live_one_writes_is_not);
    tcase_add_test(c, files_of_other_names_are_nobody_s_leftovers);
    tcase_add_test(c, a_size_limit_is_an_error_and_leaves_the_old_file);
    tcase_add_test(c, a_fifo_gets_its_bytes_once_and_is_an_error_when_nobody_reads);
    suite_add_tcase(s, c);
    return fp_test_main(s);
}
