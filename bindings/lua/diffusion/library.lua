-- The shared library.
local ffi = require("ffi")
local raw = require("diffusion.raw")

local wanted = raw.version:match("^%d+%.%d+")
local names = { OSX = "libdiffusion." .. wanted .. ".dylib", Windows = "diffusion.dll" }
local path = os.getenv("DIFFUSION_LIBRARY") or names[ffi.os] or "libdiffusion.so." .. wanted

local found, library = pcall(ffi.load, path)
if not found then
    error(("diffusion: %s; install the library, or name its file in DIFFUSION_LIBRARY"):format(library), 0)
end

local version = ffi.string(library.diffusion_version())
if version:match("^%d+%.%d+") ~= wanted then
    error(("diffusion: the library is of version %s, expected %s"):format(version, wanted), 0)
end

return library
