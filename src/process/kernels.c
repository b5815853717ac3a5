/* The table of kernels. */
#include "process/kernel.h"

const char kernel_names[] = "gaussian|binomial";

static const kernel_class *const kernels[] = {&gaussian_kernel, &binomial_kernel};

const kernel_class *kernel_class_at(size_t index)
{
    return index < sizeof kernels / sizeof kernels[0] ? kernels[index] : NULL;
}
