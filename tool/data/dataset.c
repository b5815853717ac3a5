#include "data/dataset.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/text.h"

#include <stdlib.h>

void data_reserve(dataset *out, const char *path, size_t count, const int64_t *shape, size_t rank)
{
    out->count = count;
    out->rank = rank;
    out->dim = 1;
    for (size_t i = 0; i < rank; i++) {
        out->shape[i] = shape[i];
        out->dim = multiply(out->dim, (size_t)shape[i], path);
    }
    if (count == 0 || out->dim == 0)
        fail("%s: holds no data", path);
    out->values = allocate(multiply(count, out->dim, path), sizeof *out->values);
}

void data_measure(dataset *data)
{
    if (data->bounded)
        return;
    data->minimum = data->maximum = data->values[0];
    for (size_t i = 0; i < data->count * data->dim; i++) {
        double value = data->values[i];
        data->minimum = value < data->minimum ? value : data->minimum;
        data->maximum = value > data->maximum ? value : data->maximum;
    }
}

int data_is_whole(const dataset *data, size_t column)
{
    return data->whole != NULL ? data->whole[column] : data->discrete;
}

size_t data_column_number(const dataset *data, size_t column)
{
    return data->numbers != NULL ? data->numbers[column] : column + 1;
}

char *data_shape_text(const dataset *data)
{
    char *text = text_format("%lld", (long long)data->shape[0]);
    for (size_t i = 1; i < data->rank; i++)
        text_append(&text, ",%lld", (long long)data->shape[i]);
    return text;
}

int data_is_image(const int64_t *shape, size_t rank)
{
    return rank == 2 || (rank == 3 && (shape[2] == 1 || shape[2] == 3));
}

void data_release(dataset *data)
{
    free(data->values);
    free(data->scaled);
    free(data->whole);
    for (size_t j = 0; data->names != NULL && j < data->dim; j++)
        free(data->names[j]);
    free(data->names);
    free(data->numbers);
    free(data->label);
    free(data->labels);
    *data = (dataset){0};
}
