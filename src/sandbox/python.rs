//! The interpreter, and what it has to read to run.

use std::{
    collections::BTreeSet,
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::{Deserialize, Serialize};

use super::Refused;

/// Names another interpreter than the first `python3` of the search path.
pub const PYTHON_VARIABLE: &str = "PLANSCOPE_PYTHON";

const HINT: &str = "install python3 (3.9 or newer), or set PLANSCOPE_PYTHON to its path";

/// Has an interpreter say where it really is (the `python3` of a version manager is a shell script), where its library
/// is, and which files are mapped into it: its shared libraries and what loads them. This is our own text, so it needs
/// no sandbox.
const ASK: &str = "\
import json, os, sys, zlib, math
with open('/proc/self/maps') as maps:
    mapped = sorted({line.split(None, 5)[5].strip() for line in maps if '/' in line and '.so' in line})
print(json.dumps({
    'path': os.path.realpath(sys.executable),
    'version': '.'.join(map(str, sys.version_info[:3])),
    'library': [entry for entry in sys.path if os.path.isdir(entry)],
    'mapped': [os.path.realpath(path) for path in mapped if os.path.isfile(path)],
}))
";

/// A Python interpreter of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The program itself, not a script or a link that leads to it.
    pub path: PathBuf,
    /// Its version, such as `3.11.2`.
    pub version: String,
    library: Vec<PathBuf>,
    mapped: Vec<PathBuf>,
}

impl Interpreter {
    /// Finds the interpreter to use.
    ///
    /// # Errors
    /// Where none is found, or the one found cannot tell about itself.
    pub fn find() -> Result<Self, Refused> {
        let chosen = env::var_os(PYTHON_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
        let places = env::var_os("PATH").unwrap_or_default();
        let found = chosen
            .or_else(|| env::split_paths(&places).map(|dir| dir.join("python3")).find(|path| path.is_file()));
        let Some(path) = found else {
            return Err(Refused::new(
                "Code that a model wrote needs python3, and there is none on this machine.",
                HINT,
            ));
        };
        Self::ask(&path)
    }

    fn ask(path: &Path) -> Result<Self, Refused> {
        let wrong = |what: String| Refused::new(format!("{} cannot be used: {what}.", path.display()), HINT);
        let mut command = Command::new(path);
        command.args(["-I", "-S", "-c", ASK]).stdin(Stdio::null());
        let output = command.output().map_err(|error| wrong(error.to_string()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(wrong(said.lines().last().unwrap_or("it fails and says nothing").to_owned()));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| wrong(format!("it reports {error}")))
    }

    /// Returns what may be executed: the interpreter, and what loads its shared libraries.
    pub(super) fn executables(&self) -> Vec<&Path> {
        let loads = |path: &&PathBuf| {
            path.file_name().is_some_and(|name| {
                let name = name.to_string_lossy();
                name.starts_with("ld-") || name.starts_with("ld.")
            })
        };
        let loader = self.mapped.iter().find(loads).map(PathBuf::as_path);
        std::iter::once(self.path.as_path()).chain(loader).collect()
    }

    /// Returns what may be read: the library, and the folders of shared libraries.
    pub(super) fn readable(&self) -> BTreeSet<PathBuf> {
        let folders = self.mapped.iter().filter_map(|path| path.parent()).map(Path::to_path_buf);
        let cache = PathBuf::from("/etc/ld.so.cache");
        self.library.iter().cloned().chain(folders).chain([cache]).collect()
    }
}
