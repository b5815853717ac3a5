// Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: digits.c in
// C++17.
//
//     gunzip -c data/digits.csv.gz >digits.csv
//     digits-cpp digits.csv
//
// A row is 64 grey values 0..16 and the digit that they show.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <diffusion.hpp>
#include <fstream>
#include <numeric>
#include <sstream>

constexpr std::size_t dim = 64, classes = 10, held_out = 297, batch = 64;
constexpr int steps = 3000;

struct table {
    std::vector<float> images; // [rows, dim], grey values brought to -1..1
    std::vector<std::int32_t> digits;

    std::size_t rows() const
    {
        return digits.size();
    }
};

static table read_table(const char *path)
{
    std::ifstream file(path);
    if (!file)
        throw std::runtime_error(std::string(path) + ": cannot be opened");
    table data;
    for (std::string line; std::getline(file, line);) {
        std::replace(line.begin(), line.end(), ',', ' ');
        std::istringstream values(line);
        float grey = 0;
        std::int32_t digit = 0;
        for (std::size_t i = 0; i < dim && values >> grey; i++)
            data.images.push_back(grey / 8 - 1);
        if (!(values >> digit))
            throw std::runtime_error(std::string(path) + ": row " + std::to_string(data.rows() + 1) + " has not " +
                                     std::to_string(dim + 1) + " values");
        data.digits.push_back(digit);
    }
    if (data.rows() <= held_out)
        throw std::runtime_error(std::string(path) + ": " + std::to_string(data.rows()) + " rows, but the last " +
                                 std::to_string(held_out) + " are held out");
    return data;
}

static void train(diffusion::trainer &trainer, const table &data, std::size_t rows)
{
    std::array<std::int64_t, batch> chosen;
    std::vector<float> x0(batch * dim);
    std::array<std::int32_t, batch> labels;
    diffusion::condition condition(batch);
    for (int step = 1; step <= steps; step++) {
        trainer.draw(static_cast<std::int64_t>(rows), chosen);
        for (std::size_t i = 0; i < batch; i++) {
            const auto row = static_cast<std::size_t>(chosen[i]);
            std::copy_n(&data.images[row * dim], dim, &x0[i * dim]);
            labels[i] = data.digits[row];
        }
        condition.set_labels(labels);
        const double loss = trainer.step(x0, condition);
        if (step % 500 == 0)
            std::printf("step %d  loss %.6f\n", step, loss);
    }
}

// One of each class, side by side in two rows of five.
static void draw(const diffusion::model_ref &model, const diffusion::schedule &schedule)
{
    std::array<std::int32_t, classes> labels;
    std::iota(labels.begin(), labels.end(), 0);
    diffusion::sampler sampler(model, schedule, "ddim steps=20 seed=7");
    const std::vector<float> x = sampler.run(classes, diffusion::condition(labels));
    for (std::size_t line = 0; line < 16; line++) {
        for (std::size_t column = 0; column < 40; column++) {
            const float value = x[(line / 8 * 5 + column / 8) * dim + line % 8 * 8 + column % 8];
            std::putchar(value < -0.5f ? ' ' : value < 0 ? '.' : value < 0.5f ? 'o' : '@');
        }
        std::putchar('\n');
    }
}

// The lower bound K on log2 p(data), a mean over the rows held out.
static void measure(const diffusion::model_ref &model, const diffusion::schedule &schedule, const table &data,
                    std::size_t first)
{
    diffusion::evaluator evaluator(model, schedule, "elbo draws=1 seed=1");
    const diffusion::span<const float> images(data.images);
    const diffusion::span<const std::int32_t> digits(data.digits);
    evaluator.run(images.subspan(first * dim), diffusion::condition(digits.subspan(first)));
    std::printf("K = %.12f bits, standard error %.12f\n", evaluator.value("k_bits"),
                evaluator.value("standard_error_bits"));
}

int main(int argc, char **argv)
try {
    if (argc != 2)
        throw std::runtime_error("usage: digits digits.csv");
    const table data = read_table(argv[1]);
    const std::size_t first = data.rows() - held_out;
    const diffusion::schedule schedule("cosine steps=50");
    diffusion::model model("mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range", 1);
    diffusion::trainer trainer(model, schedule, "objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1");
    train(trainer, data, first);
    draw(trainer.model(), schedule);
    measure(trainer.model(), schedule, data, first);
} catch (const std::exception &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
}
