/* One sample of an objective with everything at hand: what is drawn for it, its output, its loss. */
#ifndef UNIT_TRAIN_OBJECTIVE_BENCH_H
#define UNIT_TRAIN_OBJECTIVE_BENCH_H

#include "base/memory.h"
#include "test.h"
#include "train/objective.h"

enum { DIM = 4 };

typedef struct bench {
    diffusion_schedule *schedule;
    diffusion_model *model;
    objective objective;
    float data[DIM], x0[DIM], xt[DIM], aside[DIM], out[2 * DIM], dout[2 * DIM];
    objective_sample sample;
    double *scratch;
} bench;

static inline void open_bench(bench *self, const char *schedule, const char *model, const char *trainer)
{
    trainer_options options;
    *self = (bench){.schedule = NULL};
    assert_ok(diffusion_schedule_create(&self->schedule, schedule));
    assert_ok(diffusion_model_create(&self->model, model, 1));
    assert_ok(spec_parse(trainer_grammar(), trainer, &options, NULL));
    assert_ok(objective_open(&self->objective, self->model, self->schedule, &options));
    for (size_t j = 0; j < DIM; j++)
        self->data[j] = self->schedule->kernel.methods->additive ? (float)cos(2.0 * (double)j) : (float)(j % 2);
    self->sample = (objective_sample){
        .data = self->data, .x0 = self->x0, .xt = self->xt, .aside = self->aside, .out = self->out, .dout = self->dout};
    self->scratch = memory_allocate(objective_scratch_size(&self->objective), sizeof *self->scratch);
    assert_non_null(self->scratch);
    objective_draw(&self->objective, &self->sample, 3, 1, self->scratch);
    for (size_t j = 0; j < 2 * DIM; j++)
        self->out[j] = (float)sin(1.0 + 1.9 * (double)j) * 0.6f;
}

static inline void close_bench(bench *self)
{
    memory_release(self->scratch);
    objective_close(&self->objective);
    diffusion_model_free(self->model);
    diffusion_schedule_free(self->schedule);
}

static inline double loss_at(bench *self)
{
    return objective_loss(&self->objective, &self->sample, 1.0, self->scratch);
}

#endif
