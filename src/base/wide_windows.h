/* Windows takes names in UTF-16; the library's are UTF-8. */
#ifndef BASE_WIDE_WINDOWS_H
#define BASE_WIDE_WINDOWS_H

#include <diffusion/status.h>

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* A name for the system's calls, however long; the caller releases it. */
diffusion_status wide_path(wchar_t **out, const char *path);

/* The UTF-8 of a name that came from the system, which the caller releases; NULL with the sentence set. */
char *wide_text(const wchar_t *name);

/* The sentence of a call that failed with this error. */
diffusion_status wide_failure(const char *action, const char *path, DWORD error);

/* Opens what is there, by a name in UTF-8, sharing it with everybody; INVALID_HANDLE_VALUE and GetLastError(). */
HANDLE wide_open(const char *path, DWORD access);

#endif
