/* Which classes samples take, and how these are shown and written. */
#include "sampling/sampling.h"

#include "common/condition.h"
#include "common/fail.h"
#include "common/memory.h"
#include "common/note.h"
#include "common/text.h"
#include "data/write.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 1024, COUNT_STANDARD = 64 };

static int32_t *labels_of_latents(const sampling *s, size_t *listed)
{
    if (s->latents.labels == NULL)
        fail_usage(
            "sample: --latents %s: holds no labels, which --labels has to give: those that were encoded, or none",
            s->options->latents);
    data_uses_labels(&s->latents, s->model, s->options->latents);
    *listed = s->latents.count;
    return labels_in_turn(s->latents.labels, s->latents.count, s->latents.count);
}

/* Folders whose names are numbers have others as classes. */
static void note_numbers(const sampling *s, const int32_t *list, size_t listed)
{
    const char *names = diffusion_model_metadata(s->model, "data.classes");
    for (size_t i = 0; i < listed; i++) {
        char *name = data_class_name(names, list[i]);
        int64_t number;
        int other = text_integer(&number, name, INT64_MIN, INT64_MAX) && number != list[i];
        if (other)
            note("--labels: %d is the class of the folder %s", (int)list[i], name);
        free(name);
        if (other)
            return;
    }
}

/* The classes of --labels, of the latents, or all that the model has seen; freed by free(). */
static int32_t *list_of(const sampling *s, size_t *listed)
{
    const char *text = s->options->labels;
    if (text == NULL && s->latents.count > 0)
        return labels_of_latents(s, listed);
    if (text == NULL)
        return classes_seen(s->model, listed);
    int32_t classes = diffusion_model_classes(s->model), *list = allocate(LABELS_MAX, sizeof *list);
    int64_t numbers[LABELS_MAX];
    *listed = text_integers(numbers, LABELS_MAX, text, classes - 1);
    if (*listed == 0)
        fail_usage("sample: --labels %s: expected classes 0..%d with commas between them, or none", text,
                   (int)classes - 1);
    for (size_t i = 0; i < *listed; i++)
        list[i] = (int32_t)numbers[i];
    classes_note_unseen(s->model, list, *listed, "--labels");
    note_numbers(s, list, *listed);
    return list;
}

static size_t count_of(const sampling *s, size_t listed)
{
    const sample_options *options = s->options;
    if (options->per_class > 0)
        return multiply((size_t)options->per_class, listed, "--n-per-class");
    if (options->count != COUNT_UNSET)
        return (size_t)options->count;
    return s->latents.count > 0 ? s->latents.count : COUNT_STANDARD;
}

void sampling_choose_labels(sampling *s)
{
    const sample_options *options = s->options;
    int takes_any = diffusion_model_classes(s->model) > 0;
    int none = options->labels != NULL && strcmp(options->labels, "none") == 0;
    if (!takes_any && (options->labels != NULL || options->per_class > 0))
        fail_usage("sample: %s: this model has no classes", options->labels != NULL ? "--labels" : "--n-per-class");
    if (none && options->per_class > 0)
        fail_usage("sample: --n-per-class with --labels none, expected classes");
    if (none)
        classes_note_without(s->model, "--labels none");
    size_t listed = 0;
    int32_t *list = takes_any && !none ? list_of(s, &listed) : NULL;
    s->count = count_of(s, listed);
    s->columns = options->per_class > 0 ? listed : (size_t)options->columns;
    if (s->count > COUNT_MAX)
        fail_usage("sample: --n-per-class of %zu classes would be %zu samples, expected at most %d", listed, s->count,
                   (int)COUNT_MAX);
    s->labels = labels_in_turn(list, listed, s->count);
    free(list);
}

char **sampling_class_names(const sampling *s)
{
    const char *names = diffusion_model_metadata(s->model, "data.classes");
    char **out = allocate(s->columns, sizeof *out);
    for (size_t i = 0; i < s->columns; i++)
        out[i] = data_class_name(names, s->labels[i]);
    return out;
}

char *sampling_labels_path(const sample_options *options)
{
    if (options->per_class == COUNT_UNSET || options->output == NULL || !text_ends_with(options->output, ".npy"))
        return NULL;
    char *stem = text_without(options->output, ".npy"), *path = text_format("%s-labels.npy", stem);
    free(stem);
    return path;
}
