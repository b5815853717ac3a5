-- Fits a model to data, in place. Data is rows of dim values.
local ffi = require("ffi")
local condition = require("diffusion.condition")
local errors = require("diffusion.errors")
local handle = require("diffusion.handle")
local library = require("diffusion.library")
local model = require("diffusion.model")
local schedule = require("diffusion.schedule")
local values = require("diffusion.values")

local trainer = handle.class("trainer")

function trainer.create(of, by, spec)
    return trainer.own(handle.make("trainer", "diffusion_trainer_create", handle.pointer_of("model", of, model),
        handle.pointer_of("schedule", by, schedule), values.text("spec", spec)))
end

--- Goes on from a checkpoint to the same bits.
function trainer.resume(path)
    return trainer.own(handle.make("trainer", "diffusion_trainer_resume", values.text("path", path)))
end

--- The model of an average of any width, of some snapshots of one run, and how far from the one wanted it is.
function trainer.average(snapshots, width)
    local paths, wrong = ffi.new("const char *[?]", #snapshots), ffi.new("double[1]")
    for i, path in ipairs(snapshots) do
        paths[i - 1] = values.text("snapshot", path)
    end
    local pointer = handle.make("model", "diffusion_trainer_average", paths, #snapshots,
        values.number("width", width), wrong)
    return model.own(pointer), wrong[0]
end

--- The model with averaged weights: lives as long as the trainer, and changes with every step.
function trainer:model()
    self.averaged = self.averaged
        or model.own(library.diffusion_trainer_model(self:pointer()), { owner = self })
    return self.averaged
end

--- The schedule as it stands, of its own.
function trainer:schedule()
    local spec = library.diffusion_schedule_spec(library.diffusion_trainer_schedule(self:pointer()))
    return schedule.create(ffi.string(spec))
end

--- Which of `count` samples the next step should train on, int64_t[n], from 0.
function trainer:draw(count, n)
    local out = ffi.new("int64_t[?]", values.size("n", n))
    errors.call("diffusion_trainer_draw", self:pointer(), values.size("count", count), n, out)
    return out
end

local function batch(self, x0, given)
    local rows, n = values.rows("x0", x0, self:model():dim())
    return rows, handle.pointer_of("condition", given, condition, true), n
end

--- Takes a step on x0, [n, dim]; gives the batch's loss before it.
function trainer:step(x0, given)
    local rows, conditions, n = batch(self, x0, given)
    return handle.number("diffusion_trainer_step", self:pointer(), rows, conditions, n)
end

--- The loss of the next step, which is not taken, and its gradient, float[], all parameters one after another.
function trainer:gradient(x0, given)
    local rows, conditions, n = batch(self, x0, given)
    local count = 0
    for _, name in ipairs(self:model():parameter_names()) do
        count = count + select(2, self:model():parameter(name))
    end
    local loss, gradient = ffi.new("double[1]"), ffi.new("float[?]", count)
    errors.call("diffusion_trainer_gradient", self:pointer(), rows, conditions, n, loss, gradient, count)
    return loss[0], gradient
end

--- The loss of samples that are not trained on; `first` is the index of the first.
function trainer:loss(x0, first, given)
    local rows, conditions, n = batch(self, x0, given)
    return handle.number("diffusion_trainer_loss", self:pointer(), rows, conditions, n, values.seed("first", first))
end

--- Changes rate, decay, steps and batch in mid-run.
function trainer:change(spec)
    errors.call("diffusion_trainer_change", self:pointer(), values.text("spec", spec))
end

function trainer:steps()
    return tonumber(library.diffusion_trainer_steps(self:pointer()))
end

function trainer:rate()
    return library.diffusion_trainer_rate(self:pointer())
end

function trainer:spec()
    return handle.text(library.diffusion_trainer_spec(self:pointer()))
end

--- A text stored with checkpoints, or nil.
function trainer:metadata(key)
    return handle.text(library.diffusion_trainer_metadata(self:pointer(), values.text("key", key)))
end

--- nil removes it.
function trainer:set_metadata(key, value)
    errors.call("diffusion_trainer_set_metadata", self:pointer(), values.text("key", key),
        value ~= nil and values.text("value", value) or nil)
end

--- Writes a checkpoint.
function trainer:save(path)
    errors.call("diffusion_trainer_save", self:pointer(), values.text("path", path))
end

--- Writes a snapshot for average().
function trainer:save_snapshot(path)
    errors.call("diffusion_trainer_save_snapshot", self:pointer(), values.text("path", path))
end

return trainer
