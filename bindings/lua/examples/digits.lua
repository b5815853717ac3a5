-- Learns 8x8 digits of ten classes from a table, draws one of each class and measures those held out: the library's
-- examples/digits.c by the binding of LuaJIT.
--
--     gunzip -c data/digits.csv.gz >digits.csv
--     LUA_PATH='bindings/lua/?.lua' luajit bindings/lua/examples/digits.lua digits.csv
--
-- A row is 64 grey values 0..16 and the digit that they show.
local ffi = require("ffi")
local diffusion = require("diffusion")

local DIM, CLASSES, HELD_OUT, BATCH, STEPS = 64, 10, 297, 64, 3000

--- Images, float[rows * DIM], grey values brought to -1..1, their digits, and how many rows.
local function read_table(path)
    local images, digits = {}, {}
    for line in assert(io.open(path)):lines() do
        local row = {}
        for value in line:gmatch("[^,]+") do
            row[#row + 1] = tonumber(value)
        end
        if #row ~= DIM + 1 then
            error(("%s: row %d has not %d values"):format(path, #digits + 1, DIM + 1), 0)
        end
        for i = 1, DIM do
            images[#images + 1] = row[i] / 8 - 1
        end
        digits[#digits + 1] = row[DIM + 1]
    end
    if #digits <= HELD_OUT then
        error(("%s: %d rows, but the last %d are held out"):format(path, #digits, HELD_OUT), 0)
    end
    return ffi.new("float[?]", #images, images), ffi.new("int32_t[?]", #digits, digits), #digits
end

local function train(trainer, images, digits, rows)
    local condition = diffusion.condition(BATCH)
    local x0, labels = ffi.new("float[?]", BATCH * DIM), ffi.new("int32_t[?]", BATCH)
    for step = 1, STEPS do
        local chosen = trainer:draw(rows, BATCH)
        for i = 0, BATCH - 1 do
            ffi.copy(x0 + i * DIM, images + chosen[i] * DIM, DIM * ffi.sizeof("float"))
            labels[i] = digits[chosen[i]]
        end
        condition:set_labels(labels)
        local loss = trainer:step(x0, condition)
        if step % 500 == 0 then
            print(("step %d  loss %.6f"):format(step, loss))
        end
    end
end

--- One of each class, side by side in two rows of five.
local function draw(model, schedule)
    local sampler = diffusion.sampler(model, schedule, "ddim steps=20 seed=7")
    local x = sampler:run(CLASSES, diffusion.condition({ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 }))
    for line = 0, 15 do
        local shades = {}
        for column = 0, 39 do
            local image = math.floor(line / 8) * 5 + math.floor(column / 8)
            local value = x[image * DIM + line % 8 * 8 + column % 8]
            shades[#shades + 1] = value < -0.5 and " " or value < 0 and "." or value < 0.5 and "o" or "@"
        end
        print(table.concat(shades))
    end
end

--- The lower bound K on log2 p(data), a mean over the rows held out.
local function measure(model, schedule, images, digits, first)
    local held_out, labels = ffi.new("float[?]", HELD_OUT * DIM), ffi.new("int32_t[?]", HELD_OUT)
    ffi.copy(held_out, images + first * DIM, ffi.sizeof(held_out))
    ffi.copy(labels, digits + first, ffi.sizeof(labels))
    local evaluator = diffusion.evaluator(model, schedule, "elbo draws=1 seed=1")
    evaluator:run(held_out, diffusion.condition(labels))
    print(("K = %.12f bits, standard error %.12f"):format(evaluator:value("k_bits"),
        evaluator:value("standard_error_bits")))
end

local function main(path)
    if not path then
        error("usage: digits.lua digits.csv", 0)
    end
    local images, digits, rows = read_table(path)
    local first = rows - HELD_OUT
    local schedule = diffusion.schedule("cosine steps=50")
    local model = diffusion.model("mlp shape=8,8,1 classes=10 width=256 depth=3 predict=v variance=learned_range", 1)
    local trainer = diffusion.trainer(model, schedule,
        "objective=hybrid rate=2e-3 decay=cosine steps=3000 ema=0.995 seed=1")
    train(trainer, images, digits, first)
    draw(trainer:model(), schedule)
    measure(trainer:model(), schedule, images, digits, first)
end

local fine, message = pcall(main, arg[1])
if not fine then
    io.stderr:write(tostring(message), "\n")
    os.exit(1)
end
