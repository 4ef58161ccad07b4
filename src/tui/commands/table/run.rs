//! Letting the run continue.

use super::{command, taking};
use crate::commands::{
    action::{Action as A, Drive as D},
    spec::{CommandSpec, Place as P, Section as S, Takes},
};

/// The rows, in the order of the help screen.
pub(super) const ROWS: &[CommandSpec] = &[
    command(
        A::Drive(D::PauseOrResume),
        "pause",
        &["space"],
        S::Run,
        P::Live,
        "pause",
        "pause before the next phase, or resume; in a replay, play or stop",
    ),
    command(
        A::Drive(D::StepPhase),
        "step",
        &["s"],
        S::Run,
        P::Steps,
        "step",
        "run one phase and stop; in the past, go to the next phase",
    )
    .aka(&["s"])
    .counted(),
    command(
        A::Drive(D::NextIteration),
        "next",
        &["n"],
        S::Run,
        P::Steps,
        "next iteration",
        "run to the end of the iteration; in the past, go to the next one",
    )
    .vim(&["}"])
    .aka(&["n"])
    .counted(),
    taking(
        Takes::Number(|iteration| A::Drive(D::Until(iteration))),
        "until",
        "ITERATION",
        &[],
        S::Run,
        "run to the end of that iteration; in the past, go there",
    )
    .aka(&["u"]),
    command(
        A::Drive(D::Finish),
        "finish",
        &["f"],
        S::Run,
        P::Steps,
        "finish",
        "run to the end of refinement and pause before the answer",
    )
    .aka(&["f"]),
    command(
        A::Drive(D::Continue),
        "continue",
        &["c"],
        S::Run,
        P::Live,
        "continue",
        "run until you pause; in a replay, play",
    )
    .aka(&["c"]),
    command(
        A::Drive(D::AnswerNow),
        "answer",
        &["a"],
        S::Run,
        P::Live,
        "answer now",
        "end refinement and write the answer from the best plan",
    ),
    taking(
        Takes::Noise(A::Noise),
        "noise",
        "KIND STRENGTH [SEED]",
        &[],
        S::Run,
        "corrupt the incumbent; the strength, 0 to 1, is the share of items hit",
    ),
    taking(
        Takes::Chaos(A::Chaos),
        "chaos",
        "KIND STRENGTH EVERY TIMES [SEED], or off",
        &[],
        S::Run,
        "inject noise after every EVERY iterations, TIMES times; recovery shows what becomes of it",
    ),
    taking(
        Takes::Gate(A::Gate),
        "gate",
        "RULE [NAME=VALUE]...",
        &[],
        S::Run,
        "accept proposals by another rule from now on",
    ),
    command(
        A::ShadowLane,
        "plain",
        &["I"],
        S::Run,
        P::Help,
        "",
        "run plain decoding at the same cost next to refinement, or stop it: the shadow baseline",
    ),
    taking(
        Takes::Number(A::Rescore),
        "rescore",
        "TIMES",
        &["R"],
        S::Run,
        "score the incumbent again with reworded prompts, to see how far scores vary",
    ),
    command(
        A::Interrupt,
        "interrupt",
        &["ctrl-c"],
        S::Run,
        P::Help,
        "",
        "cancel the running call and pause; never ends the program",
    ),
];
