#include "data/bins.h"

#include "common/fail.h"
#include "common/memory.h"
#include "common/specs.h"
#include "common/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int bins_are_asked(const char *spec)
{
    char *edge = spec != NULL ? spec_value(spec, "edge") : NULL;
    int are = edge != NULL && strcmp(edge, "discretized") == 0;
    free(edge);
    return are;
}

/* Values from the least to the most, whose middles are then -1 and 1. */
static double levels_of(const scaling *scale)
{
    const column_scaling *c = &scale->of[0];
    double levels = c->maximum - c->minimum + 1;
    int fits = scale->columns == 1 && fabs(c->width * (levels - 1) - 2) < 1e-6 &&
               fabs((c->minimum + 0.5 - c->shift) / c->scale + 1) < 1e-6;
    return fits && levels >= 2 && levels <= 65536 ? levels : 0;
}

char *bins_pairs(const scaling *scale)
{
    double levels = levels_of(scale);
    return levels > 0 ? text_format("edge=discretized levels=%.0f", levels) : NULL;
}

void bins_stand(dataset *data, const scaling *scale, const char *spec, const char *option)
{
    char *noise = spec_value(spec, "dequantize"), *levels = spec_value(spec, "levels");
    double width = scaling_width(scale), expected = 2 / ((levels != NULL ? atof(levels) : 256) - 1);
    if (noise != NULL && strtod(noise, NULL) != 0)
        fail_usage("%s: edge=discretized takes the data as it is, expected no dequantize", option);
    if (!(fabs(width / expected - 1) < 1e-6))
        fail_usage(
            "%s: edge=discretized needs whole numbers spread over -1..1, %g apart; those of the model's data are "
            "%g apart, so use --data scale=grid in train, or edge=model",
            option, expected, width);
    for (size_t i = 0; i < data->count * data->dim; i++)
        data->scaled[i] += (float)(width / 2);
    free(levels);
    free(noise);
}
