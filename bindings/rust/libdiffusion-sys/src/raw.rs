// Constants, types and functions of libdiffusion 0.1.0. Written from abi.json by generate.py; do not edit.

use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_void};

pub type diffusion_status = i32;
/// The call has succeeded.
pub const DIFFUSION_OK: diffusion_status = 0;
/// A NULL pointer, or a number outside its range.
pub const DIFFUSION_E_ARGUMENT: diffusion_status = -10;
/// A spec that does not parse: unknown kind or key, bad value, contradiction.
pub const DIFFUSION_E_SPEC: diffusion_status = -11;
/// Sizes that do not fit one another.
pub const DIFFUSION_E_SHAPE: diffusion_status = -12;
/// A step t outside 1..T.
pub const DIFFUSION_E_STEP: diffusion_status = -13;
/// The Gaussian or binomial kernel where the other is needed.
pub const DIFFUSION_E_KERNEL: diffusion_status = -14;
/// A parameter, quantity or topic that does not exist.
pub const DIFFUSION_E_NAME: diffusion_status = -15;
/// A call out of order, such as a step of a sampler that has finished.
pub const DIFFUSION_E_STATE: diffusion_status = -16;
/// A class label outside the model's classes, or labels where there are none.
pub const DIFFUSION_E_LABEL: diffusion_status = -17;
/// An allocation failed, or a size overflows size\_t.
pub const DIFFUSION_E_MEMORY: diffusion_status = -20;
/// The operating system refused to open, read, write or rename.
pub const DIFFUSION_E_IO: diffusion_status = -30;
/// A file that breaks its format's rules.
pub const DIFFUSION_E_FORMAT: diffusion_status = -31;
/// A sound file with the wrong content: tensors missing, unexpected, of another shape or not finite.
pub const DIFFUSION_E_CONTENT: diffusion_status = -32;
/// A NaN or infinity in data, loss or gradient.
pub const DIFFUSION_E_NONFINITE: diffusion_status = -40;
pub const DIFFUSION_VERSION_MAJOR: i32 = 0;
pub const DIFFUSION_VERSION_MINOR: i32 = 1;
pub const DIFFUSION_VERSION_PATCH: i32 = 0;

/// A coder, and the data that it has coded or loaded.
#[repr(C)]
pub struct diffusion_coder {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// The conditions of n samples.
#[repr(C)]
pub struct diffusion_condition {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A measure, what it is made of, and the figures of its last run.
#[repr(C)]
pub struct diffusion_evaluator {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Parameters, spec and metadata.
#[repr(C)]
pub struct diffusion_model {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A solver and its position.
#[repr(C)]
pub struct diffusion_sampler {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Immutable, shared by any number of threads.
#[repr(C)]
pub struct diffusion_schedule {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// Gradients, moments, averaged weights and position.
#[repr(C)]
pub struct diffusion_trainer {
    _data: [u8; 0],
    _marker: PhantomData<(*mut u8, PhantomPinned)>,
}

/// A network that lives outside the library.
pub type diffusion_predict_fn = Option<
    unsafe extern "C" fn(
        x: *const f32,
        time: *const f64,
        condition: *const diffusion_condition,
        n: usize,
        out: *mut f32,
        user: *mut c_void,
    ) -> i32,
>;

/// The same in double, for closed forms and for measurements finer than float32.
pub type diffusion_predict_double_fn = Option<
    unsafe extern "C" fn(
        x: *const f64,
        time: *const f64,
        condition: *const diffusion_condition,
        n: usize,
        out: *mut f64,
        user: *mut c_void,
    ) -> i32,
>;

/// Returns \`size\` bytes (never 0) aligned for any type, or NULL.
pub type diffusion_allocate_fn = Option<unsafe extern "C" fn(size: usize, user: *mut c_void) -> *mut c_void>;

/// Releases what the matching diffusion\_allocate\_fn returned (never NULL).
pub type diffusion_release_fn = Option<unsafe extern "C" fn(memory: *mut c_void, user: *mut c_void)>;

/// Receives one line, without a newline, about something that the program's author would want to know.
pub type diffusion_log_fn =
    Option<unsafe extern "C" fn(level: *const c_char, message: *const c_char, user: *mut c_void)>;

/// Reports that \`done\` of \`total\` units of a long call are finished.
pub type diffusion_progress_fn = Option<unsafe extern "C" fn(done: i64, total: i64, user: *mut c_void) -> i32>;

/// Draws noise in place of the library's seeded generator, for instance to replay another system's draws.
pub type diffusion_noise_fn =
    Option<unsafe extern "C" fn(values: *mut f64, count: usize, sample: i64, step: i32, user: *mut c_void) -> i32>;

/// The gradient of log r(x) with respect to x, for any smooth r.
pub type diffusion_guidance_fn =
    Option<unsafe extern "C" fn(x: *const f64, t: f64, n: usize, gradient: *mut f64, user: *mut c_void) -> i32>;

extern "C" {
    /// Makes a coder.
    pub fn diffusion_coder_create(
        out: *mut *mut diffusion_coder,
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        spec: *const c_char,
    ) -> diffusion_status;
    /// Makes a coder of a file that diffusion\_coder\_save() wrote, with its spec and the data that is coded in it.
    pub fn diffusion_coder_load(
        out: *mut *mut diffusion_coder,
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        path: *const c_char,
    ) -> diffusion_status;
    /// Sets the callback that hears of progress, in samples times steps, and may stop it, as
    /// diffusion\_sampler\_set\_progress() has it.
    pub fn diffusion_coder_set_progress(
        coder: *mut diffusion_coder,
        progress: diffusion_progress_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Codes data, in place of what was coded before; that stays if this fails.
    pub fn diffusion_coder_encode(
        coder: *mut diffusion_coder,
        x0: *const f32,
        condition: *const diffusion_condition,
        n: usize,
    ) -> diffusion_status;
    /// Gives back what has been coded, which stays.
    pub fn diffusion_coder_decode(
        coder: *mut diffusion_coder,
        x0: *mut f32,
        labels: *mut i32,
        n: usize,
    ) -> diffusion_status;
    /// One figure of what has been coded; bits are the mean over samples.
    pub fn diffusion_coder_value(
        coder: *const diffusion_coder,
        quantity: *const c_char,
        out: *mut f64,
    ) -> diffusion_status;
    /// Writes the code to a file, whole or not at all.
    pub fn diffusion_coder_save(coder: *mut diffusion_coder, path: *const c_char) -> diffusion_status;
    /// The complete spec, every key spelled out; the coder's own text.
    pub fn diffusion_coder_spec(coder: *const diffusion_coder) -> *const c_char;
    /// The sentence of the last encode, decode or save of this handle that failed (by more than a NULL argument): what
    /// diffusion\_last\_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
    pub fn diffusion_coder_error(coder: *const diffusion_coder) -> *const c_char;
    /// Frees a coder; NULL is allowed.
    pub fn diffusion_coder_free(coder: *mut diffusion_coder);
    /// Makes the conditions of n samples, with nothing set.
    pub fn diffusion_condition_create(out: *mut *mut diffusion_condition, n: usize) -> diffusion_status;
    /// Sets each sample's class.
    pub fn diffusion_condition_set_labels(condition: *mut diffusion_condition, labels: *const i32) -> diffusion_status;
    /// Sets a vector for each sample, for models with the key condition=width.
    pub fn diffusion_condition_set_vectors(
        condition: *mut diffusion_condition,
        vectors: *const f32,
        width: usize,
    ) -> diffusion_status;
    /// Sets which values of each sample are observed.
    pub fn diffusion_condition_set_observed(
        condition: *mut diffusion_condition,
        observed: *const u8,
        dim: usize,
    ) -> diffusion_status;
    /// The number of samples; 0 for NULL.
    pub fn diffusion_condition_count(condition: *const diffusion_condition) -> usize;
    /// The labels, \[n\]; NULL where none are set, and for NULL.
    pub fn diffusion_condition_labels(condition: *const diffusion_condition) -> *const i32;
    /// The vectors, \[n, width\]; NULL where none are set, and for NULL.
    pub fn diffusion_condition_vectors(condition: *const diffusion_condition, width: *mut usize) -> *const f32;
    /// Which values are observed, \[n, dim\]; NULL where nothing is said, and for NULL.
    pub fn diffusion_condition_observed(condition: *const diffusion_condition) -> *const u8;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_condition_free(condition: *mut diffusion_condition);
    /// Makes an evaluator.
    pub fn diffusion_evaluator_create(
        out: *mut *mut diffusion_evaluator,
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        spec: *const c_char,
    ) -> diffusion_status;
    /// Replaces the seeded generator (elbo, flow, iwae, moments; no other kind draws by it).
    pub fn diffusion_evaluator_set_noise(
        evaluator: *mut diffusion_evaluator,
        noise: diffusion_noise_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Sets the callback that hears of progress during a run, and may stop it.
    pub fn diffusion_evaluator_set_progress(
        evaluator: *mut diffusion_evaluator,
        progress: diffusion_progress_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Sets what a run is measured against: the model's samples (parzen), or the data that samples are compared with.
    pub fn diffusion_evaluator_set_reference(
        evaluator: *mut diffusion_evaluator,
        samples: *const f32,
        m: usize,
        dim: usize,
    ) -> diffusion_status;
    /// Measures data, which the model should not have seen, or compares samples with the reference.
    pub fn diffusion_evaluator_run(
        evaluator: *mut diffusion_evaluator,
        x0: *const f32,
        condition: *const diffusion_condition,
        n: usize,
    ) -> diffusion_status;
    /// One figure of the last run, the mean over samples, in bits per sample unless its name says otherwise.
    pub fn diffusion_evaluator_value(
        evaluator: *const diffusion_evaluator,
        quantity: *const c_char,
        out: *mut f64,
    ) -> diffusion_status;
    /// The term of every step (elbo), bits per sample, the mean over samples and draws: element t - 1 is the KL of step
    /// t; element 0 is -E\[log2 p(x\_0 | x\_1)\].
    pub fn diffusion_evaluator_terms(
        evaluator: *const diffusion_evaluator,
        bits: *mut f64,
        standard_error: *mut f64,
    ) -> diffusion_status;
    /// The figure of every sample: K, the log density, or (nearest) the distance.
    pub fn diffusion_evaluator_samples(
        evaluator: *const diffusion_evaluator,
        bits: *mut f64,
        standard_error: *mut f64,
        count: usize,
    ) -> diffusion_status;
    /// Which row of the reference is nearest to every sample (nearest); the first of equally near ones.
    pub fn diffusion_evaluator_neighbours(
        evaluator: *const diffusion_evaluator,
        rows: *mut i64,
        count: usize,
    ) -> diffusion_status;
    /// The means of every step (moments): what diffusion\_model\_set\_moments() stores.
    pub fn diffusion_evaluator_moments(
        evaluator: *const diffusion_evaluator,
        noise: *mut f64,
        error: *mut f64,
    ) -> diffusion_status;
    /// The complete spec, defaults spelled out; NULL for NULL.
    pub fn diffusion_evaluator_spec(evaluator: *const diffusion_evaluator) -> *const c_char;
    /// The sentence of the last run of this handle that failed (by more than a NULL argument): what
    /// diffusion\_last\_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
    pub fn diffusion_evaluator_error(evaluator: *const diffusion_evaluator) -> *const c_char;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_evaluator_free(evaluator: *mut diffusion_evaluator);
    /// Makes a model with random parameters.
    pub fn diffusion_model_create(out: *mut *mut diffusion_model, spec: *const c_char, seed: u64) -> diffusion_status;
    /// Makes a model of a network in any runtime.
    pub fn diffusion_model_create_callback(
        out: *mut *mut diffusion_model,
        spec: *const c_char,
        predict: diffusion_predict_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// The same with a network in double: neither x nor its output is rounded to float32.
    pub fn diffusion_model_create_callback_double(
        out: *mut *mut diffusion_model,
        spec: *const c_char,
        predict: diffusion_predict_double_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Loads a model that diffusion\_model\_save() wrote, the averaged weights of a trainer's checkpoint, or a folder
    /// of diffusers: a DDPMPipeline or DDIMPipeline of a UNet2DModel (model\_index.json, unet, scheduler), or the unet
    /// folder alone (config.json, diffusion\_pytorch\_model.safetensors or its shards, or a variant such as fp16 where
    /// it is alone).
    pub fn diffusion_model_load(out: *mut *mut diffusion_model, path: *const c_char) -> diffusion_status;
    /// Writes parameters, spec and metadata as one safetensors file.
    pub fn diffusion_model_save(model: *const diffusion_model, path: *const c_char) -> diffusion_status;
    /// Loads a model from a file that lies in memory: the bytes of diffusion\_model\_save(),
    /// diffusion\_model\_save\_memory() or diffusion\_trainer\_save(), held to the same rules as a file; sentences say
    /// "memory" in place of the path.
    pub fn diffusion_model_load_memory(
        out: *mut *mut diffusion_model,
        bytes: *const c_void,
        size: usize,
    ) -> diffusion_status;
    /// Writes the bytes of diffusion\_model\_save()'s file to memory, all of them or none.
    pub fn diffusion_model_save_memory(
        model: *const diffusion_model,
        bytes: *mut c_void,
        capacity: usize,
        needed: *mut usize,
    ) -> diffusion_status;
    /// Writes a model of the kind "unet" as a folder that diffusers' DDPMPipeline.from\_pretrained() reads:
    /// model\_index.json, unet/config.json, unet/diffusion\_pytorch\_model.safetensors (F32) and
    /// scheduler/scheduler\_config.json, as its version 0.26.3 does.
    pub fn diffusion_model_save_diffusers(
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        path: *const c_char,
    ) -> diffusion_status;
    /// The number of values in one sample, the product of the shape; 0 for NULL.
    pub fn diffusion_model_dim(model: *const diffusion_model) -> usize;
    /// The number of values that the network gives for one sample: dim, or 2 dim with a learned variance; 0 for NULL.
    pub fn diffusion_model_outputs(model: *const diffusion_model) -> usize;
    /// The number of classes that labels may name; 0 where there are none, and for NULL.
    pub fn diffusion_model_classes(model: *const diffusion_model) -> i32;
    /// The shape of one sample.
    pub fn diffusion_model_shape(
        model: *const diffusion_model,
        shape: *mut i64,
        capacity: usize,
        rank: *mut usize,
    ) -> diffusion_status;
    /// The complete spec, defaults spelled out; NULL for NULL.
    pub fn diffusion_model_spec(model: *const diffusion_model) -> *const c_char;
    /// The raw output of the network.
    pub fn diffusion_model_forward(
        model: *const diffusion_model,
        x: *const f32,
        time: *const f64,
        condition: *const diffusion_condition,
        n: usize,
        out: *mut f32,
    ) -> diffusion_status;
    /// Rewrites what one prediction says of x\_t as another: both tell x\_0 and the noise, x\_t = signal x\_0 + sigma
    /// epsilon.
    pub fn diffusion_prediction_convert(
        schedule: *const diffusion_schedule,
        t: f64,
        from: *const c_char,
        to: *const c_char,
        x: *const f64,
        output: *const f64,
        count: usize,
        out: *mut f64,
    ) -> diffusion_status;
    /// Mean and variance of p(x\_{t-1} | x\_t), or rate and its variance for the binomial kernel.
    pub fn diffusion_model_predict(
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        x: *const f32,
        t: *const i32,
        condition: *const diffusion_condition,
        n: usize,
        mean: *mut f32,
        variance: *mut f32,
    ) -> diffusion_status;
    /// The number of parameter tensors; 0 for a callback model, and for NULL.
    pub fn diffusion_model_parameter_count(model: *const diffusion_model) -> usize;
    /// The name of a parameter tensor, such as "hidden.0.weight"; NULL if index is out of range, and for NULL.
    pub fn diffusion_model_parameter_name(model: *const diffusion_model, index: usize) -> *const c_char;
    /// The shape of a parameter tensor.
    pub fn diffusion_model_parameter_shape(
        model: *const diffusion_model,
        name: *const c_char,
        shape: *mut i64,
        capacity: usize,
        rank: *mut usize,
    ) -> diffusion_status;
    /// Copies a parameter tensor out, row-major.
    pub fn diffusion_model_parameter(
        model: *const diffusion_model,
        name: *const c_char,
        values: *mut f32,
        count: usize,
    ) -> diffusion_status;
    /// Copies a parameter tensor in, row-major.
    pub fn diffusion_model_set_parameter(
        model: *mut diffusion_model,
        name: *const c_char,
        values: *const f32,
        count: usize,
    ) -> diffusion_status;
    /// A text stored with the model, such as how its data was scaled (scaling.h).
    pub fn diffusion_model_metadata(model: *const diffusion_model, key: *const c_char) -> *const c_char;
    /// Stores a text with the model, and with its averaged copy if a trainer is made of it later.
    pub fn diffusion_model_set_metadata(
        model: *mut diffusion_model,
        key: *const c_char,
        value: *const c_char,
    ) -> diffusion_status;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_model_free(model: *mut diffusion_model);
    /// Stores moments with a model, in place of those it had.
    pub fn diffusion_model_set_moments(
        model: *mut diffusion_model,
        schedule: *const diffusion_schedule,
        noise: *const f64,
        error: *const f64,
        data_variance: f64,
    ) -> diffusion_status;
    /// The moments that are stored with a model.
    pub fn diffusion_model_moments(
        model: *const diffusion_model,
        noise: *mut f64,
        error: *mut f64,
        data_variance: *mut f64,
        capacity: usize,
        steps: *mut usize,
    ) -> diffusion_status;
    /// Draws x\_t from q(x\_t | x\_0).
    pub fn diffusion_forward_sample(
        schedule: *const diffusion_schedule,
        t: *const i32,
        x0: *const f32,
        noise: *const f32,
        n: usize,
        dim: usize,
        xt: *mut f32,
    ) -> diffusion_status;
    /// Draws one step, x\_t from q(x\_t | x\_{t-1}).
    pub fn diffusion_forward_step(
        schedule: *const diffusion_schedule,
        t: i32,
        previous: *const f32,
        noise: *const f32,
        n: usize,
        dim: usize,
        xt: *mut f32,
    ) -> diffusion_status;
    /// Draws a whole trajectory x\_1..x\_T step by step, from q(x\_{1..T} | x\_0) (equation 3 of the paper).
    pub fn diffusion_forward_trajectory(
        schedule: *const diffusion_schedule,
        x0: *const f32,
        noise: *const f32,
        n: usize,
        dim: usize,
        x: *mut f32,
    ) -> diffusion_status;
    /// The marginal q(x\_t | x\_0): mean and variance, or rate and its variance rate (1 - rate) for the binomial
    /// kernel.
    pub fn diffusion_marginal(
        schedule: *const diffusion_schedule,
        t: i32,
        x0: *const f64,
        count: usize,
        mean: *mut f64,
        variance: *mut f64,
    ) -> diffusion_status;
    /// The posterior q(x\_{t-1} | x\_t, x\_0): mean and variance (equation 7 of arXiv:2006.11239), or rate and its
    /// variance for the binomial kernel (by Bayes' rule).
    pub fn diffusion_posterior(
        schedule: *const diffusion_schedule,
        t: i32,
        x0: *const f64,
        xt: *const f64,
        count: usize,
        mean: *mut f64,
        variance: *mut f64,
    ) -> diffusion_status;
    /// KL(N(mean1, variance1) || N(mean2, variance2)), summed over count independent components.
    pub fn diffusion_gaussian_kl(
        mean1: *const f64,
        variance1: *const f64,
        mean2: *const f64,
        variance2: *const f64,
        count: usize,
        nats: *mut f64,
    ) -> diffusion_status;
    /// KL(B(rate1) || B(rate2)), summed over count independent bits; infinite where rate2 rules out what rate1 allows.
    pub fn diffusion_bernoulli_kl(
        rate1: *const f64,
        rate2: *const f64,
        count: usize,
        nats: *mut f64,
    ) -> diffusion_status;
    /// The log probability of 8-bit data (or any number of levels, spread over -1..1) under a Gaussian, section 3.3 of
    /// arXiv:2006.11239: the mass between x - 1/(levels-1) and x + 1/(levels-1), the outermost bins open.
    pub fn diffusion_discretized_log_likelihood(
        cdf: *const c_char,
        x: *const f64,
        mean: *const f64,
        variance: *const f64,
        count: usize,
        levels: i32,
        nats: *mut f64,
    ) -> diffusion_status;
    /// The entropy of a conditional of the forward process, summed over count components.
    pub fn diffusion_entropy(
        schedule: *const diffusion_schedule,
        which: *const c_char,
        t: i32,
        first: *const f64,
        second: *const f64,
        count: usize,
        nats: *mut f64,
    ) -> diffusion_status;
    /// The bounds on the reverse conditional's entropy (equations 24 and 36 of the paper): H(X\_t | X\_{t-1}) +
    /// H(X\_{t-1} | X\_0) - H(X\_t | X\_0) \<= H(X\_{t-1} | X\_t) \<= H(X\_t | X\_{t-1}).
    pub fn diffusion_entropy_bounds(
        schedule: *const diffusion_schedule,
        t: i32,
        lower: *mut f64,
        upper: *mut f64,
    ) -> diffusion_status;
    /// Sets where the library's memory comes from, for the whole process.
    pub fn diffusion_set_allocator(
        allocate: diffusion_allocate_fn,
        release: diffusion_release_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Sets how many parameters diffusion\_model\_create() may be asked for, for the whole process: a spec of 100 bytes
    /// from a stranger must not take the machine's memory.
    pub fn diffusion_set_parameter_limit(count: usize) -> diffusion_status;
    /// Sets the function that receives warnings, for the whole process.
    pub fn diffusion_set_log(log: diffusion_log_fn, user: *mut c_void);
    /// Sets how many threads the calls made from this thread may use.
    pub fn diffusion_set_threads(threads: i32) -> diffusion_status;
    /// The number of threads that a call made from this thread would use now.
    pub fn diffusion_threads() -> i32;
    /// Describes the specs: every kind and key with its values, default and meaning, as text to print.
    pub fn diffusion_help(
        topic: *const c_char,
        text: *mut c_char,
        capacity: usize,
        needed: *mut usize,
    ) -> diffusion_status;
    /// Makes a sampler.
    pub fn diffusion_sampler_create(
        out: *mut *mut diffusion_sampler,
        model: *const diffusion_model,
        schedule: *const diffusion_schedule,
        spec: *const c_char,
    ) -> diffusion_status;
    /// Replaces the seeded generator.
    pub fn diffusion_sampler_set_noise(
        sampler: *mut diffusion_sampler,
        noise: diffusion_noise_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Sets the callback that hears of progress during diffusion\_sampler\_run() and diffusion\_sampler\_step(), and
    /// may stop them.
    pub fn diffusion_sampler_set_progress(
        sampler: *mut diffusion_sampler,
        progress: diffusion_progress_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Gives the chain its first state, which is then not drawn: the x\_T that decides samples of a solver without
    /// noise of its own, or, for ddim\_inverse and heun\_inverse, which go upwards, the data.
    pub fn diffusion_sampler_set_start(sampler: *mut diffusion_sampler, x: *const f32, n: usize) -> diffusion_status;
    /// diffusion\_sampler\_set\_start() in the chain's own precision.
    pub fn diffusion_sampler_set_start_double(
        sampler: *mut diffusion_sampler,
        x: *const f64,
        n: usize,
    ) -> diffusion_status;
    /// Inpainting: r is a delta on the known values, which come out bit by bit as they were given.
    pub fn diffusion_sampler_set_known(
        sampler: *mut diffusion_sampler,
        x0: *const f32,
        mask: *const u8,
        n: usize,
    ) -> diffusion_status;
    /// Denoising: y is x\_0 with independent noise, r(x\_0) = p(y | x\_0).
    pub fn diffusion_sampler_set_observed(
        sampler: *mut diffusion_sampler,
        y: *const f32,
        noise: f64,
        n: usize,
    ) -> diffusion_status;
    /// Guidance: to the first order in log r a step's mean moves by variance \* grad log r(mean), and its variance
    /// stays (equation 61 of the paper).
    pub fn diffusion_sampler_set_guidance(
        sampler: *mut diffusion_sampler,
        gradient: diffusion_guidance_fn,
        user: *mut c_void,
    ) -> diffusion_status;
    /// Draws n samples.
    pub fn diffusion_sampler_run(
        sampler: *mut diffusion_sampler,
        condition: *const diffusion_condition,
        n: usize,
        x0: *mut f32,
    ) -> diffusion_status;
    /// Begins n samples step by step: draws the first state.
    pub fn diffusion_sampler_begin(
        sampler: *mut diffusion_sampler,
        condition: *const diffusion_condition,
        n: usize,
    ) -> diffusion_status;
    /// Takes one step along the chain.
    pub fn diffusion_sampler_step(sampler: *mut diffusion_sampler) -> diffusion_status;
    /// Where the chain stands.
    pub fn diffusion_sampler_state(sampler: *const diffusion_sampler, x: *mut f32, t: *mut f64) -> diffusion_status;
    /// How often the model has been asked about each sample since its chain began: a solver's number of evaluations,
    /// which dpm\_adaptive chooses for each sample by itself.
    pub fn diffusion_sampler_evaluations(
        sampler: *const diffusion_sampler,
        evaluations: *mut i64,
        n: usize,
    ) -> diffusion_status;
    /// The complete spec, defaults spelled out, and keys that a kind sets by itself (dpm\_fast its steps by
    /// \`evaluations\`, dpm\_adaptive its one step) as it has them; NULL for NULL.
    pub fn diffusion_sampler_spec(sampler: *const diffusion_sampler) -> *const c_char;
    /// The sentence of the last begin, step or run of this handle that failed (by more than a NULL argument): what
    /// diffusion\_last\_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
    pub fn diffusion_sampler_error(sampler: *const diffusion_sampler) -> *const c_char;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_sampler_free(sampler: *mut diffusion_sampler);
    /// From the data's units to the model's numbers: x = (value - shift) / scale, rounded to float32 last.
    pub fn diffusion_model_from_data(
        model: *const diffusion_model,
        values: *const f64,
        n: usize,
        x: *mut f32,
    ) -> diffusion_status;
    /// And back: value = scale x + shift.
    pub fn diffusion_model_to_data(
        model: *const diffusion_model,
        x: *const f32,
        n: usize,
        values: *mut f64,
    ) -> diffusion_status;
    /// One number of the mapping for every value of a sample.
    pub fn diffusion_model_scaling(
        model: *const diffusion_model,
        quantity: *const c_char,
        values: *mut f64,
    ) -> diffusion_status;
    /// Makes a schedule.
    pub fn diffusion_schedule_create(out: *mut *mut diffusion_schedule, spec: *const c_char) -> diffusion_status;
    /// Makes a schedule of given betas.
    pub fn diffusion_schedule_create_from_betas(
        out: *mut *mut diffusion_schedule,
        betas: *const f64,
        steps: i32,
        spec: *const c_char,
    ) -> diffusion_status;
    /// The number of steps T; 0 for NULL.
    pub fn diffusion_schedule_steps(schedule: *const diffusion_schedule) -> i32;
    /// The complete spec: made again from it, a schedule has the same bits; NULL for NULL.
    pub fn diffusion_schedule_spec(schedule: *const diffusion_schedule) -> *const c_char;
    /// Copies one quantity for all steps.
    pub fn diffusion_schedule_values(
        schedule: *const diffusion_schedule,
        quantity: *const c_char,
        out: *mut f64,
    ) -> diffusion_status;
    /// The noise level at a time: x\_t = signal x\_0 + sigma epsilon (bits: signal^2 is the chance that x\_0's bit has
    /// not been drawn anew).
    pub fn diffusion_schedule_level(
        schedule: *const diffusion_schedule,
        t: f64,
        signal: *mut f64,
        sigma: *mut f64,
        log_snr: *mut f64,
    ) -> diffusion_status;
    /// The time at which the log SNR has come down to a value: the inverse of diffusion\_schedule\_level().
    pub fn diffusion_schedule_time(schedule: *const diffusion_schedule, log_snr: f64, t: *mut f64) -> diffusion_status;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_schedule_free(schedule: *mut diffusion_schedule);
    /// Names a status: "ok", "argument", "spec", …; "callback" for any code that is not the library's.
    pub fn diffusion_status_name(status: diffusion_status) -> *const c_char;
    /// The sentence of the last failure in this thread: one line that names the argument, its value and what was
    /// expected.
    pub fn diffusion_last_error() -> *const c_char;
    /// Makes a trainer that changes \`model\` in place.
    pub fn diffusion_trainer_create(
        out: *mut *mut diffusion_trainer,
        model: *mut diffusion_model,
        schedule: *const diffusion_schedule,
        spec: *const c_char,
    ) -> diffusion_status;
    /// The samples that the next step should train on: which of \`count\` samples, in an order shuffled anew for each
    /// epoch.
    pub fn diffusion_trainer_draw(
        trainer: *const diffusion_trainer,
        count: i64,
        n: usize,
        indices: *mut i64,
    ) -> diffusion_status;
    /// One step: draws t and noise for each sample, follows the gradient, averages.
    pub fn diffusion_trainer_step(
        trainer: *mut diffusion_trainer,
        x0: *const f32,
        condition: *const diffusion_condition,
        n: usize,
        loss: *mut f64,
    ) -> diffusion_status;
    /// The loss and its gradient for the next step's draws, without taking the step.
    pub fn diffusion_trainer_gradient(
        trainer: *mut diffusion_trainer,
        x0: *const f32,
        condition: *const diffusion_condition,
        n: usize,
        loss: *mut f64,
        gradient: *mut f32,
        count: usize,
    ) -> diffusion_status;
    /// The loss of samples that are not trained on, by the weights of diffusion\_trainer\_model(), without dropout.
    pub fn diffusion_trainer_loss(
        trainer: *mut diffusion_trainer,
        x0: *const f32,
        condition: *const diffusion_condition,
        n: usize,
        first: u64,
        loss: *mut f64,
    ) -> diffusion_status;
    /// Changes keys of the trainer's spec in mid-run: rate, decay, steps and batch.
    pub fn diffusion_trainer_change(trainer: *mut diffusion_trainer, spec: *const c_char) -> diffusion_status;
    /// Steps taken so far, those before a resume included; 0 for NULL.
    pub fn diffusion_trainer_steps(trainer: *const diffusion_trainer) -> i64;
    /// The learning rate of the next step, warm-up and decay applied; 0 for NULL.
    pub fn diffusion_trainer_rate(trainer: *const diffusion_trainer) -> f64;
    /// The complete spec, defaults spelled out; NULL for NULL.
    pub fn diffusion_trainer_spec(trainer: *const diffusion_trainer) -> *const c_char;
    /// Stores a text with the trainer's checkpoints, such as the losses so far.
    pub fn diffusion_trainer_set_metadata(
        trainer: *mut diffusion_trainer,
        key: *const c_char,
        value: *const c_char,
    ) -> diffusion_status;
    /// Such a text, also after diffusion\_trainer\_resume(); NULL if there is none, and for NULL.
    pub fn diffusion_trainer_metadata(trainer: *const diffusion_trainer, key: *const c_char) -> *const c_char;
    /// Writes everything as one safetensors file, whole or not at all: weights, averaged weights, moments, specs, step,
    /// texts.
    pub fn diffusion_trainer_save(trainer: *const diffusion_trainer, path: *const c_char) -> diffusion_status;
    /// Writes the two averages that post\_hoc\_ema=yes keeps, as one safetensors file, whole or not at all: of the
    /// weights after steps i = 1..t in proportion to i^gamma, gamma such that the profile's standard deviation is 0.05
    /// and 0.1 of t (Karras et al.
    pub fn diffusion_trainer_save_snapshot(trainer: *const diffusion_trainer, path: *const c_char) -> diffusion_status;
    /// Makes the model whose weights are the average of any width, at the last of some snapshots' steps: the
    /// combination of their averages, by weights that sum to 1, that comes nearest to it (algorithm 3 of
    /// arXiv:2312.02696).
    pub fn diffusion_trainer_average(
        out: *mut *mut diffusion_model,
        snapshots: *const *const c_char,
        count: usize,
        width: f64,
        error: *mut f64,
    ) -> diffusion_status;
    /// Makes a trainer, with a model and schedule of its own, that goes on from a checkpoint to the same bits.
    pub fn diffusion_trainer_resume(out: *mut *mut diffusion_trainer, path: *const c_char) -> diffusion_status;
    /// The model with the averaged (EMA) weights, or the trained model itself with ema=0.
    pub fn diffusion_trainer_model(trainer: *const diffusion_trainer) -> *const diffusion_model;
    /// The schedule as it stands: the one given, or with learn\_schedule the one reached.
    pub fn diffusion_trainer_schedule(trainer: *const diffusion_trainer) -> *const diffusion_schedule;
    /// The sentence of the last step, gradient or loss of this handle that failed (by more than a NULL argument): what
    /// diffusion\_last\_error() said in the thread of that call, for hosts that run calls on threads of their choosing.
    pub fn diffusion_trainer_error(trainer: *const diffusion_trainer) -> *const c_char;
    /// Releases the handle; NULL is allowed.
    pub fn diffusion_trainer_free(trainer: *mut diffusion_trainer);
    /// The version of the loaded library, "major.minor.patch".
    pub fn diffusion_version() -> *const c_char;
    /// The OpenBLAS kernel set in use, such as "SkylakeX" or "Haswell".
    pub fn diffusion_blas_core() -> *const c_char;
    /// How the loaded OpenBLAS makes threads: "serial", "pthreads" or "openmp".
    pub fn diffusion_blas_threading() -> *const c_char;
}
