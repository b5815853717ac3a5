/* What every network promises: the same bits for any number of threads and any batch, and the same from a file; and
 * those with weights for each step refuse steps that they have none for. */
#define _POSIX_C_SOURCE 200809L
#include "folder.h"
#include "guard.h"

enum { N = 130, FEW = 40, LARGEST = 64, STEPS = 6 };

typedef struct promise {
    const char *model;
    size_t dim;
} promise;

static const promise networks[] = {
    {"mlp shape=3 width=24 depth=2 time_features=0 activation=sigmoid readout=steps steps=6 predict=perturbation "
     "variance=learned",
     3},
    {"mlp shape=3 width=24 depth=2 time_features=4 readout=steps steps=9 residual=yes predict=perturbation "
     "variance=learned",
     3},
    {"mlp shape=3 width=24 depth=2 activation=softplus predict=perturbation variance=learned", 3},
    {"rbf shape=3 units=70 steps=6 predict=perturbation variance=learned", 3},
    {"multiscale shape=8,4,2 scales=3 channels=6 layers=2 width=9 steps=6 predict=perturbation variance=learned", 64},
    {"multiscale shape=4,4,1 scales=1 kernel=5 channels=6 layers=1 dense=30 bumps=4 steps=6 predict=perturbation "
     "variance=learned",
     16},
    {"unet shape=8,4,2 channels=8,16 blocks=1 attention=4 head_channels=8 groups=4 dropout=0.1 predict=perturbation "
     "variance=learned",
     64},
    {"unet shape=4,4,1 channels=6 blocks=1 groups=3 conditioning=scale_shift exact=yes fourier=7,8 "
     "predict=perturbation "
     "variance=learned",
     16},
    {"unet shape=4,16,1 channels=4,8,8 blocks=1 attention=2,1 groups=2 downsample_padding=0 predict=perturbation "
     "variance=learned",
     64},
};
enum { NETWORKS = sizeof networks / sizeof networks[0] };

static const char chain[] = "linear steps=6 beta_start=0.05 beta_end=0.5";
static float x[N * LARGEST];
static double time_of[N];

static int enter(void **state)
{
    make_numbers(x, N * LARGEST, 5);
    for (int i = 0; i < N; i++)
        time_of[i] = 1 + i * 7 % STEPS;
    return folder_enter(state);
}

static float *trained(const promise *network, int32_t threads)
{
    diffusion_schedule *schedule = make_schedule(chain);
    diffusion_model *model = make_model(network->model, 1);
    diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=0.01 ema=0.9");
    assert_ok(diffusion_set_threads(threads));
    for (size_t step = 0; step < 6; step++)
        assert_ok(diffusion_trainer_step(trainer, x, NULL, step % 2 == 0 ? N : 1 + 17 * step, NULL));
    assert_ok(diffusion_set_threads(0));
    float *weights = model_weights(diffusion_trainer_model(trainer));
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return weights;
}

static void training_is_the_same_for_1_2_and_3_threads(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_model *model = make_model(networks[i].model, 1);
        size_t bytes = model_parameters(model) * sizeof(float);
        float *one = trained(&networks[i], 1);
        for (int32_t threads = 2; threads <= 3; threads++) {
            float *more = trained(&networks[i], threads);
            assert_same(more, one, bytes);
            free(more);
        }
        free(one);
        diffusion_model_free(model);
    }
}

static void a_sample_has_the_same_bits_alone_and_in_a_batch(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        size_t dim = networks[i].dim;
        diffusion_model *model = make_model(networks[i].model, 1);
        float *together = guarded(N * 2 * dim), *alone = guarded(2 * dim);
        fill_weights(model, 3);
        assert_ok(diffusion_set_threads(3));
        assert_ok(diffusion_model_forward(model, x, time_of, NULL, N, together));
        assert_filled(together, N * 2 * dim);
        assert_ok(diffusion_set_threads(1));
        for (size_t j = 0; j < N; j++) {
            assert_ok(diffusion_model_forward(model, x + j * dim, time_of + j, NULL, 1, alone));
            assert_same(alone, together + j * 2 * dim, 2 * dim * sizeof *alone);
        }
        assert_filled(alone, 2 * dim);
        assert_ok(diffusion_set_threads(0));
        free(together);
        free(alone);
        diffusion_model_free(model);
    }
}

static void a_file_gives_the_same_network(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_model *model = make_model(networks[i].model, 1), *loaded = NULL;
        float *out = guarded(2 * networks[i].dim), *again = guarded(2 * networks[i].dim);
        fill_weights(model, 3);
        assert_ok(diffusion_model_save(model, "networks.safetensors"));
        assert_ok(diffusion_model_load(&loaded, "networks.safetensors"));
        assert_string_equal(diffusion_model_spec(loaded), diffusion_model_spec(model));
        assert_ok(diffusion_model_forward(model, x, time_of, NULL, 1, out));
        assert_ok(diffusion_model_forward(loaded, x, time_of, NULL, 1, again));
        assert_filled(out, 2 * networks[i].dim);
        assert_same(again, out, 2 * networks[i].dim * sizeof *out);
        free(again);
        free(out);
        diffusion_model_free(loaded);
        diffusion_model_free(model);
    }
    remove("networks.safetensors");
}

/* A loss that falls: the gradient's sign, end to end. Data is one point, which the bound can learn well. */
static void training_lowers_the_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < NETWORKS; i++) {
        diffusion_schedule *schedule = make_schedule(chain);
        diffusion_model *model = make_model(networks[i].model, 1);
        diffusion_trainer *trainer = make_trainer(model, schedule, "objective=bound rate=0.02");
        static float point[FEW * LARGEST];
        double first = 0.0, last = 0.0, loss;
        for (size_t j = 0; j < FEW * networks[i].dim; j++)
            point[j] = x[j % networks[i].dim];
        for (int step = 0; step < 100; step++) {
            assert_ok(diffusion_trainer_step(trainer, point, NULL, FEW, &loss));
            first += step < 10 ? loss / 10.0 : 0.0;
            last += step >= 90 ? loss / 10.0 : 0.0;
        }
        if (!(last < 0.7 * first))
            fail_msg("%s: the loss went from %g to %g", networks[i].model, first, last);
        diffusion_trainer_free(trainer);
        diffusion_model_free(model);
        diffusion_schedule_free(schedule);
    }
}

static void refuse_long_schedule(const char *spec)
{
    diffusion_schedule *longer = make_schedule("linear steps=7"), *exact = make_schedule("linear steps=6");
    diffusion_model *model = make_model(spec, 1);
    diffusion_trainer *trainer = NULL;
    diffusion_sampler *sampler = NULL;
    diffusion_evaluator *elbo = NULL;
    float out[3];
    const int32_t late[2] = {6, 7};
    const double late_time[2] = {6, 7};
    const char *sentence = "model: steps=6, but the schedule has 7 steps; expected at least as many";
    assert_refused(diffusion_trainer_create(&trainer, model, longer, "objective=bound"), DIFFUSION_E_STEP, sentence);
    assert_refused(diffusion_sampler_create(&sampler, model, longer, "ancestral"), DIFFUSION_E_STEP, sentence);
    assert_refused(diffusion_evaluator_create(&elbo, model, longer, "elbo"), DIFFUSION_E_STEP, sentence);
    assert_refused(diffusion_model_predict(model, longer, x, late, NULL, 1, out, NULL), DIFFUSION_E_STEP, sentence);
    assert_refused(diffusion_model_forward(model, x, late_time, NULL, 2, out), DIFFUSION_E_STEP,
                   "model_forward: time[1]=7, expected 1..6");
    assert_ok(diffusion_model_predict(model, exact, x, late, NULL, 1, out, NULL));
    assert_true(trainer == NULL && sampler == NULL && elbo == NULL);
    diffusion_model_free(model);
    diffusion_schedule_free(longer);
    diffusion_schedule_free(exact);
}

static void steps_without_weights_are_refused(void **state)
{
    (void)state;
    refuse_long_schedule("mlp shape=3 width=4 depth=1 time_features=0 readout=steps steps=6 predict=perturbation");
    refuse_long_schedule("rbf shape=3 steps=6 predict=perturbation");
    refuse_long_schedule(
        "multiscale shape=3,1 scales=1 channels=2 layers=1 width=2 depth=1 steps=6 predict=perturbation");
}

static void contradictions_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"mlp shape=3 readout=steps", "model: readout=steps needs steps"},
        {"mlp shape=3 steps=4", "model: steps=4 plays no part with readout=shared, expected readout=steps"},
        {"rbf shape=3", "model: key 'steps' is missing"},
        {"rbf shape=3 steps=5 classes=2", "model: classes=2, but rbf looks at x alone"},
        {"multiscale shape=4,4,1", "model: key 'steps' is missing"},
        {"multiscale shape=16 steps=5", "model: shape has 1 sizes, but multiscale needs height,width,channels"},
        {"multiscale shape=4,6,1 scales=3 steps=5",
         "model: scales=3 needs height and width that 4 divides, but shape has 6"},
        {"multiscale shape=4,4,1 kernel=4 steps=5", "model: kernel=4, expected an odd number"},
        {"unet shape=16", "model: shape has 1 sizes, but unet needs height,width,channels"},
        {"unet shape=28,28,1 channels=8,8,8,8",
         "model: channels= of 4 levels needs height and width that 8 divides, but "
         "shape has 28"},
        {"unet shape=8,8,1 channels=9,8 groups=1", "model: channels=9,…, expected an even number first"},
        {"unet shape=8,8,1 channels=8,8 attention=5",
         "model: attention=5, expected the height of a level: 8 halved 0 to 1"},
        {"unet shape=8,8,1 channels=8,12 groups=8", "model: groups=8 does not divide the 12 channels of"},
        {"unet shape=8,8,1 channels=8,8 head_channels=3", "model: head_channels=3 does not divide the 8 channels"},
        {"unet shape=8,8,1 fourier=7,17", "model: fourier=17, expected comma-separated numbers, each 0..16"},
        {"unet shape=8,8,1 fourier=7,,8", "model: fourier=, expected comma-separated numbers, each 0..16"},
        {"unet shape=8,8,1 fourier=nan", "model: fourier=nan, expected comma-separated numbers"},
        {"unet shape=8,8,1 fourier=7,8,7", "model: fourier= has 7 twice, expected exponents that differ"},
        {"unet shape=8,8,1 fourier=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
         "model: fourier= has 17 exponents, expected 16 at most"},
        {"multiscale shape=4,4,1 classes=3 steps=5", "model: classes=3 needs the dense path"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        diffusion_model *model = NULL;
        assert_refused(diffusion_model_create(&model, wrong[i][0], 1), DIFFUSION_E_SPEC, wrong[i][1]);
        assert_null(model);
    }
}

static void the_papers_heartbeat_network_can_be_said(void **state)
{
    (void)state;
    diffusion_model *model =
        make_model("mlp shape=20 width=50 depth=3 activation=sigmoid time_features=0 readout=steps "
                   "steps=2000 predict=perturbation",
                   1);
    assert_int_equal(model_parameters(model), 20 * 50 + 50 + 2 * (50 * 50 + 50) + 2000 * 20 * (50 + 1));
    diffusion_model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_is_the_same_for_1_2_and_3_threads),
        cmocka_unit_test(a_sample_has_the_same_bits_alone_and_in_a_batch),
        cmocka_unit_test(a_file_gives_the_same_network),
        cmocka_unit_test(training_lowers_the_bound),
        cmocka_unit_test(steps_without_weights_are_refused),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(the_papers_heartbeat_network_can_be_said),
    };
    return cmocka_run_group_tests(tests, enter, folder_leave);
}
