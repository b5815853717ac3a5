//! The safe layer as programs use it. Numbers are held against closed forms, or against the same calls made otherwise.

mod callbacks;
mod files;
mod measures;
mod refusals;
mod threads;

use libdiffusion::{Model, Result, Schedule};

/// A small model of two values and three classes, and its schedule.
fn small() -> Result<(Model, Schedule)> {
    let spec = "mlp shape=2 classes=3 width=8 depth=2 predict=epsilon variance=learned_range";
    Ok((Model::new(spec, 1)?, Schedule::new("cosine steps=10")?))
}

/// A folder of a test's own, removed at its end.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("libdiffusion-{}-{}", test, std::process::id()));
        std::fs::create_dir(&path).expect("a folder for the test's files");
        Folder(path)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
