/** The reverse process p(x_{t-1} | x_t): a network of the library's or of the program's, and how its output is read. */
#ifndef DIFFUSION_CPP_MODEL_HPP
#define DIFFUSION_CPP_MODEL_HPP

#include <diffusion/cpp/callback.hpp>
#include <diffusion/cpp/model_ref.hpp>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{
namespace detail
{

/* A network of the program's: (x [n, dim], time [n], condition, out [n, outputs]). */
template <class Real> struct network {
    std::function<std::int32_t(span<const Real>, span<const double>, condition_ref, span<Real>)> function;
    std::size_t dim = 0, outputs = 0;
};

template <class Real>
std::int32_t call_network(const Real *x, const double *time, const diffusion_condition *condition, std::size_t n,
                          Real *out, void *user)
{
    const auto &of = *static_cast<network<Real> *>(user);
    return guarded([&] {
        return of.function({x, n * of.dim}, {time, n}, condition_ref(condition), {out, n * of.outputs});
    });
}

} // namespace detail

/** A model. Any number of threads may use one that none changes. */
class model : public detail::owner<model_ref, diffusion_model, diffusion_model_free>
{
  public:
    using owner::owner;

    /** As diffusion_model_create(), of a spec such as "mlp shape=2 width=128 depth=3 predict=epsilon". */
    static result<model> create(const std::string &spec, std::uint64_t seed)
    {
        return detail::make<model, diffusion_model>(
            [&](diffusion_model **out) { return diffusion_model_create(out, spec.c_str(), seed); }, spec);
    }
    /**
     * As diffusion_model_create_callback(): the network is `function`, called with x, [n, dim], times, [n], the
     * conditions of these n samples, and out to fill, [n, outputs]; see callback.hpp.
     */
    template <class Function> static result<model> create_callback(const std::string &spec, Function function)
    {
        return of_network<float>(spec, std::move(function), diffusion_model_create_callback);
    }
    /** The same in double. */
    template <class Function> static result<model> create_callback_double(const std::string &spec, Function function)
    {
        return of_network<double>(spec, std::move(function), diffusion_model_create_callback_double);
    }
    /** As diffusion_model_load(): a file, or a folder of diffusers. */
    static result<model> load(const std::string &path)
    {
        return detail::make<model, diffusion_model>(
            [&](diffusion_model **out) { return diffusion_model_load(out, path.c_str()); }, path);
    }
    /** As diffusion_model_load_memory(). */
    static result<model> load_memory(span<const unsigned char> bytes)
    {
        return detail::make<model, diffusion_model>(
            [&](diffusion_model **out) { return diffusion_model_load_memory(out, bytes.data(), bytes.size()); });
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    model(const std::string &spec, std::uint64_t seed) : model(create(spec, seed))
    {
    }
#endif
    /** As diffusion_model_set_parameter(): row-major, as many values as the parameter has. */
    result<void> set_parameter(const std::string &name, span<const float> values)
    {
        return detail::finish(detail::call(
            [&] { return diffusion_model_set_parameter(get(), name.c_str(), values.data(), values.size()); }, name));
    }
    /** As diffusion_model_set_metadata(): a text stored with the model. */
    result<void> set_metadata(const std::string &key, const std::string &value)
    {
        return detail::finish(
            detail::call([&] { return diffusion_model_set_metadata(get(), key.c_str(), value.c_str()); }, key, value));
    }
    /** Takes such a text away. */
    result<void> remove_metadata(const std::string &key)
    {
        return detail::finish(
            detail::call([&] { return diffusion_model_set_metadata(get(), key.c_str(), nullptr); }, key));
    }
    /** As diffusion_model_set_moments(): [T] each; without errors it is taken that the model knows the mean. */
    result<void> set_moments(const schedule_ref &schedule, const diffusion::moments &of)
    {
        const auto steps = static_cast<std::size_t>(schedule.steps());
        return detail::finish(detail::call(
            [&] {
                return diffusion_model_set_moments(get(), schedule.get(), of.noise.data(),
                                                   of.error.empty() ? nullptr : of.error.data(), of.data_variance);
            },
            detail::exactly("noise", of.noise.size(), steps),
            detail::exactly("error", of.error.size(), of.error.empty() ? 0 : steps)));
    }
    /** Takes the moments away. */
    result<void> clear_moments(const schedule_ref &schedule)
    {
        return detail::finish(
            detail::call([&] { return diffusion_model_set_moments(get(), schedule.get(), nullptr, nullptr, 0); }));
    }

  private:
    template <class Real, class Function, class Create>
    static result<model> of_network(const std::string &spec, Function function, Create &&create)
    {
        const auto of = std::make_shared<detail::network<Real>>();
        of->function =
            detail::wrap<span<const Real>, span<const double>, condition_ref, span<Real>>(std::move(function));
        diffusion_model *raw = nullptr;
        detail::outcome failure = detail::call(
            [&] { return create(&raw, spec.c_str(), of->function ? detail::call_network<Real> : nullptr, of.get()); },
            spec);
        model object(raw);
        of->dim = object.dim();
        of->outputs = object.outputs();
        object.kept_ = of;
        return detail::finish(std::move(failure), object);
    }
};

/** As diffusion_prediction_convert(): what `output` says of x_t, both [count], rewritten as another prediction. */
inline result<void> convert_prediction(const schedule_ref &schedule, double t, const std::string &from,
                                       const std::string &to, span<const double> x, span<const double> output,
                                       span<double> out)
{
    return detail::finish(detail::call(
        [&] {
            return diffusion_prediction_convert(schedule.get(), t, from.c_str(), to.c_str(), x.data(), output.data(),
                                                x.size(), out.data());
        },
        from, to, detail::exactly("output", output.size(), x.size()), detail::exactly("out", out.size(), x.size())));
}

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
