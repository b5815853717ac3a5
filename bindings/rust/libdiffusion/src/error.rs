//! What a call that fails returns.

use std::error::Error as StdError;
use std::fmt;

use libdiffusion_sys as sys;

use crate::callback::{self, Failure};
use crate::text::from_c;

/// The result of a call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error: what callbacks return, so that `?` works in them.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, by the library's status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A number outside its range, or a value that is none of those expected.
    Argument,
    /// A spec that does not parse: unknown kind or key, bad value, contradiction.
    Spec,
    /// Sizes that do not fit one another.
    Shape,
    /// A step outside 1..T.
    Step,
    /// The Gaussian or binomial kernel where the other is needed.
    Kernel,
    /// A parameter, quantity or topic that does not exist.
    Name,
    /// A call out of order.
    State,
    /// A class label outside the model's classes, or labels where there are none.
    Label,
    /// An allocation failed, or a size overflows.
    Memory,
    /// The operating system refused to open, read, write or rename.
    Io,
    /// A file that breaks its format's rules.
    Format,
    /// A sound file with the wrong content.
    Content,
    /// A NaN or infinity in data, loss or gradient.
    NonFinite,
    /// A callback returned an error, which is the [source](StdError::source).
    Callback,
    /// A status of a newer library.
    Other,
}

/// A call that failed: the library's sentence, which [`Display`](fmt::Display) prints, and its status.
#[derive(Debug)]
pub struct Error {
    status: i32,
    message: String,
    source: Option<BoxError>,
}

impl Error {
    /// The failure that this crate itself finds.
    pub(crate) fn new(status: i32, message: String) -> Error {
        Error { status, message, source: None }
    }

    /// The library's status: a negative code of `status.h`, or 1 where a callback failed.
    pub fn status(&self) -> i32 {
        self.status
    }

    /// The library's name for the status, such as "spec" or "callback".
    pub fn name(&self) -> String {
        // SAFETY: any number is allowed, and the text is static.
        unsafe { from_c(sys::diffusion_status_name(self.status)) }.unwrap_or_default()
    }

    /// The library's sentence, which names the argument, its value and what was expected.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What went wrong, to match on.
    pub fn kind(&self) -> ErrorKind {
        match self.status {
            sys::DIFFUSION_E_ARGUMENT => ErrorKind::Argument,
            sys::DIFFUSION_E_SPEC => ErrorKind::Spec,
            sys::DIFFUSION_E_SHAPE => ErrorKind::Shape,
            sys::DIFFUSION_E_STEP => ErrorKind::Step,
            sys::DIFFUSION_E_KERNEL => ErrorKind::Kernel,
            sys::DIFFUSION_E_NAME => ErrorKind::Name,
            sys::DIFFUSION_E_STATE => ErrorKind::State,
            sys::DIFFUSION_E_LABEL => ErrorKind::Label,
            sys::DIFFUSION_E_MEMORY => ErrorKind::Memory,
            sys::DIFFUSION_E_IO => ErrorKind::Io,
            sys::DIFFUSION_E_FORMAT => ErrorKind::Format,
            sys::DIFFUSION_E_CONTENT => ErrorKind::Content,
            sys::DIFFUSION_E_NONFINITE => ErrorKind::NonFinite,
            callback::STOPPED => ErrorKind::Callback,
            _ => ErrorKind::Other,
        }
    }

    /// The very error that a callback returned, for [`ErrorKind::Callback`].
    pub fn into_source(self) -> Option<BoxError> {
        self.source
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}

/// What a call of the library returned. The sentence is this thread's, so it is taken at once. A callback's panic goes
/// on from here, where no frame of C is left on the stack.
pub(crate) fn check(status: sys::diffusion_status) -> Result<()> {
    if status == sys::DIFFUSION_OK {
        return Ok(());
    }
    // SAFETY: the text is this thread's own until its next failing call.
    let message = unsafe { from_c(sys::diffusion_last_error()) }.unwrap_or_default();
    let source = match (status == callback::STOPPED).then(callback::take).flatten() {
        Some(Failure::Panic(payload)) => std::panic::resume_unwind(payload),
        Some(Failure::Error(error)) => Some(error),
        None => None,
    };
    Err(Error { status, message, source })
}
