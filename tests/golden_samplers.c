/* golden-samplers FOLDER…: every recorded run of a folder (diffusers' schedulers, k-diffusion's and EDM's samplers; see
 * tests/golden/README.md) taken again through the public interface: a model behind a callback, the noise that was
 * drawn, and specs that the library's own reader of schedulers makes of each file's options. Prints a line a file: the
 * worst difference of any state or number from the recorded one, or what is refused and why; fails if one is off. */
#define _POSIX_C_SOURCE 200809L

#include "golden_samplers/replay.h"

#include "base/memory.h"
#include "golden_folder.h"

/* ---- files ---- */

static const char *read_spaces(recorded *self)
{
    static const char *const in_sigma[] = {"EulerDiscrete", "EulerAncestral", "HeunDiscrete", "LMSDiscrete", "KDPM2"};
    self->kind = recorded_says(self, "state", "sigma") || recorded_says(self, "source", "EDM") ? 's'
                 : recorded_says(self, "state", "(1-s)")                                       ? 'f'
                                                                                               : 'a';
    for (size_t i = 0; i < sizeof in_sigma / sizeof in_sigma[0]; i++)
        if (recorded_says(self, "source", in_sigma[i]) && !recorded_says(self, "source", "Flow")) {
            self->scaled = 1;
            self->kind = 'a';
        }
    if (recorded_says(self, "options", "iddpm")) /* whose levels EDM's code makes in float32 in any case */
        return "float32 tables";
    return recorded_says(self, "source", "float64") ? "double tables" : "float32 tables";
}

/* 1 where the file is a run. */
static int take_run(const recorded *truth, replay *self, specs *of)
{
    if (truth->start == NULL)
        return 0;
    snprintf(self->predict, sizeof self->predict, "x0");
    self->by_calls = recorded_says(truth, "source", "Scheduler");
    if (self->by_calls)
        schedulers_read(of, truth, self);
    else
        functions_read(of, truth);
    if (of->refused[0] == '\0' && replay_run(self, of->schedule, of->model, of->sampler) != DIFFUSION_OK)
        snprintf(of->refused, sizeof of->refused, "%s", diffusion_last_error());
    return 1;
}

/* Double but for what the peers add by rounding: EDM's ablation takes the root of the difference of two equal squares
 * for the deviation of no noise, and a DDPMScheduler has a variance of 1e-20 for none. */
static double allowed_of(const recorded *of, const char *tables)
{
    if (strcmp(tables, "double tables") != 0)
        return 1e-4;
    if (recorded_says(of, "source", "ablation_sampler") && recorded_says(of, "options", "\"schedule\": \"v"))
        return 1e-6;
    return recorded_says(of, "source", "DDPMScheduler") ? 1e-9 : 1e-10;
}

static golden_verdict report(const char *name, const replay *self, const specs *of, const char *tables)
{
    const double allowed = allowed_of(self->truth, tables);
    const int refused = of->refused[0] != '\0', off = !refused && !(self->worst <= allowed);
    if (refused)
        printf("%-44s refused: %s\n", name, of->refused);
    else
        printf("%-44s %s %.1e at %zu of %zu (%s)\n", name, off ? "OFF" : "ok ", self->worst, self->worst_at,
               self->calls, tables);
    return refused ? GOLDEN_REFUSED : off ? GOLDEN_OFF : GOLDEN_AGREES;
}

static golden_verdict check_file(const char *folder, const char *name)
{
    char path[4096];
    recorded truth = {0};
    specs of = {0};
    replay self = {.truth = &truth, .sigma_data = 0.5};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (safetensors_open(&truth.file, path) != DIFFUSION_OK) {
        printf("%-44s refused: %s\n", name, diffusion_last_error());
        return GOLDEN_REFUSED;
    }
    recorded_read(&truth);
    const char *tables = read_spaces(&truth);
    if (!take_run(&truth, &self, &of) && !sigmas_check(&truth, &self, &of) &&
        !precond_check(&truth, name, &self, &of) && !paths_check(&truth, &self, &of))
        snprintf(of.refused, sizeof of.refused, "nothing in it is known here");
    const golden_verdict verdict = report(name, &self, &of, tables);
    memory_release(of.schedule);
    memory_release(of.sampler);
    recorded_release(&truth);
    return verdict;
}

int main(int argc, char **argv)
{
    return golden_folders(argc, argv, check_file);
}
