/* What the command does at its start on a processor that OpenBLAS does not know: prints how it was started in the end.
 */
#include "reexec.h"

#include <stdio.h>
#include <stdlib.h>

#include <diffusion/runtime.h>

/* In place of the library's. */
const char *diffusion_blas_core(void)
{
    return "Haswell";
}

int main(int argc, char **argv)
{
    reexec_with_best_kernels(argv);
    const char *core = getenv("OPENBLAS_CORETYPE");
    printf("%s %s\n", argc > 1 ? argv[1] : "-", core != NULL ? core : "unset");
    return 0;
}
