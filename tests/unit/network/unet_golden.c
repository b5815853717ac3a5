/* The U-Net against diffusers' UNet2DModel: outputs, and gradients of a squared loss, for five configurations with
 * random weights. Marks relative to the largest value: outputs 2e-5 with exact convolutions and 2e-4 with Winograd's,
 * gradients 1e-4 and 1e-3. */
#include "golden.h"
#include "make.h"

#include "base/memory.h"
#include "base/threads.h"
#include "model/model.h"

typedef struct configuration {
    const char *name, *spec;
    size_t height, width, in, out; /* channels */
    int whole_gradient;            /* or the norms of its tensors */
} configuration;

static const configuration configurations[] = {
    {"plain", "unet shape=16,16,1 channels=16,32 blocks=1 attention=8 head_channels=8 groups=8", 16, 16, 1, 1, 1},
    {"scale_shift", "unet shape=16,16,2 channels=16,16 blocks=1 mid_attention=no groups=8 conditioning=scale_shift", 16,
     16, 2, 2, 1},
    {"classes", "unet shape=28,28,1 channels=8,16,16 blocks=1 attention=7 head_channels=8 groups=8 classes=10", 28, 28,
     1, 1, 0},
    {"ddpm_hub",
     "unet shape=32,32,3 channels=16,32,32,32 blocks=2 attention=16 groups=16 norm_epsilon=1e-6 "
     "flip_sin_to_cos=no freq_shift=1 downsample_padding=0",
     32, 32, 3, 3, 0},
    {"heads", "unet shape=8,8,3 channels=16,24,32 blocks=2 attention=4 head_channels=8 groups=8 variance=learned_range",
     8, 8, 3, 6, 0},
};

enum { N = 3 };

static double *values_of(const configuration *c, const char *file, const char *tensor, size_t *count)
{
    char name[128];
    snprintf(name, sizeof name, "unet/%s/%s", c->name, file);
    return golden_values(name, tensor, count);
}

static int64_t *integers_of(const configuration *c, const char *tensor)
{
    char name[128];
    size_t count;
    snprintf(name, sizeof name, "unet/%s/io.safetensors", c->name);
    int64_t *values = golden_integers(name, tensor, &count);
    assert_int_equal(count, N);
    return values;
}

static int has_file(const configuration *c, const char *file)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/unet/%s/%s", TEST_GOLDEN, c->name, file);
    if (access(path, R_OK) == 0)
        return 1;
    snprintf(path, sizeof path, "%s/golden/unet/%s/%s", TEST_SHARED, c->name, file);
    return access(path, R_OK) == 0;
}

/* ---- between their layout, NCHW, and ours: halves of NHWC, each with as many channels as go in ---- */

static void from_nchw(float *to, const double *from, size_t channels, size_t part, size_t pixels)
{
    for (size_t i = 0; i < N; i++)
        for (size_t c = 0; c < channels; c++)
            for (size_t p = 0; p < pixels; p++)
                to[((i * (channels / part) + c / part) * pixels + p) * part + c % part] =
                    (float)from[(i * channels + c) * pixels + p];
}

static float *image_of(const configuration *c, const char *tensor, size_t channels)
{
    size_t count;
    double *from = values_of(c, "io.safetensors", tensor, &count);
    assert_int_equal(count, N * channels * c->height * c->width);
    float *to = memory_allocate(count, sizeof *to);
    from_nchw(to, from, channels, c->in, c->height * c->width);
    free(from);
    return to;
}

/* ---- the network with the reference's weights ---- */

typedef struct trial {
    const configuration *c;
    diffusion_model *model;
    float *x, *y, *target, *out;
    double time[N];
    int32_t labels[N];
    size_t outputs;
    const network_class *methods;
} trial;

static void set_parameters(trial *self)
{
    char name[128];
    const network *net = self->model->network;
    for (size_t i = 0; i < net->parameter_count; i++) {
        const network_parameter *parameter = &net->parameters[i];
        size_t count;
        double *values = values_of(self->c, "diffusion_pytorch_model.safetensors", parameter->name, &count);
        assert_int_equal(count, parameter->count);
        for (size_t j = 0; j < count; j++)
            self->model->parameters[parameter->offset + j] = (float)values[j];
        free(values);
    }
    snprintf(name, sizeof name, "unet/%s/diffusion_pytorch_model.safetensors", self->c->name);
    safetensors *file = NULL;
    assert_ok(safetensors_open(&file, golden(name)));
    assert_int_equal(safetensors_count(file), net->parameter_count); /* and nothing else is there */
    safetensors_close(file);
}

static void begin(trial *self, const configuration *c, const char *keys)
{
    char spec[512];
    memset(self, 0, sizeof *self);
    snprintf(spec, sizeof spec, "%s%s", c->spec, keys);
    self->c = c;
    assert_ok(diffusion_model_create(&self->model, spec, 1));
    self->methods = self->model->network->methods;
    set_parameters(self);
    self->x = image_of(c, "x", c->in);
    self->y = image_of(c, "y", c->out);
    self->target = image_of(c, "target", c->out);
    int64_t *steps = integers_of(c, "timesteps");
    int64_t *classes = strcmp(c->name, "classes") == 0 ? integers_of(c, "class_labels") : NULL;
    for (size_t i = 0; i < N; i++) {
        self->time[i] = (double)steps[i] + 1.0;
        self->labels[i] = classes != NULL ? (int32_t)classes[i] : -1;
    }
    free(steps);
    free(classes);
    self->outputs = N * self->model->outputs;
    self->out = memory_allocate(self->outputs, sizeof *self->out);
}

static void end(trial *self)
{
    diffusion_model_free(self->model);
    memory_release(self->x);
    memory_release(self->y);
    memory_release(self->target);
    memory_release(self->out);
}

static double largest(const float *values, size_t count)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)values[i]));
    return most;
}

static double difference(const float *a, const float *b, size_t count)
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
    return most;
}

static void check_outputs(const char *keys, double mark)
{
    size_t seen = 0;
    for (size_t i = 0; i < sizeof configurations / sizeof configurations[0]; i++) {
        if (!has_file(&configurations[i], "io.safetensors"))
            continue;
        trial self;
        begin(&self, &configurations[i], keys);
        make_output(self.out, self.model, self.x, self.time, self.labels, N);
        double error = difference(self.out, self.y, self.outputs) / largest(self.y, self.outputs);
        printf("%s%s: output within %.2g\n", self.c->name, keys, error);
        if (!(error <= mark))
            fail_msg("%s%s: relative error %.3g, allowed %.3g", self.c->name, keys, error, mark);
        end(&self);
        seen++;
    }
    if (seen == 0)
        skip();
}

static void outputs_are_those_of_the_reference_with_exact_convolutions(void **state)
{
    (void)state;
    check_outputs(" exact=yes", 2e-5);
}

static void outputs_are_those_of_the_reference_with_winograd_convolutions(void **state)
{
    (void)state;
    check_outputs("", 2e-4);
}

/* ---- gradients ---- */

static float *gradient_of(trial *self)
{
    const network *net = self->model->network;
    network_batch batch = {.x = self->x, .time = self->time, .labels = self->labels, .n = N};
    float *gradient = memory_allocate(net->size, sizeof *gradient),
          *dx = memory_allocate(N, net->task.dim * sizeof *dx);
    float *tape = memory_allocate(self->methods->tape_size(net, N), sizeof *tape);
    float *scratch = memory_allocate(self->methods->training_scratch_size(net, N, threads_count()), sizeof *scratch);
    float *dout = memory_allocate(self->outputs, sizeof *dout);
    self->methods->forward_keep(net, self->model->parameters, self->out, batch, tape, scratch);
    for (size_t i = 0; i < self->outputs; i++) /* of mean((y - target)^2) */
        dout[i] = 2.0f * (self->out[i] - self->target[i]) / (float)self->outputs;
    self->methods->backward(net, self->model->parameters, gradient, dx, dout, N, tape, scratch);
    memory_release(dx);
    memory_release(tape);
    memory_release(scratch);
    memory_release(dout);
    return gradient;
}

static double norm(const float *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

/* A tensor's error, relative to its own largest value or norm. Where the truth is a sum of terms that cancel (the bias
 * before a norm, keys' biases), it is rounding alone: such are judged by the largest gradient of all. */
static double tensor_error(const configuration *c, const network_parameter *parameter, const float *gradient,
                           double scale)
{
    size_t count;
    double *truth = values_of(c, c->whole_gradient ? "gradients.safetensors" : "gradient_norms.safetensors",
                              parameter->name, &count);
    double error = 0.0, size = 0.0;
    if (c->whole_gradient) {
        assert_int_equal(count, parameter->count);
        for (size_t j = 0; j < count; j++) {
            error = fmax(error, fabs((double)gradient[j] - truth[j]));
            size = fmax(size, fabs(truth[j]));
        }
    } else {
        error = fabs(norm(gradient, parameter->count) - truth[0]);
        size = truth[0];
    }
    free(truth);
    return error / fmax(size, 1e-3 * scale);
}

static void check_gradients(const char *keys, double mark)
{
    size_t seen = 0;
    for (size_t i = 0; i < sizeof configurations / sizeof configurations[0]; i++) {
        const configuration *c = &configurations[i];
        if (!has_file(c, c->whole_gradient ? "gradients.safetensors" : "gradient_norms.safetensors"))
            continue;
        trial self;
        begin(&self, c, keys);
        const network *net = self.model->network;
        float *gradient = gradient_of(&self);
        double scale = 0.0, worst = 0.0;
        for (size_t p = 0; p < net->parameter_count; p++)
            scale =
                fmax(scale, c->whole_gradient ? largest(gradient + net->parameters[p].offset, net->parameters[p].count)
                                              : norm(gradient + net->parameters[p].offset, net->parameters[p].count));
        for (size_t p = 0; p < net->parameter_count; p++) {
            double error = tensor_error(c, &net->parameters[p], gradient + net->parameters[p].offset, scale);
            if (!(error <= mark))
                print_message("%s%s: gradient of %s off by %.3g, allowed %.3g\n", c->name, keys,
                              net->parameters[p].name, error, mark);
            worst = fmax(worst, error);
        }
        printf("%s%s: gradients within %.2g\n", c->name, keys, worst);
        assert_true(worst <= mark);
        memory_release(gradient);
        end(&self);
        seen++;
    }
    if (seen == 0)
        skip();
}

static void gradients_are_those_of_the_reference_with_exact_convolutions(void **state)
{
    (void)state;
    check_gradients(" exact=yes", 1e-4);
}

static void gradients_are_those_of_the_reference_with_winograd_convolutions(void **state)
{
    (void)state;
    check_gradients("", 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_those_of_the_reference_with_exact_convolutions),
        cmocka_unit_test(outputs_are_those_of_the_reference_with_winograd_convolutions),
        cmocka_unit_test(gradients_are_those_of_the_reference_with_exact_convolutions),
        cmocka_unit_test(gradients_are_those_of_the_reference_with_winograd_convolutions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
