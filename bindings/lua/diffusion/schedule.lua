-- The forward process q. Immutable.
local ffi = require("ffi")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local values = require("diffusion.values")

local schedule = handle.class("schedule")

function schedule.create(spec)
    return schedule.own(handle.make("schedule", "diffusion_schedule_create", values.text("spec", spec)))
end

function schedule.create_from_betas(betas, spec)
    local given, steps = values.doubles("betas", betas)
    return schedule.own(handle.make("schedule", "diffusion_schedule_create_from_betas", given, steps,
        values.text("spec", spec or "")))
end

function schedule:steps()
    return library.diffusion_schedule_steps(self:pointer())
end

function schedule:spec()
    return handle.text(library.diffusion_schedule_spec(self:pointer()))
end

--- One quantity ("beta", "alpha_bar", "log_snr", ...) as double[T], that of step t at t - 1.
function schedule:values(quantity)
    local out = ffi.new("double[?]", self:steps())
    errors.call("diffusion_schedule_values", self:pointer(), values.text("quantity", quantity), out)
    return out
end

--- signal, sigma and log SNR at a time 0..T.
function schedule:level(t)
    local out = ffi.new("double[3]")
    errors.call("diffusion_schedule_level", self:pointer(), values.number("t", t), out, out + 1, out + 2)
    return out[0], out[1], out[2]
end

--- The time at which the log SNR has come down to a value.
function schedule:time(log_snr)
    return handle.number("diffusion_schedule_time", self:pointer(), values.number("log_snr", log_snr))
end

return schedule
