/* For specs: words and values that the library's own help names, of the kind that stands there. */
#include "help_words.h"
#include "specs_topics.h"

#include <diffusion.h>
#include <string.h>

static const char *help_of(size_t topic)
{
    static char *texts[SPECS_TOPICS];
    size_t size;
    if (texts[topic] == NULL) {
        FUZZ_CHECK(diffusion_help(specs_topics[topic], NULL, 0, &size) == DIFFUSION_OK);
        texts[topic] = malloc(size);
        FUZZ_CHECK(texts[topic] != NULL);
        FUZZ_CHECK(diffusion_help(specs_topics[topic], texts[topic], size, NULL) == DIFFUSION_OK);
    }
    return texts[topic];
}

/* Every fourth time any bytes; else another kind, or a value for a key or two. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char text[4096];
    help_state = seed;
    if (help_below(4) == 0 || size == 0 || size >= sizeof text || max_size < sizeof text)
        return LLVMFuzzerMutate(data, size, max_size);
    const char *help = help_of(data[0] % SPECS_TOPICS), *line;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (help_below(8) == 0 && (line = help_pick(help, NULL)) != NULL)
        snprintf(text, sizeof text, "%.*s", (int)strcspn(line, " \n"), line);
    for (size_t keys = 1 + help_below(2); keys > 0; keys--)
        if ((line = help_pick(help, text)) != NULL)
            help_put_key(text, sizeof text, line);
    memcpy(data + 1, text, strlen(text));
    return 1 + strlen(text);
}
