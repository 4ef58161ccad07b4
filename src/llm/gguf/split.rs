//! Models that are split over several files, as gguf-split writes them: `NAME-00001-of-00003.gguf` and so on. The first
//! has all metadata; the others have only their tensors and which part they are.

use std::path::{Path, PathBuf};

use super::{Flaw, Header, load};
use model::LlmError;

/// One file of a model that is split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPart {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How many tensors it holds.
    pub tensors: usize,
}

/// What the name of a part says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PartName {
    /// What stands before the number.
    stem: String,
    /// Which part it is, from 1.
    number: u64,
    /// How many there are.
    of: u64,
}

impl PartName {
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_suffix(".gguf")?;
        let five = |digits: &&str| digits.len() == 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = |digits: &str| Some(digits).filter(five).and_then(|digits| digits.parse().ok());
        let (rest, of) = name.rsplit_once("-of-")?;
        let (stem, part) = rest.rsplit_once('-')?;
        Some(Self { stem: stem.to_owned(), number: number(part)?, of: number(of)? })
    }

    /// Returns the path of part `number`, in the folder of `path`.
    fn sibling(&self, path: &Path, number: u64) -> PathBuf {
        path.with_file_name(format!("{}-{number:05}-of-{:05}.gguf", self.stem, self.of))
    }
}

/// Returns the files that make up the model at `path`, the first part first, and the model's name. A file that is no
/// part is all of it.
///
/// # Errors
/// A clause that names the part that is missing.
pub fn files(path: &Path) -> Result<(Vec<PathBuf>, String), String> {
    let stem = || path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let part = load(path).ok().and_then(|header| header.part());
    let name = PartName::of(path).filter(|name| part == Some((name.number, name.of)));
    let Some(name) = name else { return Ok((vec![path.to_owned()], stem())) };
    let all: Vec<PathBuf> = (1..=name.of).map(|number| name.sibling(path, number)).collect();
    match all.iter().zip(1..).find(|(path, _)| !path.exists()) {
        Some((missing, number)) => Err(missing_words(missing, number, name.of)),
        None => Ok((all, name.stem)),
    }
}

fn missing_words(path: &Path, number: u64, of: u64) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("part {number} of {of} is missing: there is no {name} in the folder of the others")
}

impl Header {
    /// Returns which part this file is, from 1, and of how many; `None` where it is a whole model.
    fn part(&self) -> Option<(u64, u64)> {
        let (of, index) = (self.unsigned("split.count")?, self.unsigned("split.no")?);
        (of > 1 && index < of).then_some((index + 1, of))
    }

    /// Returns the header of the whole model, where this one, of the file at `path`, is one of its parts.
    pub(super) fn whole(self, path: &Path) -> Result<Self, LlmError> {
        let Some((number, of)) = self.part() else { return Ok(self) };
        let broken = |path: &Path, why: String| Flaw { why, hint: TOGETHER }.of(path);
        let name = PartName::of(path).filter(|name| (name.number, name.of) == (number, of)).ok_or_else(|| {
            let name = format!("NAME-{number:05}-of-{of:05}.gguf");
            broken(path, format!("it is part {number} of {of}, but it is not called {name}, by which the parts are found"))
        })?;
        let mut parts = Vec::new();
        let mut whole: Option<Self> = None;
        for number in 1..=of {
            let file = name.sibling(path, number);
            if !file.exists() {
                return Err(broken(path, missing_words(&file, number, of)));
            }
            let header = load(&file)?;
            if header.part() != Some((number, of)) {
                return Err(broken(
                    &file,
                    format!("its header does not say that it is part {number} of {of}"),
                ));
            }
            parts.push(SplitPart { path: file, bytes: header.bytes, tensors: header.tensors.len() });
            match &mut whole {
                None => whole = Some(header),
                Some(whole) => {
                    whole.bytes = whole.bytes.saturating_add(header.bytes);
                    whole.tensors.extend(header.tensors);
                }
            }
        }
        let mut whole = whole.unwrap_or(self);
        whole.parts = parts;
        whole.check_count().map_err(|why| broken(path, why))?;
        Ok(whole)
    }

    /// Checks that the parts hold all tensors between them.
    fn check_count(&self) -> Result<(), String> {
        let there = self.tensors.len() as u64;
        match self.unsigned("split.tensors.count") {
            Some(all) if all != there => {
                Err(format!("its {} parts hold {there} tensors, but the model has {all}", self.parts.len()))
            }
            Some(_) | None => Ok(()),
        }
    }
}

const TOGETHER: &str = "put all parts into one folder under the names that they were published with; any of them names \
                        the whole model";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parts_are_read_as_llama_cpp_writes_them() {
        let name = |path: &str| PartName::of(Path::new(path)).map(|name| (name.stem, name.number, name.of));
        assert_eq!(name("a/b-q4-00002-of-00003.gguf"), Some(("b-q4".into(), 2, 3)));
        assert_eq!(name("b-of-x-00001-of-00002.gguf"), Some(("b-of-x".into(), 1, 2)));
        for other in [
            "b.gguf",
            "b-2-of-3.gguf",
            "b-00002-of-00003.bin",
            "-of-.gguf",
            "b-0000x-of-00003.gguf",
            "b-000002-of-000003.gguf",
        ] {
            assert_eq!(name(other), None, "{other}");
        }
        let second = PartName::of(Path::new("a/b-00002-of-00012.gguf")).unwrap();
        assert_eq!(
            second.sibling(Path::new("a/b-00002-of-00012.gguf"), 11),
            Path::new("a/b-00011-of-00012.gguf")
        );
    }
}
