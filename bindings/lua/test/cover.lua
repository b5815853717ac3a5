local check = require("test.check")

local function read(path)
    local file = assert(io.open(path))
    local text = file:read("*a")
    file:close()
    return text
end

-- Functions that are named by their kinds: "diffusion_" .. kind .. "_free" and the like.
local made = { "_free$", "_set_noise$", "_set_progress$", "_set_guidance$" }
-- README.md says of the first that it is not there; errors of other threads' calls are not met in Lua.
local without = { "^diffusion_set_allocator$", "_error$" }

check.fact("every function of the library is called", function()
    local text = read("diffusion.lua")
    for _, name in ipairs({ "callbacks", "coder", "condition", "errors", "evaluator", "handle", "library", "model",
        "process", "sampler", "schedule", "trainer" }) do
        text = text .. read("diffusion/" .. name .. ".lua")
    end
    local function called(name)
        for _, pattern in ipairs(name == "diffusion_last_error" and {} or without) do
            if name:find(pattern) then
                return true
            end
        end
        for _, pattern in ipairs(made) do
            if name:find(pattern) then
                return true
            end
        end
        return text:find(name .. "%f[^%w_]") ~= nil
    end
    local missing, count = {}, 0
    for name in read("diffusion/raw.lua"):gmatch("\n[^\n]-(diffusion_[%w_]+)%([^\n]*") do
        count = count + 1
        if not name:find("_fn$") and not called(name) then
            missing[#missing + 1] = name
        end
    end
    assert(count > 100, "only " .. count .. " functions")
    check.equal(table.concat(missing, " "), "")
end)
