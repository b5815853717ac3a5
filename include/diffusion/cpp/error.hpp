/**
 * How failures come back: thrown as diffusion::error, or, where DIFFUSION_ERROR_CODES is defined before the header is
 * included (and always under -fno-exceptions), as the value of each function, a diffusion::result.
 */
#ifndef DIFFUSION_CPP_ERROR_HPP
#define DIFFUSION_CPP_ERROR_HPP

#include <diffusion/cpp/span.hpp>
#include <diffusion/status.h>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace diffusion
{

/** A failure: the library's sentence, its number (DIFFUSION_E_SPEC, or a callback's own value) and that number's name.
 */
class error : public std::runtime_error
{
  public:
    /** A failure with that number and sentence, which what() gives back. */
    error(diffusion_status status, const std::string &sentence) : std::runtime_error(sentence), status_(status)
    {
    }
    /** A code of status.h, or what a callback returned. */
    diffusion_status status() const noexcept
    {
        return status_;
    }
    /** As diffusion_status_name(). */
    const char *name() const noexcept
    {
        return diffusion_status_name(status_);
    }

  private:
    diffusion_status status_;
};

inline namespace DIFFUSION_CPP_ABI
{

#ifdef DIFFUSION_ERROR_CODES

/** What a function gives, or why it does not. To look at the value of a failure ends the program. */
template <class T> class [[nodiscard]] result
{
  public:
    result(T value) : content_(std::move(value))
    {
    }
    result(diffusion::error failure) : content_(std::move(failure))
    {
    }
    explicit operator bool() const noexcept
    {
        return content_.index() == 0;
    }
    T &operator*() &
    {
        return std::get<0>(content_);
    }
    T &&operator*() &&
    {
        return std::get<0>(std::move(content_));
    }
    T *operator->()
    {
        return &std::get<0>(content_);
    }
    const diffusion::error &error() const
    {
        return std::get<1>(content_);
    }

  private:
    std::variant<T, diffusion::error> content_;
};

template <> class [[nodiscard]] result<void>
{
  public:
    result() = default;
    result(diffusion::error failure) : failure_(std::move(failure))
    {
    }
    explicit operator bool() const noexcept
    {
        return !failure_.has_value();
    }
    const diffusion::error &error() const
    {
        return *failure_;
    }

  private:
    std::optional<diffusion::error> failure_;
};

#else

/** What a function gives; failures are thrown. With DIFFUSION_ERROR_CODES a class instead, which holds the value or why
 * there is none: explicit operator bool, operator* and operator-> for the value, error() for the failure. */
template <class T> using result = T;

#endif

namespace detail
{

using outcome = std::optional<error>;

/* What a function gives: the value that a call has filled, unless that failed. */
template <class T> result<T> finish(outcome failure, T &value)
{
    if (failure)
#ifdef DIFFUSION_ERROR_CODES
        return std::move(*failure);
#else
        throw std::move(*failure);
#endif
    return std::move(value);
}

inline result<void> finish(outcome failure)
{
    if (failure)
#ifdef DIFFUSION_ERROR_CODES
        return std::move(*failure);
    return {};
#else
        throw std::move(*failure);
#endif
}

/* What has to hold before the library is called: it is told pointers, and here are lengths. */
struct length {
    const char *name;
    std::size_t given, wanted;
    bool rows; /* any number of them, each of `wanted` values */
};

inline length exactly(const char *name, std::size_t given, std::size_t wanted)
{
    return {name, given, wanted, false};
}

inline length whole_rows(const char *name, std::size_t given, std::size_t dim)
{
    return {name, given, dim, true};
}

/* How many whole rows that is. */
inline std::size_t rows_in(std::size_t given, std::size_t dim)
{
    return dim == 0 ? 0 : given / dim;
}

inline outcome unmet(const length &of)
{
    if (of.rows && of.wanted != 0 ? of.given % of.wanted == 0 : of.given == of.wanted)
        return {};
    return error(DIFFUSION_E_SHAPE, std::string(of.name) + " holds " + std::to_string(of.given) + " values, expected " +
                                        (of.rows ? "rows of " : "") + std::to_string(of.wanted));
}

/* The library's texts end at a NUL. */
inline outcome unmet(const std::string &text)
{
    const std::size_t at = text.find('\0');
    if (at == std::string::npos)
        return {};
    return error(DIFFUSION_E_ARGUMENT, "a text holds a NUL character at " + std::to_string(at));
}

/* The exception that stopped a callback within this thread's running call. */
inline std::exception_ptr &thrown()
{
    static thread_local std::exception_ptr exception;
    return exception;
}

/* One call of the library, which a callback of another may have made. */
class frame
{
  public:
    frame() : outer_(std::exchange(thrown(), nullptr))
    {
    }
    frame(const frame &) = delete;
    frame &operator=(const frame &) = delete;
    ~frame()
    {
        thrown() = std::move(outer_);
    }
    void rethrow() const
    {
        if (thrown())
            std::rethrow_exception(std::exchange(thrown(), nullptr));
    }

  private:
    std::exception_ptr outer_;
};

/* Calls the library by `function` if all that is required holds. What a callback threw is thrown on. */
template <class Function, class... Required> outcome call(Function &&function, const Required &...required)
{
    outcome failure;
    if ((... || (failure = unmet(required)).has_value()))
        return failure;
    const frame running;
    const diffusion_status status = function();
    if (status != DIFFUSION_OK) {
        running.rethrow();
        failure.emplace(status, diffusion_last_error());
    }
    return failure;
}

} // namespace detail
} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
