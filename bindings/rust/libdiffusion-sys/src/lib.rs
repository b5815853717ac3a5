//! Raw declarations of [libdiffusion]'s C interface, written from its headers; the crate `libdiffusion` is the safe
//! layer on top. The headers (`diffusion.h` and what it includes) are the reference: shapes of arrays, who owns what,
//! and which calls may run beside one another.
//!
//! **Linking.** The folder in `DIFFUSION_LIB_DIR` is taken first, then what `pkg-config libdiffusion` says, then the
//! linker's own folders. A library that is in none of the loader's folders is found at run time by
//! `LD_LIBRARY_PATH`, or by an rpath, which a program's own `build.rs` can set:
//!
//! ```no_run
//! // In build.rs, where libdiffusion-sys is a dependency of the package itself:
//! if let Ok(folder) = std::env::var("DEP_DIFFUSION_LIB_DIR") {
//!     println!("cargo:rustc-link-arg=-Wl,-rpath,{}", folder);
//! }
//! ```
//!
//! [libdiffusion]: https://docs.rs/libdiffusion

#![allow(non_camel_case_types)]

mod raw;
pub use raw::*;
