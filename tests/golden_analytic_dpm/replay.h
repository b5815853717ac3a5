/* A file of Analytic-DPM's, and what is made again of it. */
#ifndef GOLDEN_ANALYTIC_DPM_REPLAY_H
#define GOLDEN_ANALYTIC_DPM_REPLAY_H

#include "golden_files.h"

#include "format/safetensors.h"

#include <diffusion.h>

typedef struct recorded {
    safetensors *file;
    const char *path;
    diffusion_schedule *schedule; /* NULL where the file has none */
    diffusion_model *model;       /* with the file's moments; of the prediction at hand */
    char predict;                 /* 'e'psilon, 'x'_0, 'v', 'f'low */
    int32_t steps;                /* N */
    size_t n, dim;
} recorded;

typedef struct worst {
    double difference;
    size_t compared;
} worst;

/* How far a number is from the truth, relative where that is above 1. */
void worst_note(worst *self, double truth, double got);

/* recorded.c */
int recorded_open(recorded *self, const char *path);
void recorded_close(recorded *self);
/* Values in new memory, NULL where there are none; integers too. count may be NULL. */
double *recorded_values(const recorded *self, const char *name, size_t *count);
int recorded_is_integer(const safetensors_entry *entry);
/* The model anew, read as another prediction; 0 where it cannot be made. */
int recorded_predict(recorded *self, char predict);
/* " steps_list=r1,r2,…" of a tensor of steps, which fall; freed by free(). */
char *recorded_steps(const recorded *self, const char *name);

/* 1, 0 where a file holds nothing of the kind, -1 where the library refuses. variances.c */
int variances_check(recorded *of, worst *found);
/* runs.c: reverse runs, and the bound but for its first term. */
int runs_check(recorded *of, worst *found);
int bound_check(recorded *of, worst *found);
int decoder_check(recorded *of, worst *found);
/* trajectories.c: the costs of optimal steps, of those on a part of the schedule, and of any table. */
int optimal_check(recorded *of, worst *found);
int segments_check(recorded *of, worst *found);
int paths_check(recorded *of, worst *found);

#endif
