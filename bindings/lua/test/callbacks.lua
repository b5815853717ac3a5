local ffi = require("ffi")
local check = require("test.check")
local diffusion = require("diffusion")

local status = diffusion.status
local schedule = diffusion.schedule("cosine steps=20")
local reading = "shape=2 predict=epsilon variance=fixed_small"
local refusal = { "no" }
local function refuse()
    error(refusal)
end

check.fact("a network sees its rows and their conditions", function()
    local seen
    local spec = "shape=2 predict=x0 variance=fixed_small classes=3 condition=1"
    local model = diffusion.model_create_callback_double(spec, function(x, time, given, n, out)
        seen = { n, given.count, given.labels[0], given.vectors[1], given.observed[3], given.width }
        for i = 0, 2 * n - 1 do
            out[i] = x[i] * time[math.floor(i / 2)]
        end
    end)
    local condition = diffusion.condition({ 2, 0 })
    condition:set_vectors({ 0.25, 0.75 }, 1)
    condition:set_observed({ true, false, false, true }, 2)
    check.equal(check.list(model:forward({ 2, 4, 6, 8 }, { 1, 2 }, condition)), "2 4 12 16")
    check.equal(table.concat(seen, " "), "2 2 2 0.75 1 1")
    local plain = diffusion.model_create_callback(reading, function(x, _, given, n, out)
        check.equal(given, nil)
        ffi.copy(out, x, 8 * n)
    end)
    check.equal(check.list(plain:forward({ 1, 2 }, { 1 })), "1 2")
    local lazy = diffusion.model_create_callback(reading, function() end) -- what is left out is not taken for 0
    local sampler = diffusion.sampler(lazy, schedule, "ddim seed=1")
    check.status(status.E_NONFINITE, sampler.run, sampler, 1)
end)

check.fact("what a callback raises comes out of the call", function()
    local broken = diffusion.model_create_callback(reading, refuse)
    local over = diffusion.sampler(broken, schedule, "ddim seed=1")
    check.equal(check.raised(over.run, over, 2), refusal)
    local evaluator = diffusion.evaluator(broken, schedule, "elbo seed=1")
    check.equal(check.raised(evaluator.run, evaluator, { 1, 2 }), refusal)

    local sampler = diffusion.sampler(diffusion.model("mlp shape=2 width=8", 1), schedule, "ddim seed=1")
    local before = check.list(sampler:run(3))
    for _, name in ipairs({ "set_progress", "set_noise", "set_guidance" }) do
        sampler[name](sampler, refuse)
        check.equal(check.raised(sampler.run, sampler, 3), refusal, name)
        sampler[name](sampler, nil)
    end
    check.equal(check.list(sampler:run(3)), before)
    sampler:set_progress(function()
        error("a text")
    end)
    assert(tostring(check.raised(sampler.run, sampler, 3)):find("a text", 1, true))
    sampler:set_progress(coroutine.yield) -- cannot cross C
    assert(tostring(check.raised(coroutine.wrap(sampler.run), sampler, 3)):find("yield", 1, true))
    check.status(status.E_ARGUMENT, sampler.set_progress, sampler, 5)
end)

check.fact("a call within a callback has its own failures", function()
    local model = diffusion.model("mlp shape=2 width=8", 1)
    local inner = diffusion.sampler(model, schedule, "ddim seed=1")
    local outer = diffusion.sampler(model, schedule, "ddim seed=1")
    inner:set_progress(refuse)
    local times = {}
    outer:set_progress(function()
        check.equal(check.raised(inner.run, inner, 1), refusal)
        times[#times + 1] = outer:state()
    end)
    outer:run(3)
    check.equal(#times, 20)
    check.equal(times[20], 0)
    outer:set_progress(function()
        diffusion.schedule("cosin")
    end)
    check.status(status.E_SPEC, outer.run, outer, 3)
    outer:set_progress(function()
        outer:step()
    end)
    check.status(status.E_STATE, outer.run, outer, 3)
end)

check.fact("noise and guidance are what their functions fill in", function()
    local model = diffusion.model_create_callback(reading, function(x, time, _, n, out)
        for i = 0, 2 * n - 1 do
            local _, sigma = schedule:level(time[math.floor(i / 2)])
            out[i] = sigma * x[i]
        end
    end)
    local sampler = diffusion.sampler(model, schedule, "ddim steps=5 seed=1")
    local draws, rows = {}, 0
    sampler:set_noise(function(values, count, sample, step)
        draws[#draws + 1] = ("%d %d %d"):format(count, sample, step)
        values[0], values[1] = sample, sample
    end)
    sampler:set_guidance(function(_, _, n, gradient)
        rows = n
        ffi.fill(gradient, 16 * n)
    end)
    local x = sampler:run(3)
    check.equal(table.concat(draws, ", "), "2 0 21, 2 1 21, 2 2 21")
    check.equal(rows, 3)
    check.equal(x[0], 0)
    assert(x[4] > 1)
end)

check.fact("a chain that is refused leaves the one that runs", function()
    local sampler = diffusion.sampler(diffusion.model("mlp shape=2", 1), schedule, "ddim")
    local rows = 0
    sampler:set_progress(function()
        check.status(diffusion.status.E_STATE, sampler.run, sampler, 5)
        check.status(diffusion.status.E_STATE, sampler.begin, sampler, 5)
        rows = #diffusion.totable(select(2, sampler:state()))
    end)
    sampler:run(2)
    check.equal(rows, 4)
end)

check.fact("compiled loops may call what calls back", function()
    local model = diffusion.model_create_callback(reading, function(x, _, _, n, out)
        ffi.copy(out, x, 8 * n)
    end)
    local sum = 0
    for i = 1, 2000 do
        sum = sum + model:forward({ i, 1 }, { 1 })[0]
    end
    check.equal(sum, 2001000)
end)

check.fact("what nobody holds is collected, callbacks too, and not before", function()
    local held = setmetatable({}, { __mode = "v" })
    local sampler
    do
        local network = function(x, _, _, n, out)
            ffi.copy(out, x, 8 * n)
        end
        local model = diffusion.model_create_callback(reading, network)
        sampler = diffusion.sampler(model, schedule, "ddim steps=3 seed=1")
        sampler:set_progress(function() -- refers to what it is kept by
            collectgarbage()
            return sampler
        end)
        held.network, held.model = network, model
    end
    collectgarbage()
    collectgarbage()
    assert(held.network ~= nil)
    check.equal(#diffusion.totable(sampler:run(2)), 4)
    held.sampler = sampler
    sampler:set_progress(function()
        sampler:close()
    end)
    sampler:run(2) -- closed by its own callback
    sampler = nil
    collectgarbage()
    collectgarbage()
    check.equal(held.sampler, nil)
    check.equal(held.network, nil)
end)
