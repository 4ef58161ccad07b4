//! What a file is that is no GGUF, by its first bytes.

/// Bytes that are enough to tell.
pub(crate) const HEAD: u64 = 32;

/// Formats of weights from before GGUF.
const OLD: [&[u8]; 6] = [b"ggml", b"lmgg", b"ggjt", b"tjgg", b"ggmf", b"fmgg"];

/// Checks that a file that begins with `head` is a GGUF file.
///
/// # Errors
/// A clause that says what it is instead.
pub(crate) fn recognize(head: &[u8]) -> Result<(), &'static str> {
    let text = head.trim_ascii_start();
    let is = |beginning: &[u8]| head.starts_with(beginning);
    Err(match head.len() {
        _ if is(b"GGUF") => return Ok(()),
        0..4 => "it is empty or a few bytes only",
        _ if is(b"version https://git-lfs") => "it is a pointer of Git LFS; the model itself was not fetched",
        _ if text.starts_with(b"<") => "it is a web page, as a download without access leaves one",
        _ if OLD.iter().any(|old| is(old)) => {
            "it is in a format from before GGUF, which llama.cpp no longer reads"
        }
        _ if is(b"PK\x03\x04") => "it is a zip archive, as PyTorch writes its weights",
        _ if is(b"\x1f\x8b") || is(b"\xfd7zXZ") || is(b"\x28\xb5\x2f\xfd") => {
            "it is compressed; unpack it first"
        }
        9.. if head[8] == b'{' => "it holds weights as safetensors, which have to be converted to GGUF",
        _ => "it does not start with the letters GGUF",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_gguf_is_named() {
        assert_eq!(recognize(b"GGUF\x03\0\0\0"), Ok(()));
        for (head, expected) in [
            (&b"GG"[..], "a few bytes"),
            (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
            (b"\n<!DOCTYPE html>", "web page"),
            (b"tjgg\x03\0\0\0", "before GGUF"),
            (b"PK\x03\x04\x14\0", "zip"),
            (b"\x1f\x8b\x08\0\0\0", "compressed"),
            (b"\x40\x10\0\0\0\0\0\0{\"__metadata__\"", "safetensors"),
            (b"hello world", "letters GGUF"),
        ] {
            assert!(recognize(head).is_err_and(|why| why.contains(expected)), "{expected}");
        }
    }
}
