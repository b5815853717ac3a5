/* Real configurations of diffusers, and what becomes of each: tests/diffusers_verdicts.tsv. A line a file or folder:
 * what it is read as, or the sentence that refuses it. Some stand in tests/golden, the others beside the checkout. */
#include "json.h"

#include "base/memory.h"
#include "interop/diffusers/folder.h"
#include "interop/diffusers/specs.h"

enum { STEPS = 4 /* of each sampler, so that lists of times are short */ };

static int is_scheduler(const json_value *json)
{
    const char *class = json_string(json_get(json, "_class_name"));
    return class != NULL && strstr(class, "Scheduler") != NULL;
}

static diffusion_status read_scheduler(char *out, size_t room, const json_value *json)
{
    const diffusers_index index = {DIFFUSERS_DDPM, NULL, STEPS, NAN};
    diffusers_scheduler read = {.schedule = NULL};
    diffusion_status status = diffusers_scheduler_read(&read, json, "FILE", &index, 0);
    if (status == DIFFUSION_OK)
        snprintf(out, room, "%s; %s; predict=%s variance=%s", read.schedule, read.sampler, read.predict, read.variance);
    diffusers_scheduler_release(&read);
    return status;
}

/* As a model, without its weights. */
static diffusion_status read_unet(char *out, size_t room, const json_value *json)
{
    diffusers_unet read = {.spec = NULL};
    struct diffusion_model *model = NULL;
    diffusion_status status = diffusers_unet_read(&read, json, "FILE");
    if (status == DIFFUSION_OK) {
        char *spec = diffusers_model_spec(&read, NULL);
        status = model_create_shell(&model, spec);
        snprintf(out, room, "%s", read.spec);
        memory_release(spec);
    }
    model_release(model);
    diffusers_unet_release(&read);
    return status;
}

static diffusion_status read_folder(char *out, size_t room, const char *path)
{
    struct diffusion_model *model = NULL;
    diffusion_status status = diffusers_load(&model, path);
    if (status == DIFFUSION_OK)
        snprintf(out, room, "%s", model->spec);
    model_release(model);
    return status;
}

/* The sentence, without where the checkout is. */
static void take_sentence(char *out, size_t room, const char *path)
{
    const char *sentence = diffusion_last_error(), *at = strstr(sentence, path);
    if (at == NULL)
        snprintf(out, room, "refused: %s", sentence);
    else
        snprintf(out, room, "refused: %.*sFOLDER%s", (int)(at - sentence), sentence, at + strlen(path));
}

/* An index stands for its folder. */
static void judge(char *out, size_t room, char *path)
{
    char text[8192] = "", *index = strstr(path, "/model_index.json");
    json_value *json = NULL;
    diffusion_status status;
    if (index != NULL) {
        *index = '\0';
        status = read_folder(text, sizeof text, path);
    } else {
        assert_ok(document_read(&json, path));
        status = is_scheduler(json) ? read_scheduler(text, sizeof text, json) : read_unet(text, sizeof text, json);
    }
    json_release(json);
    if (status == DIFFUSION_OK)
        snprintf(out, room, "accepted: %s", text);
    else
        take_sentence(out, room, path);
}

/* The next line with a tab, cut in two there; 0 at the end. */
static int next_line(FILE *list, char *line, size_t room, char **verdict)
{
    while (fgets(line, (int)room, list) != NULL) {
        char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
        if (tab == NULL || end == NULL || line[0] == '#')
            continue;
        *tab = *end = '\0';
        *verdict = tab + 1;
        return 1;
    }
    return 0;
}

/* But for why a file cannot be opened, which Windows says in words of its own. */
static int agree(const char *got, const char *verdict)
{
    size_t length = strlen(verdict) + 1;
#if defined(_WIN32)
    static const char failure[] = "cannot open: ";
    const char *reason = strstr(verdict, failure);
    if (reason != NULL)
        length = (size_t)(reason - verdict) + strlen(failure);
#endif
    return strncmp(got, verdict, length) == 0;
}

static void each_configuration_has_its_verdict(void **state)
{
    (void)state;
    FILE *list = fopen(TEST_GOLDEN "/../diffusers_verdicts.tsv", "r");
    char line[8192], got[8300], *verdict;
    size_t judged = 0, wrong = 0;
    assert_non_null(list);
    while (next_line(list, line, sizeof line, &verdict)) {
        char name[128], kept[4096];
        snprintf(name, sizeof name, "data/diffusers/%.100s", line);
        const char *path = golden_find(name);
        if (path == NULL)
            continue;
        snprintf(kept, sizeof kept, "%s", path);
        judge(got, sizeof got, kept);
        judged++;
        if (!agree(got, verdict)) {
            printf("%s\t%s\n", line, got);
            wrong++;
        }
    }
    fclose(list);
    printf("%zu configurations judged\n", judged);
    assert_true(judged >= 12); /* those in tests/golden */
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_configuration_has_its_verdict)};
    return golden_run(tests, NULL, NULL);
}
