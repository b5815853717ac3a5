-- The reverse process p: a network and how its output is read.
local ffi = require("ffi")
local callbacks = require("diffusion.callbacks")
local condition = require("diffusion.condition")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local model = handle.class("model")

function model.create(spec, seed)
    return model.own(handle.make("model", "diffusion_model_create", values.text("spec", spec),
        values.seed("seed", seed)))
end

local function of_network(create, kind, spec, network)
    local slot = callbacks.slot("network", network)
    local pointer = handle.make("model", create, values.text("spec", spec), callbacks.of(kind), slot.user)
    local self = model.own(pointer, { slot = slot })
    slot.dim, slot.outputs = self:dim(), self:outputs()
    return self
end

--- A model of a network of the program's: function(x, time, condition, n, out) fills out, [n, outputs], of x, [n, dim],
-- at time, [n]; all are pointers, valid for the call alone. condition is nil, or has labels, vectors and observed.
function model.create_callback(spec, network)
    return of_network("diffusion_model_create_callback", "diffusion_predict_fn", spec, network)
end

--- The same in double.
function model.create_callback_double(spec, network)
    return of_network("diffusion_model_create_callback_double", "diffusion_predict_double_fn", spec, network)
end

--- Of a file, or of a folder of diffusers.
function model.load(path)
    return model.own(handle.make("model", "diffusion_model_load", values.text("path", path)))
end

--- Of the bytes of such a file, a string.
function model.load_memory(bytes)
    if type(bytes) ~= "string" then
        errors.fail("ARGUMENT", "bytes is %s, expected a string", type(bytes))
    end
    return model.own(handle.make("model", "diffusion_model_load_memory", bytes, #bytes))
end

function model:save(path)
    errors.call("diffusion_model_save", self:pointer(), values.text("path", path))
end

function model:save_diffusers(of, path)
    errors.call("diffusion_model_save_diffusers", self:pointer(), handle.pointer_of("schedule", of, schedule),
        values.text("path", path))
end

--- The bytes of the file that save() writes, as a string.
function model:save_memory()
    local needed = ffi.new("size_t[1]")
    errors.call("diffusion_model_save_memory", self:pointer(), nil, 0, needed)
    local bytes = ffi.new("uint8_t[?]", needed[0])
    errors.call("diffusion_model_save_memory", self:pointer(), bytes, needed[0], nil)
    return ffi.string(bytes, needed[0])
end

function model:dim()
    return tonumber(library.diffusion_model_dim(self:pointer()))
end

function model:outputs()
    return tonumber(library.diffusion_model_outputs(self:pointer()))
end

function model:classes()
    return library.diffusion_model_classes(self:pointer())
end

function model:spec()
    return handle.text(library.diffusion_model_spec(self:pointer()))
end

local function sizes(name, ...)
    local rank, shape, arguments = ffi.new("size_t[1]"), ffi.new("int64_t[16]"), { n = select("#", ...), ... }
    local n = arguments.n
    arguments[n + 1], arguments[n + 2], arguments[n + 3] = shape, 16, rank
    errors.call(name, unpack(arguments, 1, n + 3))
    local list = {}
    for i = 1, tonumber(rank[0]) do
        list[i] = tonumber(shape[i - 1])
    end
    return list
end

--- Of one sample, such as { 28, 28, 1 }.
function model:shape()
    return sizes("diffusion_model_shape", self:pointer())
end

--- The network's output, float[n * outputs], of x, [n, dim], at times, [n].
function model:forward(x, time, given)
    local times, n = values.doubles("time", time)
    local out = ffi.new("float[?]", n * self:outputs())
    local rows = values.floats("x", x, n * self:dim())
    errors.call("diffusion_model_forward", self:pointer(), rows, times,
        handle.pointer_of("condition", given, condition, true), n, out)
    return out
end

--- Mean and variance of p(x_{t-1} | x_t), float[n * dim] each, of x at steps t, [n].
function model:predict(of, x, t, given)
    local steps, n = values.labels("t", t)
    local size = n * self:dim()
    local mean, variance = ffi.new("float[?]", size), ffi.new("float[?]", size)
    local rows = values.floats("x", x, size)
    errors.call("diffusion_model_predict", self:pointer(), handle.pointer_of("schedule", of, schedule), rows, steps,
        handle.pointer_of("condition", given, condition, true), n, mean, variance)
    return mean, variance
end

--- The names of the parameter tensors.
function model:parameter_names()
    local names = {}
    for i = 1, tonumber(library.diffusion_model_parameter_count(self:pointer())) do
        names[i] = ffi.string(library.diffusion_model_parameter_name(self:pointer(), i - 1))
    end
    return names
end

function model:parameter_shape(name)
    return sizes("diffusion_model_parameter_shape", self:pointer(), values.text("name", name))
end

--- A parameter tensor's values, row-major, and their number.
function model:parameter(name)
    local count = 1
    for _, side in ipairs(self:parameter_shape(name)) do
        count = count * side
    end
    local out = ffi.new("float[?]", count)
    errors.call("diffusion_model_parameter", self:pointer(), name, out, count)
    return out, count
end

function model:set_parameter(name, given)
    local data, count = values.floats("values", given)
    errors.call("diffusion_model_set_parameter", self:pointer(), values.text("name", name), data, count)
end

--- A text stored with the model, or nil.
function model:metadata(key)
    return handle.text(library.diffusion_model_metadata(self:pointer(), values.text("key", key)))
end

--- nil removes it.
function model:set_metadata(key, value)
    errors.call("diffusion_model_set_metadata", self:pointer(), values.text("key", key),
        value ~= nil and values.text("value", value) or nil)
end

--- { noise, error, data_variance, steps }, or nil where there are none.
function model:moments()
    local steps = ffi.new("size_t[1]")
    errors.call("diffusion_model_moments", self:pointer(), nil, nil, nil, 0, steps)
    local count = tonumber(steps[0])
    if count == 0 then
        return nil
    end
    local noise, wrong, variance = ffi.new("double[?]", count), ffi.new("double[?]", count), ffi.new("double[1]")
    errors.call("diffusion_model_moments", self:pointer(), noise, wrong, variance, count, steps)
    return { noise = noise, error = wrong, data_variance = variance[0], steps = count }
end

--- Those of evaluator:moments(); nil forgets them. Without `error` the model is taken to know the mean.
function model:set_moments(of, moments)
    local pointer, steps = handle.pointer_of("schedule", of, schedule), of:steps()
    local noise = moments and values.doubles("noise", moments.noise, steps)
    local wrong = moments and moments.error and values.doubles("error", moments.error, steps) or nil
    errors.call("diffusion_model_set_moments", self:pointer(), pointer, noise, wrong,
        moments and values.number("data_variance", moments.data_variance) or 0)
end

--- From the data's units, [n, dim], to the model's numbers, float[n * dim].
function model:from_data(data)
    local given, count = values.doubles("values", data)
    local x = ffi.new("float[?]", count)
    local _, n = values.rows("values", x, self:dim())
    errors.call("diffusion_model_from_data", self:pointer(), given, n, x)
    return x
end

--- And back, double[n * dim].
function model:to_data(x)
    local given, n = values.rows("x", x, self:dim())
    local data = ffi.new("double[?]", n * self:dim())
    errors.call("diffusion_model_to_data", self:pointer(), given, n, data)
    return data
end

--- "shift", "scale", "dequantize", "minimum" or "maximum" of every value of a sample, double[dim].
function model:scaling(quantity)
    local out = ffi.new("double[?]", self:dim())
    errors.call("diffusion_model_scaling", self:pointer(), values.text("quantity", quantity), out)
    return out
end

return model
