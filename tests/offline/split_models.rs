//! Models that are split over several files, and files that are no model for this machine, on small files made here.
//! `tests/model/split.rs` splits a real model.

use std::{path::Path, process::Command};

use llm::{gguf, models::resolve};
use support::gguf::{Whole, part, write};

fn model_info(path: &Path) -> String {
    let ran =
        Command::new(env!("CARGO_BIN_EXE_planscope")).args(["model", "info"]).arg(path).output().unwrap();
    String::from_utf8_lossy(if ran.status.success() { &ran.stdout } else { &ran.stderr }).into_owned()
}

#[test]
fn any_part_means_the_whole_model() {
    let (whole, dir) = (Whole::tiny(), tempfile::tempdir().unwrap());
    let single = dir.path().join("single.gguf");
    std::fs::write(&single, whole.one_file()).unwrap();
    let expected = gguf::read(&single).unwrap();
    assert_eq!((expected.parameters(), expected.parts.len()), (112, 0));
    for (count, first_is_bare) in [(2, true), (2, false), (4, false), (5, true)] {
        let dir = tempfile::tempdir().unwrap();
        let parts = whole.parts(count, first_is_bare);
        assert_eq!(parts.len(), count);
        write(dir.path(), &parts);
        for number in 1..=count {
            let given = part(dir.path(), number, count);
            let header = gguf::read(&given).unwrap();
            assert_eq!((header.parameters(), header.shape()), (112, expected.shape()));
            assert_eq!(header.bytes, parts.iter().map(|bytes| bytes.len() as u64).sum::<u64>());
            assert_eq!((header.parts.len(), header.tensors.len()), (count, 4));
            let found = resolve(&given.to_string_lossy()).unwrap();
            assert_eq!((found.path, found.name.as_str()), (part(dir.path(), 1, count), "tiny"));
        }
    }
}

#[test]
fn the_parts_of_a_model_are_shown() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(3, true));
    let shown = model_info(&part(dir.path(), 2, 3));
    for line in ["architecture     llama", "tensors          4", "part 1 of 3      tiny-00001-of-00003.gguf"]
    {
        assert!(shown.contains(line), "{shown}");
    }
    assert!(shown.contains("part 3 of 3      tiny-00003-of-00003.gguf, 384 B, 2 tensors"), "{shown}");
}

/// Writes three parts, spoils them, and returns what is said of one of them.
fn said_of(number: usize, spoil: impl Fn(&Path)) -> String {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(3, true));
    spoil(dir.path());
    let given = part(dir.path(), number, 3);
    let error = gguf::read(&given).expect_err("it is not whole").to_string();
    let shown = model_info(&given);
    assert!(shown.starts_with("error: ") && shown.contains("\nhint: "), "{shown}");
    error + "\n" + &shown
}

#[test]
fn parts_that_do_not_make_a_whole_are_named() {
    let remove = |number: usize| move |dir: &Path| std::fs::remove_file(part(dir, number, 3)).unwrap();
    let said = said_of(1, remove(3));
    assert!(said.contains("part 3 of 3 is missing: there is no tiny-00003-of-00003.gguf"), "{said}");
    let said = said_of(3, remove(1));
    assert!(said.contains("part 1 of 3 is missing"), "{said}");
    let swapped = |dir: &Path| {
        std::fs::copy(part(dir, 3, 3), part(dir, 2, 3)).unwrap();
    };
    let said = said_of(1, swapped);
    assert!(
        said.contains("00002-of-00003.gguf cannot be used as a model: its header does not say"),
        "{said}"
    );
    let cut = |dir: &Path| {
        let file = std::fs::OpenOptions::new().write(true).open(part(dir, 2, 3)).unwrap();
        file.set_len(200).unwrap();
    };
    let said = said_of(1, cut);
    assert!(said.contains("00002-of-00003.gguf cannot be used as a model: it is cut off"), "{said}");
    let foreign = |dir: &Path| {
        let mut other = Whole::tiny();
        other.pieces.pop();
        std::fs::write(part(dir, 3, 3), &other.parts(3, true)[2]).unwrap();
    };
    let said = said_of(1, foreign);
    assert!(said.contains("its 3 parts hold 3 tensors, but the model has 4"), "{said}");
}

#[test]
fn a_part_under_another_name_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &Whole::tiny().parts(2, true));
    let renamed = dir.path().join("model.gguf");
    std::fs::rename(part(dir.path(), 2, 2), &renamed).unwrap();
    let said = model_info(&renamed);
    assert!(said.contains("it is part 2 of 2, but it is not called NAME-00002-of-00002.gguf"), "{said}");
    // A whole model may be called like a part.
    let whole = part(dir.path(), 3, 9);
    std::fs::write(&whole, Whole::tiny().one_file()).unwrap();
    assert_eq!(gguf::read(&whole).unwrap().parameters(), 112);
    assert_eq!(resolve(&whole.to_string_lossy()).unwrap().path, whole);
}

#[test]
fn files_for_other_machines_and_in_other_formats_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let said = |bytes: &[u8]| {
        let path = dir.path().join("model.gguf");
        std::fs::write(&path, bytes).unwrap();
        model_info(&path)
    };
    for version in [1_u32, 2, 3] {
        let big = [&b"GGUF"[..], &version.to_be_bytes(), &1_u64.to_be_bytes(), &1_u64.to_be_bytes()].concat();
        let said = said(&big);
        assert!(said.contains("big-endian byte order") && said.contains("little-endian"), "{said}");
    }
    let later = [&b"GGUF"[..], &9_u32.to_le_bytes(), &[0; 16]].concat();
    assert!(said(&later).contains("its GGUF version 9 is not supported"));
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    assert!(said(pointer).contains("pointer of Git LFS"));
    assert!(said(b"<!DOCTYPE html><title>Log in</title>").contains("a web page"));
    assert!(said(b"tjgg\x03\0\0\0 and weights").contains("from before GGUF"));
}
