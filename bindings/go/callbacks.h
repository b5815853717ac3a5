/* What Go sets as the library's callbacks: functions of C, which know of Go's by the number `user` of a cgo.Handle. */
#ifndef CALLBACKS_H
#define CALLBACKS_H

#include <diffusion.h>

diffusion_status model_create_go(diffusion_model **out, const char *spec, int wide, uintptr_t user);

/* With `set` of 0 there is none. */
diffusion_status sampler_set_progress_go(diffusion_sampler *sampler, int set, uintptr_t user);
diffusion_status sampler_set_noise_go(diffusion_sampler *sampler, int set, uintptr_t user);
diffusion_status sampler_set_guidance_go(diffusion_sampler *sampler, int set, uintptr_t user);
diffusion_status evaluator_set_progress_go(diffusion_evaluator *evaluator, int set, uintptr_t user);
diffusion_status evaluator_set_noise_go(diffusion_evaluator *evaluator, int set, uintptr_t user);
diffusion_status coder_set_progress_go(diffusion_coder *coder, int set, uintptr_t user);
void set_log_go(int set);

#endif
