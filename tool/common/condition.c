#include "common/condition.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/specs.h"
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

int32_t *classes_seen(const diffusion_model *model, size_t *count)
{
    const char *text = diffusion_model_metadata(model, "data.labels.seen");
    size_t classes = (size_t)diffusion_model_classes(model), listed = 0;
    int64_t *seen = allocate(classes, sizeof *seen);
    int32_t *list = allocate(classes, sizeof *list);
    if (text != NULL)
        listed = text_integers(seen, classes, text, (int64_t)classes - 1);
    for (size_t i = 0; i < classes; i++)
        list[i] = listed > 0 ? (int32_t)seen[i] : (int32_t)i;
    free(seen);
    *count = listed > 0 ? listed : classes;
    return list;
}

int32_t *labels_of_all(const diffusion_model *model, size_t n)
{
    size_t count;
    int32_t *list = classes_seen(model, &count), *labels = labels_in_turn(list, count, n);
    free(list);
    return labels;
}

void classes_note_unseen(const diffusion_model *model, const int32_t *labels, size_t n, const char *what)
{
    const int32_t classes = diffusion_model_classes(model);
    size_t listed, unseen = 0, first = 0;
    int32_t *list = classes_seen(model, &listed);
    char *seen = allocate((size_t)classes, 1);
    for (size_t i = 0; i < listed; i++)
        seen[list[i]] = 1;
    for (size_t i = 0; i < n && labels != NULL; i++)
        if (labels[i] >= 0 && labels[i] < classes && !seen[labels[i]] && unseen++ == 0)
            first = i;
    if (unseen > 0)
        note("%s: %zu of %zu labels, such as %d, are of classes that the model was trained on no data of", what, unseen,
             n, (int)labels[first]);
    free(seen);
    free(list);
}

void classes_note_without(const diffusion_model *model, const char *what)
{
    const char *training = diffusion_model_metadata(model, "training");
    if (diffusion_model_classes(model) > 0 && training != NULL && spec_is(training, "condition_dropout", "0", "0"))
        note("%s: the model was only trained with labels (condition_dropout=0): its output without them is not learned",
             what);
}

void classes_note_guidance(const diffusion_model *model, const char *sampler_spec)
{
    char *scale = spec_value(sampler_spec, "guidance_scale");
    if (scale != NULL && strtod(scale, NULL) != 1) {
        char *what = text_format("guidance_scale=%s", scale);
        classes_note_without(model, what);
        free(what);
    }
    free(scale);
}
