-- Functions of Lua as callbacks of C. Nothing may be raised through C: what a function raises is caught, and raised
-- again by the call that it stopped. LuaJIT has few callbacks, so there is one for each type, made when it is first
-- needed; C keeps a number, by which the function is found as long as the object that it was given to keeps its slot.
local ffi = require("ffi")
local errors = require("diffusion.errors")
local library = require("diffusion.library")

local callbacks = {}

local slots, count = setmetatable({}, { __mode = "v" }), 0

--- Keeps a function, with what its arguments are read by (dim, outputs).
function callbacks.slot(name, run, sizes)
    if type(run) ~= "function" then
        errors.fail("ARGUMENT", "%s is %s, expected a function or nil", name, type(run))
    end
    local slot = sizes or {}
    count = count + 1
    slot.run, slot.user = run, ffi.cast("void *", count)
    slots[count] = slot
    return slot
end

local function slot_of(user)
    return slots[tonumber(ffi.cast("intptr_t", user))]
end

local function guarded(user, run, ...)
    local slot = slot_of(user)
    local fine, raised = pcall(run, slot, ...)
    return fine and 0 or errors.keep(raised)
end

-- What a function leaves out is refused as not finite.
local function clear(values, length)
    for i = 0, length - 1 do
        values[i] = 0 / 0
    end
end

local function conditions(condition, n)
    if condition == nil then
        return nil
    end
    local width = ffi.new("size_t[1]")
    local function some(pointer)
        return pointer ~= nil and pointer or nil
    end
    return {
        count = n,
        vectors = some(library.diffusion_condition_vectors(condition, width)),
        width = tonumber(width[0]),
        labels = some(library.diffusion_condition_labels(condition)),
        observed = some(library.diffusion_condition_observed(condition)),
    }
end

local function network(x, time, condition, n, out, user)
    return guarded(user, function(slot)
        n = tonumber(n)
        clear(out, n * slot.outputs)
        slot.run(x, time, conditions(condition, n), n, out)
    end)
end

local functions = {
    diffusion_predict_fn = network,
    diffusion_predict_double_fn = network,
    diffusion_progress_fn = function(done, total, user)
        return guarded(user, function(slot)
            slot.run(tonumber(done), tonumber(total))
        end)
    end,
    diffusion_noise_fn = function(values, length, sample, step, user)
        return guarded(user, function(slot)
            length = tonumber(length)
            clear(values, length)
            slot.run(values, length, tonumber(sample), step)
        end)
    end,
    diffusion_guidance_fn = function(x, t, n, gradient, user)
        return guarded(user, function(slot)
            n = tonumber(n)
            clear(gradient, n * slot.dim)
            slot.run(x, t, n, gradient)
        end)
    end,
    diffusion_log_fn = function(level, message)
        callbacks.log(ffi.string(level), ffi.string(message))
    end,
}

local made = {}

--- The callback of a type, for as long as the state lives.
function callbacks.of(type_name)
    made[type_name] = made[type_name] or ffi.cast(type_name .. " *", functions[type_name])
    return made[type_name]
end

return callbacks
