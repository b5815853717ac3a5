-- luajit test/run.lua, in bindings/lua: all facts; DIFFUSION_LIBRARY may name the library's file.
package.path = "./?.lua;" .. package.path
local check = require("test.check")
for _, name in ipairs({ "errors", "callbacks", "objects", "cover", "readme" }) do
    require("test." .. name)
end
print(("%d facts, %d failed"):format(check.run, check.failed))
os.exit(check.failed == 0 and check.run > 0 and 0 or 1)
