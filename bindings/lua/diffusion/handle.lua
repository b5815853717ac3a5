-- Handles of C as objects: freed when they are collected, or by close().
local ffi = require("ffi")
local callbacks = require("diffusion.callbacks")
local errors = require("diffusion.errors")
local library = require("diffusion.library")

local handle = {}

--- A class of objects of one kind of handle: methods go into what is returned.
function handle.class(kind)
    local class = { kind = kind }
    class.__index = class
    class.__tostring = function(self)
        return ("diffusion.%s: %s"):format(kind, self:is_closed() and "closed" or self.spec and self:spec() or "open")
    end

    --- Takes over a pointer that C has made, or with an owner one that it lends.
    function class.own(pointer, fields)
        local self = setmetatable(fields or {}, class)
        self.slots = {}
        self.raw = self.owner and pointer or ffi.gc(pointer, library["diffusion_" .. kind .. "_free"])
        return self
    end

    function class:is_closed()
        return self.closed or (self.owner ~= nil and self.owner.closed) or false
    end

    --- The pointer for C; refused once closed.
    function class:pointer()
        if self:is_closed() then
            errors.fail("STATE", "%s: it is closed", kind)
        end
        return self.raw
    end

    --- Frees the handle now; one whose call is running goes when that ends. Again, or if it is lent, nothing happens.
    function class:close()
        if self.closed or self.owner then
            return
        end
        self.closed = true
        library["diffusion_" .. kind .. "_free"](ffi.gc(self.raw, nil))
        self.raw = nil
    end

    --- Gives C a callback, nil for none, and keeps it with the object.
    function class:set_callback(name, run, sizes)
        local slot = run ~= nil and callbacks.slot(name, run, sizes) or nil
        errors.call(("diffusion_%s_set_%s"):format(kind, name), self:pointer(),
            slot and callbacks.of("diffusion_" .. name .. "_fn"), slot and slot.user)
        self.slots[name] = slot
    end

    return class
end

--- The handle that a function of C makes.
function handle.make(kind, name, ...)
    local out = ffi.new("diffusion_" .. kind .. " *[1]")
    errors.call(name, out, ...)
    return out[0]
end

--- The pointer of an argument that has to be an object of that class; nil where that is allowed.
function handle.pointer_of(name, object, class, optional)
    if optional and object == nil then
        return nil
    end
    if getmetatable(object) ~= class then
        errors.fail("ARGUMENT", "%s is %s, expected a %s", name, type(object), class.kind)
    end
    return object:pointer()
end

--- A text of the library's, or nil.
function handle.text(pointer)
    return pointer ~= nil and ffi.string(pointer) or nil
end

--- What a function of C writes: number(name, ...) calls it with room for one double more.
function handle.number(name, ...)
    local out = ffi.new("double[1]")
    local values = { n = select("#", ...), ... }
    values[values.n + 1] = out
    errors.call(name, unpack(values, 1, values.n + 1))
    return out[0]
end

return handle
