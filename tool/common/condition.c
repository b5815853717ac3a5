#include "common/condition.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

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

int32_t *labels_in_turn(const int32_t *list, size_t listed, size_t n)
{
    if (listed == 0)
        return NULL;
    int32_t *labels = allocate(n, sizeof *labels);
    for (size_t i = 0; i < n; i++)
        labels[i] = list[i % listed];
    return labels;
}

/* Those that the model was trained on, where its metadata tells, else all; how many. */
static size_t list_classes(int32_t *list, const diffusion_model *model)
{
    const char *text = diffusion_model_metadata(model, "data.labels.seen");
    size_t classes = (size_t)diffusion_model_classes(model), listed = 0;
    int64_t *seen = allocate(classes, sizeof *seen);
    if (text != NULL)
        listed = text_integers(seen, classes, text, (int64_t)classes - 1);
    for (size_t i = 0; i < classes; i++)
        list[i] = listed > 0 ? (int32_t)seen[i] : (int32_t)i;
    free(seen);
    return listed > 0 ? listed : classes;
}

int32_t *labels_of_all(const diffusion_model *model, size_t n)
{
    int32_t *list = allocate((size_t)diffusion_model_classes(model) + 1, sizeof *list);
    int32_t *labels = labels_in_turn(list, list_classes(list, model), n);
    free(list);
    return labels;
}
