//! An experiment as a file: problems, seeds, arms, budgets, models.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    arms::{self, Arm},
    error::LabError,
};
use engine::{budget::si, defaults, gate, registry};
use model::ThinkingSettings;
use problem::Family;
use session::{BudgetLimits, Settings};

/// An experiment as it is written down. Unknown keys are errors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExperimentFile {
    name: String,
    problems: Vec<String>,
    #[serde(default)]
    seeds: Seeds,
    #[serde(default)]
    models: Vec<String>,
    arms: Vec<toml::Value>,
    baseline: Option<String>,
    budgets: Vec<Budget>,
    #[serde(default)]
    settings: toml::Table,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, expecting = "seeds are a list such as [1, 2] or a range such as \"0..5\"")]
enum Seeds {
    List(Vec<u64>),
    Range(String),
}

impl Default for Seeds {
    fn default() -> Self {
        Self::List(vec![1])
    }
}

impl Seeds {
    fn all(&self) -> Result<Vec<u64>, String> {
        match self {
            Self::List(seeds) => Ok(seeds.clone()),
            Self::Range(range) => {
                let ends = range.split_once("..").map(|(from, to)| (from.trim().parse(), to.trim().parse()));
                match ends {
                    Some((Ok(from), Ok(to))) if from < to => Ok((from..to).collect()),
                    Some(_) | None => {
                        Err(format!("\"{range}\" is no range of seeds; write \"0..5\" for five"))
                    }
                }
            }
        }
    }
}

/// What a budget is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meter {
    /// Tokens drawn.
    Generated,
    /// Positions evaluated.
    Fresh,
    /// Floating-point operations.
    Flops,
    /// Seconds in the model. What fits into them depends on the machine, so no two runs are quite alike.
    WallS,
}

impl Meter {
    /// Returns its name in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Fresh => "fresh",
            Self::Flops => "flops",
            Self::WallS => "wall_s",
        }
    }

    /// Returns a budget of `value` in words, such as `512 generated`.
    pub fn budget(self, value: f64) -> String {
        format!("{} {}", si(value), self.name())
    }

    /// Returns the strict limits of `value` on this meter.
    pub fn limits(self, value: f64) -> BudgetLimits {
        let mut limits = BudgetLimits { strict: true, ..BudgetLimits::default() };
        match self {
            Self::Generated => limits.generated = Some(value as u64),
            Self::Fresh => limits.fresh = Some(value as u64),
            Self::Flops => limits.flops = Some(value),
            Self::WallS => limits.wall_s = Some(value),
        }
        limits
    }
}

/// Budgets on one meter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// What they are counted in.
    pub meter: Meter,
    /// How much of it, one a budget.
    pub values: Vec<f64>,
    /// Whether a result at a smaller value is read from the record of the run at the largest, where that says it.
    #[serde(default)]
    pub anytime: bool,
    /// Sizes of pools that the problems share, in generated tokens per problem: computed from the same runs by the report.
    #[serde(default)]
    pub pools: Vec<f64>,
}

impl Budget {
    /// Returns its values in the order in which cells run: as they are written, or the largest first where smaller ones are
    /// read from its records.
    pub(super) fn in_order(&self) -> Vec<f64> {
        let mut values = self.values.clone();
        if self.anytime {
            values.sort_by(|a, b| b.total_cmp(a));
        }
        values
    }
}

/// An arm as the experiment uses it.
#[derive(Clone)]
pub struct Variant {
    /// Its name in this experiment.
    pub name: String,
    /// How it spends its budget.
    pub arm: &'static dyn Arm,
    /// Settings on top of the arm's.
    set: toml::Table,
    /// The variant whose observed acceptance it takes over; absent where it needs none.
    pub follows: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenArm {
    arm: String,
    name: Option<String>,
    #[serde(default)]
    set: toml::Table,
    follows: Option<String>,
}

/// An experiment that can be run.
#[derive(Clone)]
pub struct Experiment {
    /// Names the folder of results, `lab-NAME`, where no other is given.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// References of problems or sets of them.
    pub problems: Vec<String>,
    /// Every arm runs on every problem with each of them.
    pub seeds: Vec<u64>,
    /// Models as they are asked for; empty for the one that is configured.
    pub models: Vec<String>,
    /// Arms.
    pub variants: Vec<Variant>,
    /// The arm that the others are compared with.
    pub baseline: String,
    /// Every arm gets each value of each meter.
    pub budgets: Vec<Budget>,
    /// What all arms start from where the family of the problem says nothing else.
    pub base: Settings,
    /// What the experiment sets on top of the defaults of the problem's family.
    pub set: toml::Table,
    /// All of it as it is written.
    pub text: String,
}

impl Experiment {
    /// Reads an experiment.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, LabError> {
        let text = std::fs::read_to_string(path).map_err(LabError::io("reading", path))?;
        Self::parse(path, &text).map_err(|reason| LabError::Experiment { path: path.to_owned(), reason })
    }

    /// Reads an experiment from its text; problems are searched for in the folder of `path`.
    ///
    /// # Errors
    /// What is wrong, as a sentence.
    pub fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let written: ExperimentFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let variants = variants(&written.arms)?;
        let first = variants.first().ok_or("it has no arms")?.name.clone();
        let baseline = written.baseline.unwrap_or(first);
        if !variants.iter().any(|variant| variant.name == baseline) {
            return Err(format!("there is no arm called \"{baseline}\" to be the baseline"));
        }
        if written.problems.is_empty() {
            return Err("it has no problems".into());
        }
        if written.budgets.iter().all(|budget| budget.values.is_empty()) {
            return Err("it has no budget; arms are compared at the same cost".into());
        }
        if written
            .budgets
            .iter()
            .flat_map(|budget| budget.values.iter().chain(&budget.pools))
            .any(|value| *value <= 0.0)
        {
            return Err("a budget is above 0".into());
        }
        let base = overlay(&registry::settings(), &written.settings);
        for budget in written.budgets.iter().filter(|budget| budget.meter != Meter::Generated) {
            if budget.anytime {
                return Err("anytime reads a record by its generated tokens; set the meter generated".into());
            }
            if !budget.pools.is_empty() {
                return Err("pools hold generated tokens; set the meter generated".into());
            }
        }
        let experiment = Self {
            name: written.name,
            path: path.to_owned(),
            problems: written.problems.iter().map(|reference| alongside(path, reference)).collect(),
            seeds: written.seeds.all()?,
            models: written.models,
            variants,
            baseline,
            budgets: written.budgets,
            base: base.map_err(|why| format!("[settings]: {why}"))?,
            set: written.settings,
            text: text.to_owned(),
        };
        for variant in &experiment.variants {
            experiment.made_of(&experiment.base, variant)?;
        }
        Ok(experiment)
    }

    /// Returns the settings of a run on a problem of `family`: the family's defaults, what the experiment sets, made over
    /// by the arm, with what the variant sets on top, and the budget.
    ///
    /// # Errors
    /// When what the experiment or the variant sets cannot be.
    pub fn settings(
        &self,
        variant: &Variant,
        family: &dyn Family,
        seed: u64,
        budget: &BudgetLimits,
    ) -> Result<Settings, String> {
        let base = overlay(&defaults::of(family), &self.set).map_err(|why| format!("[settings]: {why}"))?;
        let mut settings = self.made_of(&base, variant)?;
        (settings.seed, settings.budget) = (seed, *budget);
        Ok(settings)
    }

    fn made_of(&self, base: &Settings, variant: &Variant) -> Result<Settings, String> {
        let wrong = |why: String| format!("arm \"{}\": {why}", variant.name);
        let arm = variant.arm.settings(base);
        let mut settings = overlay(&arm, &variant.set).map_err(&wrong)?;
        settings.paused = false;
        if !same_markers(&settings, &self.base) {
            return Err(wrong("template and the markers of thinking belong to the model, which all arms share; set them in [settings]".into()));
        }
        let settings = registry::settled(settings).map_err(&wrong)?;
        match gate::find(&settings.gate) {
            Some(gate) if gate.waits_for_person() => Err(wrong("its gate waits for a person".into())),
            Some(_) | None => Ok(settings),
        }
    }
}

/// Whether a model set up for `b` reads prompts as `a` says. How long it thinks is for each call to say.
fn same_markers(a: &Settings, b: &Settings) -> bool {
    let own = |settings: &Settings| {
        let ThinkingSettings { tokens: _, open, close } = settings.thinking.clone();
        (settings.template.clone(), open, close)
    };
    own(a) == own(b)
}

/// A file of problems is searched for in the experiment's folder first.
pub(super) fn alongside(path: &Path, reference: &str) -> String {
    let named = |format: &str| problem::formats().any(|(known, _)| known == format);
    let format = reference
        .split_once(':')
        .filter(|(format, _)| named(format))
        .map_or(0, |(format, _)| format.len() + 1);
    let (format, rest) = reference.split_at(format);
    let file = rest.rsplit_once('#').map_or(rest, |(file, _)| file);
    let near = path.parent().unwrap_or_else(|| Path::new("")).join(file);
    if Path::new(file).is_relative() && near.is_file() {
        return format!("{format}{}{}", near.display(), &rest[file.len()..]);
    }
    reference.to_owned()
}

fn variants(written: &[toml::Value]) -> Result<Vec<Variant>, String> {
    let mut variants: Vec<Variant> = Vec::new();
    for value in written {
        let arm = if let toml::Value::String(name) = value {
            WrittenArm { arm: name.clone(), name: None, set: toml::Table::new(), follows: None }
        } else {
            WrittenArm::deserialize(value.clone()).map_err(|error| format!("an arm: {error}"))?
        };
        let known = || arms::REGISTRY.iter().map(|arm| arm.doc().name).collect::<Vec<_>>().join(", ");
        let found = arms::find(&arm.arm)
            .ok_or_else(|| format!("there is no arm called \"{}\"; there are {}", arm.arm, known()))?;
        let name = arm.name.unwrap_or(arm.arm);
        if variants.iter().any(|other| other.name == name) {
            return Err(format!("two arms are called \"{name}\"; give one of them another name"));
        }
        variants.push(Variant { name, arm: found, set: arm.set, follows: arm.follows });
    }
    let follow = |at: usize| whom(&variants, at);
    let follows = (0..variants.len()).map(follow).collect::<Result<Vec<_>, _>>()?;
    variants.iter_mut().zip(follows).for_each(|(variant, follows)| variant.follows = follows);
    Ok(variants)
}

/// The variant that the one at `at` follows: the one it names, or the first that refines.
fn whom(variants: &[Variant], at: usize) -> Result<Option<String>, String> {
    let variant = &variants[at];
    let rate = variant.set.get("gate").is_some_and(|gate| gate.get("rate").is_some());
    match &variant.follows {
        None if !variant.arm.follows() || rate => Ok(None),
        None => {
            let first = variants.iter().find(|other| other.arm.doc().name == "refine");
            let why = "needs an arm \"refine\" to follow, or a gate with a rate";
            let first = first.ok_or_else(|| format!("arm \"{}\" {why}", variant.name))?;
            Ok(Some(first.name.clone()))
        }
        Some(name) => match variants.iter().find(|other| other.name == *name) {
            Some(other) if !other.arm.follows() && variant.arm.follows() => Ok(Some(name.clone())),
            Some(_) | None => Err(format!("arm \"{}\" cannot follow \"{name}\"", variant.name)),
        },
    }
}

/// Returns `settings` with those of `set` on top. A rule of acceptance comes as a whole.
fn overlay(settings: &Settings, set: &toml::Table) -> Result<Settings, String> {
    let set = serde_json::to_value(set).map_err(|error| error.to_string())?;
    let settings = defaults::overlaid(settings, set).map_err(|error| error.to_string())?;
    match registry::unknown(&settings, None) {
        Some(unknown) => Err(format!("{}: {unknown}", unknown.key)),
        None => Ok(settings),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "name = 't'\nproblems = ['pens']\nbudgets = [{ meter = 'generated', values = [512] }]\n";

    #[test]
    fn files_of_problems_are_looked_for_beside_the_experiment() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["rows.jsonl", "a#b.csv"] {
            std::fs::write(dir.path().join(name), "").unwrap();
        }
        let at = |rest: &str| format!("{}/{rest}", dir.path().display());
        let path = dir.path().join("t.toml");
        assert_eq!(alongside(&path, "rows.jsonl#0..3"), at("rows.jsonl#0..3"));
        assert_eq!(alongside(&path, "gsm8k:rows.jsonl#1"), format!("gsm8k:{}", at("rows.jsonl#1")));
        assert_eq!(alongside(&path, "a#b.csv#1"), at("a#b.csv#1"));
        for other in ["countdown:2#7", "pens", "nowhere.jsonl#1", "/rows.jsonl"] {
            assert_eq!(alongside(&path, other), other);
        }
    }

    fn chain() -> &'static dyn Family {
        problem::family("chain").unwrap()
    }

    fn parse(rest: &str) -> Result<Experiment, String> {
        Experiment::parse(Path::new("t.toml"), &format!("{HEAD}{rest}"))
    }

    #[test]
    fn an_arm_may_set_what_it_likes() {
        let experiment = parse(
            "seeds = '0..3'\narms = ['direct', { arm = 'refine', name = 'hot', set = { proposals = 2, gate = { rule = \
             'metropolis', start = 0.1 } } }]\n[settings]\nmax_items = 9\n",
        )
        .unwrap();
        assert_eq!((experiment.seeds.len(), experiment.baseline.as_str()), (3, "direct"));
        let limits = Meter::Generated.limits(512.0);
        let settings = experiment.settings(&experiment.variants[1], chain(), 2, &limits).unwrap();
        assert_eq!((settings.seed, settings.proposals, settings.max_items), (2, 2, 9));
        assert_eq!(settings.gate.to_string(), "metropolis start=0.1 cooling=0.0");
        assert_eq!(
            settings.budget,
            BudgetLimits { generated: Some(512), strict: true, ..Default::default() }
        );
    }

    #[test]
    fn mistakes_are_sentences() {
        let wrong = |text: &str| parse(text).err().unwrap();
        assert!(wrong("arms = ['direkt']").contains("there are direct, long"));
        assert!(wrong("arms = ['direct', 'direct']").contains("two arms"));
        assert!(wrong("arms = ['direct']\nseed = 3").contains("unknown field `seed`"));
        assert!(wrong("arms = ['direct']\n[settings]\niteration = 3").contains("unknown field `iteration`"));
        let set = wrong("arms = [{ arm = 'refine', set = { proposal = 3 } }]");
        assert!(set.contains("arm \"refine\"") && set.contains("unknown field `proposal`"), "{set}");
        let scorer = wrong("arms = ['direct']\n[settings.scorers]\nself_chek = 0.5");
        assert!(scorer.contains("[settings]: scorers.self_chek: there is no scorer"), "{scorer}");
        assert!(scorer.contains("did you mean \"self_check\"?"), "{scorer}");
        let proposer = wrong("arms = [{ arm = 'refine', set = { proposers = { redarft = 1 } } }]");
        assert!(proposer.contains("arm \"refine\": proposers.redarft: there is no proposer"), "{proposer}");
        assert!(wrong("arms = [{ arm = 'refine', sett = {} }]").contains("unknown field `sett`"));
        assert!(wrong("arms = ['coin-flip']").contains("to follow"));
        assert!(wrong("arms = ['direct']\nbaseline = 'x'").contains("baseline"));
        assert!(wrong("arms = ['direct']\nseeds = '3'").contains("no range of seeds"));
        let manual = "arms = [{ arm = 'refine', set = { gate = { rule = 'manual' } } }]";
        assert!(wrong(manual).contains("waits for a person"));
        let fault = wrong("arms = [{ arm = 'majority', set = { answer_temperature = 0.0 } }]");
        assert!(fault.contains("answer_temperature above 0"), "{fault}");
    }

    #[test]
    fn arms_may_think_for_longer_but_share_the_model_and_its_template() {
        let thinks = parse(
            "arms = ['direct', { arm = 'direct', name = 'thinks', set = { thinking = { tokens = 64 } } }]\n",
        );
        assert_eq!(thinks.unwrap().variants.len(), 2);
        let other = "arms = [{ arm = 'direct', set = { template = { name = 'chatml' } } }]\n";
        let refused = parse(other).err().unwrap();
        assert!(refused.contains("template and the markers of thinking belong to the model"), "{refused}");
        let all = format!("{}[settings.template]\nname = 'chatml'\n", "arms = ['direct']\n");
        assert_eq!(parse(&all).unwrap().base.template.name.as_deref(), Some("chatml"));
    }

    #[test]
    fn a_coin_flip_follows_the_first_that_refines_or_has_a_rate() {
        let follows = |arms: &str| parse(&format!("arms = {arms}")).unwrap().variants[0].follows.clone();
        assert_eq!(follows("['coin-flip', 'refine']").as_deref(), Some("refine"));
        assert_eq!(
            follows("[{ arm = 'coin-flip', follows = 'restore' }, 'restore']").as_deref(),
            Some("restore")
        );
        let rate = "[{ arm = 'coin-flip', set = { gate = { rule = 'coin_flip', rate = 0.2 } } }]";
        assert_eq!(follows(rate), None);
    }
}
