/* Lines as the arguments of the tool, which runs in a child, in a folder of small files: it does the work, or ends with
 * one sentence, and then has written nothing. Work that is merely long is cut short. */
#define _GNU_SOURCE
#include "command_folder.h"
#include "command_help.h"
#include "scratch.h"

#include <diffusion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

enum {
    ARGUMENTS_MOST = 24,
    INPUT_MOST = 2048,
    TOO_LONG = 77,
    SANITIZER = 99,
    CPU_SECONDS = 20,
    STEPS_MOST = 3,
    SAMPLES_MOST = 256,
    SECONDS_MOST = 3,
    CHAIN_MOST = 100
};

int tool_main(int argc, char **argv);
diffusion_status __real_diffusion_trainer_step(diffusion_trainer *, const float *, const diffusion_condition *, size_t,
                                               double *);
diffusion_status __wrap_diffusion_trainer_step(diffusion_trainer *, const float *, const diffusion_condition *, size_t,
                                               double *);
diffusion_status __real_diffusion_sampler_run(diffusion_sampler *, const diffusion_condition *, size_t, float *);
diffusion_status __wrap_diffusion_sampler_run(diffusion_sampler *, const diffusion_condition *, size_t, float *);
diffusion_status __real_diffusion_sampler_begin(diffusion_sampler *, const diffusion_condition *, size_t);
diffusion_status __wrap_diffusion_sampler_begin(diffusion_sampler *, const diffusion_condition *, size_t);
diffusion_status __real_diffusion_sampler_step(diffusion_sampler *);
diffusion_status __wrap_diffusion_sampler_step(diffusion_sampler *);
diffusion_status __real_diffusion_evaluator_run(diffusion_evaluator *, const float *, const diffusion_condition *,
                                                size_t);
diffusion_status __wrap_diffusion_evaluator_run(diffusion_evaluator *, const float *, const diffusion_condition *,
                                                size_t);
diffusion_status __real_diffusion_coder_encode(diffusion_coder *, const float *, const diffusion_condition *, size_t);
diffusion_status __wrap_diffusion_coder_encode(diffusion_coder *, const float *, const diffusion_condition *, size_t);

/* What a sanitizer's runtime asks for. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "exitcode=99";
}

static pid_t owner;
static char base[SCRATCH_PATH], work[SCRATCH_PATH];

/* ---- less work: a training is stopped as by a user ---- */

static void give_up(int signal)
{
    (void)signal;
    _exit(TOO_LONG);
}

/* Of the processor's time for one call; 0: as long as it takes. */
static void allow(time_t seconds)
{
    signal(SIGPROF, give_up);
    FUZZ_CHECK(setitimer(ITIMER_PROF, &(struct itimerval){.it_value.tv_sec = seconds}, NULL) == 0);
}

static diffusion_status timed(diffusion_status status)
{
    allow(0);
    return status;
}

diffusion_status __wrap_diffusion_trainer_step(diffusion_trainer *trainer, const float *x0,
                                               const diffusion_condition *condition, size_t n, double *loss)
{
    static int steps;
    if (n > SAMPLES_MOST)
        _exit(TOO_LONG);
    if (++steps == STEPS_MOST)
        raise(SIGTERM);
    return __real_diffusion_trainer_step(trainer, x0, condition, n, loss);
}

diffusion_status __wrap_diffusion_sampler_run(diffusion_sampler *sampler, const diffusion_condition *condition,
                                              size_t n, float *x0)
{
    if (n > SAMPLES_MOST)
        _exit(TOO_LONG);
    allow(SECONDS_MOST);
    return timed(__real_diffusion_sampler_run(sampler, condition, n, x0));
}

diffusion_status __wrap_diffusion_sampler_begin(diffusion_sampler *sampler, const diffusion_condition *condition,
                                                size_t n)
{
    if (n > SAMPLES_MOST)
        _exit(TOO_LONG);
    return __real_diffusion_sampler_begin(sampler, condition, n);
}

diffusion_status __wrap_diffusion_sampler_step(diffusion_sampler *sampler)
{
    static int steps;
    if (++steps > CHAIN_MOST)
        _exit(TOO_LONG);
    return __real_diffusion_sampler_step(sampler);
}

diffusion_status __wrap_diffusion_evaluator_run(diffusion_evaluator *evaluator, const float *x0,
                                                const diffusion_condition *condition, size_t n)
{
    if (n > SAMPLES_MOST)
        _exit(TOO_LONG);
    allow(SECONDS_MOST);
    return timed(__real_diffusion_evaluator_run(evaluator, x0, condition, n));
}

diffusion_status __wrap_diffusion_coder_encode(diffusion_coder *coder, const float *x0,
                                               const diffusion_condition *condition, size_t n)
{
    if (n > SAMPLES_MOST)
        _exit(TOO_LONG);
    allow(SECONDS_MOST);
    return timed(__real_diffusion_coder_encode(coder, x0, condition, n));
}

/* ---- what a child covers counts for libFuzzer ---- */

/* clang's counters, if it has put some here. */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak)), __stop___sancov_cntrs[] __attribute__((weak));

static uint8_t *covered; /* the child's, common to both */

static size_t counters(void)
{
    return __start___sancov_cntrs != NULL ? (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs) : 0;
}

static void share_counters(void)
{
    covered = mmap(NULL, counters() + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    FUZZ_CHECK(covered != MAP_FAILED);
}

static void give_counters(void)
{
    for (size_t i = 0; i < counters(); i++)
        covered[i] = __start___sancov_cntrs[i];
}

static void take_counters(void)
{
    for (size_t i = 0; i < counters(); i++)
        __start___sancov_cntrs[i] = covered[i];
}

_Noreturn void __wrap__Exit(int status);
_Noreturn void __real__Exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __real_exit(int status);

_Noreturn void __wrap__Exit(int status)
{
    give_counters();
    __real__Exit(status);
}

/* Without the handlers of libFuzzer, for which no child may end. */
_Noreturn void __wrap_exit(int status)
{
    if (getpid() == owner)
        __real_exit(status);
    give_counters();
    _exit(status);
}

/* ---- a run ---- */

static _Noreturn void child(int argc, char **argv, const char *folder, int heard, int said)
{
    struct rlimit cpu = {CPU_SECONDS, CPU_SECONDS};
    int nothing = open("/dev/null", O_RDWR);
    FUZZ_CHECK(chdir(folder) == 0 && nothing >= 0 && setrlimit(RLIMIT_CPU, &cpu) == 0);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    dup2(said, heard);
    int status = tool_main(argc, argv);
    give_counters();
    _exit(status);
}

/* The status as a shell has it; `text` receives what was said to the descriptor `heard`. */
static int run(int argc, char **argv, const char *folder, int heard, char *text, size_t size)
{
    int status, file = memfd_create("said", 0);
    FUZZ_CHECK(file >= 0);
    fflush(NULL);
    pid_t process = fork();
    FUZZ_CHECK(process >= 0);
    if (process == 0)
        child(argc, argv, folder, heard, file);
    while (waitpid(process, &status, 0) < 0) /* libFuzzer's timer interrupts */
        FUZZ_CHECK(errno == EINTR);
    take_counters();
    ssize_t length = pread(file, text, size - 1, 0);
    FUZZ_CHECK(length >= 0);
    text[length] = '\0';
    close(file);
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "signal %d; it said: %s\n", WTERMSIG(status), text);
        abort();
    }
    return WEXITSTATUS(status);
}

static void prepare(const char *line)
{
    char copy[INPUT_MOST], said[4096], *arguments[ARGUMENTS_MOST + 1], *next;
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, "|", &next); word != NULL; word = strtok_r(NULL, "|", &next))
        arguments[count++] = word;
    arguments[count] = NULL;
    int status = run(count, arguments, base, STDERR_FILENO, said, sizeof said);
    if (status != 0)
        fprintf(stderr, "%s: %s\n", line, said);
    FUZZ_CHECK(status == 0);
}

static void leave(void)
{
    folder_empty(base);
    folder_empty(work);
    rmdir(base);
    rmdir(work);
}

static void begin(void)
{
    scratch_path(base, ".base");
    scratch_path(work, ".work");
    FUZZ_CHECK(mkdir(base, 0777) == 0 && mkdir(work, 0777) == 0);
    owner = getpid();
    atexit(leave);
    share_counters();
    setenv("OPENBLAS_CORETYPE", "", 0); /* else the tool may begin anew, as a file of another name */
    FUZZ_CHECK(diffusion_set_parameter_limit(1 << 14) == DIFFUSION_OK && diffusion_set_threads(1) == DIFFUSION_OK);
    prepare("diffusion|data|swiss-roll|-n|12|-o|d.csv");
    prepare("diffusion|data|dead-leaves|--size|8|-n|3|-o|x.npy");
    prepare("diffusion|train|d.csv|-o|m.safetensors|--model|mlp width=4 depth=1|--schedule|linear steps=4|--steps|2|"
            "--checkpoint-every|2|-q");
    prepare("diffusion|train|x.npy|-o|u.safetensors|--model|unet channels=4,4 blocks=1 groups=2|--schedule|"
            "linear steps=4|--steps|1|-q");
    prepare(
        "diffusion|train|x.npy|-o|g.safetensors|--data|scale=grid|--model|mlp width=4 depth=1 variance=learned_range|"
        "--schedule|linear steps=4|--steps|1|-q");
    prepare("diffusion|compress|g.safetensors|x.npy|-o|c.diffcode|-q");
}

void command_help(const char *command, char *text, size_t size)
{
    char name[] = "diffusion", word[] = "help", of[64], *arguments[] = {name, word, of, NULL};
    if (base[0] == '\0')
        begin();
    snprintf(of, sizeof of, "%s", command);
    if (run(command[0] != '\0' ? 3 : 2, arguments, base, STDOUT_FILENO, text, size) != 0)
        text[0] = '\0';
}

/* Splits the input at its lines; 0 if it names another folder, asks for real work or holds what no argument can. */
static int take_arguments(char *text, size_t size, char **arguments, int *count)
{
    if (memchr(text, '\0', size) != NULL || memchr(text, '/', size) != NULL)
        return 0;
    for (size_t i = 0, digits = 0; i < size; i++) {
        digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
        int ends = i + 1 == size || text[i + 1] < '0' || text[i + 1] > '9';
        if (ends && digits > 3 && digits < 17)
            return 0;
    }
    char *next;
    text[size] = '\0';
    *count = 1;
    for (char *word = strtok_r(text, "\n", &next); word != NULL && *count < ARGUMENTS_MOST;
         word = strtok_r(NULL, "\n", &next))
        arguments[(*count)++] = word;
    arguments[*count] = NULL;
    return 1;
}

static void check_refusal(const char *said)
{
    const char *end = strrchr(said, '\n'), *last = said;
    FUZZ_CHECK(end != NULL && end[1] == '\0');
    for (const char *at = strchr(said, '\n'); at != end; at = strchr(at + 1, '\n'))
        last = at + 1;
    if (strncmp(last, "diffusion: ", 11) != 0) {
        fprintf(stderr, "the last line is not a sentence: %s\n", said);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[INPUT_MOST + 1], said[8192], name[] = "diffusion", *arguments[ARGUMENTS_MOST + 1] = {name};
    int count;
    size_t parts;
    if (base[0] == '\0')
        begin();
    if (size > INPUT_MOST)
        return 0;
    memcpy(text, data, size);
    if (!take_arguments(text, size, arguments, &count))
        return 0;
    folder_fill(work, base);
    int status = run(count, arguments, work, STDERR_FILENO, said, sizeof said);
    if (status == SANITIZER)
        fprintf(stderr, "%s\n", said);
    FUZZ_CHECK(status <= 2 || status == 128 + SIGTERM || status == TOO_LONG);
    int same = folder_is_as(work, base, &parts);
    FUZZ_CHECK(parts == 0 || status == TOO_LONG);
    if ((status == 1 || status == 2) && count > 1) {
        check_refusal(said);
        FUZZ_CHECK(same);
    }
    folder_empty(work);
    return 0;
}
