/** Measures models on data, and samples against data. */
#ifndef DIFFUSION_CPP_EVALUATOR_HPP
#define DIFFUSION_CPP_EVALUATOR_HPP

#include <diffusion/cpp/model.hpp>
#include <diffusion/cpp/runtime.hpp>
#include <diffusion/evaluator.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** Figures and their standard errors, of every step or sample. */
struct figures {
    std::vector<double> bits;           /**< The figures. */
    std::vector<double> standard_error; /**< Of each. */
};

/** An evaluator, for one thread at a time while it runs. Data is rows of dim values. */
class evaluator
    : public detail::owner<detail::handle<diffusion_evaluator>, diffusion_evaluator, diffusion_evaluator_free>
{
  public:
    using owner::owner;

    /** As diffusion_evaluator_create(); model, its network too, and schedule are kept alive. */
    static result<evaluator> create(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
    {
        diffusion_evaluator *raw = nullptr;
        detail::outcome failure = detail::call(
            [&] { return diffusion_evaluator_create(&raw, model.get(), schedule.get(), spec.c_str()); }, spec);
        evaluator object(raw);
        object.kept_ = model.kept();
        object.dim_ = model.dim();
        object.steps_ = static_cast<std::size_t>(schedule.steps());
        return detail::finish(std::move(failure), object);
    }
    /** Of a kind that measures samples, whoever drew them. */
    static result<evaluator> create(const std::string &spec)
    {
        return create(model_ref(), schedule_ref(), spec);
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    evaluator(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
        : evaluator(create(model, schedule, spec))
    {
    }
    /** Likewise, of a kind that measures samples. */
    explicit evaluator(const std::string &spec) : evaluator(create(spec))
    {
    }
#endif
    /** As diffusion_evaluator_set_noise(): (span<double> values, int64_t sample, int32_t step), or nullptr. */
    template <class Function> result<void> set_noise(Function function)
    {
        return detail::set_callback(
            callbacks_.noise, detail::wrap<span<double>, std::int64_t, std::int32_t>(std::move(function)),
            detail::call_noise,
            [&](diffusion_noise_fn *noise, void *user) { return diffusion_evaluator_set_noise(get(), noise, user); });
    }
    /** As diffusion_evaluator_set_progress(): (int64_t done, int64_t total), or nullptr. */
    template <class Function> result<void> set_progress(Function function)
    {
        return detail::set_callback(callbacks_.progress, detail::wrap<std::int64_t, std::int64_t>(std::move(function)),
                                    detail::call_progress, [&](diffusion_progress_fn *progress, void *user) {
                                        return diffusion_evaluator_set_progress(get(), progress, user);
                                    });
    }
    /** As diffusion_evaluator_set_reference(): what is run is measured against these rows; copied. */
    result<void> set_reference(span<const float> samples, std::size_t dim)
    {
        detail::outcome failure = detail::call(
            [&] {
                return diffusion_evaluator_set_reference(get(), samples.data(), detail::rows_in(samples.size(), dim),
                                                         dim);
            },
            detail::whole_rows("samples", samples.size(), dim));
        if (!failure)
            dim_ = dim;
        return detail::finish(std::move(failure));
    }
    /** As diffusion_evaluator_run(). */
    result<void> run(span<const float> x0, const condition_ref &condition = {})
    {
        const auto held = std::make_pair(kept_, callbacks_);
        /* Without a dimension there is no reference, which the library says. */
        const std::size_t dim = dim_ != 0 ? dim_ : x0.size();
        return detail::finish(detail::call(
            [&] { return diffusion_evaluator_run(get(), x0.data(), condition.get(), detail::rows_in(x0.size(), dim)); },
            detail::whole_rows("x0", x0.size(), dim)));
    }
    /** As diffusion_evaluator_value(): "k_bits" and the like, of the last run. */
    result<double> value(const std::string &quantity) const
    {
        double value = 0;
        return detail::finish(
            detail::call([&] { return diffusion_evaluator_value(get(), quantity.c_str(), &value); }, quantity), value);
    }
    /** As diffusion_evaluator_terms(): of every step, [T]. */
    result<figures> terms() const
    {
        figures of{std::vector<double>(steps_), std::vector<double>(steps_)};
        return detail::finish(
            detail::call([&] { return diffusion_evaluator_terms(get(), of.bits.data(), of.standard_error.data()); }),
            of);
    }
    /** As diffusion_evaluator_samples(): of each of the last run's n samples. */
    result<figures> samples(std::size_t n) const
    {
        figures of{std::vector<double>(n), std::vector<double>(n)};
        return detail::finish(detail::call([&] {
                                  return diffusion_evaluator_samples(get(), of.bits.data(), of.standard_error.data(),
                                                                     n);
                              }),
                              of);
    }
    /** As diffusion_evaluator_neighbours(): the nearest row of the reference of each of the last run's n samples. */
    result<std::vector<std::int64_t>> neighbours(std::size_t n) const
    {
        std::vector<std::int64_t> rows(n);
        return detail::finish(detail::call([&] { return diffusion_evaluator_neighbours(get(), rows.data(), n); }),
                              rows);
    }
    /** As diffusion_evaluator_moments(), for model::set_moments(). */
    result<diffusion::moments> moments() const
    {
        diffusion::moments of{std::vector<double>(steps_), std::vector<double>(steps_), 0};
        return detail::finish(detail::call([&] {
                                  const diffusion_status status =
                                      diffusion_evaluator_moments(get(), of.noise.data(), of.error.data());
                                  return status != DIFFUSION_OK
                                             ? status
                                             : diffusion_evaluator_value(get(), "data_variance", &of.data_variance);
                              }),
                              of);
    }
    /** The complete spec. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_evaluator_spec(get()));
    }
    /** The sentence of the last long call of this handle that failed, whichever thread made it; "" if none. */
    std::string error() const
    {
        return diffusion_evaluator_error(get());
    }

  private:
    struct callbacks {
        std::shared_ptr<detail::noise_function> noise;
        std::shared_ptr<detail::progress_function> progress;
    };
    callbacks callbacks_;
    std::size_t dim_ = 0, steps_ = 0;
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
