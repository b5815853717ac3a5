/**
 * Callbacks: any function object that is called with the arguments said and returns nothing, or an int32_t of which any
 * but 0 stops the call, which then fails with that number as its status. What it throws stops the call too, and comes
 * out of it. Whatever holds one keeps a copy for as long as it may be called.
 */
#ifndef DIFFUSION_CPP_CALLBACK_HPP
#define DIFFUSION_CPP_CALLBACK_HPP

#include <cstdint>
#include <diffusion/cpp/error.hpp>
#include <functional>
#include <memory>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{
namespace detail
{

/* The caller's function as one that returns a status; nullptr is none. */
template <class... Arguments, class Function> std::function<std::int32_t(Arguments...)> wrap(Function function)
{
    if constexpr (std::is_null_pointer_v<Function>) {
        return nullptr;
    } else {
        using given = std::invoke_result_t<Function &, Arguments...>;
        static_assert(std::is_void_v<given> || std::is_same_v<given, std::int32_t>,
                      "a callback returns nothing, or an int32_t of which any but 0 stops the call");
        return [function = std::move(function)](Arguments... arguments) mutable -> std::int32_t {
            if constexpr (std::is_void_v<given>) {
                function(arguments...);
                return 0;
            } else {
                return function(arguments...);
            }
        };
    }
}

/* Runs a callback on behalf of C, through which no exception may pass. */
template <class Function> std::int32_t guarded(Function &&function) noexcept
{
#ifdef __cpp_exceptions
    try {
        return function();
    } catch (...) {
        thrown() = std::current_exception();
        return 1;
    }
#else
    return function();
#endif
}

using progress_function = std::function<std::int32_t(std::int64_t done, std::int64_t total)>;
using noise_function = std::function<std::int32_t(span<double> values, std::int64_t sample, std::int32_t step)>;

inline std::int32_t call_progress(std::int64_t done, std::int64_t total, void *user)
{
    return guarded([&] { return (*static_cast<progress_function *>(user))(done, total); });
}

inline std::int32_t call_noise(double *values, std::size_t count, std::int64_t sample, std::int32_t step, void *user)
{
    return guarded([&] { return (*static_cast<noise_function *>(user))({values, count}, sample, step); });
}

/* Gives the library a callback, by `set` (its function, or NULL, and its user), and keeps it where that succeeds. */
template <class Function, class C, class Set>
result<void> set_callback(std::shared_ptr<Function> &kept, Function function, C *trampoline, Set &&set)
{
    const auto next = function ? std::make_shared<Function>(std::move(function)) : nullptr;
    outcome failure = call([&] { return set(next ? trampoline : nullptr, static_cast<void *>(next.get())); });
    if (!failure)
        kept = next;
    return finish(std::move(failure));
}

} // namespace detail
} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
