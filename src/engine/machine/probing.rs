//! Probes of a live run: each record is shown to them as it is made, so that the run pauses at the very
//! place, before anything else happens.

use super::{Machine, Probed};
use probe::{ProbeCommand, Probes};
use session::{PauseCause, Phase, Record};

/// The probes of a live run, and what they stopped.
#[derive(Debug, Default)]
pub(super) struct LiveProbes {
    pub(super) probes: Probes,
    /// Whether a probe that stops fired since the run was last resumed.
    pub(super) hit: bool,
    /// The phase that has begun, but waits with its work because a probe stopped there.
    pub(super) begun: Option<Phase>,
}

impl Machine {
    /// Adds a probe, or changes those that are there.
    pub(super) fn probe(&mut self, command: ProbeCommand) {
        match self.probing.probes.run(command, &self.state) {
            Ok(said) => self.tell_probes(Some(said)),
            Err(error) => self.refuse(error.sentence()),
        }
    }

    /// Has `probes` from now on, and no others.
    pub(super) fn adopt(&mut self, mut probes: Probes) {
        probes.rearm(&self.state);
        self.probing.probes = probes;
        self.tell_probes(None);
    }

    /// Shows `record`, which the state has taken in, to the probes. The run pauses at the first one that
    /// stops.
    pub(super) fn observe(&mut self, record: &Record) {
        if !self.probing.probes.kinds().contains(record.event.kind()) {
            return;
        }
        let hits = self.probing.probes.observe(&self.state, record);
        if hits.is_empty() {
            return;
        }
        if let Some(hit) = hits.iter().find(|hit| hit.kind.stops()) {
            self.hold(PauseCause::Probe { number: hit.number, text: hit.text.clone() });
            self.probing.hit = true;
        }
        self.out.hits.extend(hits);
        self.tell_probes(None);
    }

    /// A probe may fire in the step of a command; what the command did is reported anyway.
    fn tell_probes(&mut self, said: Option<String>) {
        let before = self.out.probed.take().and_then(|probed| probed.said);
        self.out.probed = Some(Probed { probes: self.probing.probes.clone(), said: said.or(before) });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use problem::Problem;
    use session::{Event, Settings};

    #[test]
    fn what_a_command_did_is_told_though_a_probe_fires_in_the_same_step() {
        let problem = Arc::new(Problem::new("pens", "math", "How many are left?"));
        let (mut machine, _) = Machine::new(problem, Settings::default());
        machine.out = crate::machine::Step::default();
        machine.probe("break draft".parse().unwrap());
        machine.emit(Event::PhaseBegan { phase: Phase::Draft, iteration: 0 });
        assert_eq!(machine.out.hits.len(), 1);
        let probed = machine.out.probed.take().unwrap();
        assert_eq!(probed.said.as_deref(), Some("probe 1 break draft"));
        assert_eq!(probed.probes.iter().map(|probe| probe.hits).sum::<u64>(), 1, "as they are by now");
    }
}
