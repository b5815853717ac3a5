/* The rules for one type REAL, with its square root ROOT; included once for each by optimizer.c, hence no guard. */

VECTOR_CLONES static void NAME(adam_rule)(const optimizer_step *step, REAL *restrict weights,
                                          const REAL *restrict gradient, REAL *restrict moment1, REAL *restrict moment2,
                                          size_t count)
{
    const REAL beta1 = (REAL)step->beta1, beta2 = (REAL)step->beta2, rest1 = (REAL)(1.0 - step->beta1),
               rest2 = (REAL)(1.0 - step->beta2), scale = (REAL)step->gradient_scale, epsilon = (REAL)step->epsilon,
               stride = (REAL)(step->rate / step->correction1), root2 = (REAL)(1.0 / sqrt(step->correction2)),
               pull = (REAL)(step->kind == OPTIMIZER_ADAM ? step->weight_decay : 0.0),
               keep = (REAL)(step->kind == OPTIMIZER_ADAMW ? 1.0 - step->rate * step->weight_decay : 1.0);
    for (size_t i = 0; i < count; i++) {
        REAL g = gradient[i] * scale + pull * weights[i];
        moment1[i] = beta1 * moment1[i] + rest1 * g;
        moment2[i] = beta2 * moment2[i] + rest2 * g * g;
        weights[i] = keep * weights[i] - stride * moment1[i] / (ROOT(moment2[i]) * root2 + epsilon);
    }
}

/* velocity = momentum * velocity + gradient; weight -= rate * velocity (the first velocity is the gradient). */
VECTOR_CLONES static void NAME(sgd_rule)(const optimizer_step *step, REAL *restrict weights,
                                         const REAL *restrict gradient, REAL *restrict velocity, size_t count)
{
    const REAL momentum = (REAL)step->momentum, rate = (REAL)step->rate, scale = (REAL)step->gradient_scale,
               pull = (REAL)step->weight_decay;
    for (size_t i = 0; i < count; i++) {
        velocity[i] = momentum * velocity[i] + (gradient[i] * scale + pull * weights[i]);
        weights[i] -= rate * velocity[i];
    }
}

VECTOR_CLONES static void NAME(direction_rule)(const optimizer_step *step, REAL *restrict weights,
                                               const REAL *restrict direction, size_t count)
{
    const REAL rate = (REAL)step->rate, keep = (REAL)(1.0 - step->rate * step->weight_decay);
    for (size_t i = 0; i < count; i++)
        weights[i] = keep * weights[i] - rate * direction[i];
}

/* By one factor: two, each rounded to float32, would not make 1, and an average of decay 0.9999 be off by 1.7e-4. */
VECTOR_CLONES static void NAME(average_rule)(REAL *restrict average, const REAL *restrict weights, double decay,
                                             size_t count)
{
    const REAL take = (REAL)(1.0 - decay);
    for (size_t i = 0; i < count; i++)
        average[i] += take * (weights[i] - average[i]);
}

void NAME(optimizer_update)(const optimizer_step *step, REAL *weights, const REAL *gradient, REAL *moment1,
                            REAL *moment2, REAL *average, size_t count)
{
    if (step->kind == OPTIMIZER_SGD)
        NAME(sgd_rule)(step, weights, gradient, moment1, count);
    else if (step->kind == OPTIMIZER_MUON)
        NAME(direction_rule)(step, weights, gradient, count);
    else
        NAME(adam_rule)(step, weights, gradient, moment1, moment2, count);
    if (average != NULL)
        NAME(average_rule)(average, weights, step->ema, count);
}
