/* A program that has only the installed library: trains a step, samples, saves, and prints the versions that it saw. */
#include <diffusion.h>
#include <stdio.h>

static int failed(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, diffusion_last_error());
    return 1;
}

int main(int argc, char **argv)
{
    static const float x0[4] = {-1.0f, 1.0f, 1.0f, -1.0f};
    diffusion_schedule *schedule = NULL;
    diffusion_model *model = NULL;
    diffusion_trainer *trainer = NULL;
    diffusion_sampler *sampler = NULL;
    float x[4];

    if (diffusion_schedule_create(&schedule, "cosine steps=4") != DIFFUSION_OK)
        return failed("schedule");
    if (diffusion_model_create(&model, "mlp shape=2 width=8 depth=1", 1) != DIFFUSION_OK)
        return failed("model");
    if (diffusion_trainer_create(&trainer, model, schedule, "objective=simple seed=1") != DIFFUSION_OK)
        return failed("trainer");
    if (diffusion_trainer_step(trainer, x0, NULL, 2, NULL) != DIFFUSION_OK)
        return failed("step");
    if (diffusion_sampler_create(&sampler, model, schedule, "ancestral seed=1") != DIFFUSION_OK)
        return failed("sampler");
    if (diffusion_sampler_run(sampler, NULL, 2, x) != DIFFUSION_OK)
        return failed("run");
    if (argc > 1 && diffusion_model_save(model, argv[1]) != DIFFUSION_OK)
        return failed("save");
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    printf("headers %d.%d.%d library %s\n", DIFFUSION_VERSION_MAJOR, DIFFUSION_VERSION_MINOR, DIFFUSION_VERSION_PATCH,
           diffusion_version());
    return 0;
}
