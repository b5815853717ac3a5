#include "model/condition.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/size.h"

#include <math.h>
#include <string.h>

diffusion_status condition_create(struct diffusion_condition **out, size_t n)
{
    struct diffusion_condition *self = memory_allocate(1, sizeof *self);
    if (self == NULL)
        return DIFFUSION_E_MEMORY;
    self->n = n;
    self->references = 1;
    *out = self;
    return DIFFUSION_OK;
}

void condition_retain(const struct diffusion_condition *self)
{
    if (self != NULL)
        __atomic_fetch_add(&((struct diffusion_condition *)self)->references, 1, __ATOMIC_RELAXED);
}

void condition_free(struct diffusion_condition *self)
{
    if (self == NULL || __atomic_sub_fetch(&self->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    memory_release(self->labels);
    memory_release(self->vectors);
    memory_release(self->observed);
    memory_release(self);
}

void condition_release(const struct diffusion_condition *self)
{
    condition_free((struct diffusion_condition *)self);
}

/* Which rows a copy has: its row i is rows[i], or i / times where rows is NULL. */
typedef struct selection {
    size_t count;
    const size_t *rows;
    size_t times;
} selection;

/* A copy of rows of `row` bytes; *out is NULL for NULL. */
static diffusion_status copy_rows(void **out, const void *rows, size_t row, selection which)
{
    *out = NULL;
    if (rows == NULL)
        return DIFFUSION_OK;
    if (row > 0 && which.count > SIZE_MAX / row)
        return error_set(DIFFUSION_E_MEMORY, "condition: %zu samples of %zu bytes cannot be addressed", which.count,
                         row);
    unsigned char *copy = memory_allocate(which.count, row);
    if (copy == NULL)
        return DIFFUSION_E_MEMORY;
    for (size_t i = 0; i < which.count; i++) {
        const size_t from = which.rows != NULL ? which.rows[i] : i / which.times;
        memcpy(copy + i * row, (const unsigned char *)rows + from * row, row);
    }
    *out = copy;
    return DIFFUSION_OK;
}

static selection all_of(size_t n)
{
    return (selection){n, NULL, 1};
}

static diffusion_status check_unread(const struct diffusion_condition *self, const char *function)
{
    if (__atomic_load_n(&self->references, __ATOMIC_ACQUIRE) == 1)
        return DIFFUSION_OK;
    return error_set(DIFFUSION_E_STATE, "%s: a call that reads the condition has not returned", function);
}

diffusion_status condition_set_labels(struct diffusion_condition *self, const int32_t *labels)
{
    void *copy = NULL;
    diffusion_status status = check_unread(self, "condition_set_labels");
    if (status == DIFFUSION_OK)
        status = copy_rows(&copy, labels, sizeof *labels, all_of(self->n));
    if (status != DIFFUSION_OK)
        return status;
    memory_release(self->labels);
    self->labels = copy;
    return DIFFUSION_OK;
}

static diffusion_status row_bytes(size_t *bytes, size_t width, size_t size)
{
    if (!size_multiply(bytes, width, size))
        return error_set(DIFFUSION_E_MEMORY, "condition: rows of %zu values cannot be addressed", width);
    return DIFFUSION_OK;
}

diffusion_status condition_set_vectors(struct diffusion_condition *self, const float *vectors, size_t width)
{
    void *copy = NULL;
    size_t bytes = 0;
    diffusion_status status = check_unread(self, "condition_set_vectors");
    if (status == DIFFUSION_OK)
        status = row_bytes(&bytes, width, sizeof *vectors);
    if (status == DIFFUSION_OK)
        status = copy_rows(&copy, vectors, bytes, all_of(self->n));
    if (status != DIFFUSION_OK)
        return status;
    for (size_t i = 0; vectors != NULL && i < self->n * width; i++)
        if (!isfinite(vectors[i])) {
            memory_release(copy);
            return error_set(DIFFUSION_E_NONFINITE, "condition_set_vectors: value %zu of sample %zu is %g", i % width,
                             i / width, (double)vectors[i]);
        }
    memory_release(self->vectors);
    self->vectors = copy;
    self->width = vectors != NULL ? width : 0;
    return DIFFUSION_OK;
}

diffusion_status condition_set_observed(struct diffusion_condition *self, const uint8_t *observed, size_t dim)
{
    void *copy = NULL;
    diffusion_status status = check_unread(self, "condition_set_observed");
    if (status == DIFFUSION_OK)
        status = copy_rows(&copy, observed, dim, all_of(self->n));
    if (status != DIFFUSION_OK)
        return status;
    memory_release(self->observed);
    self->observed = copy;
    self->dim = observed != NULL ? dim : 0;
    return DIFFUSION_OK;
}

static diffusion_status copy_selection(struct diffusion_condition **out, const struct diffusion_condition *from,
                                       selection which)
{
    struct diffusion_condition *self = NULL;
    void *labels = NULL, *vectors = NULL, *observed = NULL;
    *out = NULL;
    if (from == NULL)
        return DIFFUSION_OK;
    diffusion_status status = condition_create(&self, from->n);
    if (status == DIFFUSION_OK)
        status = copy_rows(&labels, from->labels, sizeof *from->labels, which);
    if (status == DIFFUSION_OK)
        status = copy_rows(&vectors, from->vectors, from->width * sizeof *from->vectors, which);
    if (status == DIFFUSION_OK)
        status = copy_rows(&observed, from->observed, from->dim, which);
    if (status != DIFFUSION_OK) {
        memory_release(labels);
        memory_release(vectors);
        condition_free(self);
        return status;
    }
    *self = (struct diffusion_condition){which.count, labels, vectors, from->width, observed, from->dim, 1};
    *out = self;
    return DIFFUSION_OK;
}

diffusion_status condition_repeat(struct diffusion_condition **out, const struct diffusion_condition *from,
                                  size_t times)
{
    size_t count = 0;
    if (from != NULL && !size_multiply(&count, from->n, times))
        return error_set(DIFFUSION_E_MEMORY, "condition: %zu samples, %zu times each, cannot be addressed", from->n,
                         times);
    return copy_selection(out, from, (selection){count, NULL, times});
}

diffusion_status condition_pick(struct diffusion_condition **out, const struct diffusion_condition *from,
                                const size_t *rows, size_t count)
{
    return copy_selection(out, from, (selection){count, rows, 1});
}

void condition_clear_row(struct diffusion_condition *self, size_t row)
{
    if (self->labels != NULL)
        self->labels[row] = -1;
    if (self->vectors != NULL)
        memset(self->vectors + row * self->width, 0, self->width * sizeof *self->vectors);
}

struct diffusion_condition condition_rows(const struct diffusion_condition *from, size_t first, size_t n)
{
    /* Not *from: other threads count references to it meanwhile. */
    struct diffusion_condition rows = {.n = n, .width = from->width, .dim = from->dim, .references = 1};
    if (from->labels != NULL)
        rows.labels = from->labels + first;
    if (from->vectors != NULL)
        rows.vectors = from->vectors + first * from->width;
    if (from->observed != NULL)
        rows.observed = from->observed + first * from->dim;
    return rows;
}
