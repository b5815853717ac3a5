"""Constants and prototypes of libdiffusion 0.1.0. Written from abi.json by generate.py; do not edit.

PROTOTYPES has (result, *arguments) by the names of functions without "diffusion_". STATUS as a result is checked by
whoever declares the functions; read() and write() take numpy arrays of one dtype, contiguous, and nothing else.
"""
from ctypes import (CFUNCTYPE, POINTER, c_char_p, c_double, c_float, c_int32, c_int64, c_size_t, c_uint8, c_uint64,
                    c_void_p)

from ._arrays import read, read_or_none, write, write_or_none

VERSION = '0.1.0'
STATUS = object()

OK = 0
E_ARGUMENT = -10
E_SPEC = -11
E_SHAPE = -12
E_STEP = -13
E_KERNEL = -14
E_NAME = -15
E_STATE = -16
E_LABEL = -17
E_MEMORY = -20
E_IO = -30
E_FORMAT = -31
E_CONTENT = -32
E_NONFINITE = -40

predict_fn = CFUNCTYPE(c_int32, POINTER(c_float), POINTER(c_double), c_void_p, c_size_t, POINTER(c_float), c_void_p)
predict_double_fn = CFUNCTYPE(c_int32, POINTER(c_double), POINTER(c_double), c_void_p, c_size_t, POINTER(c_double),
                              c_void_p)
allocate_fn = CFUNCTYPE(c_void_p, c_size_t, c_void_p)
release_fn = CFUNCTYPE(None, c_void_p, c_void_p)
log_fn = CFUNCTYPE(None, c_char_p, c_char_p, c_void_p)
progress_fn = CFUNCTYPE(c_int32, c_int64, c_int64, c_void_p)
noise_fn = CFUNCTYPE(c_int32, POINTER(c_double), c_size_t, c_int64, c_int32, c_void_p)
guidance_fn = CFUNCTYPE(c_int32, POINTER(c_double), c_double, c_size_t, POINTER(c_double), c_void_p)

PROTOTYPES = {
    'coder_create': (STATUS, POINTER(c_void_p), c_void_p, c_void_p, c_char_p),
    'coder_load': (STATUS, POINTER(c_void_p), c_void_p, c_void_p, c_char_p),
    'coder_set_progress': (STATUS, c_void_p, progress_fn, c_void_p),
    'coder_encode': (STATUS, c_void_p, read('float32'), c_void_p, c_size_t),
    'coder_decode': (STATUS, c_void_p, write('float32'), write_or_none('int32'), c_size_t),
    'coder_value': (STATUS, c_void_p, c_char_p, POINTER(c_double)),
    'coder_save': (STATUS, c_void_p, c_char_p),
    'coder_spec': (c_char_p, c_void_p),
    'coder_error': (c_char_p, c_void_p),
    'coder_free': (None, c_void_p),
    'condition_create': (STATUS, POINTER(c_void_p), c_size_t),
    'condition_set_labels': (STATUS, c_void_p, read_or_none('int32')),
    'condition_set_vectors': (STATUS, c_void_p, read_or_none('float32'), c_size_t),
    'condition_set_observed': (STATUS, c_void_p, read_or_none('uint8'), c_size_t),
    'condition_count': (c_size_t, c_void_p),
    'condition_labels': (POINTER(c_int32), c_void_p),
    'condition_vectors': (POINTER(c_float), c_void_p, POINTER(c_size_t)),
    'condition_observed': (POINTER(c_uint8), c_void_p),
    'condition_free': (None, c_void_p),
    'evaluator_create': (STATUS, POINTER(c_void_p), c_void_p, c_void_p, c_char_p),
    'evaluator_set_noise': (STATUS, c_void_p, noise_fn, c_void_p),
    'evaluator_set_progress': (STATUS, c_void_p, progress_fn, c_void_p),
    'evaluator_set_reference': (STATUS, c_void_p, read('float32'), c_size_t, c_size_t),
    'evaluator_run': (STATUS, c_void_p, read('float32'), c_void_p, c_size_t),
    'evaluator_value': (STATUS, c_void_p, c_char_p, POINTER(c_double)),
    'evaluator_terms': (STATUS, c_void_p, write('float64'), write_or_none('float64')),
    'evaluator_samples': (STATUS, c_void_p, write('float64'), write_or_none('float64'), c_size_t),
    'evaluator_neighbours': (STATUS, c_void_p, write('int64'), c_size_t),
    'evaluator_moments': (STATUS, c_void_p, write('float64'), write('float64')),
    'evaluator_spec': (c_char_p, c_void_p),
    'evaluator_error': (c_char_p, c_void_p),
    'evaluator_free': (None, c_void_p),
    'model_create': (STATUS, POINTER(c_void_p), c_char_p, c_uint64),
    'model_create_callback': (STATUS, POINTER(c_void_p), c_char_p, predict_fn, c_void_p),
    'model_create_callback_double': (STATUS, POINTER(c_void_p), c_char_p, predict_double_fn, c_void_p),
    'model_load': (STATUS, POINTER(c_void_p), c_char_p),
    'model_save': (STATUS, c_void_p, c_char_p),
    'model_load_memory': (STATUS, POINTER(c_void_p), c_void_p, c_size_t),
    'model_save_memory': (STATUS, c_void_p, c_void_p, c_size_t, POINTER(c_size_t)),
    'model_save_diffusers': (STATUS, c_void_p, c_void_p, c_char_p),
    'model_dim': (c_size_t, c_void_p),
    'model_outputs': (c_size_t, c_void_p),
    'model_classes': (c_int32, c_void_p),
    'model_shape': (STATUS, c_void_p, write_or_none('int64'), c_size_t, POINTER(c_size_t)),
    'model_spec': (c_char_p, c_void_p),
    'model_forward': (STATUS, c_void_p, read('float32'), read('float64'), c_void_p, c_size_t, write('float32')),
    'prediction_convert': (STATUS, c_void_p, c_double, c_char_p, c_char_p, read('float64'), read('float64'), c_size_t,
                           write('float64')),
    'model_predict': (STATUS, c_void_p, c_void_p, read('float32'), read('int32'), c_void_p, c_size_t, write('float32'),
                      write_or_none('float32')),
    'model_parameter_count': (c_size_t, c_void_p),
    'model_parameter_name': (c_char_p, c_void_p, c_size_t),
    'model_parameter_shape': (STATUS, c_void_p, c_char_p, write_or_none('int64'), c_size_t, POINTER(c_size_t)),
    'model_parameter': (STATUS, c_void_p, c_char_p, write('float32'), c_size_t),
    'model_set_parameter': (STATUS, c_void_p, c_char_p, read('float32'), c_size_t),
    'model_metadata': (c_char_p, c_void_p, c_char_p),
    'model_set_metadata': (STATUS, c_void_p, c_char_p, c_char_p),
    'model_free': (None, c_void_p),
    'model_set_moments': (STATUS, c_void_p, c_void_p, read_or_none('float64'), read_or_none('float64'), c_double),
    'model_moments': (STATUS, c_void_p, write_or_none('float64'), write_or_none('float64'), POINTER(c_double), c_size_t,
                      POINTER(c_size_t)),
    'forward_sample': (STATUS, c_void_p, read('int32'), read('float32'), read('float32'), c_size_t, c_size_t,
                       write('float32')),
    'forward_step': (STATUS, c_void_p, c_int32, read('float32'), read('float32'), c_size_t, c_size_t, write('float32')),
    'forward_trajectory': (STATUS, c_void_p, read('float32'), read('float32'), c_size_t, c_size_t, write('float32')),
    'marginal': (STATUS, c_void_p, c_int32, read('float64'), c_size_t, write('float64'), write('float64')),
    'posterior': (STATUS, c_void_p, c_int32, read('float64'), read('float64'), c_size_t, write('float64'),
                  write('float64')),
    'gaussian_kl': (STATUS, read('float64'), read('float64'), read('float64'), read('float64'), c_size_t,
                    POINTER(c_double)),
    'bernoulli_kl': (STATUS, read('float64'), read('float64'), c_size_t, POINTER(c_double)),
    'discretized_log_likelihood': (STATUS, c_char_p, read('float64'), read('float64'), read('float64'), c_size_t,
                                   c_int32, write('float64')),
    'entropy': (STATUS, c_void_p, c_char_p, c_int32, read_or_none('float64'), read_or_none('float64'), c_size_t,
                POINTER(c_double)),
    'entropy_bounds': (STATUS, c_void_p, c_int32, POINTER(c_double), POINTER(c_double)),
    'set_allocator': (STATUS, allocate_fn, release_fn, c_void_p),
    'set_parameter_limit': (STATUS, c_size_t),
    'set_log': (None, log_fn, c_void_p),
    'set_threads': (STATUS, c_int32),
    'threads': (c_int32,),
    'help': (STATUS, c_char_p, c_void_p, c_size_t, POINTER(c_size_t)),
    'sampler_create': (STATUS, POINTER(c_void_p), c_void_p, c_void_p, c_char_p),
    'sampler_set_noise': (STATUS, c_void_p, noise_fn, c_void_p),
    'sampler_set_progress': (STATUS, c_void_p, progress_fn, c_void_p),
    'sampler_set_start': (STATUS, c_void_p, read_or_none('float32'), c_size_t),
    'sampler_set_start_double': (STATUS, c_void_p, read_or_none('float64'), c_size_t),
    'sampler_set_known': (STATUS, c_void_p, read_or_none('float32'), read_or_none('uint8'), c_size_t),
    'sampler_set_observed': (STATUS, c_void_p, read_or_none('float32'), c_double, c_size_t),
    'sampler_set_guidance': (STATUS, c_void_p, guidance_fn, c_void_p),
    'sampler_run': (STATUS, c_void_p, c_void_p, c_size_t, write('float32')),
    'sampler_begin': (STATUS, c_void_p, c_void_p, c_size_t),
    'sampler_step': (STATUS, c_void_p),
    'sampler_state': (STATUS, c_void_p, write_or_none('float32'), POINTER(c_double)),
    'sampler_evaluations': (STATUS, c_void_p, write('int64'), c_size_t),
    'sampler_spec': (c_char_p, c_void_p),
    'sampler_error': (c_char_p, c_void_p),
    'sampler_free': (None, c_void_p),
    'model_from_data': (STATUS, c_void_p, read('float64'), c_size_t, write('float32')),
    'model_to_data': (STATUS, c_void_p, read('float32'), c_size_t, write('float64')),
    'model_scaling': (STATUS, c_void_p, c_char_p, write('float64')),
    'schedule_create': (STATUS, POINTER(c_void_p), c_char_p),
    'schedule_create_from_betas': (STATUS, POINTER(c_void_p), read('float64'), c_int32, c_char_p),
    'schedule_steps': (c_int32, c_void_p),
    'schedule_spec': (c_char_p, c_void_p),
    'schedule_values': (STATUS, c_void_p, c_char_p, write('float64')),
    'schedule_level': (STATUS, c_void_p, c_double, POINTER(c_double), POINTER(c_double), POINTER(c_double)),
    'schedule_time': (STATUS, c_void_p, c_double, POINTER(c_double)),
    'schedule_free': (None, c_void_p),
    'status_name': (c_char_p, c_int32),
    'last_error': (c_char_p,),
    'trainer_create': (STATUS, POINTER(c_void_p), c_void_p, c_void_p, c_char_p),
    'trainer_draw': (STATUS, c_void_p, c_int64, c_size_t, write('int64')),
    'trainer_step': (STATUS, c_void_p, read('float32'), c_void_p, c_size_t, POINTER(c_double)),
    'trainer_gradient': (STATUS, c_void_p, read('float32'), c_void_p, c_size_t, POINTER(c_double),
                         write_or_none('float32'), c_size_t),
    'trainer_loss': (STATUS, c_void_p, read('float32'), c_void_p, c_size_t, c_uint64, POINTER(c_double)),
    'trainer_change': (STATUS, c_void_p, c_char_p),
    'trainer_steps': (c_int64, c_void_p),
    'trainer_rate': (c_double, c_void_p),
    'trainer_spec': (c_char_p, c_void_p),
    'trainer_set_metadata': (STATUS, c_void_p, c_char_p, c_char_p),
    'trainer_metadata': (c_char_p, c_void_p, c_char_p),
    'trainer_save': (STATUS, c_void_p, c_char_p),
    'trainer_save_snapshot': (STATUS, c_void_p, c_char_p),
    'trainer_average': (STATUS, POINTER(c_void_p), POINTER(c_char_p), c_size_t, c_double, POINTER(c_double)),
    'trainer_resume': (STATUS, POINTER(c_void_p), c_char_p),
    'trainer_model': (c_void_p, c_void_p),
    'trainer_schedule': (c_void_p, c_void_p),
    'trainer_error': (c_char_p, c_void_p),
    'trainer_free': (None, c_void_p),
    'version': (c_char_p,),
    'blas_core': (c_char_p,),
    'blas_threading': (c_char_p,),
}
