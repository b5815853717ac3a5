#include "coding/coding.h"

#include "common/evaluator.h"
#include "common/fail.h"

char *coding_spec(const char *keys)
{
    return evaluator_spec("bits_back", keys);
}

double coding_figure(const diffusion_coder *coder, const char *quantity)
{
    double value;
    check(diffusion_coder_value(coder, quantity, &value));
    return value;
}
