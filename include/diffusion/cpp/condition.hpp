/** What each sample of a batch is conditioned on: a class, a vector, which of its values are observed. */
#ifndef DIFFUSION_CPP_CONDITION_HPP
#define DIFFUSION_CPP_CONDITION_HPP

#include <diffusion/condition.h>
#include <diffusion/cpp/handle.hpp>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** Conditions that somebody else owns, or none at all. The spans live until what they show is set again. */
class condition_ref : public detail::handle<diffusion_condition>
{
  public:
    using handle::handle;

    /** Samples. */
    std::size_t count() const
    {
        return diffusion_condition_count(get());
    }
    /** [n]; empty where none are set. */
    span<const std::int32_t> labels() const
    {
        const std::int32_t *values = diffusion_condition_labels(get());
        return {values, values == nullptr ? 0 : count()};
    }
    /** Of a vector; 0 where none are set. */
    std::size_t width() const
    {
        std::size_t width = 0;
        diffusion_condition_vectors(get(), &width);
        return width;
    }
    /** [n, width]; empty where none are set. */
    span<const float> vectors() const
    {
        std::size_t width = 0;
        const float *values = diffusion_condition_vectors(get(), &width);
        return {values, values == nullptr ? 0 : count() * width};
    }
    /** Row i of dim values of the mask, other than 0 where the value is observed; empty where nothing is said. */
    span<const std::uint8_t> observed(std::size_t i, std::size_t dim) const
    {
        const std::uint8_t *values = diffusion_condition_observed(get());
        return {values == nullptr ? nullptr : values + i * dim, values == nullptr ? 0 : dim};
    }
};

/** The conditions of n samples. */
class condition : public detail::owner<condition_ref, diffusion_condition, diffusion_condition_free>
{
  public:
    using owner::owner;

    /** As diffusion_condition_create(): for n samples, with nothing set. */
    static result<condition> create(std::size_t n)
    {
        return detail::make<condition, diffusion_condition>(
            [&](diffusion_condition **out) { return diffusion_condition_create(out, n); });
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    explicit condition(std::size_t n) : condition(create(n))
    {
    }
    /** Of as many samples as labels. */
    explicit condition(span<const std::int32_t> labels) : condition(labels.size())
    {
        set_labels(labels);
    }
#endif
    /** As diffusion_condition_set_labels(): [n], -1 for a sample without one; copied. */
    result<void> set_labels(span<const std::int32_t> labels)
    {
        return detail::finish(detail::call([&] { return diffusion_condition_set_labels(get(), labels.data()); },
                                           detail::exactly("labels", labels.size(), count())));
    }
    /** As diffusion_condition_set_vectors(): [n, width]; copied. */
    result<void> set_vectors(span<const float> vectors, std::size_t width)
    {
        return detail::finish(
            detail::call([&] { return diffusion_condition_set_vectors(get(), vectors.data(), width); },
                         detail::exactly("vectors", vectors.size(), count() * width)));
    }
    /** As diffusion_condition_set_observed(): [n, dim], other than 0 where the value is observed; copied. */
    result<void> set_observed(span<const std::uint8_t> observed, std::size_t dim)
    {
        return detail::finish(
            detail::call([&] { return diffusion_condition_set_observed(get(), observed.data(), dim); },
                         detail::exactly("observed", observed.size(), count() * dim)));
    }
    /** No sample has a label. */
    result<void> clear_labels()
    {
        return detail::finish(detail::call([&] { return diffusion_condition_set_labels(get(), nullptr); }));
    }
    /** No sample has a vector. */
    result<void> clear_vectors()
    {
        return detail::finish(detail::call([&] { return diffusion_condition_set_vectors(get(), nullptr, 0); }));
    }
    /** Nothing is said of which values are observed. */
    result<void> clear_observed()
    {
        return detail::finish(detail::call([&] { return diffusion_condition_set_observed(get(), nullptr, 0); }));
    }
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
