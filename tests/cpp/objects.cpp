// The objects do what the functions of C do, to the same bits.
#include <diffusion.hpp>

#include "check.hpp"

#include <cmath>
#include <type_traits>

static_assert(std::is_nothrow_move_constructible_v<diffusion::sampler>);
static_assert(std::is_nothrow_move_assignable_v<diffusion::sampler>);
static_assert(!std::is_copy_constructible_v<diffusion::model>);
static_assert(std::is_copy_constructible_v<diffusion::model_ref>);

static std::vector<float> square_corners(std::size_t n)
{
    std::vector<float> data;
    for (std::size_t i = 0; i < n; i++) {
        data.push_back(i & 1 ? 1.0f : -1.0f);
        data.push_back(i & 2 ? 1.0f : -1.0f);
    }
    return data;
}

static std::vector<float> samples_of_c(const std::vector<float> &data, double *loss)
{
    diffusion_schedule *schedule;
    diffusion_model *model;
    diffusion_trainer *trainer;
    diffusion_sampler *sampler;
    std::vector<float> x(8);
    if (diffusion_schedule_create(&schedule, "cosine steps=10") ||
        diffusion_model_create(&model, "mlp shape=2 width=16", 3) ||
        diffusion_trainer_create(&trainer, model, schedule, "objective=simple seed=1") ||
        diffusion_trainer_step(trainer, data.data(), nullptr, 8, loss) ||
        diffusion_sampler_create(&sampler, diffusion_trainer_model(trainer), schedule, "ddim seed=7") ||
        diffusion_sampler_run(sampler, nullptr, 4, x.data()))
        return {};
    diffusion_sampler_free(sampler);
    diffusion_trainer_free(trainer);
    diffusion_model_free(model);
    diffusion_schedule_free(schedule);
    return x;
}

static void training_and_sampling_have_the_bits_of_c()
{
    const std::vector<float> data = square_corners(8);
    double loss = 0;
    const std::vector<float> wanted = samples_of_c(data, &loss);
    const diffusion::schedule schedule("cosine steps=10");
    diffusion::model model("mlp shape=2 width=16", 3);
    diffusion::trainer trainer(model, schedule, "objective=simple seed=1");
    CHECK_EQUAL(trainer.step(data), loss);
    diffusion::sampler sampler(trainer.model(), schedule, "ddim seed=7");
    CHECK(sampler.run(4) == wanted);
    CHECK(diffusion::sampler(trainer.model(), schedule, sampler.spec()).run(4) == wanted);
    std::vector<std::int64_t> evaluations(4);
    sampler.evaluations(evaluations);
    CHECK_EQUAL(evaluations[3], 10);
    sampler.begin(4);
    while (sampler.time() > 0)
        sampler.step();
    std::vector<float> state(8);
    sampler.state(state);
    CHECK(state == wanted);

    std::vector<std::int64_t> chosen(8);
    trainer.draw(8, chosen);
    std::size_t parameters = 0;
    for (std::size_t i = 0; i < model.parameter_count(); i++) {
        std::size_t size = 1;
        for (std::int64_t side : model.parameter_shape(*model.parameter_name(i)))
            size *= static_cast<std::size_t>(side);
        parameters += size;
    }
    std::vector<float> gradient(parameters);
    loss = trainer.gradient(data, gradient);
    CHECK_EQUAL(trainer.step(data), loss);
    CHECK(trainer.loss(data, 0) > 0.0);
    trainer.change("rate=1e-4");
    CHECK_EQUAL(trainer.rate(), 1e-4);
    CHECK_EQUAL(trainer.steps(), 2);
}

static void a_model_comes_back_from_its_bytes_and_files()
{
    diffusion::model model("mlp shape=2,3 width=8", 3);
    model.set_metadata("data.shift", "10");
    model.set_metadata("note", "kept");
    CHECK(model.shape() == std::vector<std::int64_t>({2, 3}));
    const auto copy = diffusion::model::load_memory(model.save_memory());
    CHECK_EQUAL(copy.spec(), model.spec());
    CHECK_EQUAL(*copy.metadata("note"), "kept");
    CHECK(!copy.metadata("absent"));
    const std::string name = *copy.parameter_name(0);
    std::size_t size = 1;
    for (std::int64_t side : copy.parameter_shape(name))
        size *= static_cast<std::size_t>(side);
    std::vector<float> first(size), second(size);
    copy.parameter(name, first);
    model.parameter(name, second);
    CHECK(first == second);
    first[0] = 4.0f;
    model.set_parameter(name, first);
    model.save("cpp-objects.safetensors");
    diffusion::model::load("cpp-objects.safetensors").parameter(name, second);
    CHECK_EQUAL(second[0], 4.0f);
    std::vector<float> x(6);
    std::vector<double> values(6);
    model.from_data(std::vector<double>(6, 10.5), x);
    CHECK_EQUAL(x[5], 0.5f);
    model.to_data(x, values);
    CHECK_EQUAL(values[0], 10.5);
    CHECK_EQUAL(model.scaling("shift")[2], 10.0);
    model.remove_metadata("note");
    CHECK(!model.metadata("note"));
    std::remove("cpp-objects.safetensors");
}

static void closed_forms_are_those_of_the_paper()
{
    const double betas[] = {0.1, 0.2, 0.5};
    const auto schedule = diffusion::schedule::from_betas(betas);
    CHECK_EQUAL(schedule.steps(), 3);
    const double alpha_bar = 0.9 * 0.8;
    CHECK(std::abs(schedule.values("alpha_bar")[1] - alpha_bar) < 1e-15);
    CHECK(std::abs(schedule.level(2).signal - std::sqrt(alpha_bar)) < 1e-15);
    CHECK(std::abs(schedule.time(schedule.level(1.5).log_snr) - 1.5) < 1e-12);
    std::vector<double> mean(2), variance(2);
    diffusion::marginal(schedule, 2, std::vector<double>{1, -3}, mean, variance);
    CHECK(std::abs(mean[1] + 3 * std::sqrt(alpha_bar)) < 1e-15);
    CHECK(std::abs(variance[0] - (1 - alpha_bar)) < 1e-15);
    diffusion::posterior(schedule, 2, std::vector<double>{1, 1}, std::vector<double>{0, 1}, mean, variance);
    CHECK(std::abs(variance[0] - 0.2 * 0.1 / (1 - alpha_bar)) < 1e-15);
    const std::vector<double> zero(2), one(2, 1.0), e(2, std::exp(1.0));
    CHECK(std::abs(diffusion::gaussian_kl(zero, one, one, one) - 1.0) < 1e-15);
    CHECK(std::abs(diffusion::bernoulli_kl(one, std::vector<double>(2, 0.5)) - 2 * std::log(2.0)) < 1e-15);
    CHECK(std::abs(diffusion::entropy(schedule, "step", 3, one) - std::log(2 * std::acos(-1.0) * std::exp(1.0) * 0.5)) <
          1e-14);
    const diffusion::bounds bounds = diffusion::entropy_bounds(schedule, 2);
    CHECK(bounds.lower < bounds.upper);
    CHECK(std::abs(diffusion::discretized_log_likelihood("normal", zero, zero, one, 3)[0] -
                   std::log(std::erf(0.5 / std::sqrt(2.0)))) < 1e-12);
    const std::int32_t t[] = {1, 3};
    float xt[2], trajectory[6];
    diffusion::forward_sample(schedule, t, std::vector<float>{1, 1}, std::vector<float>{0, 0}, xt);
    CHECK(std::abs(static_cast<double>(xt[1]) - std::sqrt(0.36)) < 1e-6);
    diffusion::forward_step(schedule, 3, std::vector<float>{1, 1}, std::vector<float>{0, 0}, 1, xt);
    CHECK(std::abs(static_cast<double>(xt[1]) - std::sqrt(0.5)) < 1e-6);
    diffusion::forward_trajectory(schedule, std::vector<float>{1, 1}, std::vector<float>(6), 1, trajectory);
    CHECK(std::abs(static_cast<double>(trajectory[5]) - std::sqrt(0.36)) < 1e-6);
    double x0[2];
    diffusion::convert_prediction(schedule, 2, "epsilon", "x0", one, zero, x0);
    CHECK(std::abs(x0[0] - 1 / std::sqrt(alpha_bar)) < 1e-14);
}

static void measures_and_moments_are_read()
{
    const diffusion::schedule schedule("cosine steps=10");
    diffusion::model model("mlp shape=2 width=16", 3);
    const std::vector<float> data = square_corners(8);
    diffusion::evaluator elbo(model, schedule, "elbo draws=2 seed=1");
    elbo.run(data);
    const diffusion::figures terms = elbo.terms(), samples = elbo.samples(8);
    double sum = 0;
    for (double bits : samples.bits)
        sum += bits;
    CHECK(std::abs(sum / 8 - elbo.value("k_bits")) < 1e-9);
    CHECK_EQUAL(terms.bits.size(), 10u);
    diffusion::evaluator moments(model, schedule, "moments seed=1");
    moments.run(data);
    model.set_moments(schedule, moments.moments());
    CHECK_EQUAL(model.moments().noise[9], moments.moments().noise[9]);
    CHECK_EQUAL(model.moments().data_variance, moments.value("data_variance"));
    model.clear_moments(schedule);
    CHECK(model.moments().noise.empty());
    diffusion::evaluator nearest("nearest");
    CHECK_EQUAL(error_of([&] { nearest.run(data); }).status(), DIFFUSION_E_STATE);
    nearest.set_reference(data, 2);
    nearest.run(std::vector<float>{0.9f, 0.9f});
    CHECK_EQUAL(nearest.neighbours(1)[0], 3);
    CHECK(nearest.spec().find("nearest") == 0);
}

static void what_is_coded_comes_back()
{
    const diffusion::schedule schedule("cosine steps=10");
    diffusion::model model("mlp shape=2 width=16 classes=4", 3);
    const std::vector<float> data = square_corners(8);
    const std::int32_t labels[] = {0, 1, 2, 3, 0, 1, 2, 3};
    diffusion::coder coder(model, schedule, "bits_back levels=2");
    int heard = 0;
    coder.set_progress([&](std::int64_t, std::int64_t) { heard++; });
    coder.encode(data, diffusion::condition(labels));
    CHECK(heard > 0);
    coder.save("cpp-objects.bits");
    const diffusion::decoded decoded = diffusion::coder::load(model, schedule, "cpp-objects.bits").decode();
    CHECK(decoded.x0 == data);
    CHECK_EQUAL(decoded.labels[7], 3);
    CHECK_EQUAL(coder.value("samples"), 8.0);
    std::remove("cpp-objects.bits");
}

static void a_training_goes_on_from_its_file_and_is_averaged()
{
    const diffusion::schedule schedule("cosine steps=10");
    diffusion::model model("mlp shape=2 width=16", 3);
    const std::vector<float> data = square_corners(8);
    std::vector<std::string> snapshots;
    diffusion::trainer trainer(model, schedule, "objective=simple post_hoc_ema=yes seed=1");
    trainer.set_metadata("note", "kept");
    for (int i = 0; i < 4; i++) {
        for (int step = 0; step < 4; step++)
            trainer.step(data);
        snapshots.push_back("cpp-objects-" + std::to_string(i) + ".safetensors");
        trainer.save_snapshot(snapshots.back());
    }
    double error = -1;
    CHECK_EQUAL(diffusion::trainer::average(snapshots, 0.1, &error).dim(), 2u);
    CHECK(error >= 0);
    trainer.save(snapshots[0]);
    diffusion::trainer resumed = diffusion::trainer::resume(snapshots[0]);
    CHECK_EQUAL(*resumed.metadata("note"), "kept");
    CHECK_EQUAL(resumed.spec(), trainer.spec());
    CHECK_EQUAL(resumed.step(data), trainer.step(data));
    CHECK_EQUAL(resumed.schedule().steps(), 10);
    for (const std::string &name : snapshots)
        std::remove(name.c_str());
}

static void the_process_is_asked_and_told()
{
    CHECK_EQUAL(diffusion::version(), "0.1.0");
    CHECK(!diffusion::blas_core().empty() && !diffusion::blas_threading().empty());
    diffusion::set_threads(1);
    CHECK_EQUAL(diffusion::threads(), 1);
    const std::string help = diffusion::help("sampler");
    CHECK(help.find("dpmsolver++") != std::string::npos && help.back() == '\n');
    CHECK_EQUAL(error_of([] { diffusion::help("nothing"); }).status(), DIFFUSION_E_NAME);
    diffusion::set_log([](const char *, const char *) {});
    diffusion::set_log(nullptr);
    diffusion::set_parameter_limit(100);
    CHECK_EQUAL(error_of([] { diffusion::model("mlp shape=20", 1); }).status(), DIFFUSION_E_MEMORY);
}

int main()
{
    training_and_sampling_have_the_bits_of_c();
    a_model_comes_back_from_its_bytes_and_files();
    closed_forms_are_those_of_the_paper();
    measures_and_moments_are_read();
    what_is_coded_comes_back();
    a_training_goes_on_from_its_file_and_is_averaged();
    the_process_is_asked_and_told();
    return failures() != 0;
}
