//! Tells cargo where libdiffusion.so is: in DIFFUSION_LIB_DIR, where pkg-config says, or where the linker looks anyway.

use std::env;
use std::process::Command;

fn main() {
    for name in ["DIFFUSION_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH"] {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    println!("cargo:rustc-link-lib=dylib=diffusion");
    let folders = match env::var("DIFFUSION_LIB_DIR") {
        Ok(folder) => vec![folder],
        Err(_) => ask_pkg_config().unwrap_or_else(|| {
            println!("cargo:warning=pkg-config does not know libdiffusion: set PKG_CONFIG_PATH, or DIFFUSION_LIB_DIR");
            Vec::new()
        }),
    };
    for folder in &folders {
        println!("cargo:rustc-link-search=native={}", folder);
    }
    // For build scripts of what depends on this crate: DEP_DIFFUSION_LIB_DIR, to make an rpath of.
    if let Some(folder) = folders.first() {
        println!("cargo:lib_dir={}", folder);
    }
}

/// The folders that hold the library: an empty list where it is the linker's own.
fn ask_pkg_config() -> Option<Vec<String>> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_string());
    let output = match Command::new(program).args(["--libs-only-L", "libdiffusion"]).output() {
        Ok(output) if output.status.success() => output.stdout,
        _ => return None,
    };
    let words = String::from_utf8_lossy(&output).into_owned();
    Some(words.split_whitespace().filter_map(|word| word.strip_prefix("-L")).map(str::to_string).collect())
}
