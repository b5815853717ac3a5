/* Facts, each a function that checks some values; those that do not hold are printed, and counted. */
#ifndef TESTS_CPP_CHECK_HPP
#define TESTS_CPP_CHECK_HPP

#include <cstdio>
#include <sstream>
#include <string>

inline int &failures()
{
    static int count = 0;
    return count;
}

template <class Got, class Wanted>
void check_equal(const Got &got, const Wanted &wanted, const char *what, const char *file, int line)
{
    if (got == wanted)
        return;
    std::ostringstream text;
    text << file << ":" << line << ": " << what << " is '" << got << "', expected '" << wanted << "'\n";
    std::fputs(text.str().c_str(), stderr);
    failures()++;
}

#define CHECK_EQUAL(got, wanted) check_equal(got, wanted, #got, __FILE__, __LINE__)
#define CHECK(condition) check_equal(static_cast<bool>(condition), true, #condition, __FILE__, __LINE__)

#ifndef DIFFUSION_ERROR_CODES
/* Calls a function and gives the diffusion::error that it throws. */
template <class Function> diffusion::error error_of(Function &&function)
{
    try {
        function();
    } catch (const diffusion::error &error) {
        return error;
    }
    return diffusion::error(0, "nothing was thrown");
}
#endif

#endif
