#include "common/condition.h"

#include "common/fail.h"
#include "common/memory.h"

diffusion_condition *condition_of(const int32_t *labels, size_t n)
{
    diffusion_condition *condition;
    if (labels == NULL)
        return NULL;
    check(diffusion_condition_create(&condition, n));
    check(diffusion_condition_set_labels(condition, labels));
    return condition;
}

int32_t *labels_in_turn(const int32_t *list, size_t listed, size_t n)
{
    if (listed == 0)
        return NULL;
    int32_t *labels = allocate(n, sizeof *labels);
    for (size_t i = 0; i < n; i++)
        labels[i] = list != NULL ? list[i % listed] : (int32_t)(i % listed);
    return labels;
}
