/* JSON documents: one object. What an application's own files are written in, and the header of a safetensors file. */
#ifndef FORMAT_DOCUMENT_H
#define FORMAT_DOCUMENT_H

#include "base/file.h"
#include "format/json.h"

/* Parses an object; `path` begins every sentence and `what` names the text in it. json_release() releases it. */
diffusion_status document_parse(json_value **out, const char *path, const char *what, const char *text, size_t length);

/* The same from a file. */
diffusion_status document_read(json_value **out, const char *path);

/* Writes a file: indented, numbers as they were written. The commit is the caller's to make, as in base/file.h. */
diffusion_status document_write(file_writer **out, const char *path, const json_value *json);

/* A value to show in a sentence: its text if short, "missing" for NULL, its type otherwise. */
enum { DOCUMENT_SHOWN = 48 };
const char *document_show(char text[DOCUMENT_SHOWN], const json_value *value);

#endif
