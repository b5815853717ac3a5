/* A network with its parameters, how its output is read, and the texts stored with it. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/buffer.h"
#include "model/metadata.h"
#include "model/options.h"

#include <diffusion/model.h>
#include <pthread.h>

struct diffusion_model {
    int references;
    model_options options;
    size_t kind; /* of network_kinds */
    size_t dim, outputs, classes;
    network *network; /* NULL: a callback takes its place */
    float *parameters;
    float *prepared;      /* the parameters as forward() reads them, made when first asked for; NULL: not made */
    buffer spare;         /* working memory of a network's forward pass, for the next one */
    pthread_mutex_t lock; /* of these two, which change no result */
    diffusion_predict_fn *predict;
    diffusion_predict_double_fn *predict_double;
    void *user;
    metadata metadata;
    char *spec;
};

/* The description alone, without memory for parameters: a file's spec is checked against the file before it may ask for
 * that. model_allocate() then adds it, zeroed. */
diffusion_status model_create_shell(struct diffusion_model **out, const char *spec);
diffusion_status model_allocate(struct diffusion_model *model);

diffusion_status model_create(struct diffusion_model **out, const char *spec, uint64_t seed);
diffusion_status model_create_callback(struct diffusion_model **out, const char *spec, diffusion_predict_fn *predict,
                                       diffusion_predict_double_fn *predict_double, void *user);

/* A model of its own with the same parameters and metadata. */
diffusion_status model_copy(struct diffusion_model **out, const struct diffusion_model *model);

/* The parameters as the network's forward() reads them; NULL where it reads them as they are. Any number of threads may
 * ask. model_changed() tells that the parameters are others now: nobody may use the model meanwhile. */
diffusion_status model_prepare(const struct diffusion_model *model, const float **prepared);
void model_changed(struct diffusion_model *model);

/* Working memory that an earlier pass has left, or none; and what a pass leaves. Any number of threads may ask. */
buffer model_take_spare(const struct diffusion_model *model);
void model_leave_spare(const struct diffusion_model *model, buffer memory);

/* References are counted atomically. Keeping a model alive is not changing it, hence const. */
const struct diffusion_model *model_retain(const struct diffusion_model *model);
void model_release(const struct diffusion_model *model); /* NULL is allowed */

/* Floats in all parameters; 0 for a callback. */
size_t model_size(const struct diffusion_model *model);

/* The largest t that the network can take. */
int32_t model_last_step(const struct diffusion_model *model);

/* 0, or the sentence: a schedule whose last step, in the model's own count, the network cannot take. */
diffusion_status model_check_schedule(const struct diffusion_model *model, int32_t last);

/* 0, or the sentence: a step outside 1..last; a label where there are no classes or outside them. */
diffusion_status model_check_steps(const char *function, const int32_t *t, size_t n, int32_t last);
diffusion_status model_check_labels(const struct diffusion_model *model, const char *function, const int32_t *labels,
                                    size_t n);

#endif
