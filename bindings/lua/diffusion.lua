--- libdiffusion for LuaJIT: trains, samples and measures diffusion probabilistic models on an ordinary CPU: README.md.
local ffi = require("ffi")
local callbacks = require("diffusion.callbacks")
local errors = require("diffusion.errors")
local library = require("diffusion.library")
local raw = require("diffusion.raw")
local values = require("diffusion.values")

local diffusion = {
    Error = errors.Error,
    is_error = errors.is_error,
    status = raw.status,
    totable = values.totable,
}

-- diffusion.schedule(spec), and beside it what makes one otherwise: diffusion.schedule_create_from_betas(...).
local others = {
    schedule = { "create_from_betas" },
    condition = {},
    model = { "create_callback", "create_callback_double", "load", "load_memory" },
    trainer = { "resume", "average" },
    sampler = {},
    evaluator = {},
    coder = { "load" },
}
for kind, names in pairs(others) do
    local class = require("diffusion." .. kind)
    diffusion[kind] = class.create
    for _, name in ipairs(names) do
        diffusion[kind .. "_" .. name] = class[name]
    end
end
for name, form in pairs(require("diffusion.process")) do
    diffusion[name] = form
end

function diffusion.version()
    return ffi.string(library.diffusion_version())
end

function diffusion.blas_core()
    return ffi.string(library.diffusion_blas_core())
end

function diffusion.blas_threading()
    return ffi.string(library.diffusion_blas_threading())
end

--- How many threads the calls of this thread use; set 0 for the default.
function diffusion.threads()
    return library.diffusion_threads()
end

function diffusion.set_threads(count)
    errors.call("diffusion_set_threads", values.integer("threads", count))
end

function diffusion.set_parameter_limit(count)
    errors.call("diffusion_set_parameter_limit", values.size("count", count))
end

--- function(level, message) for warnings, nil for silence: of the whole process, so for programs of one state. What it
-- raises, nobody hears.
function diffusion.set_log(log)
    callbacks.log = log and function(...)
        pcall(log, ...)
    end
    library.diffusion_set_log(log and callbacks.of("diffusion_log_fn"), nil)
end
jit.off(diffusion.set_log) -- it may call back at once

--- Every kind, key, default and range of "schedule", "model", "trainer", "sampler", "evaluator" or "coder".
function diffusion.help(topic)
    local needed = ffi.new("size_t[1]")
    errors.call("diffusion_help", values.text("topic", topic), nil, 0, needed)
    local text = ffi.new("char[?]", needed[0])
    errors.call("diffusion_help", topic, text, needed[0], nil)
    return ffi.string(text)
end

return diffusion
