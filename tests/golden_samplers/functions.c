/* k-diffusion and EDM: one table of their functions, and the levels that their lists of sigmas or options name. */
#include "replay.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static const char *const functions[][2] = {
    {"sample_dpm_2_ancestral,", "kdpm2_ancestral"},
    {"sample_dpm_2,", "kdpm2"},
    {"sample_dpmpp_2m_sde,", "sde-dpmsolver++ lower_order_final=no"},
    {"sample_dpmpp_3m_sde,", "sde-dpmsolver++ order=3 type=heun curvature=published lower_order_final=no"},
    {"sample_dpmpp_2m,", "dpmsolver++ lower_order_final=no"},
    {"sample_dpmpp_2s_ancestral,", "dpmpp_2s"},
    {"sample_dpmpp_sde,", "dpmpp_sde"},
    {"sample_euler_ancestral,", "euler_ancestral"},
    {"sample_euler,", "euler"},
    {"sample_heun,", "heun"},
    {"sample_lms,", "lms"},
    {"sample_dpm_fast,", "dpm_fast"},
    {"sample_dpm_adaptive,", "dpm_adaptive"},
    {"generate.py edm_sampler", "heun"},
    {"generate.py ablation_sampler", ""},
};

/* The schedule, and which of its levels a chain visits. */
typedef struct levels {
    double low, high; /* sigma */
    text_buffer spacing;
} levels;

/* Any sigma, as a time of the schedule. */
typedef struct time_table {
    diffusion_schedule *schedule;
    text_buffer *list;
    int count;
} time_table;

static void append_time(time_table *self, double sigma)
{
    double t = 0.0;
    diffusion_schedule_time(self->schedule, -2.0 * log(sigma), &t);
    text_append_real(self->list, self->count++ > 0 ? "," : " steps_list=", t);
}

/* Churn may raise sigma above the first, and nothing limits that there; dpm_fast and dpm_adaptive take their ends from
 * the schedule's. */
static void append_schedule(text_buffer *spec, const levels *of, int wide)
{
    text_append(spec, "edm steps=1000");
    text_append_real(spec, " sigma_min=", wide ? 0.1 * of->low : of->low);
    text_append_real(spec, " sigma_max=", wide ? 10.0 * of->high : of->high);
}

static time_table open_table(levels *of)
{
    text_buffer spec = {0};
    time_table table = {.list = &of->spacing};
    append_schedule(&spec, of, 1);
    char *text = text_finish(&spec);
    if (diffusion_schedule_create(&table.schedule, text) != DIFFUSION_OK)
        exit(2);
    memory_release(text);
    return table;
}

typedef struct vp_constants {
    double beta_d, beta_min;
} vp_constants;

static double vp_sigma(vp_constants of, double t)
{
    return sqrt(expm1(0.5 * of.beta_d * t * t + of.beta_min * t));
}

/* Times of the schedule for the curve's sigmas. */
static void append_vp(levels *of, vp_constants vp, double start, int steps)
{
    time_table table = open_table(of);
    for (int i = 0; i < steps; i++)
        append_time(&table, vp_sigma(vp, 1.0 + (double)i / (steps - 1) * (start - 1.0)));
    diffusion_schedule_free(table.schedule);
}

/* ---- k-diffusion's lists: "karras n=20, 0.03..60.0, rho 7.0, then 0" ---- */

/* "vp n=20, beta_d 19.9, beta_min 0.1, eps_s 0.001": by time from 1 to eps_s. */
static int read_vp_list(levels *out, const char *text)
{
    vp_constants vp;
    int steps = 0;
    double start = 0.0;
    if (sscanf(text, "vp n=%d, beta_d %lf, beta_min %lf, eps_s %lf", &steps, &vp.beta_d, &vp.beta_min, &start) < 4)
        return 0;
    out->low = vp_sigma(vp, start);
    out->high = vp_sigma(vp, 1.0);
    append_vp(out, vp, start, steps);
    return 1;
}

static int read_list(levels *out, const char *text)
{
    char kind[32];
    int steps = 0;
    double rho = 0.0;
    if (text != NULL && strncmp(text, "vp ", 3) == 0)
        return read_vp_list(out, text);
    if (text == NULL || sscanf(text, "%31s n=%d, %lf..%lf, rho %lf", kind, &steps, &out->low, &out->high, &rho) < 4)
        return 0;
    text_append(&out->spacing, " spacing=%s steps=%d", kind, steps);
    if (rho > 0.0)
        text_append_real(&out->spacing, " rho=", rho);
    return 1;
}

/* ---- EDM ---- */

static const char *text_of(const json_value *options, const char *key, const char *standard)
{
    const char *text = json_string(json_get(options, key));
    return text != NULL ? text : standard;
}

/* The constants that lead from sigma_min at epsilon_s to sigma_max at 1. */
static vp_constants constants_of(const levels *of, double start)
{
    const double low = log1p(of->low * of->low), high = log1p(of->high * of->high);
    const double beta_d = 2.0 * (low / start - high) / (start - 1.0);
    return (vp_constants){beta_d, high - 0.5 * beta_d};
}

static void edm_range(levels *out, const json_value *options, const char *discretization)
{
    static const struct {
        const char *name;
        double low, high;
    } ranges[] = {{"ve", 0.02, 100.0}, {"iddpm", 0.002, 81.0}, {"edm", 0.002, 80.0}};
    const vp_constants standard = {19.9, 0.1};
    const double start = options_number(options, "epsilon_s", 1e-3);
    out->low = vp_sigma(standard, start);
    out->high = vp_sigma(standard, 1.0);
    for (size_t i = 0; i < 3; i++)
        if (strcmp(ranges[i].name, discretization) == 0) {
            out->low = ranges[i].low;
            out->high = ranges[i].high;
        }
    out->low = options_number(options, "sigma_min", out->low);
    out->high = options_number(options, "sigma_max", out->high);
}

/* The levels of iDDPM within the range, as many of them as are asked for. */
static void append_iddpm(time_table *self, const levels *of, const json_value *options, int steps)
{
    enum { MOST = 10000 };
    static double u[MOST + 1];
    const int total = (int)options_number(options, "M", 1000.0);
    const double least = options_number(options, "C_1", 0.001), offset = options_number(options, "C_2", 0.008);
    int first = 0, count = 0;
    for (int j = total < MOST ? total : MOST; j > 0; j--) {
        const double half_pi = acos(0.0), before = sin(half_pi * (j - 1) / total / (offset + 1.0)),
                     at = sin(half_pi * j / total / (offset + 1.0)), kept = before * before / (at * at);
        if (j == total)
            u[j] = 0.0;
        u[j - 1] = sqrt((u[j] * u[j] + 1.0) / fmax(kept, least) - 1.0);
    }
    for (int j = 0; j <= total; j++)
        count += u[j] >= of->low && u[j] <= of->high;
    while (u[first] > of->high)
        first++;
    for (int i = 0; i < steps; i++)
        append_time(self, u[first + (int)nearbyint((double)(count - 1) / (steps - 1) * i)]);
}

static void append_discretization(levels *of, const json_value *options, const char *kind, int steps)
{
    const double start = options_number(options, "epsilon_s", 1e-3);
    if (strcmp(kind, "vp") == 0) {
        append_vp(of, constants_of(of, start), start, steps);
    } else if (strcmp(kind, "iddpm") == 0) {
        time_table table = open_table(of);
        append_iddpm(&table, of, options, steps);
        diffusion_schedule_free(table.schedule);
    } else {
        text_append(&of->spacing, " spacing=%s steps=%d", strcmp(kind, "ve") == 0 ? "exponential" : "karras", steps);
        if (strcmp(kind, "edm") == 0)
            text_append_real(&of->spacing, " rho=", options_number(options, "rho", 7.0));
    }
}

/* What steps are straight in. */
static void append_path(text_buffer *sampler, const levels *of, const json_value *options)
{
    static const char *const times[][2] = {{"linear", "sigma"}, {"ve", "variance"}, {"vp", "vp"}};
    const char *time = text_of(options, "schedule", "linear");
    const vp_constants vp = constants_of(of, options_number(options, "epsilon_s", 1e-3));
    text_append(sampler, "%s", text_of(options, "solver", "heun"));
    for (size_t i = 0; i < 3; i++)
        if (strcmp(times[i][0], time) == 0)
            text_append(sampler, " path=%s", times[i][1]);
    text_append(sampler, " scaling=%s", text_of(options, "scaling", "none"));
    if (strcmp(time, "vp") == 0) {
        text_append_real(sampler, " beta_min=", vp.beta_min);
        text_append_real(sampler, " beta_max=", vp.beta_d + vp.beta_min);
    }
}

static void read_edm(text_buffer *sampler, levels *of, const json_value *options, const char *kind)
{
    const char *discretization = text_of(options, "discretization", "edm");
    edm_range(of, options, discretization);
    if (kind[0] == '\0')
        append_path(sampler, of, options);
    append_discretization(of, options, discretization, (int)options_number(options, "num_steps", 18.0));
}

/* ---- both ---- */

static const char *function_of(const recorded *of)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (recorded_says(of, "source", functions[i][0]))
            return functions[i][1];
    return NULL;
}

/* Those that say the levels or the path. */
#define ELSEWHERE                                                                                                      \
    ",return_info,sigma_min,sigma_max,rho,num_steps,solver,discretization,schedule,scaling,epsilon_s,C_1,C_2,M,"

static void append_sampler(text_buffer *sampler, levels *of, const json_value *options, const char *kind, int edm)
{
    const int euler = strcmp(text_of(options, "solver", ""), "euler") == 0; /* has no alpha */
    text_append(sampler, "%s", kind);
    if (edm)
        read_edm(sampler, of, options, kind);
    char *spacing = text_finish(&of->spacing);
    if (strncmp(kind, "dpm_", 4) != 0) {
        text_append(sampler, "%s", spacing);
        if (strstr(spacing, "steps_list") == NULL) {
            text_append_real(sampler, " sigma_min=", of->low);
            text_append_real(sampler, " sigma_max=", of->high);
        }
    }
    memory_release(spacing);
    options_append(sampler, options, euler ? ELSEWHERE "alpha," : ELSEWHERE);
}

void functions_read(specs *out, const recorded *of)
{
    json_value *options = options_parse(safetensors_metadata(of->file, "options"));
    const char *kind = function_of(of), *sigmas = safetensors_metadata(of->file, "sigmas");
    const int edm = recorded_says(of, "source", "generate.py");
    levels range = {.low = 0.0};
    text_buffer schedule = {0}, sampler = {0};
    if (kind == NULL || (!edm && !read_list(&range, sigmas))) {
        snprintf(out->refused, sizeof out->refused, "%s, sigmas %s: not a sampler that is taken",
                 safetensors_metadata(of->file, "source"), sigmas != NULL ? sigmas : "of its own");
    } else {
        append_sampler(&sampler, &range, options, kind, edm);
        append_schedule(&schedule, &range, strncmp(kind, "dpm_", 4) != 0);
    }
    out->schedule = text_finish(&schedule);
    out->sampler = text_finish(&sampler);
    json_release(options);
    snprintf(out->model, sizeof out->model, "predict=x0");
}
