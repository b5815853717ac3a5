/* libdiffusion for R, as far as digits.R goes: .Call() needs functions that take R's own values, and this file shows
 * what they look like. Handles are external pointers, which R's collector frees; a failure is R's error with the
 * library's sentence. Matrices are [n, dim] as R has them, columns first; the library's rows come first.
 */
#include <diffusion.h>

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

static void check(diffusion_status status)
{
    if (status != DIFFUSION_OK)
        Rf_error("%s", diffusion_last_error());
}

static const char *text(SEXP value)
{
    if (!Rf_isString(value) || Rf_length(value) != 1)
        Rf_error("expected one text");
    return Rf_translateCharUTF8(STRING_ELT(value, 0));
}

/* A number of rows: R's NA is the least of its whole numbers. */
static size_t count(SEXP value)
{
    const int number = Rf_asInteger(value);
    if (number < 1)
        Rf_error("expected a number of rows, 1 or more");
    return (size_t)number;
}

/* ---- handles ---- */

/* For each kind of handle: an external pointer that is empty at first, so that nothing is lost where R has no memory
 * for it, and what stands behind one. */
#define HANDLE(kind)                                                                                                   \
    static void free_##kind(SEXP pointer)                                                                              \
    {                                                                                                                  \
        diffusion_##kind##_free(R_ExternalPtrAddr(pointer));                                                           \
        R_ClearExternalPtr(pointer);                                                                                   \
    }                                                                                                                  \
    static SEXP new_##kind(SEXP keeps)                                                                                 \
    {                                                                                                                  \
        SEXP pointer = PROTECT(R_MakeExternalPtr(NULL, Rf_install("diffusion_" #kind), keeps));                        \
        R_RegisterCFinalizerEx(pointer, free_##kind, TRUE);                                                            \
        return pointer;                                                                                                \
    }                                                                                                                  \
    static diffusion_##kind *kind##_of(SEXP pointer)                                                                   \
    {                                                                                                                  \
        if (TYPEOF(pointer) != EXTPTRSXP || R_ExternalPtrTag(pointer) != Rf_install("diffusion_" #kind))               \
            Rf_error("expected a " #kind);                                                                             \
        return R_ExternalPtrAddr(pointer);                                                                             \
    }

HANDLE(schedule)
HANDLE(model)
HANDLE(trainer)
HANDLE(sampler)
HANDLE(evaluator)
HANDLE(condition)

static SEXP made(SEXP pointer, void *handle)
{
    R_SetExternalPtrAddr(pointer, handle);
    UNPROTECT(1);
    return pointer;
}

SEXP r_schedule(SEXP spec)
{
    SEXP pointer = new_schedule(R_NilValue);
    diffusion_schedule *handle = NULL;
    check(diffusion_schedule_create(&handle, text(spec)));
    return made(pointer, handle);
}

SEXP r_model(SEXP spec, SEXP seed)
{
    SEXP pointer = new_model(R_NilValue);
    diffusion_model *handle = NULL;
    check(diffusion_model_create(&handle, text(spec), (uint64_t)Rf_asInteger(seed)));
    return made(pointer, handle);
}

SEXP r_trainer(SEXP model, SEXP schedule, SEXP spec)
{
    SEXP pointer = new_trainer(model);
    diffusion_trainer *handle = NULL;
    check(diffusion_trainer_create(&handle, model_of(model), schedule_of(schedule), text(spec)));
    return made(pointer, handle);
}

/* What samplers and evaluators take: a model, or the averaged one that a trainer holds. */
static const diffusion_model *read_model(SEXP from)
{
    if (TYPEOF(from) == EXTPTRSXP && R_ExternalPtrTag(from) == Rf_install("diffusion_trainer"))
        return diffusion_trainer_model(trainer_of(from));
    return model_of(from);
}

SEXP r_sampler(SEXP from, SEXP schedule, SEXP spec)
{
    SEXP pointer = new_sampler(from);
    diffusion_sampler *handle = NULL;
    check(diffusion_sampler_create(&handle, read_model(from), schedule_of(schedule), text(spec)));
    return made(pointer, handle);
}

SEXP r_evaluator(SEXP from, SEXP schedule, SEXP spec)
{
    SEXP pointer = new_evaluator(from);
    diffusion_evaluator *handle = NULL;
    check(diffusion_evaluator_create(&handle, read_model(from), schedule_of(schedule), text(spec)));
    return made(pointer, handle);
}

/* ---- arrays ---- */

/* The rows of a matrix of doubles, one after another; R frees them when .Call() returns. */
static const float *rows_of(SEXP matrix, size_t dim)
{
    if (!Rf_isReal(matrix) || !Rf_isMatrix(matrix) || (size_t)Rf_ncols(matrix) != dim || Rf_nrows(matrix) == 0)
        Rf_error("expected a matrix of real numbers with %lu columns, and a row at least", (unsigned long)dim);
    const size_t n = (size_t)Rf_nrows(matrix);
    float *rows = (float *)(void *)R_alloc(n * dim, sizeof(float));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < dim; j++)
            rows[i * dim + j] = (float)REAL(matrix)[j * n + i];
    return rows;
}

static const diffusion_condition *labels_of(SEXP labels, size_t n)
{
    if (Rf_isNull(labels))
        return NULL;
    if (!Rf_isInteger(labels) || (size_t)Rf_xlength(labels) != n)
        Rf_error("expected %lu whole numbers as labels", (unsigned long)n);
    SEXP pointer = new_condition(R_NilValue); /* R frees it later, also where an error follows */
    diffusion_condition *handle = NULL;
    check(diffusion_condition_create(&handle, n));
    made(pointer, handle);
    check(diffusion_condition_set_labels(handle, INTEGER(labels)));
    return handle;
}

/* ---- work ---- */

/* Which rows to train on next, from 1 on as R counts. */
SEXP r_draw(SEXP trainer, SEXP rows, SEXP n)
{
    const size_t size = count(n);
    int64_t *chosen = (int64_t *)(void *)R_alloc(size, sizeof *chosen);
    check(diffusion_trainer_draw(trainer_of(trainer), (int64_t)count(rows), size, chosen));
    SEXP out = PROTECT(Rf_allocVector(INTSXP, (R_xlen_t)size));
    for (size_t i = 0; i < size; i++)
        INTEGER(out)[i] = (int)chosen[i] + 1;
    UNPROTECT(1);
    return out;
}

SEXP r_step(SEXP trainer, SEXP x0, SEXP labels)
{
    diffusion_trainer *handle = trainer_of(trainer);
    const float *rows = rows_of(x0, diffusion_model_dim(diffusion_trainer_model(handle)));
    const size_t n = (size_t)Rf_nrows(x0);
    double loss;
    check(diffusion_trainer_step(handle, rows, labels_of(labels, n), n, &loss));
    return Rf_ScalarReal(loss);
}

SEXP r_run(SEXP sampler, SEXP n, SEXP labels)
{
    diffusion_sampler *handle = sampler_of(sampler);
    const size_t rows = count(n), dim = diffusion_model_dim(read_model(R_ExternalPtrProtected(sampler)));
    float *x0 = (float *)(void *)R_alloc(rows * dim, sizeof *x0);
    check(diffusion_sampler_run(handle, labels_of(labels, rows), rows, x0));
    SEXP out = PROTECT(Rf_allocMatrix(REALSXP, (int)rows, (int)dim));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < dim; j++)
            REAL(out)[j * rows + i] = (double)x0[i * dim + j];
    UNPROTECT(1);
    return out;
}

/* Measures, and returns the figures that are asked for by name. */
SEXP r_evaluate(SEXP evaluator, SEXP x0, SEXP labels, SEXP quantities)
{
    diffusion_evaluator *handle = evaluator_of(evaluator);
    const float *rows = rows_of(x0, diffusion_model_dim(read_model(R_ExternalPtrProtected(evaluator))));
    const size_t n = (size_t)Rf_nrows(x0);
    if (!Rf_isString(quantities))
        Rf_error("expected names of quantities");
    check(diffusion_evaluator_run(handle, rows, labels_of(labels, n), n));
    SEXP out = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(quantities)));
    for (R_xlen_t i = 0; i < Rf_xlength(quantities); i++)
        check(diffusion_evaluator_value(handle, Rf_translateCharUTF8(STRING_ELT(quantities, i)), &REAL(out)[i]));
    Rf_setAttrib(out, R_NamesSymbol, quantities);
    UNPROTECT(1);
    return out;
}
