#include "command.h"

#include "benching/advice.h"
#include "benching/measures.h"
#include "common/fail.h"
#include "common/note.h"
#include "common/options.h"
#include "common/results.h"
#include "common/text.h"

#include <diffusion.h>
#include <stdlib.h>

static const command_page page = {
    "bench",
    "[OPTION...]",
    "Measures how fast the library is here, in some ten seconds: products of matrices, a U-Net's forward pass and step "
    "of\n"
    "training, a small perceptron's step of sampling. Each figure is the best of several times, that of an "
    "undisturbed\n"
    "machine. Says what would make it faster.",
    "  diffusion bench\n"
    "  diffusion bench --threads 1 --json\n",
    0,
    0,
};

enum { SECONDS_MOST = 3600 };

typedef struct measured {
    machine here;
    timing products, forward, training, alone, together;
    double gigaflops;
} measured;

static void measure(measured *out, double seconds, const run_options *run)
{
    note_line("measuring");
    machine_look(&out->here);
    check(diffusion_set_threads(1));
    const timing one = bench_products(&out->gigaflops, seconds);
    check(diffusion_set_threads((int32_t)run->threads));
    out->products = bench_products(&out->gigaflops, seconds);
    out->here.one_thread = out->gigaflops / one.seconds;
    out->here.all_threads = out->gigaflops / out->products.seconds;
    out->forward = bench_unet_forward(seconds);
    out->training = bench_unet_training(seconds);
    out->alone = bench_sampling(1, seconds);
    out->together = bench_sampling(BENCH_SAMPLES, seconds);
}

static void put_machine(results *to, const machine *here)
{
    results_text(to, "blas_core", here->core, "OpenBLAS kernels %s, threads %s; %d thread%s on %d core%s\n\n",
                 here->core, here->threading, here->threads, text_plural((size_t)here->threads), here->cores,
                 text_plural((size_t)here->cores));
    results_text(to, "blas_threading", here->threading, NULL);
    results_count(to, "threads", (size_t)here->threads, NULL);
    results_count(to, "cores", (size_t)here->cores, NULL);
    results_number(to, "load", here->load, NULL);
}

static void put_products(results *to, const measured *m)
{
    results_line(to, "products of matrices: forward, " BENCH_WIDE ", %d rows\n", (int)BENCH_ROWS);
    results_number(to, "products_gflops", m->here.all_threads, "  %10.1f GFLOP/s, best of %zu; with one thread %.1f\n",
                   m->here.all_threads, m->products.times, m->here.one_thread);
    results_number(to, "products_gflops_one_thread", m->here.one_thread, NULL);
}

static void put_unet(results *to, const measured *m)
{
    const double forward = m->forward.seconds, training = m->training.seconds;
    results_line(to, "U-Net: " BENCH_UNET ", %d images\n", (int)BENCH_IMAGES);
    results_number(to, "unet_forward_seconds", forward, "  %10.1f ms a forward pass, best of %zu: %.0f images/s\n",
                   1e3 * forward, m->forward.times, BENCH_IMAGES / forward);
    results_number(to, "unet_forward_images_per_second", BENCH_IMAGES / forward, NULL);
    results_number(to, "unet_training_step_seconds", training,
                   "  %10.1f ms a step of training, best of %zu: %.0f images/s\n", 1e3 * training, m->training.times,
                   BENCH_IMAGES / training);
    results_number(to, "unet_training_images_per_second", BENCH_IMAGES / training, NULL);
}

static void put_sampling(results *to, const measured *m)
{
    const double alone = m->alone.seconds / BENCH_STEPS, together = m->together.seconds / BENCH_STEPS;
    results_line(to, "small perceptron: " BENCH_SMALL ", ancestral sampling\n");
    results_number(to, "sampling_step_seconds", alone, "  %10.2f us a step of one sample, best of %zu\n", 1e6 * alone,
                   m->alone.times);
    results_number(to, "sampling_steps_per_second", BENCH_SAMPLES / together,
                   "  %10.2f us a step of %d samples, best of %zu: %.2f million steps of one a second\n",
                   1e6 * together, (int)BENCH_SAMPLES, m->together.times, 1e-6 * BENCH_SAMPLES / together);
}

static void put_advice(results *to, const machine *here)
{
    char *advice[ADVICE_MOST];
    const size_t count = advice_on(advice, here);
    results_line(to, count > 0 ? "\n" : "\nNothing here is known to slow it down.\n");
    results_list(to, "advice");
    for (size_t i = 0; i < count; i++) {
        results_text(to, NULL, advice[i], "%s\n", advice[i]);
        free(advice[i]);
    }
    results_close(to);
}

static void print(const measured *m, int json)
{
    results to;
    results_begin(&to, stdout, json);
    put_machine(&to, &m->here);
    put_products(&to, m);
    put_unet(&to, m);
    put_sampling(&to, m);
    put_advice(&to, &m->here);
    results_end(&to);
}

int bench_command(int argc, const char **argv)
{
    run_options run = {0};
    double seconds = 1.2;
    struct poptOption table[] = {
        {"seconds", '\0', POPT_ARG_DOUBLE, &seconds, 0, "For each of six measurements (default 1.2)", "S"},
        OPTIONS_JSON(run),
        OPTIONS_RUN(run),
        OPTIONS_HELP,
        POPT_TABLEEND,
    };
    arguments given;
    measured all;
    options_read(&given, &page, table, argc, argv);
    if (!(seconds > 0 && seconds <= SECONDS_MOST))
        fail_usage("bench: --seconds %g, expected more than 0 and at most %d", seconds, (int)SECONDS_MOST);
    options_start(&page, &run);
    measure(&all, seconds, &run);
    print(&all, run.json);
    options_release(&given);
    return EXIT_SUCCESS;
}
