/* A white sheet to draw on with cairo, and how it becomes a file. */
#ifndef PICTURE_CANVAS_H
#define PICTURE_CANVAS_H

#include <cairo.h>
#include <stddef.h>

typedef struct colour {
    double red, green, blue;
} colour;

/* Those of figures: readable in grey, and for colour-blind eyes (Okabe and Ito). */
extern const colour ink, pale, blue, orange;

/* A grey between pictures, that parts black from white. */
extern const colour between;

/* Ends the command if a sheet of that size would be larger than cairo draws. */
void canvas_check_size(double width, double height, double scale);

/* width x height units, each `scale` pixels wide. */
cairo_t *canvas_create(double width, double height, double scale);

void canvas_colour(cairo_t *cr, colour c, double opacity);

/* Writes the sheet as a PNG file, whole or not at all, and releases it. */
void canvas_save(cairo_t *cr, const char *path);

/* The same bytes in memory, freed by free(). */
unsigned char *canvas_png(cairo_t *cr, size_t *size);

/* Ends the command unless the path ends in .png and may be written; NULL is allowed. */
void canvas_check(const char *option, const char *path, int force);

typedef enum label_side { LABEL_LEFT, LABEL_CENTRE, LABEL_RIGHT } label_side;

/* Text whose baseline begins, is centred or ends at x, y. "_{…}" is lowered and "^{…}" raised, both smaller. */
void label_draw(cairo_t *cr, double x, double y, double size, label_side side, const char *text);

/* The same, turned a quarter left: it reads upwards. */
void label_draw_upwards(cairo_t *cr, double x, double y, double size, const char *text);

double label_width(cairo_t *cr, double size, const char *text);

#endif
