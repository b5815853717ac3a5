#include "train/loss_history.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double evenly = 0.001; /* the part of a chance that losses play no part in */

diffusion_status loss_history_open(loss_history *self, int32_t first, int32_t last)
{
    const size_t row = (size_t)last + 1;
    *self = (loss_history){.first = first, .last = last};
    int complete = (self->losses = memory_allocate(row * LOSS_HISTORY, sizeof *self->losses)) != NULL &&
                   (self->counts = memory_allocate(row, sizeof *self->counts)) != NULL &&
                   (self->root = memory_allocate(row, sizeof *self->root)) != NULL &&
                   (self->chance = memory_allocate(row, sizeof *self->chance)) != NULL &&
                   (self->cumulative = memory_allocate(row, sizeof *self->cumulative)) != NULL;
    if (complete)
        return DIFFUSION_OK;
    loss_history_close(self);
    return DIFFUSION_E_MEMORY;
}

void loss_history_close(loss_history *self)
{
    void *arrays[] = {self->losses, self->counts, self->root, self->chance, self->cumulative};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        memory_release(arrays[i]);
    *self = (loss_history){.losses = NULL};
}

int loss_history_is_open(const loss_history *self)
{
    return self->losses != NULL;
}

static int32_t count_of(const loss_history *self)
{
    return self->last - self->first + 1;
}

int loss_history_is_full(const loss_history *self)
{
    return self->full == count_of(self);
}

/* ---- losses ---- */

static float *row_of(const loss_history *self, int32_t t)
{
    return self->losses + (size_t)t * LOSS_HISTORY;
}

static double root_of(const float *losses)
{
    double squares = 0.0;
    for (size_t i = 0; i < LOSS_HISTORY; i++)
        squares += (double)losses[i] * (double)losses[i];
    return sqrt(squares / LOSS_HISTORY);
}

static void add(loss_history *self, int32_t t, double loss)
{
    float *losses = row_of(self, t), last = (float)fmin(fmax(loss, -FLT_MAX), FLT_MAX);
    size_t count = (size_t)self->counts[t];
    if (count == LOSS_HISTORY)
        memmove(losses, losses + 1, --count * sizeof *losses);
    else if (count + 1 == LOSS_HISTORY)
        self->full++;
    losses[count] = last;
    self->counts[t] = (float)(count + 1);
    self->root[t] = root_of(losses);
}

/* All losses may be 0. */
static void settle(loss_history *self)
{
    const double even = 1.0 / (double)count_of(self);
    double sum = 0.0, up_to = 0.0;
    for (int32_t t = self->first; t <= self->last; t++)
        sum += self->root[t];
    for (int32_t t = self->first; t <= self->last; t++) {
        self->chance[t] = sum > 0.0 ? (1.0 - evenly) * self->root[t] / sum + evenly * even : even;
        self->cumulative[t] = up_to += self->chance[t];
    }
}

void loss_history_add(loss_history *self, const double *t, const double *loss, size_t n)
{
    for (size_t i = 0; i < n; i++)
        add(self, (int32_t)t[i], loss[i]);
    if (loss_history_is_full(self))
        settle(self);
}

/* ---- draws ---- */

int32_t loss_history_find(const loss_history *self, double u)
{
    int32_t low = self->first, high = self->last; /* the least t with a cumulative chance of u or more */
    while (low < high) {
        const int32_t middle = low + (high - low) / 2;
        if (self->cumulative[middle] < u)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double loss_history_weight(const loss_history *self, int32_t t)
{
    return 1.0 / ((double)count_of(self) * self->chance[t]);
}

/* ---- checkpoint ---- */

int loss_history_restore(loss_history *self)
{
    self->full = 0;
    for (int32_t t = self->first; t <= self->last; t++) {
        const float count = self->counts[t];
        if (!(count >= 0.0f && count <= (float)LOSS_HISTORY) || count != floorf(count))
            return 0;
        self->root[t] = root_of(row_of(self, t));
        self->full += count == (float)LOSS_HISTORY;
    }
    if (loss_history_is_full(self))
        settle(self);
    return 1;
}
