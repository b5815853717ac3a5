"""The variance of the bound's estimate from one t: T times the KL of a step drawn evenly from 2..T, over steps, samples and noise.

    estimate_variance.py LIBRARY MODEL.safetensors DIGITS.csv.gz ROWS    (the last ROWS of the digits, --data scale=grid)

Prints, in bits per value: the sum of the KLs, the deviation of one estimate of it, the part of that which is the choice of t;
and how far the schedule reaches. By the library's C interface alone; Python's standard library does.
"""
import ctypes
import gzip
import math
import sys

library, model_path, data_path, rows = sys.argv[1:]
lib = ctypes.CDLL(library)
lib.diffusion_model_metadata.restype = lib.diffusion_schedule_spec.restype = ctypes.c_char_p
lib.diffusion_last_error.restype = ctypes.c_char_p


def call(name, *arguments):
    if getattr(lib, name)(*arguments) != 0:
        sys.exit(f"{name}: {lib.diffusion_last_error().decode()}")


def handle(name, *arguments):
    out = ctypes.c_void_p()
    call(name, ctypes.byref(out), *arguments)
    return out


lines = gzip.open(data_path, "rt").read().split()[-int(rows):]
table = [[float(value) for value in line.split(",")] for line in lines]
n, dim = len(table), 64
values = (ctypes.c_float * (n * dim))(*[value / 8 - 1 for row in table for value in row[:dim]])
labels = (ctypes.c_int32 * n)(*[int(row[dim]) for row in table])

model = handle("diffusion_model_load", model_path.encode())
spec = lib.diffusion_model_metadata(model, b"schedule")
schedule = handle("diffusion_schedule_create", spec)
condition = handle("diffusion_condition_create", ctypes.c_size_t(n))
call("diffusion_condition_set_labels", condition, labels)
elbo = handle("diffusion_evaluator_create", model, schedule, b"elbo draws=1 terms=all edge=discretized levels=17 seed=1")
call("diffusion_evaluator_run", elbo, values, condition, ctypes.c_size_t(n))
steps = lib.diffusion_schedule_steps(schedule)
bits, error = (ctypes.c_double * steps)(), (ctypes.c_double * steps)()
call("diffusion_evaluator_terms", elbo, bits, error)
mean = [bits[t] / dim for t in range(1, steps)]
scatter = [n * (error[t] / dim) ** 2 for t in range(1, steps)]
drawn = len(mean)
total = sum(mean)
by_t = max(drawn * sum(m * m for m in mean) - total * total, 0)
whole = drawn * sum(m * m + s for m, s in zip(mean, scatter)) - total * total
log_snr = (ctypes.c_double * steps)()
call("diffusion_schedule_values", schedule, b"log_snr", log_snr)
print(f"{total:.3f} | {math.sqrt(whole):.3f} | {math.sqrt(by_t):.3f} | {log_snr[0]:.2f} .. {log_snr[steps - 1]:.2f}")
