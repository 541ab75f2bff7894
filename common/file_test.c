/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"

enum {
    SIZE_MAX_USUAL = 1 << 20,
    NOBODY = 65534,
};

/* A folder of this test's own; it is the working folder while a test runs. */
static char folder[] = "/tmp/file_test.XXXXXX";

static int entry_remove(const char *name)
{
    return unlink(name) == 0 || rmdir(name) == 0 ? 0 : -errno;
}

/* Calls `visit`, if any, on every entry of the working folder and says how many there are. */
static int entries_each(int (*visit)(const char *name))
{
    DIR *entries = opendir(".");
    int count = 0;

    assert_non_null(entries);
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (visit)
            assert_int_equal(visit(entry->d_name), 0);
    }
    closedir(entries);
    return count;
}

static int entry_count(void)
{
    return entries_each(NULL);
}

static int folder_make(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int folder_empty(void **state)
{
    (void)state;
    entries_each(entry_remove);
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void assert_contents(const char *path, const char *expected)
{
    char *data;
    size_t size;

    assert_int_equal(file_read(path, SIZE_MAX_USUAL, &data, &size), 0);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(data, expected);
    free(data);
}

static void writes_a_new_file(void **state)
{
    struct stat status;

    (void)state;
    mode_t umask_before = umask(022);
    assert_int_equal(file_write("new", "abc", 3), 0);
    umask(umask_before);
    assert_contents("new", "abc");
    assert_int_equal(stat("new", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(file_write("empty", "", 0), 0);
    assert_contents("empty", "");
    assert_int_equal(entry_count(), 2);
}

/* Whoever has the old file open keeps the old file, whole. */
static void replaces_and_never_overwrites(void **state)
{
    char old[4] = {0};
    struct stat status;

    (void)state;
    assert_int_equal(file_write("file", "old", 3), 0);
    assert_int_equal(chmod("file", 0600), 0);
    int fd = open("file", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_write("file", "longer", 6), 0);
    assert_int_equal(read(fd, old, sizeof old), 3);
    assert_string_equal(old, "old");
    close(fd);
    assert_contents("file", "longer");
    assert_int_equal(stat("file", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(entry_count(), 1);
}

static void writes_by_an_absolute_path(void **state)
{
    char path[PATH_MAX];

    (void)state;
    snprintf(path, sizeof path, "%s/absolute", folder);
    assert_int_equal(file_check_writable(path), 0);
    assert_int_equal(file_write(path, "abc", 3), 0);
    assert_contents("absolute", "abc");
}

static void a_longest_name_has_room_for_a_temporary_one(void **state)
{
    char name[NAME_MAX + 2] = {0};

    (void)state;
    memset(name, 'n', NAME_MAX);
    assert_int_equal(file_check_writable(name), 0);
    assert_int_equal(file_write(name, "abc", 3), 0);
    assert_contents(name, "abc");
    name[NAME_MAX] = 'n';
    assert_int_equal(file_check_writable(name), -ENAMETOOLONG);
    assert_int_equal(file_write(name, "abc", 3), -ENAMETOOLONG);
}

static void a_link_stays_a_link(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(file_write("target", "old", 3), 0);
    assert_int_equal(symlink("target", "link"), 0);
    assert_int_equal(file_check_writable("link"), 0);
    assert_int_equal(file_write("link", "new", 3), 0);
    assert_int_equal(lstat("link", &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_contents("target", "new");
    assert_int_equal(entry_count(), 2);
}

/* A name that a killed process of our id has left is passed over. */
static void a_taken_temporary_name_is_passed_over(void **state)
{
    char name[NAME_MAX];

    (void)state;
    snprintf(name, sizeof name, ".muelle-%ld-0.tmp", (long)getpid());
    assert_int_equal(file_write(name, "left", 4), 0);
    assert_int_equal(file_write("file", "abc", 3), 0);
    assert_contents("file", "abc");
    assert_contents(name, "left");
    assert_int_equal(entry_count(), 2);
}

static void refuses_where_nothing_can_be_written(void **state)
{
    static const struct {
        const char *path;
        int error;
    } places[] = {
        {"", ENOENT},           {"absent/file", ENOENT}, {"folder", EISDIR}, {"folder/", EISDIR},
        {"file/name", ENOTDIR}, {"absent/", ENOENT},     {".", EISDIR},      {"loop", ELOOP},
    };

    (void)state;
    assert_int_equal(mkdir("folder", 0777), 0);
    assert_int_equal(file_write("file", "abc", 3), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        assert_int_equal(file_check_writable(places[i].path), -places[i].error);
        assert_int_equal(file_write(places[i].path, "abc", 3), -places[i].error);
    }
    assert_contents("file", "abc");
    assert_int_equal(entry_count(), 3);
}

static void refuses_a_folder_without_permission(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir("folder", 0755), 0);
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(seteuid(NOBODY), 0);
    int check = file_check_writable("folder/file");
    int error = file_write("folder/file", "abc", 3);
    assert_int_equal(seteuid(0), 0);
    assert_int_equal(check, -EACCES);
    assert_int_equal(error, -EACCES);
}

static void checking_changes_nothing(void **state)
{
    struct stat before;
    struct stat after;

    (void)state;
    assert_int_equal(file_check_writable("absent"), 0);
    assert_int_equal(entry_count(), 0);
    assert_int_equal(file_write("file", "abc", 3), 0);
    assert_int_equal(stat("file", &before), 0);
    assert_int_equal(file_check_writable("file"), 0);
    assert_int_equal(file_check_writable("./file"), 0);
    assert_int_equal(stat("file", &after), 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(entry_count(), 1);
}

/* The limit stands in for a full disk: the write stops in the middle. */
static void a_failed_write_leaves_the_old_file_alone(void **state)
{
    static char large[1 << 16];
    struct rlimit before;

    (void)state;
    assert_int_equal(file_write("file", "old", 3), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 4096, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int replaced = file_write("file", large, sizeof large);
    int created = file_write("new", large, sizeof large);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(replaced, -EFBIG);
    assert_int_equal(created, -EFBIG);
    assert_contents("file", "old");
    assert_int_equal(entry_count(), 1);
}

static void special_files_are_written_directly(void **state)
{
    struct stat status;
    char read_back[8] = {0};

    (void)state;
    assert_int_equal(file_check_writable("/dev/null"), 0);
    assert_int_equal(file_write("/dev/null", "abc", 3), 0);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(file_write("/dev/full", "abc", 3), -ENOSPC);

    assert_int_equal(mkfifo("pipe", 0600), 0);
    int fd = open("pipe", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(file_check_writable("pipe"), 0);
    assert_int_equal(file_write("pipe", "abc", 3), 0);
    assert_int_equal(read(fd, read_back, sizeof read_back), 3);
    assert_string_equal(read_back, "abc");
    close(fd);
}

/* As after `program --output /dev/fd/N >>file`: what was written before stays, and the name under
 * /dev still is what it was. */
static void a_descriptors_name_is_its_descriptor(void **state)
{
    char path[PATH_MAX];

    (void)state;
    int fd = open("file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "before ", 7), 7);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    assert_int_equal(file_check_writable(path), 0);
    assert_int_equal(file_write(path, "after", 5), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    assert_int_equal(file_write(path, ".", 1), 0);
    close(fd);
    assert_contents("file", "before after.");
    assert_int_equal(file_check_writable(path), -EBADF);

    fd = open("file", O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    assert_int_equal(file_check_writable(path), -EBADF);
    close(fd);
    assert_int_equal(file_check_writable("/dev/stdout"), 0);
    assert_int_equal(file_check_writable("/dev/stderr"), 0);
    assert_int_equal(entry_count(), 1);
}

static void reads_up_to_a_limit(void **state)
{
    static char large[100000];
    char *data = NULL;
    size_t size = 77;

    (void)state;
    memset(large, 'x', sizeof large);
    assert_int_equal(file_write("large", large, sizeof large), 0);
    assert_int_equal(file_read("large", sizeof large - 1, &data, &size), -EFBIG);
    assert_int_equal(file_read("large", 0, &data, &size), -EFBIG);
    assert_null(data);
    assert_int_equal(size, 77);
    assert_int_equal(file_read("large", sizeof large, &data, &size), 0);
    assert_int_equal(size, sizeof large);
    assert_memory_equal(data, large, sizeof large);
    assert_int_equal(data[size], '\0');
    free(data);
    assert_int_equal(file_write("empty", "", 0), 0);
    assert_int_equal(file_read("empty", 0, &data, &size), 0);
    assert_int_equal(size, 0);
    assert_string_equal(data, "");
    free(data);
}

/* /proc says 0 for the size of everything. */
static void reads_what_has_no_size(void **state)
{
    char *data;
    size_t size;

    (void)state;
    assert_int_equal(file_read("/proc/self/status", SIZE_MAX, &data, &size), 0);
    assert_memory_equal(data, "Name:", 5);
    assert_int_equal(strlen(data), size);
    free(data);
}

static void refuses_to_read_what_is_no_file(void **state)
{
    char *data;
    size_t size;

    (void)state;
    assert_int_equal(file_read("absent", SIZE_MAX_USUAL, &data, &size), -ENOENT);
    assert_int_equal(file_read(".", SIZE_MAX_USUAL, &data, &size), -EISDIR);
    assert_int_equal(file_read("/dev/zero", SIZE_MAX_USUAL, &data, &size), -EFBIG);
}

#define FILE_TEST(test) cmocka_unit_test_teardown(test, folder_empty)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILE_TEST(writes_a_new_file),
        FILE_TEST(replaces_and_never_overwrites),
        FILE_TEST(writes_by_an_absolute_path),
        FILE_TEST(a_longest_name_has_room_for_a_temporary_one),
        FILE_TEST(a_link_stays_a_link),
        FILE_TEST(a_taken_temporary_name_is_passed_over),
        FILE_TEST(refuses_where_nothing_can_be_written),
        FILE_TEST(refuses_a_folder_without_permission),
        FILE_TEST(checking_changes_nothing),
        FILE_TEST(a_failed_write_leaves_the_old_file_alone),
        FILE_TEST(special_files_are_written_directly),
        FILE_TEST(a_descriptors_name_is_its_descriptor),
        FILE_TEST(reads_up_to_a_limit),
        FILE_TEST(reads_what_has_no_size),
        FILE_TEST(refuses_to_read_what_is_no_file),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
