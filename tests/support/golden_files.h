/* Where golden files are, and how many of them: the small ones stand in the tree, the larger ones beside the checkout.
 * A program that reads some ends with golden_run(), which tells what was not there. Public headers only. */
#ifndef SUPPORT_GOLDEN_FILES_H
#define SUPPORT_GOLDEN_FILES_H

#include "test.h"

enum { GOLDEN_FILES_MAX = 256, GOLDEN_SKIPPED = 77 /* the exit code that ctest shows as skipped */ };

static struct golden_files {
    char names[GOLDEN_FILES_MAX][128]; /* each that was asked for, once */
    int here[GOLDEN_FILES_MAX];
    size_t count;
    size_t of_test; /* found by golden_has() since golden_skip_if_none() */
} golden_files;

/* The path of a golden file, in tests/golden, in golden/ beside the checkout or in what else is there; NULL where it is
 * in none. */
static inline const char *golden_find(const char *name)
{
    static const char *const places[] = {TEST_GOLDEN, TEST_SHARED "/golden", TEST_SHARED};
    static char path[4096];
    const char *found = NULL;
    for (size_t i = 0; i < 3 && found == NULL; i++) {
        snprintf(path, sizeof path, "%s/%s", places[i], name);
        found = access(path, R_OK) == 0 ? path : NULL;
    }
    struct golden_files *files = &golden_files;
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->names[i], name) == 0)
            return found;
    assert_true(files->count < GOLDEN_FILES_MAX && strlen(name) < sizeof files->names[0]);
    files->here[files->count] = found != NULL;
    memcpy(files->names[files->count++], name, strlen(name) + 1);
    return found;
}

/* Whether it is there: for a test of several files, which leaves out those that are not and ends with
 * golden_skip_if_none(). */
static inline int golden_has(const char *name)
{
    int here = golden_find(name) != NULL;
    golden_files.of_test += (size_t)here;
    return here;
}

/* Skips the test if it has found none of its files. */
static inline void golden_skip_if_none(void)
{
    size_t found = golden_files.of_test;
    golden_files.of_test = 0;
    if (found == 0)
        skip();
}

/* The path; skips the test where the file is not there. */
static inline const char *golden(const char *name)
{
    const char *path = golden_find(name);
    if (path == NULL)
        skip();
    return path;
}

/* Prints what was found; the exit code of a program with so many failures. */
static inline int golden_report(int failures)
{
    const struct golden_files *files = &golden_files;
    size_t found = 0;
    for (size_t i = 0; i < files->count; i++)
        found += (size_t)files->here[i];
    printf("%zu of %zu golden files found", found, files->count);
    if (found < files->count)
        printf(", %zu skipped:", files->count - found);
    for (size_t i = 0; i < files->count; i++)
        if (!files->here[i])
            printf(" %s", files->names[i]);
    printf("\n");
    return failures == 0 && found == 0 && files->count > 0 ? GOLDEN_SKIPPED : failures;
}

/* cmocka_run_group_tests(), with that report; the code for main() to return. */
#define golden_run(tests, set_up, tear_down) golden_report(cmocka_run_group_tests(tests, set_up, tear_down))

#endif
