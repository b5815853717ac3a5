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
    "model_set_metadata": [c_void_p, c_char_p, c_char_p],
    "model_from_data": [c_void_p, POINTER(c_double), c_size_t, floats],
    "model_to_data": [c_void_p, floats, c_size_t, POINTER(c_double)],
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
    """Points of a circle of radius 5 around (100, 0)."""
    angles = [random.uniform(0, 2 * math.pi) for _ in range(count)]
    values = [v for a in angles for v in (100 + 5 * math.cos(a), 5 * math.sin(a))]
    return (c_double * (2 * count))(*values)


def main():
    random.seed(1)
    schedule = make("schedule", b"cosine steps=50")
    model = make("model", b"mlp shape=2 width=64 depth=3 predict=epsilon", 1)
    # How the data comes to mean 0 and variance 1; a model that the command trained says so by itself.
    call("model_set_metadata", model, b"data.shift", b"100,0")
    call("model_set_metadata", model, b"data.scale", str(5 / math.sqrt(2)).encode())
    trainer = make("trainer", model, schedule, b"objective=simple rate=3e-3 ema=0 seed=1")
    loss, batch = c_double(), (c_float * 256)()
    for _ in range(1500):
        call("model_from_data", model, circle(128), 128, batch)
        call("trainer_step", trainer, batch, None, 128, byref(loss))

    sampler = make("sampler", model, schedule, b"ancestral seed=7")
    scaled, points = (c_float * 1000)(), (c_double * 1000)()
    call("sampler_run", sampler, None, 500, scaled)
    call("model_to_data", model, scaled, 500, points)
    radii = [math.hypot(points[2 * i] - 100, points[2 * i + 1]) for i in range(500)]
    mean = sum(radii) / len(radii)
    print(f"libdiffusion {library.diffusion_version().decode()}: mean radius {mean:.3f}, the data's is 5")

    try:
        make("model", b"mlp shape=2 widht=64", 1)
    except RuntimeError as error:
        print(f"a misspelt key is told: {error}")
    for kind, handle in ("sampler", sampler), ("trainer", trainer), ("model", model), ("schedule", schedule):
        free(kind, handle)
    return 0 if abs(mean - 5) < 0.35 else 1


sys.exit(main())
