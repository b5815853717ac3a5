#include "base/file.h"

int file_is_still(const file_identity *was, const char *path)
{
    const file_identity is = file_identify(path);
    return was->device == is.device && was->file == is.file && was->seconds == is.seconds &&
           was->nanoseconds == is.nanoseconds;
}
