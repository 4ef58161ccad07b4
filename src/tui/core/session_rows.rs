//! The sessions of a folder as rows of a tree.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use session::{Manifest, Outcome, ReadError, list, tree};

/// One session of the folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its directory.
    pub path: PathBuf,
    pub name: String,
    /// How deep it stands below others: forks stand below their parent.
    pub depth: usize,
    /// What it is a record of, or why that is unknown.
    pub manifest: Result<Manifest, String>,
    /// How long ago it began; empty where that is not known.
    pub age: String,
}

impl Row {
    /// Reads the sessions in the directory `base`, forks below their parents. Only manifests are read.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub fn read(base: &Path, now: Timestamp) -> Result<Vec<Self>, ReadError> {
        let entries = list(base)?;
        let places = tree(&entries);
        let mut entries: Vec<_> = entries.into_iter().map(Some).collect();
        let row = |(depth, at): (usize, usize)| {
            let entry = entries[at].take()?;
            let age =
                entry.manifest.as_ref().map_or_else(|_| String::new(), |reported| age(reported.created, now));
            let manifest = entry.manifest.map_err(|error| error.to_string());
            Some(Self { path: entry.path, name: entry.name, depth, manifest, age })
        };
        Ok(places.into_iter().filter_map(row).collect())
    }

    /// Returns how it ended, in a word; `running` says whether it is the live run.
    pub fn end(&self, running: bool) -> &'static str {
        let Ok(manifest) = &self.manifest else { return "broken" };
        match manifest.finished.as_ref().map(|finished| &finished.outcome) {
            Some(Outcome::Answered) => "answered",
            Some(Outcome::Interrupted) => "stopped",
            Some(Outcome::Failed { .. }) => "failed",
            None if running => "running",
            None => "unfinished",
        }
    }

    /// Returns the event after which it was forked.
    pub fn forked_after(&self) -> Option<u64> {
        self.manifest.as_ref().ok()?.parent.as_ref().map(|parent| parent.at)
    }

    /// Returns what is known of it as one text, to be searched.
    pub fn text(&self) -> String {
        let about = self.manifest.as_ref().map_or_else(String::clone, |reported| {
            format!("{} {} {} seed {}", reported.about(), reported.problem, reported.model, reported.seed)
        });
        format!("{} {} {about}", self.name, self.end(false))
    }
}

/// Returns how long ago `then` was, in the greatest unit that says enough.
fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..60 => "now".to_owned(),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Instant};

    use super::*;
    use session::{Parent, ProblemCard, SessionWriter};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn write(base: &Path, name: &str, created: &str, parent: Option<(&str, u64)>) {
        let problem = ProblemCard {
            reference: "pens".into(),
            title: "Money from pens".into(),
            family: "math".into(),
            text: String::new(),
            has_gold: false,
        };
        let parent = parent.map(|(session, at)| Parent { session: session.into(), at });
        let manifest = Manifest { parent, ..Manifest::new(&problem, "tiny", 7, at(created)) };
        drop(SessionWriter::create(&base.join(name), manifest).unwrap());
    }

    #[test]
    fn forks_stand_below_and_a_broken_session_stands_last() {
        let base = tempfile::tempdir().unwrap();
        write(base.path(), "a", "2026-01-01T00:00:00Z", None);
        write(base.path(), "b", "2026-01-02T00:00:00Z", None);
        write(base.path(), "c", "2026-01-03T00:00:00Z", Some(("a", 12)));
        fs::create_dir(base.path().join("0-broken")).unwrap();
        fs::write(base.path().join("0-broken/manifest.json"), "{\"format\":").unwrap();
        let rows = Row::read(base.path(), at("2026-01-03T05:00:00Z")).unwrap();
        let reported: Vec<_> =
            rows.iter().map(|row| (row.name.as_str(), row.depth, row.end(false))).collect();
        let open = "unfinished";
        assert_eq!(reported, [("a", 0, open), ("c", 1, open), ("b", 0, open), ("0-broken", 0, "broken")]);
        assert_eq!(rows[1].forked_after(), Some(12));
        assert_eq!(rows.iter().map(|row| row.age.as_str()).collect::<Vec<_>>(), ["2 d", "5 h", "29 h", ""]);
        let text = rows[0].text();
        assert!(text.contains("pens") && text.contains("seed 7") && !text.contains("blocks"), "{text}");
        assert!(rows[3].text().contains("broken"));
    }

    #[test]
    fn hundreds_of_sessions_are_listed_at_once() {
        let base = tempfile::tempdir().unwrap();
        (0..300).for_each(|n| write(base.path(), &format!("s{n}"), "2026-01-01T00:00:00Z", None));
        let begun = Instant::now();
        assert_eq!(Row::read(base.path(), at("2026-01-01T00:00:00Z")).unwrap().len(), 300);
        // Far above what it takes, and far below what reading their events would.
        assert!(begun.elapsed().as_millis() < 1_000, "{:?}", begun.elapsed());
    }

    #[test]
    fn ages_are_told_in_one_unit() {
        let now = at("2026-01-03T00:00:00Z");
        let reported = ["2026-01-02T23:59:30Z", "2026-01-02T23:58:00Z", "2026-01-05T00:00:00Z"];
        assert_eq!(reported.map(|then| age(at(then), now)), ["now", "2 min", "now"]);
    }
}
