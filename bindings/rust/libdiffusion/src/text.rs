//! Texts, lengths and buffers on their way to C and back.

use std::ffi::{CStr, CString};
use std::os::raw::c_char;
use std::path::Path;

use libdiffusion_sys as sys;

use crate::{Error, Result};

/// A text for C, which ends at a NUL byte.
pub(crate) fn to_c(function: &str, name: &str, text: impl Into<Vec<u8>>) -> Result<CString> {
    CString::new(text).map_err(|error| {
        let at = error.nul_position();
        Error::new(sys::DIFFUSION_E_ARGUMENT, format!("{function}: {name} has a NUL byte at {at}"))
    })
}

#[cfg(unix)]
pub(crate) fn path_to_c(function: &str, path: &Path) -> Result<CString> {
    use std::os::unix::ffi::OsStrExt;
    to_c(function, "path", path.as_os_str().as_bytes())
}

#[cfg(not(unix))]
pub(crate) fn path_to_c(function: &str, path: &Path) -> Result<CString> {
    let message = || format!("{function}: path {} is not UTF-8", path.display());
    to_c(function, "path", path.to_str().ok_or_else(|| Error::new(sys::DIFFUSION_E_ARGUMENT, message()))?)
}

/// A copy of a text of C's; none for NULL.
///
/// # Safety
/// `text` is NULL or a text that ends at a NUL byte, and stays as it is for this call.
pub(crate) unsafe fn from_c(text: *const c_char) -> Option<String> {
    if text.is_null() {
        return None;
    }
    Some(CStr::from_ptr(text).to_string_lossy().into_owned())
}

fn shape_error(message: String) -> Error {
    Error::new(sys::DIFFUSION_E_SHAPE, message)
}

/// n * dim, which must be a size.
pub(crate) fn product(function: &str, n: usize, dim: usize) -> Result<usize> {
    let message = || format!("{function}: n={n} samples of {dim} values cannot be addressed");
    n.checked_mul(dim).ok_or_else(|| Error::new(sys::DIFFUSION_E_MEMORY, message()))
}

/// Refuses an array of another length than `[n, dim]`.
pub(crate) fn expect(function: &str, name: &str, length: usize, n: usize, dim: usize) -> Result<()> {
    if n.checked_mul(dim) == Some(length) {
        return Ok(());
    }
    Err(shape_error(format!("{function}: {name} has {length} values, expected {n} x {dim}")))
}

/// The n of an array `[n, dim]`.
pub(crate) fn rows(function: &str, name: &str, length: usize, dim: usize) -> Result<usize> {
    if dim > 0 && length % dim == 0 {
        return Ok(length / dim);
    }
    Err(shape_error(format!("{function}: {name} has {length} values, expected a multiple of {dim}")))
}

/// Room for a result `[n, dim]`, or the failure that C would report.
pub(crate) fn zeros<T: Copy + Default>(function: &str, n: usize, dim: usize) -> Result<Vec<T>> {
    let length = product(function, n, dim)?;
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| {
        Error::new(sys::DIFFUSION_E_MEMORY, format!("{function}: no memory for n={n} samples of {dim} values"))
    })?;
    values.resize(length, T::default());
    Ok(values)
}
