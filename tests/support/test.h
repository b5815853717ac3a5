/* What every test program needs: cmocka, and closeness that prints both sides. */
#ifndef SUPPORT_TEST_H
#define SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <diffusion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The system's own part of a sentence, which Windows tells in the language of its user. */
#if defined(_WIN32)
#define BECAUSE(reason) ""
#else
#define BECAUSE(reason) reason
#endif

/* Fails with the sentence if a call that should succeed does not. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        diffusion_status assert_ok_status = (call);                                                                    \
        if (assert_ok_status != DIFFUSION_OK)                                                                          \
            fail_msg("%s returned %d: %s", #call, (int)assert_ok_status, diffusion_last_error());                      \
    } while (0)

/* The call fails with this status, and its sentence holds this text. */
#define assert_refused(call, expected_status, expected_text)                                                           \
    do {                                                                                                               \
        diffusion_status refused_status = (call);                                                                      \
        if (refused_status != (expected_status) || strstr(diffusion_last_error(), (expected_text)) == NULL)            \
            fail_msg("%s returned %d: '%s', expected %d and '%s'", #call, (int)refused_status, diffusion_last_error(), \
                     (int)(expected_status), (expected_text));                                                         \
    } while (0)

/* |got - truth| <= relative * |truth| + absolute; not for NaN. Infinities must be equal. */
static inline void assert_close(double got, double truth, double relative, double absolute)
{
    double difference = got == truth ? 0.0 : fabs(got - truth);
    if (!(difference <= relative * fabs(truth) + absolute))
        fail_msg("got %.17g, truth %.17g, difference %.3g, allowed %.3g", got, truth, difference,
                 relative * fabs(truth) + absolute);
}

#endif
