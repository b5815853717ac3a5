-- Failures as tables: { status, name, message }, which print as their sentence.
local ffi = require("ffi")
local library = require("diffusion.library")
local raw = require("diffusion.raw")

local errors = {}

local Error = {}
Error.__index = Error
Error.__tostring = function(self)
    return self.message
end
errors.Error = Error

function errors.make(status, message)
    local name = ffi.string(library.diffusion_status_name(status))
    return setmetatable({ status = status, name = name, message = message }, Error)
end

--- Raises a failure of what a caller gave: fail("SHAPE", "x0 holds %d values", n).
function errors.fail(kind, format, ...)
    error(errors.make(raw.status["E_" .. kind], format:format(...)), 0)
end

--- Whether a value that has been caught is a failure of the library's, and its table.
function errors.is_error(value)
    return getmetatable(value) == Error
end

-- What callbacks raised, by the value that stopped the library's call, which comes back from it unchanged.
local raised, last = {}, 0

--- Keeps what a callback raised; gives the value by which it stops the call.
function errors.keep(value)
    repeat
        last = last % 0x7fffffff + 1
    until raised[last] == nil
    raised[last] = { value = value }
    return last
end

--- Calls a function of C that returns a status, and raises where that says so. Compiled code must not call what calls
-- back: LuaJIT would give up.
function errors.call(name, ...)
    local status = library[name](...)
    if status == 0 then
        return
    end
    local kept = raised[status]
    if kept then
        raised[status] = nil
        error(kept.value, 0)
    end
    error(errors.make(status, ffi.string(library.diffusion_last_error())), 0)
end
jit.off(errors.call)

return errors
