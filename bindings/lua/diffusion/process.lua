-- The closed forms of the paper on arrays.
local ffi = require("ffi")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local process = {}

local function of(given)
    return handle.pointer_of("schedule", given, schedule)
end

--- x_t, float[n * dim], of x_0 and noise at steps t, [n].
function process.forward_sample(by, t, x0, noise)
    local steps, n = values.labels("t", t)
    local data, count = values.floats("x0", x0)
    values.rows("x0", data, n)
    local given, xt = values.floats("noise", noise, count), ffi.new("float[?]", count)
    errors.call("diffusion_forward_sample", of(by), steps, data, given, n, count / math.max(n, 1), xt)
    return xt
end

--- x_t of x_{t-1} and noise, rows of dim values.
function process.forward_step(by, t, previous, noise, dim)
    local data, n = values.rows("previous", previous, values.integer("dim", dim, 1))
    local given, xt = values.floats("noise", noise, n * dim), ffi.new("float[?]", n * dim)
    errors.call("diffusion_forward_step", of(by), values.integer("t", t), data, given, n, dim, xt)
    return xt
end

--- x_1..x_T, float[T * n * dim], of x_0, rows of dim values, and noise, [T, n, dim].
function process.forward_trajectory(by, x0, noise, dim)
    local data, n = values.rows("x0", x0, values.integer("dim", dim, 1))
    local pointer, count = of(by), by:steps() * n * dim
    local given, x = values.floats("noise", noise, count), ffi.new("float[?]", count)
    errors.call("diffusion_forward_trajectory", pointer, data, given, n, dim, x)
    return x
end

local function law(name, count, ...)
    local mean, variance, given = ffi.new("double[?]", count), ffi.new("double[?]", count), { ... }
    given[#given + 1], given[#given + 2] = mean, variance
    errors.call(name, unpack(given))
    return mean, variance
end

--- Mean and variance of q(x_t | x_0), double[count] each.
function process.marginal(by, t, x0)
    local data, count = values.doubles("x0", x0)
    return law("diffusion_marginal", count, of(by), values.integer("t", t), data, count)
end

--- Mean and variance of q(x_{t-1} | x_t, x_0), double[count] each.
function process.posterior(by, t, x0, xt)
    local data, count = values.doubles("x0", x0)
    local state = values.doubles("xt", xt, count)
    return law("diffusion_posterior", count, of(by), values.integer("t", t), data, state, count)
end

--- Nats.
function process.gaussian_kl(mean1, variance1, mean2, variance2)
    local first, count = values.doubles("mean1", mean1)
    local second, third = values.doubles("variance1", variance1, count), values.doubles("mean2", mean2, count)
    local fourth = values.doubles("variance2", variance2, count)
    return handle.number("diffusion_gaussian_kl", first, second, third, fourth, count)
end

--- Nats.
function process.bernoulli_kl(rate1, rate2)
    local first, count = values.doubles("rate1", rate1)
    local second = values.doubles("rate2", rate2, count)
    return handle.number("diffusion_bernoulli_kl", first, second, count)
end

--- Nats of every value, double[count]; cdf is "normal" or "tanh".
function process.discretized_log_likelihood(cdf, x, mean, variance, levels)
    local data, count = values.doubles("x", x)
    local middle, spread = values.doubles("mean", mean, count), values.doubles("variance", variance, count)
    local nats = ffi.new("double[?]", count)
    errors.call("diffusion_discretized_log_likelihood", values.text("cdf", cdf), data, middle, spread, count,
        values.integer("levels", levels), nats)
    return nats
end

--- Nats, of "step", "marginal" or "posterior"; the last alone reads `second`.
function process.entropy(by, which, t, first, second)
    local data, count = values.doubles("first", first)
    local state = (second or which == "posterior") and values.doubles("second", second, count) or nil
    return handle.number("diffusion_entropy", of(by), values.text("which", which), values.integer("t", t), data, state,
        count)
end

--- Lower and upper bound of H(X_{t-1} | X_t), nats per dimension.
function process.entropy_bounds(by, t)
    local out = ffi.new("double[2]")
    errors.call("diffusion_entropy_bounds", of(by), values.integer("t", t), out, out + 1)
    return out[0], out[1]
end

--- What `output` says of x_t, rewritten as another prediction, double[count]; all [count].
function process.prediction_convert(by, t, from, to, x, output)
    local state, count = values.doubles("x", x)
    local given, out = values.doubles("output", output, count), ffi.new("double[?]", count)
    errors.call("diffusion_prediction_convert", of(by), values.number("t", t), values.text("from", from),
        values.text("to", to), state, given, count, out)
    return out
end

return process
