-- What each of n samples is conditioned on. What is set is copied; nil removes it.
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local values = require("diffusion.values")

local condition = handle.class("condition")

--- Of n samples with nothing set, or of as many as labels are given.
function condition.create(n)
    if type(n) == "number" then
        return condition.own(handle.make("condition", "diffusion_condition_create", values.size("n", n)))
    end
    local labels, count = values.labels("labels", n)
    local self = condition.own(handle.make("condition", "diffusion_condition_create", count))
    self:set_labels(labels)
    return self
end

function condition:count()
    return tonumber(library.diffusion_condition_count(self:pointer()))
end

--- Classes, [n], -1 for a sample without one.
function condition:set_labels(labels)
    local given = labels and values.labels("labels", labels, self:count())
    errors.call("diffusion_condition_set_labels", self:pointer(), given)
end

--- A vector of `width` values for each sample, [n, width].
function condition:set_vectors(vectors, width)
    width = values.size("width", width or 0)
    local given = vectors and values.floats("vectors", vectors, self:count() * width)
    errors.call("diffusion_condition_set_vectors", self:pointer(), given, width)
end

--- Which values of each sample are observed, [n, dim]: true, or other than 0.
function condition:set_observed(observed, dim)
    dim = values.size("dim", dim or 0)
    local given = observed and values.mask("observed", observed, self:count() * dim)
    errors.call("diffusion_condition_set_observed", self:pointer(), given, dim)
end

return condition
