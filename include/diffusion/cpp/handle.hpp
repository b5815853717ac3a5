/**
 * Handles: those that own free what they hold, those that borrow (…_ref) are copied as pointers are. Every class has
 * get(), the handle for functions of C, and is false as a condition where it holds none. An object that is made of a
 * handle of C takes it over; release() gives it away, and the caller frees it:
 *
 *     diffusion::model model(raw);
 *     diffusion_model_free(model.release());
 */
#ifndef DIFFUSION_CPP_HANDLE_HPP
#define DIFFUSION_CPP_HANDLE_HPP

#include <diffusion/cpp/error.hpp>
#include <memory>

namespace diffusion
{
inline namespace DIFFUSION_CPP_ABI
{
namespace detail
{

/* A handle of C, to read, and the callbacks that it needs. */
template <class C> class handle
{
  public:
    handle() = default;
    explicit handle(const C *raw) noexcept : raw_(raw)
    {
    }
    /** For functions of C; the object stays the owner. */
    const C *get() const noexcept
    {
        return raw_;
    }
    explicit operator bool() const noexcept
    {
        return raw_ != nullptr;
    }
    /* Whatever reads the handle later keeps these alive with it. */
    const std::shared_ptr<const void> &kept() const noexcept
    {
        return kept_;
    }

  protected:
    const C *raw_ = nullptr;
    std::shared_ptr<const void> kept_;
};

/* A handle of C that is freed with its object. */
template <class Reference, class C, void (*Free)(C *)> class owner : public Reference
{
  public:
    owner() = default;
    /** Takes over a handle that a function of C has made. */
    explicit owner(C *raw) noexcept
    {
        this->raw_ = raw;
    }
    owner(owner &&other) noexcept : Reference(std::exchange(static_cast<Reference &>(other), Reference()))
    {
    }
    owner &operator=(owner &&other) noexcept
    {
        owner old(std::move(other));
        std::swap(static_cast<Reference &>(*this), static_cast<Reference &>(old));
        return *this;
    }
    ~owner()
    {
        Free(get());
    }
    using Reference::get;
    C *get() noexcept
    {
        return const_cast<C *>(this->raw_);
    }
    /** Gives the handle away: the caller frees it, and keeps its callbacks alive until then. */
    C *release() noexcept
    {
        return const_cast<C *>(std::exchange(this->raw_, nullptr));
    }
};

/* An object of the handle that `create` makes. */
template <class Object, class C, class Create, class... Required>
result<Object> make(Create &&create, const Required &...required)
{
    C *raw = nullptr;
    outcome failure = call([&] { return create(&raw); }, required...);
    Object object(raw);
    return finish(std::move(failure), object);
}

/* A text of the library's, if there is one. */
inline std::optional<std::string> text(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

inline std::string text_or_empty(const char *text)
{
    return text == nullptr ? std::string() : std::string(text);
}

} // namespace detail
} // namespace DIFFUSION_CPP_ABI
} // namespace diffusion

#endif
