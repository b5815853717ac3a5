#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* realpath */

#include "common/overwrite.h"

#include "common/fail.h"
#include "common/kind.h"
#include "common/output.h"
#include "common/part.h"
#include "common/text.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUTS_MAX = 8 };

/* What this command writes. */
static struct {
    char *path;     /* as it was given */
    char *place;    /* without links and dots */
    int is_there;   /* before the command */
    struct stat is; /* then */
} outputs[OUTPUTS_MAX];
static size_t count;

/* The place of a file that need not be there itself; its folder is. */
static char *place_of(const char *path)
{
    char *target = part_target(path), *slash = strrchr(target, '/');
    const char *base = slash != NULL ? slash + 1 : target;
    char *parent = slash != NULL ? text_format("%.*s", (int)(base - target), target) : text_format(".");
    char *folder = realpath(parent, NULL), *whole = realpath(target, NULL);
    char *place = whole != NULL ? whole : text_format("%s/%s", folder != NULL ? folder : parent, base);
    free(folder);
    free(parent);
    free(target);
    return place;
}

/* Whether something is there; what cannot be looked at ends the command, for it could be what must be spared. */
static int look(const char *path, struct stat *about)
{
    int is_there = stat(path, about) == 0;
    if (!is_there && errno != ENOENT && errno != ENOTDIR)
        fail("%s: cannot examine: %s", path, strerror(errno));
    return is_there;
}

static void take(const char *path)
{
    if (count == OUTPUTS_MAX)
        fail("more than %d outputs", OUTPUTS_MAX);
    char *place = place_of(path);
    for (size_t i = 0; i < count; i++)
        if (strcmp(outputs[i].place, place) == 0)
            fail_usage("%s: two outputs of one name, expected a name for each", path);
    outputs[count].path = text_format("%s", path);
    outputs[count].place = place;
    outputs[count].is_there = look(path, &outputs[count].is);
    count++;
}

static int is_pipe(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISFIFO(about.st_mode);
}

void overwrite_check(const char *path, int force)
{
    output_check(path);
    if (output_is_standard(path))
        return;
    take(path);
    char *kind = force || is_pipe(path) ? NULL : kind_in_the_way(path);
    if (kind != NULL)
        fail_usage("%s: there is a file already, and it is %s; --force writes over it", path, kind);
}

static int is_empty(const char *path)
{
    DIR *folder = opendir(path);
    int entries = 0;
    while (folder != NULL && readdir(folder) != NULL)
        entries++;
    if (folder != NULL)
        closedir(folder);
    return entries <= 2; /* . and .. */
}

void overwrite_check_folder(const char *path, const char *mark, int force)
{
    struct stat about;
    if (path[0] == '\0')
        fail("the name of the folder to write is empty");
    char *marked = text_format("%s/%s", path, mark);
    take(path);
    int is_there = look(path, &about);
    if (is_there && !S_ISDIR(about.st_mode))
        fail("%s: not a folder, so nothing can be written into it", path);
    if (!force && is_there && !look(marked, &about) && !is_empty(path))
        fail_usage("%s: the folder holds files but no %s; --force writes into it", path, mark);
    free(marked);
}

/* Whether `place` is, or lies in, the folder or file `whole`. */
static int is_within(const char *place, const char *whole)
{
    size_t length = strlen(whole);
    return strncmp(place, whole, length) == 0 && (place[length] == '\0' || place[length] == '/');
}

void overwrite_keep_out(const char *folder, size_t below)
{
    char *whole = realpath(folder, NULL);
    for (size_t i = 0; whole != NULL && i < count; i++) {
        size_t down = 0;
        if (!text_ends_with(outputs[i].place, ".png") || !is_within(outputs[i].place, whole))
            continue;
        for (const char *at = outputs[i].place + strlen(whole); (at = strchr(at, '/')) != NULL; at++)
            down++;
        if (down <= below + 1)
            fail_usage("%s: would be a picture in the folder %s, which is read, expected another place for it",
                       outputs[i].path, folder);
    }
    free(whole);
}

void overwrite_spare(const char *path)
{
    struct stat about;
    char *place = look(path, &about) ? realpath(path, NULL) : NULL;
    for (size_t i = 0; place != NULL && i < count; i++) {
        int same = outputs[i].is_there && outputs[i].is.st_dev == about.st_dev && outputs[i].is.st_ino == about.st_ino;
        int within = outputs[i].is_there && (is_within(outputs[i].place, place) || is_within(place, outputs[i].place));
        if (same || within)
            fail_usage("%s: is read, so the output %s may not go there, expected another name for that", path,
                       outputs[i].path);
    }
    free(place);
}
