// Failures of the library, and lengths that do not fit, are thrown with their sentence.
#include <diffusion.hpp>

#include "check.hpp"

#include <array>
#include <cmath>

static void an_error_has_sentence_status_and_name()
{
    const diffusion::error error = error_of([] { diffusion::model("mlp shape=2 widht=64", 1); });
    CHECK_EQUAL(error.status(), DIFFUSION_E_SPEC);
    CHECK_EQUAL(std::string(error.name()), "spec");
    CHECK_EQUAL(std::string(error.what()), diffusion_last_error());
    CHECK(std::string(error.what()).find("widht") != std::string::npos);
    const std::runtime_error &base = error;
    CHECK(base.what()[0] != '\0');
}

static void a_text_with_a_nul_is_refused_and_not_cut()
{
    diffusion::model model("mlp shape=2", 1);
    const std::string cut("lost\0here", 9);
    CHECK_EQUAL(error_of([&] { model.set_metadata("note", cut); }).status(), DIFFUSION_E_ARGUMENT);
    CHECK(!model.metadata("note"));
    CHECK_EQUAL(std::string(error_of([&] { diffusion::schedule(std::string("cosine\0steps=9", 14)); }).what()),
                "a text holds a NUL character at 6");
    const std::string paths[] = {"a", cut};
    CHECK_EQUAL(error_of([&] { diffusion::trainer::average(paths, 0.1); }).status(), DIFFUSION_E_ARGUMENT);
}

static void a_length_that_does_not_fit_is_refused()
{
    const diffusion::schedule schedule("cosine steps=5");
    diffusion::model model("mlp shape=3 width=8 classes=4", 1);
    diffusion::trainer trainer(model, schedule, "objective=simple seed=1");
    const std::vector<float> x(7);
    CHECK_EQUAL(std::string(error_of([&] { trainer.step(x); }).what()), "x0 holds 7 values, expected rows of 3");
    CHECK_EQUAL(trainer.steps(), 0);

    diffusion::sampler sampler(model, schedule, "ddim seed=1");
    std::array<float, 8> eight{};
    CHECK_EQUAL(error_of([&] { sampler.run(eight); }).status(), DIFFUSION_E_SHAPE);
    CHECK_EQUAL(error_of([&] { sampler.set_known(std::vector<float>(6), std::vector<std::uint8_t>(5)); }).status(),
                DIFFUSION_E_SHAPE);
    diffusion::condition condition(4);
    const std::int32_t five[] = {0, 1, 2, 3, 0};
    CHECK_EQUAL(std::string(error_of([&] { condition.set_labels(five); }).what()), "labels holds 5 values, expected 4");
    condition.set_labels(diffusion::span<const std::int32_t>(five).first(4));
    CHECK_EQUAL(error_of([&] { sampler.run(5, condition); }).status(), DIFFUSION_E_SHAPE);

    sampler.begin(4, condition);
    std::vector<float> state(9);
    CHECK_EQUAL(error_of([&] { sampler.state(state); }).status(), DIFFUSION_E_SHAPE);
    state.resize(12);
    sampler.state(state);
    CHECK_EQUAL(sampler.time(), 5.0);

    std::vector<float> out(5);
    const double time[] = {1.0, 2.0};
    CHECK_EQUAL(error_of([&] { model.forward(std::vector<float>(6), time, out); }).status(), DIFFUSION_E_SHAPE);
    std::vector<double> mean(2), variance(3);
    CHECK_EQUAL(error_of([&] { diffusion::marginal(schedule, 1, std::vector<double>(3), mean, variance); }).status(),
                DIFFUSION_E_SHAPE);
    CHECK_EQUAL(error_of([&] { diffusion::forward_step(schedule, 1, x, x, 0, {}); }).status(), DIFFUSION_E_SHAPE);
    CHECK_EQUAL(error_of([&] { diffusion::entropy(schedule, "posterior", 2, mean); }).status(), DIFFUSION_E_SHAPE);
    diffusion::moments moments{std::vector<double>(5), std::vector<double>(4), 1.0};
    CHECK_EQUAL(error_of([&] { model.set_moments(schedule, moments); }).status(), DIFFUSION_E_SHAPE);
}

static void an_object_that_has_been_moved_from_is_refused()
{
    diffusion::schedule schedule("cosine steps=5");
    diffusion::schedule taken = std::move(schedule);
    CHECK_EQUAL(taken.steps(), 5);
    CHECK(!schedule);
    CHECK_EQUAL(error_of([&] { schedule.values("beta"); }).status(), DIFFUSION_E_ARGUMENT);
    diffusion::model model("mlp shape=2 width=8", 1);
    diffusion::sampler sampler(model, taken, "ddim seed=1"), other(model, taken, "ddim seed=2");
    const std::vector<float> before = other.run(3);
    sampler = std::move(other);
    CHECK(sampler.run(3) == before);
    CHECK_EQUAL(error_of([&] { other.run(3); }).status(), DIFFUSION_E_ARGUMENT);
    diffusion_sampler *raw = sampler.release();
    CHECK(raw != nullptr && !sampler);
    const diffusion::sampler back(raw); // owns it, and knows no dimension
}

static void a_handle_keeps_the_sentence_of_its_last_failed_run()
{
    const diffusion::schedule schedule("cosine steps=5");
    diffusion::model model("mlp shape=2 width=8", 1);
    diffusion::trainer trainer(model, schedule, "objective=simple seed=1");
    CHECK_EQUAL(trainer.error(), "");
    const diffusion::error error = error_of([&] { trainer.step(std::vector<float>(2, NAN)); });
    CHECK_EQUAL(error.status(), DIFFUSION_E_NONFINITE);
    CHECK_EQUAL(trainer.error(), std::string(error.what()));
}

int main()
{
    an_error_has_sentence_status_and_name();
    a_text_with_a_nul_is_refused_and_not_cut();
    a_length_that_does_not_fit_is_refused();
    an_object_that_has_been_moved_from_is_refused();
    a_handle_keeps_the_sentence_of_its_last_failed_run();
    return failures() != 0;
}
