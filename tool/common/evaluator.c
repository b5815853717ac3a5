#include "common/evaluator.h"

#include "common/fail.h"
#include "common/text.h"

#include <string.h>

char *evaluator_spec(const char *kind, const char *keys)
{
    static const char white[] = " \t\r\n";
    const char *given = keys != NULL ? keys + strspn(keys, white) : "";
    size_t first = strcspn(given, white);
    if (first == strlen(kind) && strncmp(given, kind, first) == 0)
        return text_format("%s", given);
    return text_format("%s%s%s", kind, *given != '\0' ? " " : "", given);
}

double evaluator_figure(const diffusion_evaluator *evaluator, const char *quantity)
{
    double value;
    check(diffusion_evaluator_value(evaluator, quantity, &value));
    return value;
}
