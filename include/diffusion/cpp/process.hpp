/** The closed forms of process.h on spans; lengths that do not fit one another are refused. */
#ifndef DIFFUSION_CPP_PROCESS_HPP
#define DIFFUSION_CPP_PROCESS_HPP

#include <diffusion/cpp/schedule.hpp>
#include <diffusion/process.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** As diffusion_forward_sample(): x_t, [n, dim], of x_0 and noise at steps t, [n]. */
inline result<void> forward_sample(const schedule_ref &schedule, span<const std::int32_t> t, span<const float> x0,
                                   span<const float> noise, span<float> xt)
{
    const std::size_t n = t.size(), dim = detail::rows_in(x0.size(), n);
    return detail::finish(detail::call(
        [&] { return diffusion_forward_sample(schedule.get(), t.data(), x0.data(), noise.data(), n, dim, xt.data()); },
        detail::exactly("x0", x0.size(), n * dim), detail::exactly("noise", noise.size(), n * dim),
        detail::exactly("xt", xt.size(), n * dim)));
}

/** As diffusion_forward_step(): x_t of x_{t-1} and noise, rows of dim values. */
inline result<void> forward_step(const schedule_ref &schedule, std::int32_t t, span<const float> previous,
                                 span<const float> noise, std::size_t dim, span<float> xt)
{
    return detail::finish(detail::call(
        [&] {
            return diffusion_forward_step(schedule.get(), t, previous.data(), noise.data(),
                                          detail::rows_in(previous.size(), dim), dim, xt.data());
        },
        detail::whole_rows("previous", previous.size(), dim), detail::exactly("noise", noise.size(), previous.size()),
        detail::exactly("xt", xt.size(), previous.size())));
}

/** As diffusion_forward_trajectory(): x_1..x_T, [T, n, dim], of x_0, rows of dim values, and noise, [T, n, dim]. */
inline result<void> forward_trajectory(const schedule_ref &schedule, span<const float> x0, span<const float> noise,
                                       std::size_t dim, span<float> x)
{
    const std::size_t all = static_cast<std::size_t>(schedule.steps()) * x0.size();
    return detail::finish(detail::call(
        [&] {
            return diffusion_forward_trajectory(schedule.get(), x0.data(), noise.data(),
                                                detail::rows_in(x0.size(), dim), dim, x.data());
        },
        detail::whole_rows("x0", x0.size(), dim), detail::exactly("noise", noise.size(), all),
        detail::exactly("x", x.size(), all)));
}

/** As diffusion_marginal(): mean and variance of q(x_t | x_0), or rate and its variance. */
inline result<void> marginal(const schedule_ref &schedule, std::int32_t t, span<const double> x0, span<double> mean,
                             span<double> variance)
{
    return detail::finish(detail::call(
        [&] { return diffusion_marginal(schedule.get(), t, x0.data(), x0.size(), mean.data(), variance.data()); },
        detail::exactly("mean", mean.size(), x0.size()), detail::exactly("variance", variance.size(), x0.size())));
}

/** As diffusion_posterior(): mean and variance of q(x_{t-1} | x_t, x_0), or rate and its variance. */
inline result<void> posterior(const schedule_ref &schedule, std::int32_t t, span<const double> x0,
                              span<const double> xt, span<double> mean, span<double> variance)
{
    return detail::finish(detail::call(
        [&] {
            return diffusion_posterior(schedule.get(), t, x0.data(), xt.data(), x0.size(), mean.data(),
                                       variance.data());
        },
        detail::exactly("xt", xt.size(), x0.size()), detail::exactly("mean", mean.size(), x0.size()),
        detail::exactly("variance", variance.size(), x0.size())));
}

/** As diffusion_gaussian_kl(), nats. */
inline result<double> gaussian_kl(span<const double> mean1, span<const double> variance1, span<const double> mean2,
                                  span<const double> variance2)
{
    double nats = 0;
    return detail::finish(detail::call(
                              [&] {
                                  return diffusion_gaussian_kl(mean1.data(), variance1.data(), mean2.data(),
                                                               variance2.data(), mean1.size(), &nats);
                              },
                              detail::exactly("variance1", variance1.size(), mean1.size()),
                              detail::exactly("mean2", mean2.size(), mean1.size()),
                              detail::exactly("variance2", variance2.size(), mean1.size())),
                          nats);
}

/** As diffusion_bernoulli_kl(), nats. */
inline result<double> bernoulli_kl(span<const double> rate1, span<const double> rate2)
{
    double nats = 0;
    return detail::finish(
        detail::call([&] { return diffusion_bernoulli_kl(rate1.data(), rate2.data(), rate1.size(), &nats); },
                     detail::exactly("rate2", rate2.size(), rate1.size())),
        nats);
}

/** As diffusion_discretized_log_likelihood(): nats of every value, [count]; cdf is "normal" or "tanh". */
inline result<std::vector<double>> discretized_log_likelihood(const std::string &cdf, span<const double> x,
                                                              span<const double> mean, span<const double> variance,
                                                              std::int32_t levels)
{
    std::vector<double> nats(x.size());
    return detail::finish(detail::call(
                              [&] {
                                  return diffusion_discretized_log_likelihood(cdf.c_str(), x.data(), mean.data(),
                                                                              variance.data(), x.size(), levels,
                                                                              nats.data());
                              },
                              cdf, detail::exactly("mean", mean.size(), x.size()),
                              detail::exactly("variance", variance.size(), x.size())),
                          nats);
}

/** As diffusion_entropy(), nats, of "step", "marginal" or "posterior"; of the last alone `second` is looked at. */
inline result<double> entropy(const schedule_ref &schedule, const std::string &which, std::int32_t t,
                              span<const double> first, span<const double> second = {})
{
    double nats = 0;
    const std::size_t wanted = which == "posterior" || !second.empty() ? first.size() : 0;
    return detail::finish(detail::call(
                              [&] {
                                  return diffusion_entropy(schedule.get(), which.c_str(), t, first.data(),
                                                           second.data(), first.size(), &nats);
                              },
                              which, detail::exactly("second", second.size(), wanted)),
                          nats);
}

/** Bounds in nats per dimension. */
struct bounds {
    double lower; /**< What it is at least, */
    double upper; /**< and at most. */
};

/** As diffusion_entropy_bounds(): of H(X_{t-1} | X_t). */
inline result<bounds> entropy_bounds(const schedule_ref &schedule, std::int32_t t)
{
    bounds of{};
    return detail::finish(
        detail::call([&] { return diffusion_entropy_bounds(schedule.get(), t, &of.lower, &of.upper); }), of);
}

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
