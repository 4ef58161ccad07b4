//! The report of `planscope scorer test`, as text.

use super::Tested;
use crate::cli::text::{clean, count, duration, things, wrap};
use stats::Estimate;
use verifier::{
    FirstError, Measurement, ShareEstimate, StepReport, ThresholdCut, WholePlanReport,
    report::{Missing, against_chance},
};

const INDENT: &str = "  ";
/// Width of the longest label, and two columns before and after it.
const LABEL: usize = 16;

pub(super) fn text(tested: &Tested<'_>, width: usize) -> String {
    let report = &tested.report;
    let mut lines = vec![
        format!(
            "{} on {} ({}): {} of {}, {}, seed {}",
            clean(&report.scorer),
            clean(tested.data),
            tested.format,
            report.samples,
            things(tested.available as u64, "plan"),
            things(report.problems as u64, "problem"),
            tested.seed
        ),
        format!(
            "{} right, {} with a wrong step, {} whose steps are right but miss the goal",
            report.right, report.wrong_step, report.incomplete
        ),
    ];
    if !tested.complete {
        lines.push("INTERRUPTED: these figures cover the plans scored so far.".into());
    }
    lines.push(model(tested));
    lines.push(String::new());
    lines.extend(plans(&report.plans, width));
    match &report.steps {
        Some(steps) => lines.extend([String::new()].into_iter().chain(self::steps(steps, width))),
        None => lines.push("\nsteps: this scorer values whole plans only".into()),
    }
    let cost = &report.cost;
    lines.push(format!(
        "\ncost: {}, {} tokens evaluated, {} taken from the cache, {}",
        things(cost.calls, "call"),
        count(cost.fresh),
        count(cost.cached),
        duration(cost.wall_ms)
    ));
    lines.join("\n")
}

fn model(tested: &Tested<'_>) -> String {
    let model = tested.model;
    let quantization = model.quantization.as_ref().map_or_else(String::new, |name| format!(" {name}"));
    let device = model.device.as_ref().map_or_else(String::new, |device| format!(", {device}"));
    clean(&format!("model: {}{quantization}, {}{device}", model.name, model.backend)).into_owned()
}

fn plans(plans: &WholePlanReport, width: usize) -> Vec<String> {
    let head = format!("whole plans: {} right and {} wrong with a value", plans.right, plans.wrong);
    let mut lines = vec![head];
    lines.extend(missing(&plans.missing, width));
    lines.push(area(&plans.auc, width));
    lines.push(figure("ECE", &plans.ece, width, estimate));
    lines.push(figure("threshold", &plans.cut, width, cut));
    lines
}

fn steps(steps: &StepReport, width: usize) -> Vec<String> {
    let head = format!("steps: {} right and {} wrong with a value", steps.right, steps.wrong);
    let mut lines = vec![head];
    lines.extend(missing(&steps.missing, width));
    lines.push(area(&steps.auc, width));
    lines.push(figure("ECE", &steps.ece, width, estimate));
    lines.push(figure("first error", &steps.first_error, width, first_error));
    lines
}

fn missing(missing: &Missing, width: usize) -> Option<String> {
    let why = missing.why.as_ref()?;
    Some(row("no value", &format!("{}; most often: {why}", missing.count), width))
}

fn area(auc: &Measurement, width: usize) -> String {
    figure("AUC", auc, width, |auc| format!("{}: {}", estimate(auc), against_chance(auc)))
}

fn figure<T>(label: &str, figure: &Measurement<T>, width: usize, words: impl Fn(&T) -> String) -> String {
    let said = match figure {
        Measurement::Measured(value) => words(value),
        Measurement::NotEnoughData { why } => format!("not enough data: {why}"),
        Measurement::NotApplicable { why } => format!("not applicable: {why}"),
    };
    row(label, &said, width)
}

fn row(label: &str, said: &str, width: usize) -> String {
    wrap(said, width, &format!("{INDENT}{label:<0$}", LABEL - INDENT.len()), &" ".repeat(LABEL))
}

fn estimate(estimate: &Estimate) -> String {
    let (low, high) = estimate.interval;
    format!("{:.3}, 95 % {low:.3} to {high:.3}", estimate.value)
}

fn share(share: &ShareEstimate) -> String {
    let (low, high) = share.interval;
    format!("{} of {} ({:.2}, 95 % {low:.2} to {high:.2})", share.hits, share.of, share.value())
}

fn cut(cut: &ThresholdCut) -> String {
    format!(
        "{:.4}, chosen on half of the problems; on the other half it keeps {} of the right plans and catches {} of the \
         wrong ones",
        cut.at,
        share(&cut.right_kept),
        share(&cut.wrong_caught)
    )
}

fn first_error(found: &FirstError) -> String {
    let at = match found.at {
        Some(at) => format!("at a threshold of {at:.4}"),
        None => "never naming a step, which was best".to_owned(),
    };
    format!(
        "F1 {}, {at}, chosen on half of the problems; on the other half it names the first wrong step in {}, and none \
         in {} right plans",
        estimate(&found.f1),
        share(&found.wrong),
        share(&found.right)
    )
}
