//! What problems are called in an experiment. Their own names need not differ: row 0 of every file `test.jsonl` is `test#0`.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Component, Path},
    sync::Arc,
};

use super::cell::hash;
use problem::Problem;

/// Returns a name for each problem that no other has: its own, with as much of the folder before it as it takes.
pub(super) fn names(problems: &[Arc<Problem>]) -> Vec<String> {
    let mut alike: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, problem) in problems.iter().enumerate() {
        alike.entry(&problem.id).or_default().push(at);
    }
    let mut names: Vec<String> = problems.iter().map(|problem| problem.id.clone()).collect();
    for places in alike.into_values().filter(|places| places.len() > 1) {
        let folders: Vec<Vec<&str>> = places.iter().map(|at| folders(&problems[*at].source)).collect();
        let deepest = folders.iter().map(Vec::len).max().unwrap_or(0);
        let named = |depth: usize| -> Vec<String> {
            let name = |(at, folders): (&usize, &Vec<&str>)| {
                let kept = folders[folders.len().saturating_sub(depth)..].iter().copied();
                kept.chain([problems[*at].id.as_str()]).collect::<Vec<_>>().join("/")
            };
            places.iter().zip(&folders).map(name).collect()
        };
        let told_apart = |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
        let longer = (1..=deepest).map(named).find(told_apart).unwrap_or_else(|| {
            // One file read in two formats, say.
            let by_text = |at: &usize| format!("{}~{}", problems[*at].id, &hash(&problems[*at].text)[..8]);
            places.iter().map(by_text).collect()
        });
        places.iter().zip(longer).for_each(|(at, name)| names[*at] = name);
    }
    names
}

/// Returns the names of the folders that lead to a file.
fn folders(path: &str) -> Vec<&str> {
    let parts = Path::new(path).parent().into_iter().flat_map(Path::components);
    let name = |part| match part {
        Component::Normal(name) => name.to_str(),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
    };
    parts.filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_one_name_are_told_apart_by_their_folders() {
        let of = |id: &str, source: &str, text: &str| {
            let mut problem = Problem::new(id, "math", text);
            problem.source = source.to_owned();
            Arc::new(problem)
        };
        let named = |problems: &[(&str, &str)]| {
            let all: Vec<_> =
                (0..).zip(problems).map(|(n, (id, source))| of(id, source, &format!("{n}?"))).collect();
            names(&all)
        };
        let test = "test#0";
        assert_eq!(
            named(&[(test, "x/alpha/test.jsonl"), (test, "x/beta/test.jsonl"), ("pens", "bundled")]),
            ["alpha/test#0", "beta/test#0", "pens"]
        );
        assert_eq!(
            named(&[(test, "/a/x/test.jsonl"), (test, "/b/x/test.jsonl")]),
            ["a/x/test#0", "b/x/test#0"]
        );
        assert_eq!(named(&[(test, "test.jsonl"), (test, "x/test.jsonl")]), [test, "x/test#0"]);
        let same = named(&[(test, "x/test.jsonl"), (test, "x/test.csv")]);
        assert!(same[0] != same[1] && same.iter().all(|name| name.starts_with("test#0~")), "{same:?}");
    }
}
