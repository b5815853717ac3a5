/* JSON documents, read strictly: one object, no key twice. What an application's own files are written in, and the
 * header of a safetensors file. */
#ifndef FORMAT_DOCUMENT_H
#define FORMAT_DOCUMENT_H

#include <diffusion/status.h>
#include <jansson.h>

/* Parses an object; `path` begins every sentence and `what` names the text in it. json_decref() releases it. */
diffusion_status document_parse(json_t **out, const char *path, const char *what, const char *text, size_t length);

/* The same from a file. */
diffusion_status document_read(json_t **out, const char *path);

/* Writes a file atomically: indented, numbers with the digits that they need to be read back. */
diffusion_status document_save(const char *path, const json_t *json);

/* A value to show in a sentence: its text if short, "missing" for NULL, its type otherwise. */
enum { DOCUMENT_SHOWN = 48 };
const char *document_show(char text[DOCUMENT_SHOWN], const json_t *value);

#endif
