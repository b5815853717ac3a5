#include "math/sine_cosine.h"

#include "base/vector.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const float whole_from = 8388608.0f; /* 2^23: floats from there on are whole */
static const float magic = 12582912.0f;     /* 1.5 * 2^23: adding it rounds a small number to a whole one */

static inline uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float with_sign(float x, uint32_t sign)
{
    uint32_t bits = bits_of(x) ^ sign;
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

/* Of an angle in turns, so that whole ones fall away without rounding; then in quarters of a turn around the nearest,
 * Cephes' polynomials up to pi / 4. Written so that a NaN stays one, and infinity becomes one. */
static inline void at(float *sine, float *cosine, float turns)
{
    float size = fabsf(turns), whole = size + whole_from - whole_from;
    float rest = 4.0f * (size - (size >= whole_from ? size : whole)), shifted = rest + magic;
    uint32_t quarters = bits_of(shifted);
    float a = (rest - (shifted - magic)) * 1.57079633f, b = a * a;
    float s = a + a * b * (-1.6666654611e-1f + b * (8.3321608736e-3f - b * 1.9515295891e-4f));
    float c =
        1.0f - 0.5f * b + b * b * (4.166664568298827e-2f + b * (-1.388731625493765e-3f + b * 2.443315711809948e-5f));
    float across = (quarters & 1) != 0 ? c : s, along = (quarters & 1) != 0 ? s : c;
    *sine = with_sign(across, (quarters << 30 & 0x80000000u) ^ (bits_of(turns) & 0x80000000u));
    *cosine = with_sign(along, (quarters + 1) << 30 & 0x80000000u);
}

VECTOR_CLONES void sine_cosine(float *restrict sine, float *restrict cosine, const float *restrict x, float frequency,
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        at(&sine[i], &cosine[i], 0.5f * frequency * x[i]);
}
