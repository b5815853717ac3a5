// Without exceptions (-fno-exceptions) failures are values.
#include <diffusion.hpp>

#include "check.hpp"

static void a_failure_is_a_value()
{
    const auto schedule = diffusion::schedule::create("cosin steps=5");
    CHECK(!schedule);
    CHECK_EQUAL(schedule.error().status(), DIFFUSION_E_SPEC);
    CHECK_EQUAL(std::string(schedule.error().what()), diffusion_last_error());
    CHECK_EQUAL(diffusion::help("nothing").error().status(), DIFFUSION_E_NAME);
}

static void what_succeeds_is_a_value_too()
{
    auto schedule = diffusion::schedule::create("cosine steps=5");
    auto model = diffusion::model::create("mlp shape=2 width=8", 1);
    CHECK(schedule && model);
    auto trainer = diffusion::trainer::create(*model, *schedule, "objective=simple seed=1");
    CHECK(trainer);
    CHECK(*trainer->step(std::vector<float>(8, 0.5f)) > 0.0);
    CHECK_EQUAL(trainer->step(std::vector<float>(7)).error().status(), DIFFUSION_E_SHAPE);
    auto sampler = diffusion::sampler::create(trainer->model(), *schedule, "ddim seed=1");
    CHECK_EQUAL(sampler->run(3)->size(), 6u);
    CHECK(sampler->set_progress([](std::int64_t, std::int64_t) -> std::int32_t { return 9; }));
    CHECK_EQUAL(sampler->run(3).error().status(), 9);
    diffusion::schedule taken = *std::move(schedule);
    CHECK_EQUAL(taken.steps(), 5);
}

int main()
{
    a_failure_is_a_value();
    what_succeeds_is_a_value_too();
    return failures() != 0;
}
