/** What belongs to the process or thread: version, threads, log, memory, and the help texts of specs. */
#ifndef DIFFUSION_CPP_RUNTIME_HPP
#define DIFFUSION_CPP_RUNTIME_HPP

#include <diffusion/cpp/callback.hpp>
#include <diffusion/cpp/handle.hpp>
#include <diffusion/runtime.h>
#include <diffusion/version.h>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

/** As diffusion_version(): of the library that is loaded, "major.minor.patch". */
inline std::string version()
{
    return diffusion_version();
}

/** As diffusion_blas_core(): the kernels of OpenBLAS in use. */
inline std::string blas_core()
{
    return diffusion_blas_core();
}

/** As diffusion_blas_threading(): "serial", "pthreads" or "openmp". */
inline std::string blas_threading()
{
    return diffusion_blas_threading();
}

/** As diffusion_threads(): how many this thread's calls use. */
inline std::int32_t threads()
{
    return diffusion_threads();
}

/** As diffusion_set_threads(), for this thread's calls; 0 for the default. */
inline result<void> set_threads(std::int32_t count)
{
    return detail::finish(detail::call([&] { return diffusion_set_threads(count); }));
}

/** As diffusion_set_parameter_limit(). */
inline result<void> set_parameter_limit(std::size_t count)
{
    return detail::finish(detail::call([&] { return diffusion_set_parameter_limit(count); }));
}

/** As diffusion_set_allocator(): functions of C, before anything else is called. */
inline result<void> set_allocator(diffusion_allocate_fn *allocate, diffusion_release_fn *release, void *user = nullptr)
{
    return detail::finish(detail::call([&] { return diffusion_set_allocator(allocate, release, user); }));
}

/**
 * As diffusion_set_log(): (const char *level, const char *message) for warnings of all threads, or nullptr for silence.
 * There is nothing that could come out of: an exception ends the program.
 */
template <class Function> void set_log(Function function)
{
    using log_function = std::function<void(const char *, const char *)>;
    static std::shared_ptr<log_function> kept;
    const auto call = [](const char *level, const char *message, void *user) noexcept {
        (*static_cast<log_function *>(user))(level, message);
    };
    if constexpr (std::is_null_pointer_v<Function>) {
        diffusion_set_log(nullptr, nullptr);
        kept = nullptr;
    } else {
        const auto next = std::make_shared<log_function>(std::move(function));
        diffusion_set_log(call, next.get());
        kept = next;
    }
}

/** As diffusion_help(): every kind, key, default and range of "schedule", "model", "trainer", … */
inline result<std::string> help(const std::string &topic)
{
    std::size_t needed = 1;
    detail::outcome failure = detail::call([&] { return diffusion_help(topic.c_str(), nullptr, 0, &needed); }, topic);
    std::string text(needed, '\0');
    if (!failure)
        failure = detail::call([&] { return diffusion_help(topic.c_str(), text.data(), needed, nullptr); });
    text.pop_back(); /* the terminator */
    return detail::finish(std::move(failure), text);
}

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
