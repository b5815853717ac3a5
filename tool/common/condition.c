#include "common/condition.h"

#include "common/fail.h"
#include "common/memory.h"

#include <stdlib.h>

diffusion_condition *condition_of(const int32_t *labels, size_t n)
{
    diffusion_condition *condition;
    if (labels == NULL)
        return NULL;
    check(diffusion_condition_create(&condition, n));
    check(diffusion_condition_set_labels(condition, labels));
    return condition;
}

diffusion_condition *condition_in_turn(const int32_t *list, size_t listed, size_t n)
{
    if (list == NULL)
        return NULL;
    int32_t *labels = allocate(n, sizeof *labels);
    for (size_t i = 0; i < n; i++)
        labels[i] = list[i % listed];
    diffusion_condition *condition = condition_of(labels, n);
    free(labels);
    return condition;
}

diffusion_condition *condition_all_classes(int32_t classes, size_t n)
{
    if (classes == 0)
        return NULL;
    int32_t *list = allocate((size_t)classes, sizeof *list);
    for (int32_t i = 0; i < classes; i++)
        list[i] = i;
    diffusion_condition *condition = condition_in_turn(list, (size_t)classes, n);
    free(list);
    return condition;
}
