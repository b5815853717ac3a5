"""libdiffusion from Python's standard library alone: ctypes declares what it calls, and no binding is built.

    DIFFUSION_LIBRARY=build/release/libdiffusion.so python3 examples/ffi.py
"""
import ctypes
import ctypes.util
import math
import os
import random
import sys
from ctypes import POINTER, byref, c_char_p, c_double, c_float, c_size_t, c_uint64, c_void_p

path = os.environ.get("DIFFUSION_LIBRARY") or ctypes.util.find_library("diffusion")
if path is None:
    sys.exit("ffi.py: libdiffusion is not installed; name it in DIFFUSION_LIBRARY")
library = ctypes.CDLL(path)
floats = POINTER(c_float)

library.diffusion_last_error.restype = c_char_p
library.diffusion_version.restype = c_char_p
for name, arguments in {
    "schedule_create": [POINTER(c_void_p), c_char_p],
    "model_create": [POINTER(c_void_p), c_char_p, c_uint64],
    "trainer_create": [POINTER(c_void_p), c_void_p, c_void_p, c_char_p],
    "trainer_step": [c_void_p, floats, c_void_p, c_size_t, POINTER(c_double)],
    "sampler_create": [POINTER(c_void_p), c_void_p, c_void_p, c_char_p],
    "sampler_run": [c_void_p, c_void_p, c_size_t, floats],
}.items():
    getattr(library, "diffusion_" + name).argtypes = arguments


def call(name, *arguments):
    """Calls diffusion_<name> and raises its sentence if it fails."""
    if getattr(library, "diffusion_" + name)(*arguments) != 0:
        raise RuntimeError(library.diffusion_last_error().decode())


def make(kind, *arguments):
    """A handle; free() releases it."""
    handle = c_void_p()
    call(kind + "_create", byref(handle), *arguments)
    return handle


def free(kind, handle):
    release = getattr(library, f"diffusion_{kind}_free")
    release.argtypes, release.restype = [c_void_p], None
    release(handle)


def circle(count):
    """Points of a circle of radius sqrt(2): each coordinate has variance 1."""
    angles = [random.uniform(0, 2 * math.pi) for _ in range(count)]
    values = [math.sqrt(2) * f(a) for a in angles for f in (math.cos, math.sin)]
    return (c_float * (2 * count))(*values)


def main():
    random.seed(1)
    schedule = make("schedule", b"cosine steps=50")
    model = make("model", b"mlp shape=2 width=64 depth=3 predict=epsilon", 1)
    trainer = make("trainer", model, schedule, b"objective=simple rate=3e-3 ema=0 seed=1")
    loss = c_double()
    for _ in range(1500):
        call("trainer_step", trainer, circle(128), None, 128, byref(loss))

    sampler = make("sampler", model, schedule, b"ancestral seed=7")
    points = (c_float * 1000)()
    call("sampler_run", sampler, None, 500, points)
    radii = [math.hypot(points[2 * i], points[2 * i + 1]) for i in range(500)]
    mean = sum(radii) / len(radii)
    print(f"libdiffusion {library.diffusion_version().decode()}: mean radius {mean:.3f}, the data's is {math.sqrt(2):.3f}")

    try:
        make("model", b"mlp shape=2 widht=64", 1)
    except RuntimeError as error:
        print(f"a misspelt key is told: {error}")
    for kind, handle in ("sampler", sampler), ("trainer", trainer), ("model", model), ("schedule", schedule):
        free(kind, handle)
    return 0 if abs(mean - math.sqrt(2)) < 0.1 else 1


sys.exit(main())
