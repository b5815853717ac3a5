/** span: std::span where the standard library has it (C++20), and what is needed of it before. */
#ifndef DIFFUSION_CPP_SPAN_HPP
#define DIFFUSION_CPP_SPAN_HPP

#include <cstddef>
#include <iterator>
#include <type_traits>
#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_span
#include <span>
#endif

/* Without exceptions failures are values, and so they are where a program defines DIFFUSION_ERROR_CODES. */
#if !defined(DIFFUSION_ERROR_CODES) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define DIFFUSION_ERROR_CODES
#endif

/* Parts of one program may be compiled in different ways; types that differ then have different names. */
#if defined(__cpp_lib_span) && defined(DIFFUSION_ERROR_CODES)
#define DIFFUSION_CPP_ABI cpp20_codes
#elif defined(__cpp_lib_span)
#define DIFFUSION_CPP_ABI cpp20
#elif defined(DIFFUSION_ERROR_CODES)
#define DIFFUSION_CPP_ABI cpp17_codes
#else
#define DIFFUSION_CPP_ABI cpp17
#endif

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{

#ifdef __cpp_lib_span

/** A run of values that lie one after another and belong to somebody else: std::span from C++20 on, before that a class
 * that is made and read as it is. */
template <class T> using span = std::span<T>;

#else

/** A run of values that lie one after another and belong to somebody else, as C++20's std::span. */
template <class T> class span
{
    template <class From>
    static constexpr bool suits = std::is_convertible_v<std::remove_pointer_t<From> (*)[], T (*)[]>;

  public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using iterator = T *;

    constexpr span() noexcept = default;
    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }
    /** Of an array or anything with data() and size(); of a temporary only to read. */
    template <class Range, class From = decltype(std::data(std::declval<Range &>())),
              class = decltype(std::size(std::declval<Range &>())),
              class = std::enable_if_t<suits<From> && (std::is_lvalue_reference_v<Range> || std::is_const_v<T>)>>
    constexpr span(Range &&range) : data_(std::data(range)), size_(std::size(range))
    {
    }

    constexpr T *data() const noexcept
    {
        return data_;
    }
    constexpr std::size_t size() const noexcept
    {
        return size_;
    }
    constexpr bool empty() const noexcept
    {
        return size_ == 0;
    }
    constexpr T *begin() const noexcept
    {
        return data_;
    }
    constexpr T *end() const noexcept
    {
        return data_ + size_;
    }
    constexpr T &operator[](std::size_t i) const
    {
        return data_[i];
    }
    constexpr span first(std::size_t count) const
    {
        return {data_, count};
    }
    constexpr span last(std::size_t count) const
    {
        return {data_ + (size_ - count), count};
    }
    constexpr span subspan(std::size_t offset) const
    {
        return {data_ + offset, size_ - offset};
    }
    constexpr span subspan(std::size_t offset, std::size_t count) const
    {
        return {data_ + offset, count};
    }

  private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

#endif

} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
