// Compiled, and never run: what TypeScript accepts, and what it must not.
import { Condition, DiffusionError, Evaluator, Model, Sampler, Schedule, Trainer, marginal, status } from '..';

const schedule = new Schedule('cosine steps=5');
const model = new Model('mlp shape=2', 1n);
const trainer = new Trainer(model, schedule, 'objective=simple');
const data: Float32Array = new Float32Array(4);
const loss: Promise<number> = trainer.step(data, new Condition([0, 1]));
const lossNow: number = trainer.stepSync([1, 2]);
const samples: Promise<Float32Array> = new Sampler(trainer.model, schedule, 'ddim').run(2);
const network = Model.createCallback('shape=2', (x, time, condition, out) => {
  out.set(x);
  const labels: Int32Array | null | undefined = condition?.labels;
  void [time.length, labels];
});
const law: Float64Array = marginal(schedule, 1, [1]).mean;
new Evaluator(null, null, 'nearest').setReference(data, 2);
const number: -11 = status.E_SPEC;
const code: string = new DiffusionError().code;
model.close();
void [loss, lossNow, samples, network, law, number, code];

// @ts-expect-error a model is no schedule
new Sampler(model, model, 'ddim');
// @ts-expect-error vectors have a width
new Condition(2).setVectors([1, 2]);
// @ts-expect-error a seed is missing
new Model('mlp shape=2');
// @ts-expect-error integers are no floats
trainer.stepSync(new Int32Array(2));
