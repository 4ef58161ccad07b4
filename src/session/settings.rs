//! Everything that a person can set about a run; recorded with it.

use std::collections::BTreeMap;

use denoise::{DenoiseSettings, LatentSettings};
use serde::{Deserialize, Serialize};

use super::{
    answer_settings::{AnswerSettings, Cite},
    denoising::Think,
    gate::GateSettings,
    payoff::Allocation,
    weights::{self, Weights},
};
use model::{RankBy, TemplateSettings, ThinkingSettings};

/// What to do with the problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Draft a plan, refine it, answer from it.
    #[default]
    Refine,
    /// Draft a plan and answer from it at once.
    Draft,
    /// Answer with a plain chain of thought and no plan: the baseline.
    Direct,
}

/// Known noise on a scorer's values.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ScoreNoise {
    /// Its standard deviation, in units of the score.
    pub sigma: f64,
    /// Whether it belongs to the plan and comes the same at each scoring; drawn again each time if not.
    pub frozen: bool,
}

/// Answers that scorers decode at a temperature to see what they agree on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RolloutSettings {
    /// Rollouts per plan.
    pub n: u32,
    /// Their temperature.
    pub temperature: f32,
}

impl Default for RolloutSettings {
    fn default() -> Self {
        Self { n: 5, temperature: 0.7 }
    }
}

/// How the scorer `self_check` asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelfCheckSettings {
    /// Whether each question is asked twice, with yes and no named in both orders.
    pub both_orders: bool,
}

/// How the values of a plan's items become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The least.
    #[default]
    Min,
    /// Their product.
    Product,
}

/// The process reward model that the scorer `prm` asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrmSettings {
    /// A GGUF file or a name of the catalogue; absent for none.
    pub model: Option<String>,
    /// Where it says whether a step is right.
    pub reads: RankBy,
    /// How the values of items become one.
    pub combine: Combine,
}

/// The command that the scorer `command` asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommandSettings {
    /// The program; absent for none.
    pub path: Option<String>,
    /// Milliseconds after which it is killed, and the plan has no value.
    pub timeout_ms: u64,
}

impl Default for CommandSettings {
    fn default() -> Self {
        Self { path: None, timeout_ms: 10_000 }
    }
}

/// Scoring the best plans again, before one of them is answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinalRescore {
    /// How many of the best plans; 0 for none.
    pub top: u32,
    /// In how many other wordings each.
    pub times: u32,
}

impl Default for FinalRescore {
    fn default() -> Self {
        Self { top: 3, times: 2 }
    }
}

/// How often each kind of edit is asked for, relative to the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EditWeights {
    /// Say something else.
    pub replace: f64,
    /// Say the same more exactly.
    pub tighten: f64,
    /// Add an item.
    pub insert: f64,
    /// Take an item out.
    pub remove: f64,
    /// Put an item elsewhere.
    pub reorder: f64,
    /// Build on other items.
    pub depend: f64,
}

impl Default for EditWeights {
    fn default() -> Self {
        Self { replace: 5.0, tighten: 1.0, insert: 2.0, remove: 1.0, reorder: 0.5, depend: 0.5 }
    }
}

/// Which lines mask-and-restore masks, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remask {
    /// At most a fixed share of the lines.
    Cap,
    /// A fixed share of what the schedule allows.
    Rescale,
    /// A fixed share of what the schedule allows, the less probable lines rather.
    #[default]
    Conf,
    /// A fixed share in the middle of the run.
    Loop,
}

/// How mask-and-restore works.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestoreSettings {
    /// Which lines, and how many.
    pub strategy: Remask,
    /// The share η of the strategy, 0 to 1.
    pub eta: f64,
}

impl Default for RestoreSettings {
    fn default() -> Self {
        Self { strategy: Remask::Conf, eta: 0.5 }
    }
}

/// What decides between independent drafts that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieBreak {
    /// Nothing: refinement takes its course.
    #[default]
    None,
    /// A chain of thought: what it states is the answer.
    Chain,
}

/// Ending refinement once independent drafts agree on a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgreeSettings {
    /// How many drafts must agree; 0 where agreement is not looked for.
    pub drafts: u32,
    /// How many drafts may be written for it, the first one included; 0 for as many as must agree.
    pub of: u32,
    /// What decides where they do not agree.
    pub ask: TieBreak,
}

impl AgreeSettings {
    /// Returns how many drafts may be written.
    pub fn allowed(&self) -> u32 {
        self.of.max(self.drafts)
    }
}

/// The plain chain of thought of an answer without a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChainSettings {
    /// Its longest length in tokens, continuations included.
    pub tokens: u32,
    /// How often a chain that ends by itself is extended, until tokens or budget are used up: budget forcing
    /// (Muennighoff et al. 2025, "s1").
    pub extend: u32,
    /// The text that extends it.
    pub cue: String,
}

impl Default for ChainSettings {
    fn default() -> Self {
        Self { tokens: 1024, extend: 0, cue: "Wait,".into() }
    }
}

/// Limits on what a run may spend; a limit that is absent does not bind. The run stops before a limit
/// where it can tell, and the answer is always decoded.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetLimits {
    /// Tokens drawn.
    pub generated: Option<u64>,
    /// Positions evaluated.
    pub fresh: Option<u64>,
    /// Calls to the model.
    pub calls: Option<u64>,
    /// Floating-point operations.
    pub flops: Option<f64>,
    /// Wall time in seconds.
    pub wall_s: Option<f64>,
    /// Whether the answer is held to the limits too: its cost is kept back from refinement, and no text is written
    /// beyond them.
    pub strict: bool,
}

impl BudgetLimits {
    /// Returns whether any limit is set.
    pub fn any(&self) -> bool {
        let Self { generated, fresh, calls, flops, wall_s, strict: _ } = self;
        let whole = [generated, fresh, calls].into_iter().any(Option::is_some);
        whole || flops.is_some() || wall_s.is_some()
    }
}

/// All settings of a run. The default is what a record means that leaves everything out; where a new run begins, the
/// registries of the engine have their say too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Random seed of the whole run.
    pub seed: u64,
    /// What to do.
    pub mode: Mode,
    /// What refinement changes.
    #[serde(skip_serializing_if = "is_default")]
    pub think: Think,
    /// How tokens are denoised.
    #[serde(skip_serializing_if = "is_default")]
    pub denoise: DenoiseSettings,
    /// How latents are denoised.
    #[serde(skip_serializing_if = "is_default")]
    pub latent: LatentSettings,
    /// The share of noise that a complete plan gets again where it is not right, 0 to 1: of masked tokens, or in latents.
    #[serde(skip_serializing_if = "is_usual_renoise")]
    pub renoise: f64,
    /// The form in which the model reads and writes plans; `items` is the plan language itself.
    pub surface: String,
    /// The surfaces in which redrafts are written in turn, after that of the run; with none, all are written in that one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redraft_surfaces: Vec<String>,
    /// The most iterations.
    pub iterations: u32,
    /// Edits proposed in each iteration.
    pub proposals: u32,
    /// Refinement ends after this many iterations in a row without a better plan; 0 never.
    pub fruitless: u32,
    /// Whether refinement ends as soon as the plan passes every check; where a family has an exact checker, it always
    /// ends once that passes.
    pub until_clean: bool,
    /// The acceptance rule.
    pub gate: GateSettings,
    /// After every so many iterations the incumbent meets scorers and gate once more as if it were a
    /// proposal, to see what they make of no change at all; 0 never.
    pub null_every: u32,
    /// Weights of the scorers in the total; 0 switches one off.
    #[serde(with = "weights::scorers")]
    pub scorers: Weights,
    /// Noise on scorers, by the scorer's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub score_noise: BTreeMap<String, ScoreNoise>,
    /// How the model is asked whether a plan is right.
    pub self_check: SelfCheckSettings,
    /// The process reward model that scores.
    pub prm: PrmSettings,
    /// The command that scores.
    pub scorer_command: CommandSettings,
    /// Answers that scorers decode.
    pub rollouts: RolloutSettings,
    /// Scoring the best plans again.
    pub rescore: FinalRescore,
    /// How often each proposer is drawn, relative to the others; 0 switches one off.
    #[serde(with = "weights::proposers")]
    pub proposers: Weights,
    /// How proposals are shared among the proposers.
    #[serde(skip_serializing_if = "Allocation::is_fixed")]
    pub allocation: Allocation,
    /// Weights of the kinds of edit that the model is asked for.
    pub edits: EditWeights,
    /// How mask-and-restore works.
    pub restore: RestoreSettings,
    /// How answers are written, and how one of several is taken.
    #[serde(default = "AnswerSettings::of_older_sessions")]
    pub answers: AnswerSettings,
    /// Ending refinement once independent drafts agree.
    #[serde(skip_serializing_if = "is_default")]
    pub agree: AgreeSettings,
    /// The chain of thought of an answer without a plan.
    pub chain: ChainSettings,
    /// Limits on the cost.
    pub budget: BudgetLimits,
    /// How the model's chat template is applied.
    #[serde(skip_serializing_if = "TemplateSettings::is_default")]
    pub template: TemplateSettings,
    /// Whether and how long the model thinks before each text.
    #[serde(skip_serializing_if = "ThinkingSettings::is_default")]
    pub thinking: ThinkingSettings,
    /// Temperature of the first draft; 0 takes the most probable token.
    pub draft_temperature: f32,
    /// Temperature of proposals.
    pub propose_temperature: f32,
    /// Whether the model is not to write the same text twice for one plan: sampling without replacement.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub distinct: bool,
    /// Whether every scorer looks at every candidate; otherwise one that costs a call is skipped where it cannot change the
    /// decision.
    pub score_all: bool,
    /// Temperature of the answer.
    pub answer_temperature: f32,
    /// Nucleus sampling for all of them, 1 for none.
    pub top_p: f32,
    /// The most items that a draft may have.
    pub max_items: u32,
    /// The longest answer in tokens.
    pub answer_tokens: u32,
    /// What the sentences of an answer must cite.
    pub cite: Cite,
    /// Whether the run waits at the start of each phase until it is resumed.
    pub paused: bool,
    /// Whether plain decoding at the same cost runs next to refinement: the shadow baseline.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            mode: Mode::Refine,
            think: Think::default(),
            denoise: DenoiseSettings::default(),
            latent: LatentSettings::default(),
            renoise: RENOISE,
            surface: "items".into(),
            redraft_surfaces: Vec::new(),
            iterations: 6,
            proposals: 4,
            fruitless: 3,
            until_clean: false,
            gate: GateSettings::default(),
            null_every: 0,
            scorers: weights::SCORERS.weights(),
            score_noise: BTreeMap::new(),
            self_check: SelfCheckSettings::default(),
            prm: PrmSettings::default(),
            scorer_command: CommandSettings::default(),
            rollouts: RolloutSettings::default(),
            rescore: FinalRescore::default(),
            proposers: weights::PROPOSERS.weights(),
            allocation: Allocation::default(),
            edits: EditWeights::default(),
            restore: RestoreSettings::default(),
            answers: AnswerSettings::default(),
            agree: AgreeSettings::default(),
            chain: ChainSettings::default(),
            budget: BudgetLimits::default(),
            template: TemplateSettings::default(),
            thinking: ThinkingSettings::default(),
            draft_temperature: 0.0,
            propose_temperature: 0.8,
            distinct: false,
            score_all: true,
            answer_temperature: 0.0,
            top_p: 0.95,
            max_items: 16,
            answer_tokens: 400,
            cite: Cite::default(),
            paused: false,
            shadow: false,
        }
    }
}

/// Masks about half of the plan.
const RENOISE: f64 = 0.5;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_usual_renoise(share: &f64) -> bool {
    *share == RENOISE
}

impl Settings {
    /// Returns what is wrong with settings that go together, as a sentence; none where nothing is. What is wrong with
    /// scorers, proposers and the gate is for the engine to say.
    pub fn fault(&self) -> Option<String> {
        if self.answers.n > 1 && self.answer_temperature <= 0.0 {
            let why =
                "answers.n above 1 needs an answer_temperature above 0: at 0 they would all be the same";
            return Some(why.to_owned());
        }
        if let Some(why) = self.odd_agreement() {
            return Some(why.to_owned());
        }
        if let Some(key) = self.odd_weight() {
            return Some(format!("{key} is a weight, and must be a number that is not below 0"));
        }
        if let Some(why) = self.denoise.fault() {
            return Some(format!("denoise.{why}"));
        }
        if let Some(why) = self.latent.fault() {
            return Some(format!("latent.{why}"));
        }
        if !(0.0..=1.0).contains(&self.renoise) {
            return Some("renoise is a share, and must be from 0 to 1".into());
        }
        self.thinking.fault(&self.template)
    }

    fn odd_agreement(&self) -> Option<&'static str> {
        let AgreeSettings { drafts, of, ask: _ } = self.agree;
        match drafts {
            0 => None,
            1 => Some("agree.drafts must be 0, or at least 2: one draft agrees with itself"),
            _ if of > 0 && of < drafts => Some("agree.of must be 0, or at least agree.drafts"),
            2.. if self.propose_temperature <= 0.0 => Some(
                "agree.drafts needs a propose_temperature above 0: at 0 all further drafts would be the same",
            ),
            _ => None,
        }
    }

    /// Returns the key of a weight that is none.
    fn odd_weight(&self) -> Option<String> {
        let scorers = self.scorers.iter().map(|(name, weight)| ("scorers", name, weight));
        let proposers = self.proposers.iter().map(|(name, weight)| ("proposers", name, weight));
        let mut odd = scorers.chain(proposers).filter(|(.., weight)| !(weight.is_finite() && *weight >= 0.0));
        odd.next().map(|(table, name, _)| format!("{table}.{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_answers_need_a_temperature() {
        let mut settings =
            Settings { answers: AnswerSettings { n: 4, ..Default::default() }, ..Settings::default() };
        assert!(settings.fault().unwrap().contains("answer_temperature"));
        settings.answer_temperature = 0.7;
        assert_eq!(settings.fault(), None);
    }

    #[test]
    fn agreement_takes_two_and_no_more_than_there_may_be() {
        let fault = |drafts, of| {
            let agree = AgreeSettings { drafts, of, ask: TieBreak::None };
            Settings { agree, ..Settings::default() }.fault()
        };
        assert_eq!((fault(0, 0), fault(2, 0), fault(2, 3)), (None, None, None));
        assert!(fault(1, 0).unwrap().contains("agrees with itself"));
        assert!(fault(3, 2).unwrap().contains("at least agree.drafts"));
        assert_eq!(fault(0, 2), None, "nothing is looked for");
        let agree = AgreeSettings { drafts: 2, of: 3, ask: TieBreak::Chain };
        assert_eq!(agree.allowed(), 3);
        let json = serde_json::to_value(Settings { agree, ..Settings::default() }).unwrap();
        assert_eq!(json["agree"], serde_json::json!({"drafts": 2, "of": 3, "ask": "chain"}));
        assert!(
            serde_json::to_value(Settings::default()).unwrap().get("agree").is_none(),
            "as it always was"
        );
    }

    #[test]
    fn a_weight_is_a_number_that_is_not_below_0() {
        for odd in [-0.5, f64::NAN, f64::INFINITY] {
            let mut settings = Settings::default();
            settings.scorers.set("pmi", odd);
            assert!(settings.fault().unwrap().starts_with("scorers.pmi is a weight"), "{odd}");
            let settings = Settings { proposers: Weights::of([("edit", odd)]), ..Settings::default() };
            assert!(settings.fault().unwrap().starts_with("proposers.edit is a weight"), "{odd}");
        }
    }

    #[test]
    fn thinking_needs_both_markers_and_no_contradiction() {
        let with = |thinking: ThinkingSettings, enable_thinking| {
            let template = TemplateSettings { enable_thinking, ..TemplateSettings::default() };
            Settings { thinking, template, ..Settings::default() }.fault()
        };
        let thinking = ThinkingSettings { tokens: 64, ..ThinkingSettings::default() };
        assert_eq!(with(thinking.clone(), None), None);
        assert!(with(thinking.clone(), Some(false)).unwrap().contains("contradicts"));
        let half = ThinkingSettings { open: Some("<r>".into()), ..thinking.clone() };
        assert!(with(half.clone(), None).unwrap().contains("go together"));
        let empty = ThinkingSettings { close: Some(" ".into()), ..half };
        assert!(with(empty, None).unwrap().contains("not be empty"));
    }

    #[test]
    fn settings_of_older_versions_are_read() {
        let mut old = serde_json::to_value(Settings::default()).unwrap();
        for key in ["until_clean", "answers", "chain"] {
            assert!(old.as_object_mut().unwrap().remove(key).is_some(), "{key}");
        }
        old["budget"].as_object_mut().unwrap().remove("strict");
        old["proposers"].as_object_mut().unwrap().remove("redraft");
        let answers = AnswerSettings::of_older_sessions();
        assert_eq!(
            serde_json::from_value::<Settings>(old).unwrap(),
            Settings { answers, ..Settings::default() }
        );
    }
}
