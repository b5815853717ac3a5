/** The forward process q: its kernel, and how much it diffuses at each of the steps t = 1..T. */
#ifndef DIFFUSION_CPP_SCHEDULE_HPP
#define DIFFUSION_CPP_SCHEDULE_HPP

#include <diffusion/cpp/handle.hpp>
#include <diffusion/schedule.h>
#include <vector>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** x_t = signal x_0 + sigma epsilon; log_snr = 2 log(signal / sigma). */
struct noise_level {
    double signal;  /**< Of x_0 in x_t. */
    double sigma;   /**< Of the noise. */
    double log_snr; /**< Falls with t. */
};

/** A schedule that somebody else owns. */
class schedule_ref : public detail::handle<diffusion_schedule>
{
  public:
    using handle::handle;

    /** T. */
    std::int32_t steps() const
    {
        return diffusion_schedule_steps(get());
    }
    /** The complete spec: made again from it, a schedule has the same bits. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_schedule_spec(get()));
    }
    /** As diffusion_schedule_values(): one quantity ("beta", "alpha_bar", "log_snr", …), [T], that of step t at t - 1.
     */
    result<std::vector<double>> values(const std::string &quantity) const
    {
        std::vector<double> values(static_cast<std::size_t>(steps()));
        return detail::finish(
            detail::call([&] { return diffusion_schedule_values(get(), quantity.c_str(), values.data()); }, quantity),
            values);
    }
    /** As diffusion_schedule_level(): the noise level at any time 0..T. */
    result<noise_level> level(double t) const
    {
        noise_level at{};
        return detail::finish(
            detail::call([&] { return diffusion_schedule_level(get(), t, &at.signal, &at.sigma, &at.log_snr); }), at);
    }
    /** As diffusion_schedule_time(): the time at which the log SNR has come down to a value. */
    result<double> time(double log_snr) const
    {
        double t = 0;
        return detail::finish(detail::call([&] { return diffusion_schedule_time(get(), log_snr, &t); }), t);
    }
};

/** A schedule; any number of threads may use it. */
class schedule : public detail::owner<schedule_ref, diffusion_schedule, diffusion_schedule_free>
{
  public:
    using owner::owner;

    /** As diffusion_schedule_create(), of a spec such as "cosine steps=1000". */
    static result<schedule> create(const std::string &spec)
    {
        return detail::make<schedule, diffusion_schedule>(
            [&](diffusion_schedule **out) { return diffusion_schedule_create(out, spec.c_str()); }, spec);
    }
    /** As diffusion_schedule_create_from_betas(): T of them, and keys of the kernel. */
    static result<schedule> from_betas(span<const double> betas, const std::string &spec = "")
    {
        /* Above what the library takes it says so itself. */
        const auto steps = static_cast<std::int32_t>(betas.size() < INT32_MAX ? betas.size() : INT32_MAX);
        return detail::make<schedule, diffusion_schedule>(
            [&](diffusion_schedule **out) {
                return diffusion_schedule_create_from_betas(out, betas.data(), steps, spec.c_str());
            },
            spec);
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    explicit schedule(const std::string &spec) : schedule(create(spec))
    {
    }
#endif
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
