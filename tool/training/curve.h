/* The losses of a run, however long: means of as many steps as it takes to have no more than CURVE_MOST of them. They
 * go with the checkpoint, so that a resumed run goes on with them. */
#ifndef TRAINING_CURVE_H
#define TRAINING_CURVE_H

#include <cairo.h>
#include <stddef.h>
#include <stdint.h>

enum { CURVE_MOST = 2048 };

/* Of samples held out, at some steps. */
typedef struct curve_point {
    int64_t step;
    double loss;
} curve_point;

typedef struct curve {
    int64_t first; /* steps that were taken before the curve begins */
    int64_t width; /* steps of a mean */
    int64_t last;  /* those of the last one, which may be fewer */
    size_t count, held_count;
    double means[CURVE_MOST];
    curve_point held[CURVE_MOST];
} curve;

void curve_begin(curve *out, int64_t first);
void curve_add(curve *to, double loss);
void curve_add_held(curve *to, int64_t step, double loss);

/* Makes means of more steps, until there are no more of them than `most`. */
void curve_shorten(curve *of, size_t most);

/* Steps taken at its end. */
int64_t curve_end(const curve *of);

/* As text, freed by free(), and from it; 0 if the text is none. */
char *curve_text(const curve *of);
int curve_read(curve *out, const char *text);

/* A picture of it, so wide; the trainer's spec says what the losses are measured in. */
cairo_t *curve_sheet(const curve *of, const char *spec, double wide);

#endif
