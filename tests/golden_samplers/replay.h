/* A recorded run of another system's sampler, and the same run taken again through the public interface. */
#ifndef GOLDEN_SAMPLERS_REPLAY_H
#define GOLDEN_SAMPLERS_REPLAY_H

#include "golden_files.h"
#include "scheduler_options.h"

#include "base/text.h"
#include "format/json.h"
#include "format/safetensors.h"

#include <diffusion.h>

/* A file in memory. */
typedef struct recorded {
    safetensors *file;
    size_t n, dim; /* samples and values of one */
    size_t states;
    double *start, *x, *final, *noise, *level, *gain, *model_x, *x_hat;
    size_t noises, models;
    int scaled; /* states are x / signal */
    char kind;  /* what level[] is: 'a'lpha_bar, 's'igma of x_0 + sigma noise, 'f'low's s */
} recorded;

/* The run beside it. */
typedef struct replay {
    const recorded *truth;
    diffusion_schedule *schedule;
    char predict[16];
    double sigma_data;
    size_t calls, draws, step, steps;     /* so far; step is the chain's, counted from 0, of steps */
    int learned, raw, by_calls, new_step; /* by_calls: a state is recorded at every call of the model */
    double worst;
    size_t worst_at;
} replay;

/* The specs that a file's options make; or a sentence. */
typedef struct specs {
    char *schedule, *sampler;
    char model[128];
    char refused[512];
} specs;

/* recorded.c. A tensor of the file in new memory, NULL where there is none; count may be NULL. */
double *recorded_tensor(safetensors *file, const char *name, size_t *count);
int recorded_says(const recorded *self, const char *key, const char *text);
void recorded_read(recorded *self);
void recorded_release(recorded *self);

double options_number(const json_value *options, const char *key, double standard);

/* " key=value" for all of a function's or a call's options by their names here, but for those of `known`, a list of
 * names with commas around them, which say something else. */
void options_append(text_buffer *spec, const json_value *options, const char *known);

/* replay.c */
diffusion_status replay_run(replay *self, const char *schedule, const char *model_spec, const char *sampler_spec);
/* Notes how far a number is from the truth, relative where that is above 1. */
void replay_note(replay *self, double truth, double got, size_t at);

/* functions.c: k-diffusion's and EDM's. schedulers.c: diffusers', by the library's own reader. */
void functions_read(specs *out, const recorded *of);
void schedulers_read(specs *out, const recorded *of, replay *self);

/* Files that hold no run, each 1 where the file is of this kind: sigmas.c (k-diffusion's lists), precond.c (EDM's
 * preconditionings), paths.c (flow_matching's). They fill worst and calls of `self`, or out->refused. */
int sigmas_check(const recorded *of, replay *self, specs *out);
int precond_check(const recorded *of, const char *name, replay *self, specs *out);
int paths_check(const recorded *of, replay *self, specs *out);

#endif
