/** Data of floats: a Float32Array goes as it is, others are converted. */
export type Floats = Float32Array | Float64Array | readonly number[];
/** Whole numbers: an Int32Array goes as it is. */
export type Integers = Int32Array | readonly number[];
/** A mask, true or other than 0 where it holds: a Uint8Array goes as it is. */
export type Mask = Uint8Array | Uint8ClampedArray | readonly (number | boolean)[];

/** A failure of the library: its sentence, its number, and that number's name ("spec", "shape", …). */
export class DiffusionError extends Error {
  readonly name: 'DiffusionError';
  readonly status: number;
  readonly code: string;
}

/** The numbers of failures. */
export const status: {
  readonly OK: 0; readonly E_ARGUMENT: -10; readonly E_SPEC: -11; readonly E_SHAPE: -12; readonly E_STEP: -13;
  readonly E_KERNEL: -14; readonly E_NAME: -15; readonly E_STATE: -16; readonly E_LABEL: -17; readonly E_MEMORY: -20;
  readonly E_IO: -30; readonly E_FORMAT: -31; readonly E_CONTENT: -32; readonly E_NONFINITE: -40;
};

declare global {
  interface SymbolConstructor { readonly dispose: unique symbol }
}

declare class Handle {
  /** Frees the handle now; it goes by itself when it is forgotten. One whose call is running goes when that ends. */
  close(): void;
  /** `using schedule = new Schedule(…)`, where the runtime has it. */
  [Symbol.dispose](): void;
  readonly closed: boolean;
}
/** x_t = signal x_0 + sigma epsilon. */
export interface NoiseLevel { signal: number; sigma: number; logSnr: number }

/** The forward process q. Immutable. */
export class Schedule extends Handle {
  constructor(spec: string);
  static fromBetas(betas: Floats, spec?: string): Schedule;
  readonly steps: number;
  readonly spec: string;
  /** One quantity ("beta", "alpha_bar", "log_snr", …), that of step t at t - 1. */
  values(quantity: string): Float64Array;
  level(t: number): NoiseLevel;
  time(logSnr: number): number;
}

/** What each of n samples is conditioned on. What is set is copied; null removes it. */
export class Condition extends Handle {
  constructor(n: number);
  constructor(labels: Integers);
  readonly count: number;
  readonly labels: Int32Array | null;
  setLabels(labels: Integers | null): void;
  setVectors(vectors: Floats, width: number): void;
  setVectors(vectors: null): void;
  setObserved(observed: Mask, dim: number): void;
  setObserved(observed: null): void;
}

/** The conditions that a network is called with. */
export interface Conditions {
  count: number;
  labels: Int32Array | null;
  /** [count, width] */
  vectors: Float32Array | null;
  width: number;
  /** [count, dim] */
  observed: Uint8Array | null;
}

/** A network: x is [n, dim], time [n]; it fills out, [n, outputs]. What it throws comes out of the call. */
export type Network<A = Float32Array> = (x: A, time: Float64Array, condition: Conditions | null, out: A) => void;
export type Progress = (done: number, total: number) => void;
/** Fills values. */
export type Noise = (values: Float64Array, sample: number, step: number) => void;
/** Fills the gradient of log r(x), [n, dim]. */
export type Guidance = (x: Float64Array, t: number, gradient: Float64Array) => void;

export interface Moments { noise: Floats; error?: Floats | null; dataVariance: number }
export interface MeasuredMoments { noise: Float64Array; error: Float64Array; dataVariance: number }

/** The reverse process p: a network and how its output is read. */
export class Model extends Handle {
  constructor(spec: string, seed: number | bigint);
  static createCallback(spec: string, network: Network): Model;
  static createCallbackDouble(spec: string, network: Network<Float64Array>): Model;
  static load(path: string): Model;
  static loadMemory(bytes: Uint8Array): Model;
  readonly dim: number;
  readonly outputs: number;
  readonly classes: number;
  readonly shape: number[];
  readonly spec: string;
  readonly parameterNames: string[];
  readonly moments: MeasuredMoments | null;
  save(path: string): void;
  saveMemory(): Uint8Array;
  saveDiffusers(schedule: Schedule, path: string): void;
  /** The network's output, [n, outputs], of x, [n, dim], at times, [n]. */
  forward(x: Floats, time: Floats, condition?: Condition | null): Float32Array;
  /** Of p(x_{t-1} | x_t), [n, dim] each. */
  predict(schedule: Schedule, x: Floats, t: Integers, condition?: Condition | null): {
    mean: Float32Array; variance: Float32Array;
  };
  parameterShape(name: string): number[];
  parameter(name: string): Float32Array;
  setParameter(name: string, values: Floats): void;
  metadata(key: string): string | null;
  setMetadata(key: string, value: string | null): void;
  setMoments(schedule: Schedule, moments: Moments | null): void;
  fromData(values: Floats): Float32Array;
  toData(x: Floats): Float64Array;
  scaling(quantity: string): Float64Array;
}

/** Fits a model to data, in place. */
export class Trainer extends Handle {
  constructor(model: Model, schedule: Schedule, spec: string);
  static resume(path: string): Trainer;
  static average(snapshots: Iterable<string>, width: number): { model: Model; error: number };
  /** The model with averaged weights, which changes with every step. */
  readonly model: Model;
  readonly schedule: Schedule;
  readonly steps: number;
  readonly rate: number;
  readonly spec: string;
  draw(count: number, n: number): number[];
  /** Gives the batch's loss before the step. */
  step(x0: Floats, condition?: Condition | null): Promise<number>;
  stepSync(x0: Floats, condition?: Condition | null): number;
  gradient(x0: Floats, condition?: Condition | null): Promise<{ loss: number; gradient: Float32Array }>;
  gradientSync(x0: Floats, condition?: Condition | null): { loss: number; gradient: Float32Array };
  loss(x0: Floats, first: number | bigint, condition?: Condition | null): Promise<number>;
  lossSync(x0: Floats, first: number | bigint, condition?: Condition | null): number;
  change(spec: string): void;
  metadata(key: string): string | null;
  setMetadata(key: string, value: string | null): void;
  save(path: string): void;
  saveSnapshot(path: string): void;
}

/** Draws from the reverse process. */
export class Sampler extends Handle {
  constructor(model: Model, schedule: Schedule, spec: string);
  readonly state: { x: Float32Array; t: number };
  readonly evaluations: number[];
  readonly spec: string;
  setNoise(noise: Noise | null): void;
  setProgress(progress: Progress | null): void;
  setGuidance(guidance: Guidance | null): void;
  setStart(x: Floats | null): void;
  setKnown(x0: Floats, mask: Mask): void;
  setKnown(x0: null): void;
  setObserved(y: Floats, noise: number): void;
  setObserved(y: null): void;
  /** n samples, [n, dim]. */
  run(n: number, condition?: Condition | null): Promise<Float32Array>;
  runSync(n: number, condition?: Condition | null): Float32Array;
  begin(n: number, condition?: Condition | null): Promise<void>;
  beginSync(n: number, condition?: Condition | null): void;
  step(): Promise<void>;
  stepSync(): void;
}

export interface Figures { bits: Float64Array; standardError: Float64Array }

/** Measures models on data, and samples against data. */
export class Evaluator extends Handle {
  constructor(model: Model | null, schedule: Schedule | null, spec: string);
  readonly terms: Figures;
  readonly samples: Figures;
  readonly neighbours: number[];
  readonly moments: MeasuredMoments;
  readonly spec: string;
  setNoise(noise: Noise | null): void;
  setProgress(progress: Progress | null): void;
  setReference(samples: Floats, dim: number): void;
  run(x0: Floats, condition?: Condition | null): Promise<void>;
  runSync(x0: Floats, condition?: Condition | null): void;
  value(quantity: string): number;
}

/** Codes discrete data without loss. */
export class Coder extends Handle {
  constructor(model: Model, schedule: Schedule, spec: string);
  static load(model: Model, schedule: Schedule, path: string): Coder;
  readonly spec: string;
  setProgress(progress: Progress | null): void;
  encode(x0: Floats, condition?: Condition | null): Promise<void>;
  encodeSync(x0: Floats, condition?: Condition | null): void;
  decode(): Promise<{ x0: Float32Array; labels: Int32Array }>;
  decodeSync(): { x0: Float32Array; labels: Int32Array };
  value(quantity: string): number;
  save(path: string): void;
}

export interface Law { mean: Float64Array; variance: Float64Array }

export function forwardSample(schedule: Schedule, t: Integers, x0: Floats, noise: Floats): Float32Array;
export function forwardStep(schedule: Schedule, t: number, previous: Floats, noise: Floats, dim: number): Float32Array;
export function forwardTrajectory(schedule: Schedule, x0: Floats, noise: Floats, dim: number): Float32Array;
export function marginal(schedule: Schedule, t: number, x0: Floats): Law;
export function posterior(schedule: Schedule, t: number, x0: Floats, xt: Floats): Law;
export function gaussianKl(mean1: Floats, variance1: Floats, mean2: Floats, variance2: Floats): number;
export function bernoulliKl(rate1: Floats, rate2: Floats): number;
export function discretizedLogLikelihood(
  cdf: 'normal' | 'tanh', x: Floats, mean: Floats, variance: Floats, levels: number): Float64Array;
export function entropy(
  schedule: Schedule, which: 'step' | 'marginal' | 'posterior', t: number, first: Floats, second?: Floats | null,
): number;
export function entropyBounds(schedule: Schedule, t: number): { lower: number; upper: number };
export function convertPrediction(
  schedule: Schedule, t: number, from: string, to: string, x: Floats, output: Floats): Float64Array;

export function version(): string;
export function blasCore(): string;
export function blasThreading(): string;
export function statusName(status: number): string;
export function help(topic: string): string;
/** Of calls that block; promised ones heed OMP_NUM_THREADS. */
export function threads(): number;
export function setThreads(count: number): void;
export function setParameterLimit(count: number): void;
export function setLog(log: ((level: 'warning' | 'info', message: string) => void) | null): void;
