//! What several test binaries and benches share, compiled once for all of them. What only one of them uses is in its own
//! folder.

pub mod experiment;
pub mod gguf;
#[cfg(feature = "llama")]
pub mod models;
#[cfg(feature = "llama")]
pub mod runs;
#[cfg(unix)]
pub mod terminal;
pub mod walks;

/// The top folder of the project.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Returns the path of the program under test.
///
/// # Panics
/// Outside `cargo test` and `cargo bench`, which build the program and say where it is.
pub fn program() -> String {
    std::env::var("CARGO_BIN_EXE_planscope")
        .expect("cargo says where the program is: use cargo test or cargo bench")
}
