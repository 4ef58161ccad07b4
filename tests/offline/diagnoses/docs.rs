//! Holds `docs/diagnoses.md` to the registries of checks.

use diagnose::catalogue;

const DOC: &str = include_str!("../../../docs/diagnoses.md");

fn headings() -> Vec<&'static str> {
    DOC.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect()
}

#[test]
fn every_check_has_its_section_in_the_order_of_the_registries() {
    let names: Vec<&str> = catalogue().iter().map(|(_, doc)| doc.name).collect();
    assert_eq!(headings(), names);
}

#[test]
fn every_section_says_what_the_check_says_and_when_it_decides() {
    let sections: Vec<&str> = DOC.split("\n### `").skip(1).collect();
    for ((_, doc), section) in catalogue().iter().zip(sections) {
        let words = section.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = format!("{}{}.", doc.doc[..1].to_uppercase(), &doc.doc[1..]);
        assert!(words.contains(&said), "the section of {} lacks: {said}", doc.name);
        assert!(words.contains(&format!("Costs {}.", doc.cost)), "{} costs {}", doc.name, doc.cost);
        for part in
            ["**Measures.**", "**Fault**", "**Clear**", "**Not enough data**", "**Do.**", "**Source.**"]
        {
            assert!(section.contains(part), "{} lacks {part}", doc.name);
        }
    }
}
