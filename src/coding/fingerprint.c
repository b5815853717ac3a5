#include "coding/fingerprint.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/rng.h"
#include "math/blas.h"
#include "model/predictor.h"

#include <diffusion/version.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_bytes(hash, text, strlen(text) + 1);
}

static uint64_t hash_model(const struct diffusion_coder *self)
{
    const struct diffusion_model *model = self->model;
    uint64_t hash = hash_text(hash_text(HASH_START, model->spec), self->schedule->spec);
    return model->parameters != NULL ? hash_bytes(hash, model->parameters, model_size(model) * sizeof(float)) : hash;
}

static uint64_t hash_grids(const struct diffusion_coder *self)
{
    uint64_t hash = hash_bytes(HASH_START, self->table, sizeof *self->table);
    for (int32_t k = 1; k <= self->chain.steps; k++) {
        const coding_level *level = &self->chain.levels[k];
        const double numbers[] = {level->at.signal, level->at.sigma, level->width};
        hash = hash_bytes(hash, numbers, sizeof numbers);
    }
    return hash;
}

/* ---- the probe ---- */

typedef struct probe {
    predictor predictor;
    double *x, *mean, *variance; /* [dim] */
    size_t dim;
} probe;

/* Values within -1..1, or bits. */
static void fill(const probe *of, const kernel *by)
{
    rng_uniform(of->x, of->dim, (rng_stream){.purpose = RNG_PROBE});
    for (size_t j = 0; j < of->dim; j++)
        of->x[j] = by->methods->additive ? 2.0 * of->x[j] - 1.0 : of->x[j] < 0.5;
}

static diffusion_status ask(uint64_t *hash, probe *of, const struct diffusion_coder *self)
{
    const int32_t steps[] = {1, (self->chain.steps + 1) / 2, self->chain.steps};
    diffusion_status status = DIFFUSION_OK;
    for (size_t i = 0; i < SPEC_COUNT(steps) && status == DIFFUSION_OK; i++) {
        const reverse_step *at = &self->chain.steps_down[steps[i]];
        const predictor_input input = {"coder", of->x, &at, NULL, 1};
        status = predictor_reverse(&of->predictor, input, NULL, (law){of->mean, of->variance});
        *hash = hash_bytes(*hash, of->mean, of->dim * sizeof *of->mean);
        *hash = hash_bytes(*hash, of->variance, of->dim * sizeof *of->variance);
    }
    return status;
}

static diffusion_status take_probe(uint64_t *hash, const struct diffusion_coder *self)
{
    probe of = {.dim = self->model->dim};
    diffusion_status status = predictor_open(&of.predictor, self->model, self->schedule);
    if (status != DIFFUSION_OK)
        return status;
    if ((of.x = memory_allocate(of.dim, sizeof(double))) == NULL ||
        (of.mean = memory_allocate(of.dim, sizeof(double))) == NULL ||
        (of.variance = memory_allocate(of.dim, sizeof(double))) == NULL) {
        status = DIFFUSION_E_MEMORY;
    } else {
        fill(&of, &self->schedule->kernel);
        status = ask(hash, &of, self);
    }
    memory_release(of.x);
    memory_release(of.mean);
    memory_release(of.variance);
    predictor_close(&of.predictor);
    return status;
}

/* ---- the whole ---- */

void fingerprint_machine(char machine[FINGERPRINT_MACHINE])
{
    snprintf(machine, FINGERPRINT_MACHINE, "%d.%d.%d %s", DIFFUSION_VERSION_MAJOR, DIFFUSION_VERSION_MINOR,
             DIFFUSION_VERSION_PATCH, blas_core());
}

diffusion_status fingerprint_take(fingerprint *out, const struct diffusion_coder *self)
{
    *out = (fingerprint){.model = hash_model(self), .probe = hash_grids(self)};
    fingerprint_machine(out->machine);
    return take_probe(&out->probe, self);
}

diffusion_status fingerprint_check(const fingerprint *file, const fingerprint *own, const char *path)
{
    if (file->model != own->model)
        return error_set(DIFFUSION_E_CONTENT, "%s: coded by another model, or on another schedule", path);
    if (strcmp(file->machine, own->machine) != 0)
        return error_set(DIFFUSION_E_CONTENT,
                         "%s: coded with libdiffusion and OpenBLAS kernels '%s', which decoding needs too; here it is "
                         "'%s' (OPENBLAS_CORETYPE in the environment chooses kernels)",
                         path, file->machine, own->machine);
    if (file->probe != own->probe)
        return error_set(DIFFUSION_E_CONTENT,
                         "%s: coded where the model gives other bits than on this machine, which cannot decode it",
                         path);
    return DIFFUSION_OK;
}
