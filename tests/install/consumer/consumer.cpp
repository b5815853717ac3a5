// The same from C++: handles in unique_ptr, the headers included among the standard library's.
#include <diffusion.h>
#include <iostream>
#include <memory>
#include <vector>

template <class Object> struct release {
    void (*free)(Object *);
    void operator()(Object *object) const
    {
        free(object);
    }
};

int main()
{
    diffusion_schedule *made = nullptr;
    if (diffusion_schedule_create(&made, "linear steps=10") != DIFFUSION_OK)
        return 1;
    const std::unique_ptr<diffusion_schedule, release<diffusion_schedule>> schedule(made, {diffusion_schedule_free});

    diffusion_model *network = nullptr;
    if (diffusion_model_create(&network, "mlp shape=2 width=8 depth=1", 1) != DIFFUSION_OK)
        return 1;
    const std::unique_ptr<diffusion_model, release<diffusion_model>> model(network, {diffusion_model_free});

    const std::vector<float> x(2, 0.5f);
    const double t = diffusion_schedule_steps(schedule.get());
    std::vector<float> out(diffusion_model_outputs(model.get()));
    if (diffusion_model_forward(model.get(), x.data(), &t, nullptr, 1, out.data()) != DIFFUSION_OK) {
        std::cerr << diffusion_last_error() << '\n';
        return 1;
    }
    std::cout << "headers " << DIFFUSION_VERSION_MAJOR << '.' << DIFFUSION_VERSION_MINOR << '.'
              << DIFFUSION_VERSION_PATCH << " library " << diffusion_version() << '\n';
}
