#include "evaluate/line.h"

#include <string.h>

/* The bits of floats are in the order of their values once the negative ones are turned round. */
uint64_t line_item(float value, uint32_t mark)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;
    return (uint64_t)bits << 32 | mark;
}

float line_value(uint64_t item)
{
    uint32_t bits = (uint32_t)(item >> 32);
    float value;
    bits ^= bits >> 31 ? 0x80000000u : 0xffffffffu;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint32_t line_mark(uint64_t item)
{
    return (uint32_t)item;
}

enum { DIGIT = 8, DIGITS = 4, VALUES = 1 << DIGIT }; /* bits of a digit, digits of a value */

static unsigned digit_of(uint64_t item, int digit)
{
    return (unsigned)(item >> (32 + DIGIT * digit)) % VALUES;
}

/* By one digit after another, the lowest first. */
void line_sort(uint64_t *items, uint64_t *spare, size_t count)
{
    for (int digit = 0; digit < DIGITS; digit++) {
        size_t place[VALUES + 1] = {0};
        for (size_t i = 0; i < count; i++)
            place[digit_of(items[i], digit) + 1]++;
        for (size_t k = 0; k < VALUES; k++)
            place[k + 1] += place[k];
        for (size_t i = 0; i < count; i++)
            spare[place[digit_of(items[i], digit)]++] = items[i];
        uint64_t *from = items; /* after DIGITS of these, an even number, they are where they were */
        items = spare;
        spare = from;
    }
}

/* Every value of a has weight nb, every one of b na, of na nb in all. */
double line_squared_distance(const float *a, size_t na, const float *b, size_t nb)
{
    double sum = 0.0;
    uint64_t left_a = nb, left_b = na;
    for (size_t i = 0, j = 0; i < na && j < nb;) {
        const uint64_t both = left_a < left_b ? left_a : left_b;
        const double difference = (double)a[i] - (double)b[j];
        sum += (double)both * difference * difference;
        if ((left_a -= both) == 0) {
            i++;
            left_a = nb;
        }
        if ((left_b -= both) == 0) {
            j++;
            left_b = na;
        }
    }
    return sum / ((double)na * (double)nb);
}
