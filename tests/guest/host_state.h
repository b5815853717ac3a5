/* All of the host's that a library could change: its signals, locale, floating-point mode, environment, folder, umask,
 * OpenBLAS's thread counts, descriptors, and what stands on its standard output and error. */
#ifndef HOST_STATE_H
#define HOST_STATE_H

#include "test.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { HOST_SIGNALS = 65, HOST_DESCRIPTORS = 256 };

extern char **environ;

typedef struct host_state {
    void *handlers[HOST_SIGNALS];
    int flags[HOST_SIGNALS];
    int blocked[HOST_SIGNALS];
    char locale[256];
    locale_t thread_locale;
    int rounding, exceptions;
    unsigned control; /* MXCSR without the flags that calculations raise */
    size_t environment;
    char **environment_at;
    char folder[4096];
    mode_t umask;
    int blas_threads, openmp_threads;
    char descriptors[HOST_DESCRIPTORS];
} host_state;

static inline void host_signals(host_state *to)
{
    sigset_t mask;
    assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &mask), 0);
    for (int i = 1; i < HOST_SIGNALS; i++) {
        struct sigaction now;
        if (sigaction(i, NULL, &now) != 0)
            continue;
        memcpy(&to->handlers[i], &now.sa_handler, sizeof(void *));
        to->flags[i] = now.sa_flags;
        to->blocked[i] = sigismember(&mask, i);
    }
}

/* -1 where nothing that is loaded has such a function. */
static inline int host_count(const char *function)
{
    int (*count)(void) = NULL;
    void *address = dlsym(RTLD_DEFAULT, function);
    memcpy(&count, &address, sizeof address);
    return count != NULL ? count() : -1;
}

static inline void host_descriptors(host_state *to)
{
    for (int i = 0; i < HOST_DESCRIPTORS; i++)
        to->descriptors[i] = fcntl(i, F_GETFD) != -1;
}

static inline host_state host_now(void)
{
    host_state now;
    memset(&now, 0, sizeof now);
    host_signals(&now);
    snprintf(now.locale, sizeof now.locale, "%s", setlocale(LC_ALL, NULL));
    now.thread_locale = uselocale((locale_t)0);
    now.rounding = fegetround();
#if defined(__GLIBC__)
    now.exceptions = fegetexcept();
#endif
#if defined(__x86_64__)
    now.control = _mm_getcsr() & ~0x3fu;
#endif
    now.environment_at = environ;
    for (char **entry = environ; *entry != NULL; entry++)
        for (const char *c = *entry; *c != '\0'; c++)
            now.environment = now.environment * 31 + (unsigned char)*c;
    assert_non_null(getcwd(now.folder, sizeof now.folder));
    now.umask = umask(0);
    umask(now.umask);
    now.blas_threads = host_count("openblas_get_num_threads");
    now.openmp_threads = host_count("omp_get_max_threads");
    host_descriptors(&now);
    return now;
}

/* `after` what was done: nothing has changed. A count that did not exist before is not compared. */
static inline void host_assert_unchanged(const host_state *before, const char *after)
{
    host_state now = host_now();
    if (before->blas_threads == -1)
        now.blas_threads = -1;
    if (before->openmp_threads == -1)
        now.openmp_threads = -1;
    for (int i = 1; i < HOST_SIGNALS; i++)
        if (now.handlers[i] != before->handlers[i] || now.flags[i] != before->flags[i] ||
            now.blocked[i] != before->blocked[i])
            fail_msg("%s changed signal %d", after, i);
    for (int i = 0; i < HOST_DESCRIPTORS; i++)
        if (now.descriptors[i] != before->descriptors[i])
            fail_msg("%s left descriptor %d %s", after, i, now.descriptors[i] ? "open" : "closed");
    if (memcmp(&now, before, sizeof now) != 0)
        fail_msg("%s changed one of: locale %s (%s), rounding %d (%d), exceptions %d (%d), control %x (%x), the "
                 "environment, folder %s (%s), umask %o (%o), threads of OpenBLAS %d (%d), of OpenMP %d (%d)",
                 after, now.locale, before->locale, now.rounding, before->rounding, now.exceptions, before->exceptions,
                 now.control, before->control, now.folder, before->folder, (unsigned)now.umask, (unsigned)before->umask,
                 now.blas_threads, before->blas_threads, now.openmp_threads, before->openmp_threads);
}

/* ---- what is printed ---- */

typedef struct host_prints {
    int kept[2], file;
} host_prints;

/* From here on descriptors 1 and 2 are a file. */
static inline host_prints host_listen(void)
{
    char name[] = "prints-XXXXXX";
    host_prints self = {.file = mkstemp(name)};
    assert_true(self.file >= 0);
    assert_int_equal(unlink(name), 0);
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        self.kept[i] = dup(i + 1);
        assert_int_equal(dup2(self.file, i + 1), i + 1);
    }
    return self;
}

/* They are the host's again; how many bytes came. */
static inline off_t host_heard(host_prints *self)
{
    struct stat of;
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        (void)dup2(self->kept[i], i + 1);
        close(self->kept[i]);
    }
    assert_int_equal(fstat(self->file, &of), 0);
    close(self->file);
    return of.st_size;
}

#endif
