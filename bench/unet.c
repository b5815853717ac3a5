/* Times a U-Net's forward pass or training step (epsilon objective, Adam), and says how much memory it took, as a line
 * of JSON; or writes the networks, for this and for the peers in bench/peers. One work a process: its peak memory is
 * then that work's alone.
 *
 *     unet --write folder                                        <net>.safetensors and case-<net>.f32
 *     unet --folder folder --net cifar --work forward --batch 8 --threads 2 --seconds 2
 */
#define _POSIX_C_SOURCE 200809L

#include "clock.h"
#include "unet_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANK = 4 };

/* DDPM's own network for CIFAR-10, and a small one. */
static const struct net {
    const char *name, *spec;
    size_t parameters, batch; /* of the case */
} nets[] = {{"cifar",
             "unet shape=32,32,3 channels=128,256,256,256 blocks=2 attention=16 groups=32 norm_epsilon=1e-6 "
             "flip_sin_to_cos=no freq_shift=1 downsample_padding=0 predict=epsilon variance=fixed_large",
             35746307, 8},
            {"mnist",
             "unet shape=28,28,1 channels=32,64,64 blocks=2 attention=7 groups=8 predict=epsilon variance=fixed_large",
             1623169, 64}};
enum { NETS = sizeof nets / sizeof nets[0] };

struct arguments {
    const char *write, *folder, *net, *work;
    size_t batch;
    int threads;
    double seconds;
};

/* ---- the work ---- */

/* The most memory that this process has held, in megabytes of 2^20; 0 where the system does not say. */
static double peak_memory(void)
{
    char line[256];
    double kilobytes = 0.0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = atof(line + 6);
    if (file != NULL)
        fclose(file);
    return kilobytes / 1024.0;
}

static int time_work(const struct arguments *given)
{
    char path[4096];
    unet_job job = {0};
    snprintf(path, sizeof path, "%s/%s.safetensors", given->folder, given->net);
    int failed = diffusion_set_threads(given->threads) != DIFFUSION_OK ||
                 diffusion_model_load(&job.model, path) != DIFFUSION_OK ||
                 unet_job_open(&job, given->batch, strcmp(given->work, "training") == 0);
    double best = failed ? -1.0 : clock_best(unet_job_run, &job, given->seconds);
    unet_job_close(&job);
    if (best < 0.0)
        return -1;
    printf("{\"system\": \"libdiffusion %s\", \"blas\": \"OpenBLAS %s (%s)\", \"net\": \"%s\", \"work\": \"%s\", "
           "\"batch\": %zu, \"threads\": %d, \"milliseconds\": %.3f, \"megabytes\": %.1f}\n",
           diffusion_version(), diffusion_blas_core(), diffusion_blas_threading(), given->net, given->work,
           given->batch, given->threads, best * 1e3, peak_memory());
    return 0;
}

/* ---- the networks ---- */

/* A fresh network gives zero. Here every parameter counts: matrices keep the size of what they multiply, norms stand
 * about 1 and biases about 0. Returns the tensor's size; 0 on failure. */
static size_t set_tensor(diffusion_model *model, size_t index)
{
    const char *name = diffusion_model_parameter_name(model, index), *kind = strrchr(name, '.');
    int64_t shape[RANK];
    size_t rank, count = 1;
    if (diffusion_model_parameter_shape(model, name, shape, RANK, &rank) != DIFFUSION_OK)
        return 0;
    for (size_t i = 0; i < rank; i++)
        count *= (size_t)shape[i];
    float *values = malloc(count * sizeof *values);
    if (values == NULL)
        return 0;
    unet_fill(values, count, index + 1);
    float scale = rank > 1 ? 1.0f / sqrtf((float)count / (float)shape[0]) : 0.1f;
    float centre = rank == 1 && strcmp(kind, ".weight") == 0 ? 1.0f : 0.0f;
    for (size_t i = 0; i < count; i++)
        values[i] = centre + scale * values[i];
    int failed = diffusion_model_set_parameter(model, name, values, count) != DIFFUSION_OK;
    free(values);
    return failed ? 0 : count;
}

static int make_network(diffusion_model **model, const struct net *net, const char *keys)
{
    size_t total = 0;
    char spec[512];
    snprintf(spec, sizeof spec, "%s%s", net->spec, keys);
    if (diffusion_model_create(model, spec, 1) != DIFFUSION_OK)
        return -1;
    for (size_t i = 0; i < diffusion_model_parameter_count(*model); i++) {
        size_t count = set_tensor(*model, i);
        if (count == 0)
            return -1;
        total += count;
    }
    if (total != net->parameters)
        fprintf(stderr, "unet: %s has %zu parameters, expected %zu\n", net->name, total, net->parameters);
    return total == net->parameters ? 0 : -1;
}

/* x [n, height, width, channels], t [n] as float, output as x, and the same without Winograd's convolutions: for the
 * peers to compare their own output with. */
static int write_case(const unet_job *job, const unet_job *exact, FILE *file)
{
    size_t values = job->batch * job->dim;
    if (fwrite(job->x, sizeof *job->x, values, file) != values)
        return -1;
    for (size_t i = 0; i < job->batch; i++) {
        float t = (float)job->t[i];
        if (fwrite(&t, sizeof t, 1, file) != 1)
            return -1;
    }
    return fwrite(job->out, sizeof *job->out, values, file) == values &&
                   fwrite(exact->out, sizeof *exact->out, values, file) == values
               ? 0
               : -1;
}

static int write_network(const char *folder, const struct net *net)
{
    char path[4096];
    unet_job job = {0}, exact = {0};
    int failed = make_network(&job.model, net, "") || unet_job_open(&job, net->batch, 0) || unet_job_run(&job) ||
                 make_network(&exact.model, net, " exact=yes") || unet_job_open(&exact, net->batch, 0) ||
                 unet_job_run(&exact);
    snprintf(path, sizeof path, "%s/%s.safetensors", folder, net->name);
    failed = failed || diffusion_model_save(job.model, path) != DIFFUSION_OK;
    snprintf(path, sizeof path, "%s/case-%s.f32", folder, net->name);
    FILE *file = failed ? NULL : fopen(path, "wb");
    failed = file == NULL || write_case(&job, &exact, file);
    if (file != NULL && fclose(file) != 0)
        failed = 1;
    unet_job_close(&job);
    unet_job_close(&exact);
    return failed ? -1 : 0;
}

/* ---- */

static int read_arguments(struct arguments *given, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "--write") == 0)
            given->write = value;
        else if (strcmp(name, "--folder") == 0)
            given->folder = value;
        else if (strcmp(name, "--net") == 0)
            given->net = value;
        else if (strcmp(name, "--work") == 0 && (strcmp(value, "forward") == 0 || strcmp(value, "training") == 0))
            given->work = value;
        else if (strcmp(name, "--batch") == 0 && atoi(value) > 0)
            given->batch = (size_t)atoi(value);
        else if (strcmp(name, "--threads") == 0)
            given->threads = atoi(value);
        else if (strcmp(name, "--seconds") == 0)
            given->seconds = atof(value);
        else
            return -1;
    }
    return given->write != NULL || (given->folder != NULL && given->net != NULL && given->batch > 0) ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct arguments given = {.work = "forward", .threads = 1, .seconds = 2.0};
    if (read_arguments(&given, argc, argv) != 0) {
        fprintf(stderr, "usage: unet --write folder | --folder folder --net cifar|mnist [--work forward|training] "
                        "--batch n [--threads n] [--seconds s]\n");
        return 2;
    }
    int failed = given.write == NULL && time_work(&given);
    for (size_t i = 0; given.write != NULL && !failed && i < NETS; i++)
        failed = write_network(given.write, &nets[i]);
    if (failed)
        fprintf(stderr, "unet: failed: %s\n", diffusion_last_error());
    return failed ? 1 : 0;
}
