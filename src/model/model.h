/* A network with its parameters, how its output is read, and the texts stored with it. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/buffer.h"
#include "model/condition.h"
#include "model/metadata.h"
#include "model/moments.h"
#include "model/options.h"
#include "network/network.h"

#include <diffusion/model.h>
#include <pthread.h>

struct diffusion_model {
    int references;
    const spec_grammar *grammar; /* of the options; NULL until they are read */
    model_options options;
    size_t kind; /* of the table of networks */
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
    noise_moments *moments; /* NULL: not measured, or of other parameters */
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
 * ask. model_changed() tells that the parameters are others now, of which nothing has been measured: nobody may use the
 * model meanwhile. */
diffusion_status model_prepare(const struct diffusion_model *model, const float **prepared);
void model_changed(struct diffusion_model *model);

/* Takes the moments over, in place of those it had; NULL for none. */
void model_take_moments(struct diffusion_model *model, noise_moments *moments);

/* 0, or the sentence: a variance in place of the model's own that needs the Gaussian kernel, or moments. `asked` as in
 * model/variance.h. */
diffusion_status model_check_variance(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                      const char *object, int32_t asked);

/* 0, or DIFFUSION_E_STATE: `what` of `object` reads moments that the model lacks, or has of another schedule. */
diffusion_status model_check_moments(const struct diffusion_model *model, const struct diffusion_schedule *schedule,
                                     const char *object, const char *what);

/* Working memory that an earlier pass has left, or none; and what a pass leaves. Any number of threads may ask. */
buffer model_take_spare(const struct diffusion_model *model);
void model_leave_spare(const struct diffusion_model *model, buffer memory);

/* References are counted atomically. Keeping a model alive is not changing it, hence const. */
const struct diffusion_model *model_retain(const struct diffusion_model *model);
void model_release(const struct diffusion_model *model); /* NULL is allowed */

/* Floats in all parameters; 0 for a callback. */
size_t model_size(const struct diffusion_model *model);

/* 0, or the sentence: a schedule whose last step the network cannot take. */
diffusion_status model_check_schedule(const struct diffusion_model *model, int32_t last);

/* 0, or the sentence: a time that is not finite or, where the network has weights of each step's own, none of its. */
diffusion_status model_check_time(const struct diffusion_model *model, const char *function, const double *time,
                                  size_t n);

/* 0, or the sentence: a condition (NULL is sound) of another number of samples, with labels or vectors that the model
 * has not, or with observed values where nobody reads which they are. */
typedef enum observed_use { OBSERVED_BY_NETWORK, OBSERVED_BY_LOSS } observed_use;
diffusion_status model_check_condition(const struct diffusion_model *model, const char *function,
                                       const struct diffusion_condition *condition, size_t n, observed_use use);

/* How the variance is read, by its name in the spec. */
const char *model_variance(const struct diffusion_model *model);

#endif
