//! The token that opens gated and private repositories, from where the hub's own tools keep it.

use std::path::PathBuf;

use reqwest::header::HeaderValue;

/// Returns the header that carries the token, if there is one: of `HF_TOKEN` or `HUGGING_FACE_HUB_TOKEN`, of the file
/// `HF_TOKEN_PATH`, or of the file `token` in `HF_HOME`. `variable` looks a variable up; one without a value counts
/// as absent.
///
/// # Errors
/// A sentence when what is there cannot be a token.
pub(super) fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Option<HeaderValue>, String> {
    if variable("HF_HUB_DISABLE_IMPLICIT_TOKEN").is_some() {
        return Ok(None);
    }
    let named = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].into_iter();
    let named = named.filter_map(|name| Some((name.to_owned(), variable(name)?)));
    let kept = files(&variable).into_iter();
    let kept =
        kept.filter_map(|file| Some((file.display().to_string(), std::fs::read_to_string(&file).ok()?)));
    let Some((place, token)) = named.chain(kept).find(|(_, token)| !token.trim().is_empty()) else {
        return Ok(None);
    };
    let header = HeaderValue::from_str(&format!("Bearer {}", token.trim()));
    let mut header = header.map_err(|_| format!("what {place} holds is no token"))?;
    header.set_sensitive(true);
    Ok(Some(header))
}

/// The files in which a token may be, the first first.
fn files(variable: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let below_cache = |cache: PathBuf| cache.join("huggingface");
    let home = variable("HF_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| below_cache(cache.into())))
        .or_else(|| std::env::home_dir().map(|home| below_cache(home.join(".cache"))));
    let path = variable("HF_TOKEN_PATH").map(PathBuf::from);
    path.into_iter().chain(home.map(|home| home.join("token"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header that is sent with these variables and, in `HF_HOME`, this token file.
    fn sent(variables: &[(&str, &str)], file: &str) -> Result<Option<String>, String> {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("token"), file).expect("written");
        let path = home.path().to_string_lossy().into_owned();
        let all: Vec<(&str, &str)> = variables.iter().copied().chain([("HF_HOME", path.as_str())]).collect();
        let variable = |name: &str| {
            let (_, value) = all.iter().find(|(there, _)| *there == name)?;
            (!value.is_empty()).then(|| (*value).to_owned())
        };
        let header = find(variable)?;
        Ok(header.map(|header| header.to_str().expect("plain").to_owned()))
    }

    #[test]
    fn variables_come_before_files() {
        let other = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(other.path(), "of-path\n").expect("written");
        let path = ("HF_TOKEN_PATH", other.path().to_str().expect("a name"));
        for (variables, token) in [
            (vec![("HF_TOKEN", "new"), ("HUGGING_FACE_HUB_TOKEN", "old"), path], Some("Bearer new")),
            (vec![("HF_TOKEN", ""), ("HUGGING_FACE_HUB_TOKEN", " old\n"), path], Some("Bearer old")),
            (vec![path], Some("Bearer of-path")),
            (vec![], Some("Bearer of-home")),
            (vec![("HF_TOKEN_PATH", "/no/such/file")], Some("Bearer of-home")),
            (vec![("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"), ("HF_TOKEN", "new")], None),
        ] {
            assert_eq!(
                sent(&variables, "of-home\n").as_ref().map(Option::as_deref),
                Ok(token),
                "{variables:?}"
            );
        }
        assert_eq!(sent(&[], " \n"), Ok(None), "an empty file is no token");
    }

    #[test]
    fn what_cannot_be_a_token_is_said_and_never_shown() {
        let error = sent(&[("HF_TOKEN", "secret\nsecond line")], "").expect_err("no header");
        assert_eq!(error, "what HF_TOKEN holds is no token");
        let header = find(|name| (name == "HF_TOKEN").then(|| "secret".to_owned()));
        assert!(!format!("{header:?}").contains("secret"));
    }
}
