// The same from C++, by diffusion.hpp.
#include <diffusion.hpp>
#include <iostream>

int main()
try {
    const diffusion::schedule schedule("linear steps=10");
    const diffusion::model model("mlp shape=2 width=8 depth=1", 1);
    const std::vector<float> x(2, 0.5f);
    const double t = schedule.steps();
    std::vector<float> out(model.outputs());
    model.forward(x, {&t, 1}, out);
    std::cout << "headers " << DIFFUSION_VERSION_MAJOR << '.' << DIFFUSION_VERSION_MINOR << '.'
              << DIFFUSION_VERSION_PATCH << " library " << diffusion::version() << '\n';
} catch (const diffusion::error &error) {
    std::cerr << error.what() << '\n';
    return 1;
}
