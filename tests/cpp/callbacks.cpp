// Function objects as callbacks: what they throw or return comes out of the call, and they live as long as they may be
// called.
#include <diffusion.hpp>

#include "check.hpp"

#include <memory>

struct refusal {
    int number;
};

// The number of a refusal that a function throws, 0 for none.
template <class Function> static int refusal_of(Function &&function)
{
    try {
        function();
    } catch (const refusal &thrown) {
        return thrown.number;
    }
    return 0;
}

// The exact network of data N(0, 1): epsilon = sigma x.
static auto exact_network(const diffusion::schedule &schedule)
{
    return [&schedule](diffusion::span<const float> x, diffusion::span<const double> time, diffusion::condition_ref,
                       diffusion::span<float> out) {
        for (std::size_t i = 0; i < x.size(); i++)
            out[i] = static_cast<float>(schedule.level(time[i / 2]).sigma) * x[i];
    };
}

static const char reading[] = "shape=2 predict=epsilon variance=fixed_small";

static void a_network_is_called_with_its_rows()
{
    const diffusion::schedule schedule("cosine steps=20");
    const auto model = diffusion::model::create_callback(reading, exact_network(schedule));
    const double time[] = {3.0, 7.5};
    const float x[] = {1.0f, -2.0f, 0.5f, 4.0f};
    float out[4];
    model.forward(x, time, out);
    for (std::size_t i = 0; i < 4; i++)
        CHECK_EQUAL(out[i], static_cast<float>(schedule.level(time[i / 2]).sigma) * x[i]);
    diffusion::evaluator evaluator(model, schedule, "elbo draws=2 seed=1");
    evaluator.run(std::vector<float>(20, 0.5f));
    CHECK(evaluator.value("k_bits") < 0.0);
}

static void a_network_in_double_sees_conditions()
{
    std::vector<std::int32_t> labels;
    std::vector<float> vectors;
    std::vector<int> observed;
    const auto model =
        diffusion::model::create_callback_double("shape=2 predict=x0 variance=fixed_small classes=3 condition=1",
                                                 [&](diffusion::span<const double> x, diffusion::span<const double>,
                                                     diffusion::condition_ref given, diffusion::span<double> out) {
                                                     labels.assign(given.labels().begin(), given.labels().end());
                                                     vectors.assign(given.vectors().begin(), given.vectors().end());
                                                     for (std::size_t i = 0; i < given.count(); i++)
                                                         for (std::uint8_t value : given.observed(i, 2))
                                                             observed.push_back(value);
                                                     for (std::size_t i = 0; i < x.size(); i++)
                                                         out[i] = x[i] / 2;
                                                 });
    const std::int32_t classes[] = {2, 0};
    diffusion::condition condition(classes);
    condition.set_vectors(std::vector<float>{0.25f, 0.75f}, 1);
    condition.set_observed(std::vector<std::uint8_t>{1, 0, 0, 1}, 2);
    float out[4];
    const double time[] = {1.0, 1.0};
    model.forward(std::vector<float>{2, 4, 6, 8}, time, out, condition);
    CHECK_EQUAL(out[3], 4.0f);
    CHECK(labels == std::vector<std::int32_t>({2, 0}));
    CHECK(vectors == std::vector<float>({0.25f, 0.75f}));
    CHECK(observed == std::vector<int>({1, 0, 0, 1}));
}

static void what_a_callback_throws_comes_out_of_the_call()
{
    const diffusion::schedule schedule("cosine steps=20");
    const auto broken = diffusion::model::create_callback(reading, [](auto &&...) -> void { throw refusal{11}; });
    diffusion::sampler over_broken(broken, schedule, "ddim seed=1");
    CHECK_EQUAL(refusal_of([&] { over_broken.run(2); }), 11);
    diffusion::evaluator evaluator(broken, schedule, "elbo seed=1");
    CHECK_EQUAL(refusal_of([&] { evaluator.run(std::vector<float>(4)); }), 11);

    diffusion::model model("mlp shape=2 width=8", 1);
    diffusion::sampler sampler(model, schedule, "ddim seed=1");
    const std::vector<float> before = sampler.run(3);
    sampler.set_progress([](std::int64_t done, std::int64_t) {
        if (done > 9)
            throw refusal{12};
    });
    CHECK_EQUAL(refusal_of([&] { sampler.run(3); }), 12);
    sampler.set_progress(nullptr);
    sampler.set_noise([](auto &&...) -> void { throw refusal{13}; });
    CHECK_EQUAL(refusal_of([&] { sampler.run(3); }), 13);
    sampler.set_noise(nullptr);
    sampler.set_guidance([](auto &&...) -> void { throw refusal{14}; });
    CHECK_EQUAL(refusal_of([&] { sampler.run(3); }), 14);
    sampler.set_guidance(nullptr);
    CHECK(sampler.run(3) == before);
}

static void what_a_callback_returns_is_the_status()
{
    const diffusion::schedule schedule("cosine steps=20");
    diffusion::model model("mlp shape=2 width=8", 1);
    diffusion::sampler sampler(model, schedule, "ddim seed=1");
    sampler.set_progress([](std::int64_t, std::int64_t) -> std::int32_t { return 7; });
    const diffusion::error error = error_of([&] { sampler.run(3); });
    CHECK_EQUAL(error.status(), 7);
    CHECK_EQUAL(std::string(error.name()), "callback");
    CHECK_EQUAL(std::string(error.what()), "progress: stopped by the callback (7)");
}

static void a_call_within_a_callback_has_its_own_failures()
{
    const diffusion::schedule schedule("cosine steps=20");
    diffusion::model model("mlp shape=2 width=8", 1);
    diffusion::sampler inner(model, schedule, "ddim seed=1"), outer(model, schedule, "ddim seed=1");
    inner.set_progress([](auto &&...) -> void { throw refusal{21}; });
    int caught = 0;
    outer.set_progress([&](std::int64_t, std::int64_t) { caught = refusal_of([&] { inner.run(1); }); });
    outer.run(3);
    CHECK_EQUAL(caught, 21);
    outer.set_progress([&](std::int64_t, std::int64_t) { outer.step(); });
    CHECK_EQUAL(error_of([&] { outer.run(3); }).status(), DIFFUSION_E_STATE);
    outer.set_progress([&](std::int64_t, std::int64_t) { diffusion::schedule("cosin"); });
    CHECK_EQUAL(error_of([&] { outer.run(3); }).status(), DIFFUSION_E_SPEC);
}

static void a_noise_and_a_guidance_see_their_rows()
{
    const diffusion::schedule schedule("cosine steps=20");
    const auto model = diffusion::model::create_callback(reading, exact_network(schedule));
    diffusion::sampler sampler(model, schedule, "ddim steps=5 seed=1");
    std::size_t draws = 0;
    sampler.set_noise([&](diffusion::span<double> values, std::int64_t sample, std::int32_t step) {
        CHECK_EQUAL(values.size(), 2u);
        CHECK_EQUAL(step, 21);
        for (double &value : values)
            value = static_cast<double>(sample);
        draws++;
    });
    std::size_t rows = 0;
    sampler.set_guidance([&](diffusion::span<const double> x, double, diffusion::span<double> gradient) {
        rows = x.size() / 2;
        for (double &value : gradient)
            value = 0.0;
    });
    const std::vector<float> x = sampler.run(3);
    CHECK_EQUAL(draws, 3u);
    CHECK_EQUAL(rows, 3u);
    CHECK_EQUAL(x[0], 0.0f);
    CHECK(x[4] > 1.0f);
}

static void callbacks_live_as_long_as_they_may_be_called()
{
    const auto token = std::make_shared<int>(5);
    {
        diffusion::schedule schedule("cosine steps=4");
        std::optional<diffusion::sampler> sampler;
        {
            const auto model = diffusion::model::create_callback(
                reading, [token](diffusion::span<const float>, auto, auto, diffusion::span<float> out) {
                    for (float &value : out)
                        value = static_cast<float>(*token) / 10;
                });
            sampler.emplace(model, schedule, "ddim seed=1");
        }
        schedule = diffusion::schedule();
        CHECK_EQUAL(sampler->run(2).size(), 4u);
        CHECK(token.use_count() > 1);
        int called = 0;
        sampler->set_progress([&called, &sampler, token](std::int64_t, std::int64_t) {
            sampler.reset(); // goes when the call ends
            called += *token;
        });
        sampler->run(2);
        CHECK(called > 0);
        CHECK(!sampler);
    }
    CHECK_EQUAL(token.use_count(), 1);
}

int main()
{
    a_network_is_called_with_its_rows();
    a_network_in_double_sees_conditions();
    what_a_callback_throws_comes_out_of_the_call();
    what_a_callback_returns_is_the_status();
    a_call_within_a_callback_has_its_own_failures();
    a_noise_and_a_guidance_see_their_rows();
    callbacks_live_as_long_as_they_may_be_called();
    return failures() != 0;
}
