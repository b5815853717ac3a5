#define _POSIX_C_SOURCE 200809L

#include "reexec.h"

#include "common/same_file.h"

#include <diffusion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__) && (defined(__x86_64__) || defined(__i386__))

#include <limits.h>

static int processor_has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int kernels_are_avx2(void)
{
    const char *core = diffusion_blas_core();
    return strcmp(core, "Haswell") == 0 || strcmp(core, "Zen") == 0;
}

/* The file that this code was loaded from, as the kernel names it; 0 if it does not. */
static int find_own_file(char *path, size_t capacity)
{
    char line[PATH_MAX + 128];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL) {
        unsigned long begin, end;
        int name = 0;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &begin, &end, &name) == 2 && name > 0 &&
            begin <= (unsigned long)find_own_file && (unsigned long)find_own_file < end) {
            line[strcspn(line, "\n")] = '\0';
            found = snprintf(path, capacity, "%s", line + name) < (int)capacity;
        }
    }
    if (maps != NULL)
        fclose(maps);
    return found;
}

/* Whether the process is that file: a loader or valgrind, given the command as an argument, is not, and started again
 * would take the command's arguments for its own. */
static int is_own_process(const char *process)
{
    char path[PATH_MAX];
    return find_own_file(path, sizeof path) && same_file(path, process);
}

int reexec_would_help(void)
{
    return processor_has_avx512() && kernels_are_avx2();
}

void reexec_with_best_kernels(char **argv)
{
    static const char variable[] = "OPENBLAS_CORETYPE", itself[] = "/proc/self/exe";
    if (getenv(variable) != NULL || !reexec_would_help() || !is_own_process(itself))
        return;
    if (setenv(variable, "SKYLAKEX", 0) == 0) {
        execv(itself, argv); /* returns only if it fails: then the slower way has to do */
        unsetenv(variable);
    }
}

#else

int reexec_would_help(void)
{
    return 0;
}

void reexec_with_best_kernels(char **argv)
{
    (void)argv;
}

#endif
