/** Models as they are read: what is said and asked of one that somebody else may own. */
#ifndef DIFFUSION_CPP_MODEL_REF_HPP
#define DIFFUSION_CPP_MODEL_REF_HPP

#include <diffusion/cpp/condition.hpp>
#include <diffusion/cpp/schedule.hpp>
#include <diffusion/model.h>
#include <diffusion/moments.h>
#include <diffusion/scaling.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** What diffusion_model_set_moments() stores: [T] each, and the data's variance. Empty where there are none. */
struct moments {
    std::vector<double> noise; /**< Of the model's noise squared, for each value. */
    std::vector<double> error; /**< Of its error squared. */
    double data_variance = 0;  /**< Of the data, in the model's units. */
};

/** A model that somebody else owns, such as trainer::model(). */
class model_ref : public detail::handle<diffusion_model>
{
  public:
    using handle::handle;

    /** Values in a sample. */
    std::size_t dim() const
    {
        return diffusion_model_dim(get());
    }
    /** Values of the network for one. */
    std::size_t outputs() const
    {
        return diffusion_model_outputs(get());
    }
    /** Classes that it can be told; 0 for none. */
    std::int32_t classes() const
    {
        return diffusion_model_classes(get());
    }
    /** The complete spec. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_model_spec(get()));
    }
    /** Of one sample, such as 28, 28, 1. */
    result<std::vector<std::int64_t>> shape() const
    {
        return sizes([&](std::int64_t *shape, std::size_t capacity, std::size_t *rank) {
            return diffusion_model_shape(get(), shape, capacity, rank);
        });
    }
    /** As diffusion_model_save(). */
    result<void> save(const std::string &path) const
    {
        return detail::finish(detail::call([&] { return diffusion_model_save(get(), path.c_str()); }, path));
    }
    /** As diffusion_model_save_diffusers(). */
    result<void> save_diffusers(const schedule_ref &schedule, const std::string &path) const
    {
        return detail::finish(
            detail::call([&] { return diffusion_model_save_diffusers(get(), schedule.get(), path.c_str()); }, path));
    }
    /** As diffusion_model_save_memory(): the bytes of the file. */
    result<std::vector<unsigned char>> save_memory() const
    {
        std::size_t size = 0;
        detail::outcome failure = detail::call([&] { return diffusion_model_save_memory(get(), nullptr, 0, &size); });
        std::vector<unsigned char> bytes(size);
        if (!failure)
            failure = detail::call([&] { return diffusion_model_save_memory(get(), bytes.data(), size, nullptr); });
        return detail::finish(std::move(failure), bytes);
    }
    /** As diffusion_model_forward(): the network's output, [n, outputs], of x, [n, dim], at times, [n]. */
    result<void> forward(span<const float> x, span<const double> time, span<float> out,
                         const condition_ref &condition = {}) const
    {
        const auto held = kept_;
        return detail::finish(detail::call(
            [&] {
                return diffusion_model_forward(get(), x.data(), time.data(), condition.get(), time.size(), out.data());
            },
            detail::exactly("x", x.size(), time.size() * dim()),
            detail::exactly("out", out.size(), time.size() * outputs())));
    }
    /** As diffusion_model_predict(): mean and variance of p(x_{t-1} | x_t), [n, dim]; an empty variance is left out. */
    result<void> predict(const schedule_ref &schedule, span<const float> x, span<const std::int32_t> t,
                         span<float> mean, span<float> variance = {}, const condition_ref &condition = {}) const
    {
        const auto held = kept_;
        const std::size_t size = t.size() * dim();
        return detail::finish(detail::call(
            [&] {
                return diffusion_model_predict(get(), schedule.get(), x.data(), t.data(), condition.get(), t.size(),
                                               mean.data(), variance.empty() ? nullptr : variance.data());
            },
            detail::exactly("x", x.size(), size), detail::exactly("mean", mean.size(), size),
            detail::exactly("variance", variance.size(), variance.empty() ? 0 : size)));
    }
    /** How many parameters it has. */
    std::size_t parameter_count() const
    {
        return diffusion_model_parameter_count(get());
    }
    /** The name of one, by which its shape and values are asked for; nothing for an index out of range. */
    std::optional<std::string> parameter_name(std::size_t index) const
    {
        return detail::text(diffusion_model_parameter_name(get(), index));
    }
    /** As diffusion_model_parameter_shape(). */
    result<std::vector<std::int64_t>> parameter_shape(const std::string &name) const
    {
        return sizes(
            [&](std::int64_t *shape, std::size_t capacity, std::size_t *rank) {
                return diffusion_model_parameter_shape(get(), name.c_str(), shape, capacity, rank);
            },
            name);
    }
    /** As diffusion_model_parameter(): its values, row-major. */
    result<void> parameter(const std::string &name, span<float> values) const
    {
        return detail::finish(detail::call(
            [&] { return diffusion_model_parameter(get(), name.c_str(), values.data(), values.size()); }, name));
    }
    /** A text stored with the model. */
    std::optional<std::string> metadata(const std::string &key) const
    {
        return detail::text(diffusion_model_metadata(get(), key.c_str()));
    }
    /** As diffusion_model_moments(). */
    result<diffusion::moments> moments() const
    {
        std::size_t steps = 0;
        diffusion::moments of;
        detail::outcome failure =
            detail::call([&] { return diffusion_model_moments(get(), nullptr, nullptr, nullptr, 0, &steps); });
        of.noise.resize(steps);
        of.error.resize(steps);
        if (!failure && steps > 0)
            failure = detail::call([&] {
                return diffusion_model_moments(get(), of.noise.data(), of.error.data(), &of.data_variance, steps,
                                               &steps);
            });
        return detail::finish(std::move(failure), of);
    }
    /** As diffusion_model_from_data(): [n, dim] of the data's units to the model's numbers. */
    result<void> from_data(span<const double> values, span<float> x) const
    {
        return detail::finish(detail::call(
            [&] {
                return diffusion_model_from_data(get(), values.data(), detail::rows_in(values.size(), dim()), x.data());
            },
            detail::whole_rows("values", values.size(), dim()), detail::exactly("x", x.size(), values.size())));
    }
    /** As diffusion_model_to_data(): and back. */
    result<void> to_data(span<const float> x, span<double> values) const
    {
        return detail::finish(detail::call(
            [&] { return diffusion_model_to_data(get(), x.data(), detail::rows_in(x.size(), dim()), values.data()); },
            detail::whole_rows("x", x.size(), dim()), detail::exactly("values", values.size(), x.size())));
    }
    /** As diffusion_model_scaling(): "shift", "scale", … of every value of a sample, [dim]. */
    result<std::vector<double>> scaling(const std::string &quantity) const
    {
        std::vector<double> values(dim());
        return detail::finish(
            detail::call([&] { return diffusion_model_scaling(get(), quantity.c_str(), values.data()); }, quantity),
            values);
    }

  private:
    template <class Ask, class... Required>
    static result<std::vector<std::int64_t>> sizes(Ask &&ask, const Required &...required)
    {
        std::size_t rank = 0;
        detail::outcome failure = detail::call([&] { return ask(nullptr, 0, &rank); }, required...);
        std::vector<std::int64_t> shape(rank);
        if (!failure && rank > 0)
            failure = detail::call([&] { return ask(shape.data(), rank, &rank); });
        return detail::finish(std::move(failure), shape);
    }
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
