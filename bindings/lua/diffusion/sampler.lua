-- Draws from the reverse process. Samples and what is given are rows of dim values.
local ffi = require("ffi")
local condition = require("diffusion.condition")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local model = require("diffusion.model")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local sampler = handle.class("sampler")

function sampler.create(of, by, spec)
    local pointer = handle.make("sampler", "diffusion_sampler_create", handle.pointer_of("model", of, model),
        handle.pointer_of("schedule", by, schedule), values.text("spec", spec))
    return sampler.own(pointer, { network = of.slot, dim = of:dim(), n = 0 })
end

--- function(values, count, sample, step) fills values, [count]; nil for the seeded generator.
function sampler:set_noise(noise)
    self:set_callback("noise", noise)
end

--- function(done, total), of samples times steps; nil for none.
function sampler:set_progress(progress)
    self:set_callback("progress", progress)
end

--- function(x, t, n, gradient) fills the gradient of log r(x), [n, dim]; nil for none.
function sampler:set_guidance(guidance)
    self:set_callback("guidance", guidance, { dim = self.dim })
end

--- The chain's first state, [n, dim]; an array of double in its own precision. nil forgets it.
function sampler:set_start(x)
    if x ~= nil and type(x) == "cdata" and tostring(ffi.typeof(x)):match("double [%[(]") then
        local given, count = values.doubles("x", x)
        local _, n = values.rows("x", ffi.new("float[?]", count), self.dim)
        errors.call("diffusion_sampler_set_start_double", self:pointer(), given, n)
        return
    end
    local given, n = nil, 0
    if x ~= nil then
        given, n = values.rows("x", x, self.dim)
    end
    errors.call("diffusion_sampler_set_start", self:pointer(), given, n)
end

--- Inpainting: values, [n, dim], and which of them are known; nil forgets them.
function sampler:set_known(x0, mask)
    local given, known, n = nil, nil, 0
    if x0 ~= nil then
        given, n = values.rows("x0", x0, self.dim)
        known = values.mask("mask", mask, n * self.dim)
    end
    errors.call("diffusion_sampler_set_known", self:pointer(), given, known, n)
end

--- Denoising: an observation, [n, dim], with noise of this variance (bits: probability); nil forgets it.
function sampler:set_observed(y, noise)
    local given, n = nil, 0
    if y ~= nil then
        given, n = values.rows("y", y, self.dim)
        values.number("noise", noise)
    end
    errors.call("diffusion_sampler_set_observed", self:pointer(), given, noise or 1, n)
end

-- A chain of n samples, which callbacks may look at; where it is refused the one before may stand on.
local function begun(self, name, n, given, ...)
    local pointer, before = self:pointer(), self.n
    local of = handle.pointer_of("condition", given, condition, true)
    self.n = n
    local fine, failure = pcall(errors.call, name, pointer, of, n, ...)
    if not fine then
        self.n = before
        error(failure, 0)
    end
end
jit.off(begun)

--- n samples, float[n * dim].
function sampler:run(n, given)
    local x0 = ffi.new("float[?]", values.size("n", n) * self.dim)
    begun(self, "diffusion_sampler_run", n, given, x0)
    return x0
end

--- Begins n samples step by step; step() until state() says time 0.
function sampler:begin(n, given)
    begun(self, "diffusion_sampler_begin", values.size("n", n), given)
end

function sampler:step()
    errors.call("diffusion_sampler_step", self:pointer())
end

--- How often the model has been asked about each sample, int64_t[n].
function sampler:evaluations()
    local out = ffi.new("int64_t[?]", self.n)
    errors.call("diffusion_sampler_evaluations", self:pointer(), out, self.n) -- refuses another n than the chain's
    return out
end

--- Where the chain stands: the time, and x_t, float[n * dim].
function sampler:state()
    self:evaluations()
    local t, x = ffi.new("double[1]"), ffi.new("float[?]", self.n * self.dim)
    errors.call("diffusion_sampler_state", self:pointer(), x, t)
    return t[0], x
end

function sampler:spec()
    return handle.text(library.diffusion_sampler_spec(self:pointer()))
end

return sampler
