/** Codes discrete data without loss, in as many bits as the bound K says that it has. */
#ifndef DIFFUSION_CPP_CODER_HPP
#define DIFFUSION_CPP_CODER_HPP

#include <diffusion/coder.h>
#include <diffusion/cpp/model.hpp>
#include <diffusion/cpp/runtime.hpp>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** What diffusion_coder_decode() gives. */
struct decoded {
    std::vector<float> x0;            /**< [n, dim]. */
    std::vector<std::int32_t> labels; /**< [n], -1 for none. */
};

/** A coder and what it has coded or loaded; for one thread at a time while it runs. */
class coder : public detail::owner<detail::handle<diffusion_coder>, diffusion_coder, diffusion_coder_free>
{
  public:
    using owner::owner;

    /** As diffusion_coder_create(); model, its network too, and schedule are kept alive. */
    static result<coder> create(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
    {
        return of_model(
            model,
            [&](diffusion_coder **out) {
                return diffusion_coder_create(out, model.get(), schedule.get(), spec.c_str());
            },
            spec);
    }
    /** As diffusion_coder_load(): of a file that save() wrote, by the same model and schedule. */
    static result<coder> load(const model_ref &model, const schedule_ref &schedule, const std::string &path)
    {
        return of_model(
            model,
            [&](diffusion_coder **out) { return diffusion_coder_load(out, model.get(), schedule.get(), path.c_str()); },
            path);
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    coder(const model_ref &model, const schedule_ref &schedule, const std::string &spec)
        : coder(create(model, schedule, spec))
    {
    }
#endif
    /** As diffusion_coder_set_progress(): (int64_t done, int64_t total), or nullptr. */
    template <class Function> result<void> set_progress(Function function)
    {
        return detail::set_callback(progress_, detail::wrap<std::int64_t, std::int64_t>(std::move(function)),
                                    detail::call_progress, [&](diffusion_progress_fn *progress, void *user) {
                                        return diffusion_coder_set_progress(get(), progress, user);
                                    });
    }
    /** As diffusion_coder_encode(): rows of dim values, in place of what was coded before. */
    result<void> encode(span<const float> x0, const condition_ref &condition = {})
    {
        const auto held = std::make_pair(kept_, progress_);
        return detail::finish(detail::call(
            [&] { return diffusion_coder_encode(get(), x0.data(), condition.get(), detail::rows_in(x0.size(), dim_)); },
            detail::whole_rows("x0", x0.size(), dim_)));
    }
    /** As diffusion_coder_decode(): all that has been coded. */
    result<decoded> decode()
    {
        const auto held = std::make_pair(kept_, progress_);
        double samples = 0;
        decoded data;
        detail::outcome failure = detail::call([&] { return diffusion_coder_value(get(), "samples", &samples); });
        const auto n = static_cast<std::size_t>(samples);
        data.x0.resize(n * dim_);
        data.labels.resize(n);
        if (!failure)
            failure =
                detail::call([&] { return diffusion_coder_decode(get(), data.x0.data(), data.labels.data(), n); });
        return detail::finish(std::move(failure), data);
    }
    /** As diffusion_coder_value(): "bytes", "bits_per_dimension" and the like. */
    result<double> value(const std::string &quantity) const
    {
        double value = 0;
        return detail::finish(
            detail::call([&] { return diffusion_coder_value(get(), quantity.c_str(), &value); }, quantity), value);
    }
    /** As diffusion_coder_save(). */
    result<void> save(const std::string &path)
    {
        const auto held = std::make_pair(kept_, progress_);
        return detail::finish(detail::call([&] { return diffusion_coder_save(get(), path.c_str()); }, path));
    }
    /** The complete spec. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_coder_spec(get()));
    }
    /** The sentence of the last long call of this handle that failed, whichever thread made it; "" if none. */
    std::string error() const
    {
        return diffusion_coder_error(get());
    }

  private:
    template <class Create>
    static result<coder> of_model(const model_ref &model, Create &&create, const std::string &text)
    {
        diffusion_coder *raw = nullptr;
        detail::outcome failure = detail::call([&] { return create(&raw); }, text);
        coder object(raw);
        object.kept_ = model.kept();
        object.dim_ = model.dim();
        return detail::finish(std::move(failure), object);
    }
    std::shared_ptr<detail::progress_function> progress_;
    std::size_t dim_ = 0;
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
