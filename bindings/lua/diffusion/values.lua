-- What is handed to C: numbers within their ranges, texts without NUL, arrays of the length that C will read.
local ffi = require("ffi")
local errors = require("diffusion.errors")

local values = {}

local function refuse(format, ...)
    errors.fail("ARGUMENT", format, ...)
end

local function shown(value)
    return type(value) == "number" and ("%.17g"):format(value) or type(value)
end

--- A whole number within a range, int32 unless one is given.
function values.integer(name, value, minimum, maximum)
    minimum, maximum = minimum or -2 ^ 31, maximum or 2 ^ 31 - 1
    if type(value) ~= "number" or value % 1 ~= 0 or value < minimum or value > maximum then
        refuse("%s is %s, expected a whole number %.17g..%.17g", name, shown(value), minimum, maximum)
    end
    return value
end

function values.size(name, value)
    return values.integer(name, value, 0, 2 ^ 53)
end

--- A whole number up to 2^53, or up to 2^64 as 123ULL.
function values.seed(name, value)
    if type(value) == "cdata" and ffi.istype("uint64_t", value) then
        return value
    end
    return values.size(name, value)
end

function values.number(name, value)
    if type(value) ~= "number" then
        refuse("%s is %s, expected a number", name, shown(value))
    end
    return value
end

function values.text(name, value)
    if type(value) ~= "string" then
        refuse("%s is %s, expected a string", name, shown(value))
    end
    local at = value:find("\0", 1, true)
    if at then
        refuse("%s holds a NUL character at %d", name, at)
    end
    return value
end

local ranges = { int32_t = { -2 ^ 31, 2 ^ 31 - 1 }, uint8_t = { 0, 255 } }
local spelled = { int = "int32_t", ["unsigned char"] = "uint8_t" }

local function from_table(name, list, element)
    local range = ranges[element]
    for i = 1, #list do
        local value = list[i]
        if value == true or value == false then
            value = element == "uint8_t" and (value and 1 or 0) or value
        end
        local fits = not range or type(value) == "number" and value % 1 == 0 and value >= range[1] and value <= range[2]
        if type(value) ~= "number" or not fits then
            refuse("%s[%d] is %s, expected %s", name, i, shown(value), element)
        end
    end
    local array = ffi.new(element .. "[?]", #list)
    for i = 1, #list do
        local value = list[i]
        array[i - 1] = value == true and 1 or value == false and 0 or value
    end
    return array, #list
end

local function array(element)
    local size = ffi.sizeof(element)
    --- An array of C as it lies, or a list as a copy; and its length, which is checked if one is given.
    return function(name, given, length)
        local values_of, count
        if type(given) == "table" then
            values_of, count = from_table(name, given, element)
        else
            local kind = type(given) == "cdata" and tostring(ffi.typeof(given)) or type(given)
            local found = kind:match("^ctype<const (.-) [%[(]") or kind:match("^ctype<(.-) [%[(]")
            if not found or kind:find("*", 1, true) or (spelled[found] or found) ~= element then
                refuse("%s is %s, expected a table or an array of %s", name, kind, element)
            end
            values_of, count = given, ffi.sizeof(given) / size
        end
        if length and count ~= length then
            errors.fail("SHAPE", "%s holds %d values, expected %d", name, count, length)
        end
        return values_of, count
    end
end

values.floats = array("float")
values.doubles = array("double")
values.labels = array("int32_t")
values.mask = array("uint8_t")

--- An array of floats, of rows of `dim` values, and how many rows that is.
function values.rows(name, given, dim)
    local data, count = values.floats(name, given)
    if dim == 0 and count > 0 or count % math.max(dim, 1) ~= 0 then
        errors.fail("SHAPE", "%s holds %d values, expected rows of %d", name, count, dim)
    end
    return data, dim == 0 and 0 or count / dim
end

--- A list of the numbers of an array of C.
function values.totable(given)
    local kind = tostring(ffi.typeof(given))
    local element = kind:match("^ctype<(.-) [%[(]")
    if not element or kind:find("*", 1, true) then
        refuse("array is %s, expected an array of numbers", kind)
    end
    local list = {}
    for i = 1, ffi.sizeof(given) / ffi.sizeof(element) do
        list[i] = tonumber(given[i - 1])
    end
    return list
end

return values
