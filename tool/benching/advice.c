#define _DEFAULT_SOURCE /* getloadavg */

#include "benching/advice.h"

#include "common/text.h"
#include "reexec.h"

#include <diffusion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void machine_look(machine *out)
{
    double load;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (machine){.core = diffusion_blas_core(), .threading = diffusion_blas_threading()};
    out->threads = (int)diffusion_threads();
    out->cores = cores > 0 ? (int)cores : 1;
    out->load = getloadavg(&load, 1) == 1 ? load : -1;
}

static size_t on_kernels(char **out)
{
    const char *set = getenv("OPENBLAS_CORETYPE");
    if (reexec_would_help()) {
        *out = text_format("The processor has AVX-512, but OpenBLAS has taken kernels without it: set "
                           "OPENBLAS_CORETYPE=SKYLAKEX in the environment.");
        return 1;
    }
    if (set == NULL)
        return 0;
    *out =
        text_format("OPENBLAS_CORETYPE=%s is set, by you or by this command, which does so where OpenBLAS would take "
                    "slower kernels: a program of your own needs it in its environment.",
                    set);
    return 1;
}

static size_t on_threading(char **out, const machine *of)
{
    if (strcmp(of->threading, "openmp") == 0)
        return 0;
    *out = strcmp(of->threading, "serial") == 0
               ? text_format("This OpenBLAS is the serial one: products run on one thread. Install the OpenMP variant "
                             "(libopenblas0-openmp).")
               : text_format("This OpenBLAS has threads of its own (%s): prefer the OpenMP variant "
                             "(libopenblas0-openmp), whose number of threads is each caller's own.",
                             of->threading);
    return 1;
}

static size_t on_threads(char **out, const machine *of)
{
    if (of->threads < of->cores)
        *out = text_format("%d of %d cores are used: see --threads and OMP_NUM_THREADS.", of->threads, of->cores);
    else if (of->threads > of->cores)
        *out = text_format("%d threads share %d cores: more than one each is slower.", of->threads, of->cores);
    else
        return 0;
    return 1;
}

/* Whether more threads were of use. */
static size_t on_load(char **out, const machine *of)
{
    static const double least = 0.6; /* of what so many threads could do */
    const int shared = of->threads < of->cores ? of->threads : of->cores;
    if (of->load > 0.5 + of->cores)
        *out = text_format("The machine is busy (load %.1f on %d cores): it can do more than these figures say.",
                           of->load, of->cores);
    else if (shared > 1 && of->all_threads < least * shared * of->one_thread)
        *out = text_format(
            "%d threads multiply only %.1f times as fast as one: other work, a limit of the container or two "
            "threads on one core hold them back.",
            of->threads, of->all_threads / of->one_thread);
    else
        return 0;
    return 1;
}

size_t advice_on(char **out, const machine *of)
{
    size_t count = on_kernels(out);
    count += on_threading(out + count, of);
    count += on_threads(out + count, of);
    return count + on_load(out + count, of);
}
