local ffi = require("ffi")
local check = require("test.check")
local diffusion = require("diffusion")

local status = diffusion.status
local schedule = diffusion.schedule("cosine steps=10")
local corners = ffi.new("float[16]", -1, -1, 1, -1, -1, 1, 1, 1, -1, -1, 1, -1, -1, 1, 1, 1)

local function with_files(count, run)
    local paths = {}
    for i = 1, count do
        paths[i] = os.tmpname()
    end
    local fine, raised = pcall(run, unpack(paths))
    for _, path in ipairs(paths) do
        os.remove(path)
    end
    if not fine then
        error(raised, 0)
    end
end

check.fact("a training goes on from its file to the same bits", function()
    with_files(5, function(checkpoint, ...)
        local trainer = diffusion.trainer(diffusion.model("mlp shape=2 width=16", 3), schedule,
            "objective=simple post_hoc_ema=yes seed=1")
        trainer:set_metadata("note", "kept")
        for _, path in ipairs({ ... }) do
            for _ = 1, 4 do
                trainer:step(corners)
            end
            trainer:save_snapshot(path)
        end
        local model, wrong = diffusion.trainer_average({ ... }, 0.1)
        check.equal(model:dim(), 2)
        assert(wrong >= 0)
        trainer:save(checkpoint)
        local resumed = diffusion.trainer_resume(checkpoint)
        check.equal(resumed:metadata("note"), "kept")
        check.equal(resumed:spec(), trainer:spec())
        local loss, gradient = resumed:gradient(corners)
        assert(gradient[0] ~= 0)
        check.equal(resumed:step(corners), loss)
        check.equal(trainer:step(corners), loss)
        check.equal(resumed:schedule():spec(), schedule:spec())
        check.equal(resumed:loss(corners, 0), trainer:loss(corners, 0ULL))
        trainer:change("rate=1e-4")
        check.equal(trainer:rate(), 1e-4)
        local chosen = diffusion.totable(trainer:draw(8, 8))
        table.sort(chosen)
        check.equal(table.concat(chosen), "01234567")
    end)
end)

check.fact("a model comes back from its bytes and files", function()
    with_files(1, function(path)
        local model = diffusion.model("mlp shape=2,3 width=8", 3)
        model:set_metadata("data.shift", "10")
        model:set_metadata("note", "kept")
        check.equal(table.concat(model:shape(), " "), "2 3")
        local copy = diffusion.model_load_memory(model:save_memory())
        check.equal(copy:metadata("note"), "kept")
        check.equal(copy:metadata("absent"), nil)
        check.equal(copy:spec(), model:spec())
        local name = copy:parameter_names()[1]
        local values = copy:parameter(name)
        check.equal(check.list(values), check.list((model:parameter(name))))
        values[0] = 4
        model:set_parameter(name, values)
        model:save(path)
        check.equal(diffusion.model_load(path):parameter(name)[0], 4)
        local x = model:from_data({ 10.5, 10.5, 10.5, 10.5, 10.5, 10.5 })
        check.equal(check.list(x), "0.5 0.5 0.5 0.5 0.5 0.5")
        check.equal(model:to_data(x)[5], 10.5)
        check.equal(model:scaling("shift")[5], 10)
        check.equal(model:classes(), 0)
        model:set_metadata("note", nil)
        check.equal(model:metadata("note"), nil)
        check.status(status.E_SPEC, model.save_diffusers, model, schedule, path)
    end)
end)

check.fact("chains, starts, known values and observations", function()
    local model = diffusion.model("mlp shape=2 width=16", 3)
    local sampler = diffusion.sampler(model, schedule, "ddim seed=7")
    local samples = check.list(sampler:run(4))
    assert(sampler:spec():match("^ddim eta=0 .* seed=7 "))
    check.equal(check.list(diffusion.sampler(model, schedule, sampler:spec()):run(4)), samples)
    sampler:begin(4)
    local t, x = sampler:state()
    while t > 0 do
        sampler:step()
        t, x = sampler:state()
    end
    check.equal(check.list(x), samples)
    check.equal(check.list(sampler:evaluations()), "10 10 10 10")
    sampler:set_start(corners)
    local started = check.list(sampler:run(8))
    sampler:set_start(ffi.new("double[?]", 16, diffusion.totable(corners)))
    check.equal(check.list(sampler:run(8)), started)
    check.status(status.E_SHAPE, sampler.run, sampler, 3)
    sampler:set_start(nil)
    check.equal(check.list(sampler:run(4)), samples)
    sampler:set_known({ 0.5, 0 }, { true, false })
    check.equal(sampler:run(1)[0], 0.5)
    sampler:set_known(nil)
    check.status(status.E_STATE, sampler.set_observed, sampler, { 0, 0 }, 0.1)
    local ancestral = diffusion.sampler(model, schedule, "ancestral seed=7")
    ancestral:set_observed({ 0, 0 }, 0.1)
    ancestral:run(1)
    ancestral:set_observed(nil)
    local mean, variance = model:predict(schedule, { 1, 2 }, { 3 })
    assert(mean[0] == mean[0] and variance[1] > 0)
end)

check.fact("measures and moments are read", function()
    local model = diffusion.model("mlp shape=2 width=16", 3)
    local elbo = diffusion.evaluator(model, schedule, "elbo draws=2 seed=1")
    elbo:run(corners)
    local sum = 0
    for _, bits in ipairs(diffusion.totable((elbo:samples()))) do
        sum = sum + bits
    end
    check.near(sum / 8, elbo:value("k_bits"), 1e-9)
    check.equal(#diffusion.totable((elbo:terms())), 10)
    local measured = diffusion.evaluator(model, schedule, "moments seed=1")
    measured:run(corners)
    model:set_moments(schedule, measured:moments())
    check.equal(check.list(model:moments().noise), check.list(measured:moments().noise))
    check.equal(model:moments().data_variance, measured:value("data_variance"))
    model:set_moments(schedule, nil)
    check.equal(model:moments(), nil)
    local nearest = diffusion.evaluator(nil, nil, "nearest")
    nearest:set_reference(corners, 2)
    nearest:run({ 0.9, 0.9 })
    check.equal(check.list(nearest:neighbours()), "3")
end)

check.fact("what is coded comes back", function()
    with_files(1, function(path)
        local model = diffusion.model("mlp shape=2 width=16 classes=4", 3)
        local coder = diffusion.coder(model, schedule, "bits_back levels=2")
        local heard = 0
        coder:set_progress(function()
            heard = heard + 1
        end)
        coder:encode(corners, diffusion.condition({ 0, 1, 2, 3, 0, 1, 2, 3 }))
        assert(heard > 0)
        coder:save(path)
        local x0, labels = diffusion.coder_load(model, schedule, path):decode()
        check.equal(check.list(x0), check.list(corners))
        check.equal(check.list(labels), "0 1 2 3 0 1 2 3")
    end)
end)

check.fact("closed forms are those of the paper", function()
    local of = diffusion.schedule_create_from_betas({ 0.1, 0.2, 0.5 })
    local alpha_bar = 0.9 * 0.8
    check.near(of:values("alpha_bar")[1], alpha_bar)
    check.near((of:level(2)), math.sqrt(alpha_bar))
    check.near(of:time(select(3, of:level(1.5))), 1.5, 1e-12)
    check.near(diffusion.marginal(of, 2, { 1, -3 })[1], -3 * math.sqrt(alpha_bar))
    check.near(select(2, diffusion.posterior(of, 2, { 1 }, { 0 }))[0], 0.2 * 0.1 / (1 - alpha_bar))
    check.near(diffusion.gaussian_kl({ 0, 0 }, { 1, 1 }, { 1, 1 }, { 1, 1 }), 1)
    check.near(diffusion.bernoulli_kl({ 1, 1 }, { 0.5, 0.5 }), 2 * math.log(2))
    check.near(diffusion.entropy(of, "step", 3, { 1, 1 }), math.log(2 * math.pi * math.exp(1) * 0.5))
    check.status(status.E_ARGUMENT, diffusion.entropy, of, "posterior", 3, { 1, 1 })
    local lower, upper = diffusion.entropy_bounds(of, 2)
    assert(lower < upper)
    check.near(diffusion.discretized_log_likelihood("normal", { 0 }, { 0 }, { 1 }, 3)[0],
        math.log(0.3829249225480262), 1e-12)
    check.near(diffusion.forward_sample(of, { 1, 3 }, { 1, 1 }, { 0, 0 })[1], math.sqrt(0.36), 1e-7)
    check.near(diffusion.forward_step(of, 3, { 1, 1 }, { 0, 0 }, 1)[1], math.sqrt(0.5), 1e-7)
    check.near(diffusion.forward_trajectory(of, { 1, 1 }, { 0, 0, 0, 0, 0, 0 }, 1)[5], math.sqrt(0.36), 1e-7)
    check.near(diffusion.prediction_convert(of, 2, "epsilon", "x0", { 1 }, { 0 })[0], 1 / math.sqrt(alpha_bar))
end)

check.fact("the process is asked and told", function()
    assert(diffusion.version():match("^0%.1%."))
    assert(#diffusion.blas_core() > 0 and #diffusion.blas_threading() > 0)
    diffusion.set_threads(1)
    check.equal(diffusion.threads(), 1)
    assert(diffusion.help("sampler"):match("dpmsolver%+%+.*\n$"))
    check.status(status.E_NAME, diffusion.help, "nothing")
    diffusion.set_log(print)
    diffusion.set_log(nil)
    diffusion.set_parameter_limit(100)
    check.status(status.E_MEMORY, diffusion.model, "mlp shape=20", 1)
    diffusion.set_parameter_limit(2 ^ 30)
end)

local function resident_pages()
    local file = io.open("/proc/self/statm")
    if not file then
        return nil
    end
    local pages = file:read("*a"):match("^%d+ (%d+)")
    file:close()
    return tonumber(pages)
end

check.fact("what is collected is freed", function()
    local function make_one()
        diffusion.model("mlp shape=64 width=512 depth=4", 1) -- 4 MB
        collectgarbage()
        collectgarbage()
    end
    make_one()
    local before = resident_pages()
    for _ = 1, before and 20 or 0 do
        make_one()
    end
    assert(not before or (resident_pages() - before) * 4096 < 40e6, "20 models of 4 MB each are still there")
end)
