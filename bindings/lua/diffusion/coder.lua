-- Codes discrete data without loss.
local ffi = require("ffi")
local condition = require("diffusion.condition")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local model = require("diffusion.model")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local coder = handle.class("coder")

local function made(name, of, by, text)
    local pointer = handle.make("coder", name, handle.pointer_of("model", of, model),
        handle.pointer_of("schedule", by, schedule), text)
    return coder.own(pointer, { network = of.slot, dim = of:dim() })
end

function coder.create(of, by, spec)
    return made("diffusion_coder_create", of, by, values.text("spec", spec))
end

--- Of a file that save() wrote, by the same model and schedule.
function coder.load(of, by, path)
    return made("diffusion_coder_load", of, by, values.text("path", path))
end

--- function(done, total); nil for none.
function coder:set_progress(progress)
    self:set_callback("progress", progress)
end

--- Codes x0, [n, dim], in place of what was coded before.
function coder:encode(x0, given)
    local rows, n = values.rows("x0", x0, self.dim)
    errors.call("diffusion_coder_encode", self:pointer(), rows,
        handle.pointer_of("condition", given, condition, true), n)
end

--- All that has been coded: float[n * dim], int32_t[n] of labels, -1 for none.
function coder:decode()
    local n = self:value("samples")
    local x0, labels = ffi.new("float[?]", n * self.dim), ffi.new("int32_t[?]", n)
    errors.call("diffusion_coder_decode", self:pointer(), x0, labels, n)
    return x0, labels
end

--- "bytes", "bits_per_dimension" and the like.
function coder:value(quantity)
    return handle.number("diffusion_coder_value", self:pointer(), values.text("quantity", quantity))
end

function coder:save(path)
    errors.call("diffusion_coder_save", self:pointer(), values.text("path", path))
end

function coder:spec()
    return handle.text(library.diffusion_coder_spec(self:pointer()))
end

return coder
