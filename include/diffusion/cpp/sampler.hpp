/** Draws from the reverse process, from x_T down to x_0. */
#ifndef DIFFUSION_CPP_SAMPLER_HPP
#define DIFFUSION_CPP_SAMPLER_HPP

#include <diffusion/cpp/model.hpp>
#include <diffusion/cpp/runtime.hpp>
#include <diffusion/sampler.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{
namespace detail
{

using guidance_function = std::function<std::int32_t(span<const double> x, double t, span<double> gradient)>;

struct guide {
    guidance_function function;
    std::size_t dim;
    explicit operator bool() const
    {
        return static_cast<bool>(function);
    }
};

inline std::int32_t call_guidance(const double *x, double t, std::size_t n, double *gradient, void *user)
{
    const auto &of = *static_cast<guide *>(user);
    return guarded([&] { return of.function({x, n * of.dim}, t, {gradient, n * of.dim}); });
}

} // namespace detail

/** A sampler, for one thread at a time. Samples and what is given are rows of dim values. */
class sampler : public detail::owner<detail::handle<diffusion_sampler>, diffusion_sampler, diffusion_sampler_free>
{
  public:
    using owner::owner;

    /** As diffusion_sampler_create(); model, its network too, and schedule are kept alive. */
    static result<sampler> create(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
    {
        diffusion_sampler *raw = nullptr;
        detail::outcome failure = detail::call(
            [&] { return diffusion_sampler_create(&raw, model.get(), schedule.get(), spec.c_str()); }, spec);
        sampler object(raw);
        object.kept_ = model.kept();
        object.dim_ = model.dim();
        return detail::finish(std::move(failure), object);
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    sampler(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
        : sampler(create(model, schedule, spec))
    {
    }
#endif
    /** As diffusion_sampler_set_noise(): (span<double> values, int64_t sample, int32_t step), or nullptr. */
    template <class Function> result<void> set_noise(Function function)
    {
        return detail::set_callback(
            callbacks_.noise, detail::wrap<span<double>, std::int64_t, std::int32_t>(std::move(function)),
            detail::call_noise,
            [&](diffusion_noise_fn *noise, void *user) { return diffusion_sampler_set_noise(get(), noise, user); });
    }
    /** As diffusion_sampler_set_progress(): (int64_t done, int64_t total), or nullptr. */
    template <class Function> result<void> set_progress(Function function)
    {
        return detail::set_callback(callbacks_.progress, detail::wrap<std::int64_t, std::int64_t>(std::move(function)),
                                    detail::call_progress, [&](diffusion_progress_fn *progress, void *user) {
                                        return diffusion_sampler_set_progress(get(), progress, user);
                                    });
    }
    /** As diffusion_sampler_set_guidance(): (span<const double> x, double t, span<double> gradient), or nullptr. */
    template <class Function> result<void> set_guidance(Function function)
    {
        return detail::set_callback(
            callbacks_.guidance,
            detail::guide{detail::wrap<span<const double>, double, span<double>>(std::move(function)), dim_},
            detail::call_guidance, [&](diffusion_guidance_fn *guidance, void *user) {
                return diffusion_sampler_set_guidance(get(), guidance, user);
            });
    }
    /** As diffusion_sampler_set_start(): copied. */
    result<void> set_start(span<const float> x)
    {
        return detail::finish(detail::call([&] { return diffusion_sampler_set_start(get(), x.data(), rows_in(x)); },
                                           detail::whole_rows("x", x.size(), dim_)));
    }
    /** The same in double. */
    result<void> set_start(span<const double> x)
    {
        return detail::finish(
            detail::call([&] { return diffusion_sampler_set_start_double(get(), x.data(), rows_in(x)); },
                         detail::whole_rows("x", x.size(), dim_)));
    }
    /** As diffusion_sampler_set_known(): inpainting; the mask is other than 0 where a value is known; copied. */
    result<void> set_known(span<const float> x0, span<const std::uint8_t> mask)
    {
        return detail::finish(
            detail::call([&] { return diffusion_sampler_set_known(get(), x0.data(), mask.data(), rows_in(x0)); },
                         detail::whole_rows("x0", x0.size(), dim_), detail::exactly("mask", mask.size(), x0.size())));
    }
    /** As diffusion_sampler_set_observed(): denoising; copied. */
    result<void> set_observed(span<const float> y, double noise)
    {
        return detail::finish(
            detail::call([&] { return diffusion_sampler_set_observed(get(), y.data(), noise, rows_in(y)); },
                         detail::whole_rows("y", y.size(), dim_)));
    }
    /** First states are drawn. */
    result<void> clear_start()
    {
        return detail::finish(detail::call([&] { return diffusion_sampler_set_start(get(), nullptr, 0); }));
    }
    /** Nothing is known. */
    result<void> clear_known()
    {
        return detail::finish(detail::call([&] { return diffusion_sampler_set_known(get(), nullptr, nullptr, 0); }));
    }
    /** Nothing is observed. */
    result<void> clear_observed()
    {
        return detail::finish(detail::call([&] { return diffusion_sampler_set_observed(get(), nullptr, 1, 0); }));
    }
    /** As diffusion_sampler_run(): fills x0 with as many samples as it has rows. */
    result<void> run(span<float> x0, const condition_ref &condition = {})
    {
        const auto held = std::make_pair(kept_, callbacks_);
        return detail::finish(
            detail::call([&] { return diffusion_sampler_run(get(), condition.get(), rows_in(x0), x0.data()); },
                         detail::whole_rows("x0", x0.size(), dim_)));
    }
    /** n samples, [n, dim]. */
    result<std::vector<float>> run(std::size_t n, const condition_ref &condition = {})
    {
        std::vector<float> x0(n * dim_);
        const auto held = std::make_pair(kept_, callbacks_);
        return detail::finish(detail::call([&] { return diffusion_sampler_run(get(), condition.get(), n, x0.data()); }),
                              x0);
    }
    /** As diffusion_sampler_begin(): n samples step by step, until time() is 0. */
    result<void> begin(std::size_t n, const condition_ref &condition = {})
    {
        const auto held = std::make_pair(kept_, callbacks_);
        return detail::finish(detail::call([&] { return diffusion_sampler_begin(get(), condition.get(), n); }));
    }
    /** As diffusion_sampler_step(). */
    result<void> step()
    {
        const auto held = std::make_pair(kept_, callbacks_);
        return detail::finish(detail::call([&] { return diffusion_sampler_step(get()); }));
    }
    /** Where the chain stands: T..0. */
    result<double> time() const
    {
        double t = 0;
        return detail::finish(detail::call([&] { return diffusion_sampler_state(get(), nullptr, &t); }), t);
    }
    /** x_t, [n, dim] of begin(). */
    result<void> state(span<float> x) const
    {
        std::vector<std::int64_t> chain(rows_in(x)); /* refuses another n */
        detail::outcome failure =
            detail::call([&] { return diffusion_sampler_evaluations(get(), chain.data(), chain.size()); },
                         detail::whole_rows("x", x.size(), dim_));
        if (!failure)
            failure = detail::call([&] { return diffusion_sampler_state(get(), x.data(), nullptr); });
        return detail::finish(std::move(failure));
    }
    /** As diffusion_sampler_evaluations(): of the model for each sample, [n]. */
    result<void> evaluations(span<std::int64_t> evaluations) const
    {
        return detail::finish(
            detail::call([&] { return diffusion_sampler_evaluations(get(), evaluations.data(), evaluations.size()); }));
    }
    /** The complete spec. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_sampler_spec(get()));
    }
    /** The sentence of the last long call of this handle that failed, whichever thread made it; "" if none. */
    std::string error() const
    {
        return diffusion_sampler_error(get());
    }

  private:
    template <class Real> std::size_t rows_in(span<Real> values) const
    {
        return detail::rows_in(values.size(), dim_);
    }
    struct callbacks {
        std::shared_ptr<detail::noise_function> noise;
        std::shared_ptr<detail::progress_function> progress;
        std::shared_ptr<detail::guide> guidance;
    };
    callbacks callbacks_;
    std::size_t dim_ = 0;
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
