//! Holds `docs/settings.md` to the program: every key stands there with its default, and none that is not.

use planscope::config::Config;

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
    let free = [".run.gate.", ".run.score_noise.", ".run.template.variables.", ".ui.bind.", ".run.shadow"];
    let extra: Vec<_> = documented
        .iter()
        .filter(|key| !there.contains(key) && !free.iter().any(|section| key.starts_with(section)))
        .collect();
    assert!(extra.is_empty(), "only in docs/settings.md: {extra:?}");
}
