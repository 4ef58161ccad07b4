//! Random edits under the checker, without a model.

use super::{Arm, ArmDoc, single};
use engine::{gate::greedy, score::checker};
use session::{FinalRescore, Mode, Settings, Weights};

/// Iterations: nothing that they cost ends them.
const ITERATIONS: u32 = 200;

/// Equal scores accepted in a row: without them the walk ends at the first plateau, of which constraints are full.
const SIDEWAYS: u32 = 10;

pub(super) struct LocalSearch;

impl Arm for LocalSearch {
    fn doc(&self) -> ArmDoc {
        ArmDoc {
            name: "local-search",
            doc: "random edits of one draft, scored by the checker alone: local search, at no token cost",
            oracle: false,
        }
    }

    fn settings(&self, base: &Settings) -> Settings {
        Settings {
            mode: Mode::Refine,
            proposers: Weights::of([("random", 1.0)]),
            scorers: Weights::of([(checker::NAME, 1.0)]),
            rescore: FinalRescore { top: 0, ..base.rescore },
            gate: greedy::with_sideways(SIDEWAYS),
            // A plan that passes every check cannot get a better score.
            until_clean: true,
            iterations: ITERATIONS,
            fruitless: 0,
            ..single(base)
        }
    }
}
