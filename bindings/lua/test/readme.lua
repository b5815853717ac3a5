local check = require("test.check")

check.fact("the program in README.md runs", function()
    local file = assert(io.open("README.md"))
    local program = file:read("*a"):match("```lua\n(.-)```")
    file:close()
    local path, said = os.tmpname(), {}
    program = program:gsub("corners.safetensors", path)
    setfenv(assert(loadstring(program)), setmetatable({
        print = function(...)
            said[#said + 1] = table.concat({ ... }, " ")
        end,
    }, { __index = _G }))()
    os.remove(path)
    check.equal(#said, 4)
    for _, line in ipairs(said) do
        local x, y = line:match("^(%-?[%d.]+) (%-?[%d.]+)$")
        assert(math.abs(math.abs(x) - 1) < 0.3 and math.abs(math.abs(y) - 1) < 0.3, line)
    end
end)
