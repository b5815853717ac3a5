/* Where symbolic links lead. */
#ifndef BASE_FILE_LINK_H
#define BASE_FILE_LINK_H

#include <diffusion/status.h>

/* The name of the file itself: `path`, or what it names in the end if it is a symbolic link, there or not (on Windows
 * it must be there). The caller releases it. */
diffusion_status file_link_target(char **out, const char *path);

#endif
