//! Holds `docs/settings.md` to the program: every key stands there with its default, and none that is not.

use std::{fs, path::Path};

use engine::{gate, propose, registry, score};
use lab::Experiment;
use planscope::config::{self, Config};
use probe::Expr;
use session::{Event, ProblemCard, Purpose, Record, Settings, State};

const DOC: &str = include_str!("../../../docs/settings.md");

fn example() -> String {
    let start = DOC.find("```toml").expect("an example") + "```toml".len();
    DOC[start..].split("```").next().expect("its end").to_owned()
}

/// The example with the optional settings switched on.
fn whole_example() -> String {
    let switch = |line: &str| match line.strip_prefix("# ") {
        Some(setting) if setting.contains(" = ") => setting.to_owned(),
        _ => line.to_owned(),
    };
    example().lines().map(switch).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_is_the_default() {
    let mut config: Config = toml::from_str(&example()).expect("the example parses");
    assert!(config.sessions.take().is_some());
    assert_eq!(config, Config::default());
}

#[test]
fn every_key_is_documented() {
    let document: serde_json::Value =
        toml::from_str(&whole_example().replace("rule = \"greedy\"", "rule = \"metropolis\""))
            .expect("the whole example is TOML");
    let mut config = Config::default();
    // Left out of records where they are the default.
    config.run.template.name = Some("chatml".into());
    config.run.thinking.tokens = 1;
    config.run.agree.drafts = 2;
    config.run.redraft_surfaces = vec!["items".into()];
    config.run.think = session::Think::Tokens;
    config.run.latent.steps = 4;
    config.run.denoise.steps = 4;
    config.run.denoise.remasking = denoise::Remasking::Conf { eta: 0.5 };
    config.run.renoise = 0.25;
    let known = serde_json::to_value(config).expect("the configuration as JSON");
    fn keys(value: &serde_json::Value, path: &str, into: &mut Vec<String>) {
        match value.as_object() {
            Some(map) => map.iter().for_each(|(key, value)| keys(value, &format!("{path}.{key}"), into)),
            None => into.push(path.to_owned()),
        }
    }
    let (mut documented, mut there) = (Vec::new(), Vec::new());
    keys(&document, "", &mut documented);
    keys(&known, "", &mut there);
    let missing: Vec<_> = there.iter().filter(|key| !documented.contains(key)).collect();
    assert!(missing.is_empty(), "not in docs/settings.md: {missing:?}");
    // Parameters of the gate depend on its rule, and keys and noise are the person's, so the default does not
    // show them, nor what is off and then left out of records.
    let free = [
        ".run.gate.",
        ".run.denoise.remasking.",
        ".run.score_noise.",
        ".run.template.variables.",
        ".ui.bind.",
        ".run.shadow",
        ".run.allocation",
    ];
    let extra: Vec<_> = documented
        .iter()
        .filter(|key| !there.contains(key) && !free.iter().any(|section| key.starts_with(section)))
        .collect();
    assert!(extra.is_empty(), "only in docs/settings.md: {extra:?}");
}

/// The column at which comments begin, and the last one of a line.
const COLUMNS: (usize, usize) = (32, 120);

/// A line of the example, with the comment wrapped below itself.
fn line(name: &str, weight: f64, doc: &str) -> String {
    let (start, end) = COLUMNS;
    let mut text = format!("{:<start$}#", format!("{name} = {weight:?}"));
    let mut column = text.len();
    for word in doc.split_whitespace() {
        if column + 1 + word.len() > end {
            text += &format!("\n{:start$}#", "");
            column = start + 1;
        }
        text += &format!(" {word}");
        column += 1 + word.len();
    }
    text + "\n"
}

/// The table of gates.
fn gates() -> String {
    let row = |gate: &&dyn gate::Gate| {
        let doc = gate.doc();
        let parameters = doc.parameters.iter();
        let parameters: Vec<String> =
            parameters.map(|parameter| format!("`{}` = {}", parameter.name, parameter.begin)).collect();
        format!("| `{}` | {} | {} |\n", doc.name, parameters.join(", "), doc.doc)
    };
    gate::REGISTRY.iter().map(row).collect()
}

/// Returns `page` with these rows in the table of gates.
fn with_gates(page: &str, rows: &str) -> String {
    const HEAD: &str = "| rule | parameters | |\n|---|---|---|\n";
    let start = page.find(HEAD).expect("the table of gates") + HEAD.len();
    let end = start + page[start..].find("\n\n").expect("its end") + 1;
    format!("{}{rows}{}", &page[..start], &page[end..])
}

/// Returns `page` with `lines` in the section `header`, below its head.
fn with_section(page: &str, header: &str, lines: &str) -> String {
    let at = page.find(&format!("\n[{header}]")).expect("the section") + 1;
    let start = at + page[at..].find('\n').expect("its head") + 1;
    let end = start + page[start..].find("\n\n").expect("its end") + 1;
    format!("{}{lines}{}", &page[..start], &page[end..])
}

#[test]
fn weights_and_gates_are_those_of_the_registries() {
    let scorers = score::REGISTRY.iter().map(|scorer| scorer.doc());
    let scorers: String = scorers.map(|doc| line(doc.name, doc.weight, doc.doc)).collect();
    let proposers = propose::REGISTRY.iter().map(|proposer| proposer.doc());
    let proposers: String = proposers.map(|doc| line(doc.name, doc.weight, doc.doc)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let page = fs::read_to_string(&path).unwrap();
    let right = with_section(&with_section(&page, "run.scorers", &scorers), "run.proposers", &proposers);
    let right = with_gates(&right, &gates());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, right).unwrap();
    } else {
        assert_eq!(
            page, right,
            "bring it up to date with UPDATE_DOCS=1 cargo test --release --test offline docs::settings"
        );
    }
}

/// The settings of an experiment's only arm, which are set in the experiment and by the arm.
fn in_experiment(all: &str, arm: &str) -> Result<Settings, String> {
    let text = format!(
        "name = 't'\nproblems = ['pens']\nbudgets = [{{ meter = 'generated', values = [512] }}]\n\
         arms = [{{ arm = 'refine', set = {{ {arm} }} }}]\n[settings]\n{all}\n"
    );
    let experiment = Experiment::parse(Path::new("t.toml"), &text)?;
    experiment.settings(&experiment.variants[0], problem::family("free").unwrap(), 1, &Default::default())
}

#[test]
fn a_name_of_a_registry_is_known_wherever_names_are_written() {
    let proposers = propose::REGISTRY.iter().map(|proposer| ("proposers", proposer.doc().name));
    let scorers = score::REGISTRY.iter().map(|scorer| ("scorers", scorer.doc().name));
    for (table, name) in proposers.chain(scorers) {
        let weight = |settings: &Settings| match table {
            "scorers" => settings.scorers.get(name),
            _ => settings.proposers.get(name),
        };
        let set = [format!("{table}.{name}=0.625")];
        assert_eq!(weight(&config::load(&set).unwrap().run), 0.625, "{name}");
        assert_eq!(weight(&config::overlay(&Settings::default(), &set).unwrap()), 0.625, "{name}");
        let written = format!("{table}.{name} = 0.625");
        assert_eq!(weight(&in_experiment(&written, "").unwrap()), 0.625, "{name}");
        assert_eq!(weight(&in_experiment("", &written).unwrap()), 0.625, "{name}");
        // One letter off, and it is a mistake that names the right one.
        let typo = format!("{table}.{name}x");
        let near = format!("did you mean \"{name}\"?");
        for refused in [
            config::load(&[format!("{typo}=0")]).unwrap_err().to_string(),
            config::overlay(&Settings::default(), &[format!("{typo}=0")]).unwrap_err().to_string(),
            in_experiment(&format!("{typo} = 0"), "").unwrap_err(),
            in_experiment("", &format!("{typo} = 0")).unwrap_err(),
        ] {
            assert!(refused.contains(&typo) && refused.contains(&near), "{refused}");
        }
    }
}

#[test]
fn a_scorer_of_the_registry_can_be_named_in_probes_and_books_its_calls() {
    let problem = ProblemCard {
        reference: "pens".into(),
        title: "pens".into(),
        family: "math".into(),
        text: "How many?".into(),
        has_gold: false,
    };
    let mut state = State::default();
    let event = Event::Started { problem, settings: Box::new(registry::settings()) };
    state.apply(&Record { seq: 0, at_ms: 0, event });
    for scorer in score::REGISTRY {
        let name = scorer.doc().name;
        let expr: Expr = format!("part.{name} > 0.5").parse().unwrap();
        assert_eq!(expr.known_in(&state), Ok(()), "{name}");
        let typo: Expr = format!("part.{name}x > 0.5").parse().unwrap();
        let hint = typo.known_in(&state).unwrap_err().hint.unwrap();
        assert!(hint.contains(&format!("`part.{name}`")), "{hint}");
        assert!(config::load(&[format!("score_noise.{name}.sigma=0.1")]).is_ok(), "{name}");
        if let Some(booking) = scorer.booking() {
            let recorded: Purpose = serde_json::from_value(booking.into()).unwrap();
            assert_eq!(Some(recorded), scorer.purpose(), "{name}");
            assert!(recorded.counts() && recorded.name().chars().all(|c| !c.is_control()), "{name}");
        }
    }
}

/// All keys of a tree of settings that have a value, such as `agree.drafts`.
fn leaves(tree: &serde_json::Value, path: &str) -> Vec<String> {
    let Some(fields) = tree.as_object() else { return vec![format!("`{path} = {tree}`")] };
    let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    fields.iter().flat_map(|(key, value)| leaves(value, &under(key))).collect()
}

#[test]
fn what_families_begin_with_is_documented() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md")).unwrap();
    let (_, section) = page.split_once("\n## Defaults by family\n").unwrap();
    for family in problem::FAMILIES {
        for tree in engine::defaults::differing(family.name()) {
            let mut row = section.lines().filter(|line| line.contains(&format!("`{}`", family.name())));
            let documented = |line: &str| {
                let keys = leaves(&tree, "").into_iter().filter(|key| !key.starts_with("`gate.rule"));
                keys.map(|key| key.replace(".0`", "`").replace("1e-5", "0.00001"))
                    .all(|key| line.contains(&key))
            };
            assert!(row.any(documented), "{}: {tree}", family.name());
        }
    }
}
