/** Fits a model's reverse process to data. */
#ifndef DIFFUSION_CPP_TRAINER_HPP
#define DIFFUSION_CPP_TRAINER_HPP

#include <diffusion/cpp/model.hpp>
#include <diffusion/trainer.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** A trainer, for one thread at a time. Data is rows of dim values. */
class trainer : public detail::owner<detail::handle<diffusion_trainer>, diffusion_trainer, diffusion_trainer_free>
{
  public:
    using owner::owner;

    /** As diffusion_trainer_create(): changes the model in place, which is kept alive. */
    static result<trainer> create(diffusion::model &model, const schedule_ref &schedule, const std::string &spec)
    {
        return detail::make<trainer, diffusion_trainer>(
            [&](diffusion_trainer **out) {
                return diffusion_trainer_create(out, model.get(), schedule.get(), spec.c_str());
            },
            spec);
    }
    /** As diffusion_trainer_resume(): goes on from a checkpoint to the same bits. */
    static result<trainer> resume(const std::string &path)
    {
        return detail::make<trainer, diffusion_trainer>(
            [&](diffusion_trainer **out) { return diffusion_trainer_resume(out, path.c_str()); }, path);
    }
    /** As diffusion_trainer_average(): of some snapshots of one run, and how far from the average wanted it is. */
    static result<diffusion::model> average(span<const std::string> snapshots, double width, double *error = nullptr)
    {
        std::vector<const char *> paths;
        std::string all;
        for (const std::string &path : snapshots) {
            paths.push_back(path.c_str());
            all += path;
        }
        return detail::make<diffusion::model, diffusion_model>(
            [&](diffusion_model **out) {
                return diffusion_trainer_average(out, paths.data(), paths.size(), width, error);
            },
            all);
    }
#ifndef DIFFUSION_ERROR_CODES
    /** The same as create(); a failure is thrown. */
    trainer(diffusion::model &model, const schedule_ref &schedule, const std::string &spec)
        : trainer(create(model, schedule, spec))
    {
    }
#endif
    /** As diffusion_trainer_draw(): which of `count` samples the next step should train on. */
    result<void> draw(std::int64_t count, span<std::int64_t> indices) const
    {
        return detail::finish(
            detail::call([&] { return diffusion_trainer_draw(get(), count, indices.size(), indices.data()); }));
    }
    /** As diffusion_trainer_step(): takes one, and gives the loss before it. */
    result<double> step(span<const float> x0, const condition_ref &condition = {})
    {
        double loss = 0;
        return detail::finish(
            detail::call([&] { return diffusion_trainer_step(get(), x0.data(), condition.get(), rows_of(x0), &loss); },
                         whole(x0)),
            loss);
    }
    /** As diffusion_trainer_gradient(): the loss and gradient of the next step, which is not taken. */
    result<double> gradient(span<const float> x0, span<float> gradient, const condition_ref &condition = {})
    {
        double loss = 0;
        return detail::finish(detail::call(
                                  [&] {
                                      return diffusion_trainer_gradient(get(), x0.data(), condition.get(), rows_of(x0),
                                                                        &loss, gradient.data(), gradient.size());
                                  },
                                  whole(x0)),
                              loss);
    }
    /** As diffusion_trainer_loss(): of samples that are not trained on. */
    result<double> loss(span<const float> x0, std::uint64_t first, const condition_ref &condition = {})
    {
        double loss = 0;
        return detail::finish(
            detail::call(
                [&] { return diffusion_trainer_loss(get(), x0.data(), condition.get(), rows_of(x0), first, &loss); },
                whole(x0)),
            loss);
    }
    /** As diffusion_trainer_change(): rate, decay, steps and batch in mid-run. */
    result<void> change(const std::string &spec)
    {
        return detail::finish(detail::call([&] { return diffusion_trainer_change(get(), spec.c_str()); }, spec));
    }
    /** Steps taken so far. */
    std::int64_t steps() const
    {
        return diffusion_trainer_steps(get());
    }
    /** The learning rate of the next. */
    double rate() const
    {
        return diffusion_trainer_rate(get());
    }
    /** The complete spec. */
    std::string spec() const
    {
        return detail::text_or_empty(diffusion_trainer_spec(get()));
    }
    /** The sentence of the last long call of this handle that failed, whichever thread made it; "" if none. */
    std::string error() const
    {
        return diffusion_trainer_error(get());
    }
    /** A text that is stored with checkpoints. */
    std::optional<std::string> metadata(const std::string &key) const
    {
        return detail::text(diffusion_trainer_metadata(get(), key.c_str()));
    }
    /** As diffusion_trainer_set_metadata(). */
    result<void> set_metadata(const std::string &key, const std::string &value)
    {
        return detail::finish(detail::call(
            [&] { return diffusion_trainer_set_metadata(get(), key.c_str(), value.c_str()); }, key, value));
    }
    /** Takes such a text away. */
    result<void> remove_metadata(const std::string &key)
    {
        return detail::finish(
            detail::call([&] { return diffusion_trainer_set_metadata(get(), key.c_str(), nullptr); }, key));
    }
    /** As diffusion_trainer_save(): a checkpoint. */
    result<void> save(const std::string &path) const
    {
        return detail::finish(detail::call([&] { return diffusion_trainer_save(get(), path.c_str()); }, path));
    }
    /** As diffusion_trainer_save_snapshot(), for average(). */
    result<void> save_snapshot(const std::string &path) const
    {
        return detail::finish(detail::call([&] { return diffusion_trainer_save_snapshot(get(), path.c_str()); }, path));
    }
    /** The model with averaged weights; lives as long as the trainer and changes with every step. */
    model_ref model() const
    {
        return model_ref(diffusion_trainer_model(get()));
    }
    /** The schedule as it stands; lives until the next step. */
    schedule_ref schedule() const
    {
        return schedule_ref(diffusion_trainer_schedule(get()));
    }

  private:
    std::size_t rows_of(span<const float> x0) const
    {
        return detail::rows_in(x0.size(), model().dim());
    }
    detail::length whole(span<const float> x0) const
    {
        return detail::whole_rows("x0", x0.size(), model().dim());
    }
};

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
