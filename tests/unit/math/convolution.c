/* Convolutions and their gradients against the sums that define them, in double. */
#include "convolution_case.h"

/* height, width, in, out, kernel, stride, zeros before and after */
static const convolution_shape shapes[] = {
    {5, 7, 3, 4, 1, 1, 0, 0},     {8, 8, 70, 48, 1, 1, 0, 0},     {7, 6, 5, 9, 1, 2, 0, 0},
    {32, 32, 3, 16, 3, 1, 1, 1},  {8, 8, 32, 48, 3, 1, 1, 1},     {7, 7, 16, 33, 3, 1, 1, 1},
    {14, 14, 17, 16, 3, 1, 1, 1}, {28, 28, 8, 3, 3, 1, 1, 1},     {4, 4, 300, 80, 3, 1, 1, 1},
    {1, 1, 2, 3, 3, 1, 1, 1},     {2, 3, 16, 16, 3, 1, 1, 1},     {16, 16, 16, 16, 3, 2, 1, 1},
    {16, 16, 20, 16, 3, 2, 0, 1}, {7, 7, 9, 16, 3, 2, 1, 1},      {9, 5, 6, 7, 5, 1, 2, 2},
    {6, 6, 4, 5, 3, 1, 0, 0},     {5, 9, 20, 16, 3, 1, 0, 1},     {13, 10, 16, 32, 3, 1, 1, 1},
    {6, 5, 3, 2, 5, 2, 1, 2},     {12, 12, 160, 130, 3, 1, 1, 1},
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* The sums, term by term: of y, or of the gradients for dy, whose terms are those of y. */
typedef struct sums {
    double *y, *dx, *dweight, *dbias;
} sums;

static double *zeros(size_t count)
{
    double *values = calloc(count, sizeof *values);
    assert_non_null(values);
    return values;
}

static void add_window(const convolution_case *c, sums *sum, size_t image, size_t line, size_t column, size_t o)
{
    const convolution_shape *s = &c->plan.shape;
    size_t pixel = (image * c->plan.out_height + line) * c->plan.out_width + column;
    double dy = (double)c->dy[pixel * c->stride_y + o], *y = &sum->y[pixel * s->out + o];
    sum->dbias[o] += dy;
    for (size_t a = 0; a < s->kernel; a++)
        for (size_t b = 0; b < s->kernel; b++) {
            size_t l = line * s->stride + a - s->before, k = column * s->stride + b - s->before; /* may wrap round */
            if (l >= s->height || k >= s->width)
                continue;
            size_t under = (image * s->height + l) * s->width + k;
            for (size_t i = 0; i < s->in; i++) {
                size_t w = ((o * s->in + i) * s->kernel + a) * s->kernel + b;
                *y += (double)c->x[under * c->stride_x + i] * (double)c->weight[w];
                sum->dx[under * s->in + i] += dy * (double)c->weight[w];
                sum->dweight[w] += dy * (double)c->x[under * c->stride_x + i];
            }
        }
}

static sums truth_of(const convolution_case *c)
{
    const convolution_shape *s = &c->plan.shape;
    sums sum = {zeros(c->outputs * s->out), zeros(c->inputs * s->in), zeros(c->weights), zeros(s->out)};
    for (size_t image = 0; image < c->n; image++)
        for (size_t i = 0; i < c->plan.out_height; i++)
            for (size_t j = 0; j < c->plan.out_width; j++)
                for (size_t o = 0; o < s->out; o++)
                    add_window(c, &sum, image, i, j, o);
    return sum;
}

static void sums_free(sums *sum)
{
    free(sum->y);
    free(sum->dx);
    free(sum->dweight);
    free(sum->dbias);
}

/* Float rounding relative to the largest value: a sum of k terms, and Winograd's own. */
static void assert_near(const char *what, const convolution_case *c, const float *got, size_t row, const double *truth,
                        size_t rows, size_t columns, double exact)
{
    double most = 0.0, allowed;
    for (size_t i = 0; i < rows * columns; i++)
        most = fmax(most, fabs(truth[i]));
    allowed = most * (c->plan.method == CONVOLUTION_WINOGRAD ? 2e-5 : exact);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            double difference = fabs((double)got[i * row + j] - truth[i * columns + j]);
            if (!(difference <= allowed))
                fail_msg("%s of %zux%zu %zu->%zu kernel %zu stride %zu, n=%zu, method %d: got %.9g, truth %.9g at %zu, "
                         "%zu; allowed %.3g",
                         what, c->plan.shape.height, c->plan.shape.width, c->plan.shape.in, c->plan.shape.out,
                         c->plan.shape.kernel, c->plan.shape.stride, c->n, (int)c->plan.method,
                         (double)got[i * row + j], truth[i * columns + j], i, j, allowed);
        }
}

static void check(const convolution_shape *s, int exact, size_t n)
{
    convolution_case c = case_of(s, exact, n);
    sums truth = truth_of(&c);
    case_forward(&c, NULL, 0, n);
    assert_near("y", &c, c.y, c.stride_y, truth.y, c.outputs, s->out, 2e-6);
    assert_between(c.y, c.outputs, s->out);
    case_backward(&c, 1);
    assert_near("dx", &c, c.dx, c.stride_x, truth.dx, c.inputs, s->in, 2e-6);
    assert_between(c.dx, c.inputs, s->in);
    assert_near("dweight", &c, c.dweight, 1, truth.dweight, c.weights, 1, 4e-6);
    assert_near("dbias", &c, c.dbias, 1, truth.dbias, s->out, 1, 2e-6);
    assert_guard(c.dweight, c.weights);
    sums_free(&truth);
    case_free(&c);
}

static void outputs_and_gradients_are_those_of_the_sum(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++)
        for (size_t n = 1; n <= 3; n += 2)
            for (int exact = 0; exact <= 1; exact++)
                check(&shapes[i], exact, n);
}

/* Batches that are cut into parts with sums of their own, and into groups of images that follow one another. */
static void large_batches_are_summed_whole(void **state)
{
    (void)state;
    check(&(convolution_shape){13, 10, 16, 32, 3, 1, 1, 1}, 0, 19);
    check(&(convolution_shape){48, 48, 240, 16, 3, 1, 1, 1}, 0, 3);
    check(&(convolution_shape){6, 6, 24, 16, 3, 2, 1, 1}, 0, 40);
}

static void the_epilogue_is_added(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        convolution_case c = case_of(&shapes[i], 0, 2);
        const convolution_epilogue all = case_epilogue(&c);
        const size_t out = shapes[i].out, pixels = c.outputs / 2;
        sums truth = truth_of(&c);
        for (size_t p = 0; p < c.outputs; p++)
            for (size_t o = 0; o < out; o++)
                truth.y[p * out + o] += (double)c.bias[o] + (double)c.image[p / pixels * c.stride_y + o] +
                                        (double)c.residual[p * c.stride_y + o];
        case_forward(&c, &all, 0, 2);
        assert_near("y", &c, c.y, c.stride_y, truth.y, c.outputs, out, 2e-6);
        memcpy(c.y, c.residual, c.outputs * c.stride_y * sizeof *c.y);
        convolution_epilogue onto_itself = all;
        onto_itself.residual = c.y;
        case_forward(&c, &onto_itself, 0, 2);
        assert_near("y over its residual", &c, c.y, c.stride_y, truth.y, c.outputs, out, 2e-6);
        sums_free(&truth);
        case_free(&c);
    }
}

static void gradients_not_wanted_are_not_needed(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        convolution_case c = case_of(&shapes[i], 0, 2), without = case_of(&shapes[i], 0, 2);
        free(without.dbias);
        without.dbias = NULL;
        case_backward(&c, 1);
        case_backward(&without, 0);
        assert_same(without.dweight, c.dweight, c.weights * sizeof *c.dweight);
        case_free(&c);
        case_free(&without);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_and_gradients_are_those_of_the_sum),
        cmocka_unit_test(large_batches_are_summed_whole),
        cmocka_unit_test(the_epilogue_is_added),
        cmocka_unit_test(gradients_not_wanted_are_not_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
