-- Measures models on data, and samples against data.
local ffi = require("ffi")
local condition = require("diffusion.condition")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local model = require("diffusion.model")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local evaluator = handle.class("evaluator")

--- Model and schedule are nil for the kinds that measure samples, whoever drew them.
function evaluator.create(of, by, spec)
    local pointer = handle.make("evaluator", "diffusion_evaluator_create", handle.pointer_of("model", of, model, true),
        handle.pointer_of("schedule", by, schedule, true), values.text("spec", spec))
    return evaluator.own(pointer,
        { network = of and of.slot, dim = of and of:dim(), steps = by and by:steps() or 0, n = 0 })
end

--- function(values, count, sample, step) fills values, [count]; nil for the seeded generator.
function evaluator:set_noise(noise)
    self:set_callback("noise", noise)
end

--- function(done, total); nil for none.
function evaluator:set_progress(progress)
    self:set_callback("progress", progress)
end

--- What a run is measured against, [m, dim]; copied.
function evaluator:set_reference(samples, dim)
    local rows, m = values.rows("samples", samples, values.size("dim", dim))
    errors.call("diffusion_evaluator_set_reference", self:pointer(), rows, m, dim)
    self.dim = dim
end

--- Measures x0, [n, dim].
function evaluator:run(x0, given)
    local data, count = values.floats("x0", x0)
    local _, n = values.rows("x0", data, self.dim or math.max(count, 1)) -- without a reference the library says so
    errors.call("diffusion_evaluator_run", self:pointer(), data,
        handle.pointer_of("condition", given, condition, true), n)
    self.n = n
end

--- One figure of the last run, such as "k_bits".
function evaluator:value(quantity)
    return handle.number("diffusion_evaluator_value", self:pointer(), values.text("quantity", quantity))
end

local function figures(self, name, count, ...)
    local bits, deviation = ffi.new("double[?]", count), ffi.new("double[?]", count)
    errors.call(name, self:pointer(), bits, deviation, ...)
    return bits, deviation
end

--- The term of every step and its standard error, double[T] each.
function evaluator:terms()
    return figures(self, "diffusion_evaluator_terms", self.steps)
end

--- The figure of every sample of the last run and its standard error, double[n] each.
function evaluator:samples()
    return figures(self, "diffusion_evaluator_samples", self.n, self.n)
end

--- The nearest row of the reference of every sample of the last run, int64_t[n], from 0 (nearest).
function evaluator:neighbours()
    local rows = ffi.new("int64_t[?]", self.n)
    errors.call("diffusion_evaluator_neighbours", self:pointer(), rows, self.n)
    return rows
end

--- What model:set_moments() stores (moments).
function evaluator:moments()
    local noise, wrong = figures(self, "diffusion_evaluator_moments", self.steps)
    return { noise = noise, error = wrong, data_variance = self:value("data_variance"), steps = self.steps }
end

function evaluator:spec()
    return handle.text(library.diffusion_evaluator_spec(self:pointer()))
end

return evaluator
