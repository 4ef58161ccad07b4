//! Runs the cells of a shard over one loaded model: one after the other, or several groups side by side.

use std::{
    cell::RefCell,
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    anytime::Over,
    cell::{Cell, CellId, ModelId, Shard},
    claim::{Claim, Claimed},
    columns::ResultRow,
    error::LabError,
    experiment::Experiment,
    rejudge::{Changed, CorrectedGold},
    store::Store,
};
use engine::{Command, Run, Start, Update, gate::coin_flip, machine, start};
use model::{Backend, Shared};
use problem::Problem;
use session::{Blobs, Manifest, Outcome, Record, SessionWriter, State};

/// How long it is waited before a cell that another process runs is asked for again.
const PAUSE: Duration = Duration::from_millis(500);

/// Returns the streams of a model that is not loaded yet: a backend for each of the concurrent groups.
pub type Load<'a> = dyn Fn(&ModelId) -> Result<Vec<Box<dyn Backend>>, LabError> + Sync + 'a;

/// What runs cells need of the outside.
pub struct ShardRunner<'a> {
    /// As its file describes it.
    pub experiment: &'a Experiment,
    /// All cells of the experiment.
    pub cells: &'a [Cell],
    /// Which of them are run.
    pub shard: Shard,
    /// Whether cells that failed are run again.
    pub retry: bool,
    /// Where results lie.
    pub store: &'a Store,
    /// Where models come from.
    pub load: &'a Load<'a>,
    /// Returns what a problem can be loaded by again.
    pub source: fn(&Problem) -> Option<String>,
}

/// A cell that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct CellFinished<'a> {
    /// The result, which the store has by now.
    pub row: &'a ResultRow,
    /// How many cells of the shard are done, those of earlier runs included.
    pub done: usize,
    /// How many there are.
    pub total: usize,
    /// Seconds that the others will take, by those of this run so far.
    pub left_s: f64,
}

/// What there is to tell while a shard runs.
#[derive(Clone)]
pub enum ShardEvent<'a> {
    /// A cell is done.
    Done(CellFinished<'a>),
    /// Another process runs a cell; it is waited for once nothing else is left.
    Elsewhere(&'a Cell),
    /// The gold answer of a finished cell was corrected, and its verdict is another one now.
    Corrected(Changed),
    /// The gold answer of a finished cell was corrected, and its session is not there to judge its answer again.
    Stale(&'a Cell),
}

/// What became of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ShardSummary {
    /// Cells that were run now.
    pub run: usize,
    /// Cells that were finished before, or by another process meanwhile.
    pub skipped: usize,
    /// Cells, of those run now, that failed.
    pub failed: usize,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// What happened to a cell that was due.
enum CellFate {
    /// It was run, and this is kept of it; nobody else runs it until the claim is dropped.
    Run(Box<ResultRow>, Claimed),
    /// It was finished by another process meanwhile.
    Finished,
    /// Another process runs it.
    Elsewhere,
    /// It was stopped.
    Stopped,
}

impl ShardRunner<'_> {
    /// Runs what is not finished yet. A cell that fails is kept with its sentence and does not stop the others; one
    /// that is stopped is not kept, and runs again next time. One that another process runs is waited for. Finished cells whose
    /// gold answer was corrected are judged again.
    ///
    /// # Errors
    /// When a model cannot be loaded, or results cannot be written.
    pub async fn run(
        &self,
        stop: &CancellationToken,
        reported: &mut dyn FnMut(&ShardEvent<'_>),
    ) -> Result<ShardSummary, LabError> {
        let mut tally = ShardSummary::default();
        let mut open = Vec::new();
        for cell in self.cells.iter().filter(|cell| self.shard.has(cell)) {
            match self.store.finished(&cell.id)? {
                Some(row) if row.record.failure.is_none() || !self.retry => {
                    tally.skipped += 1;
                    match self.store.correct(&self.experiment.name, cell, &row)? {
                        CorrectedGold::Again(Some(changed)) => reported(&ShardEvent::Corrected(changed)),
                        CorrectedGold::Stale => reported(&ShardEvent::Stale(cell)),
                        CorrectedGold::Same | CorrectedGold::Again(None) => {}
                    }
                }
                Some(_) | None => open.push(cell),
            }
        }
        let total = open.len() + tally.skipped;
        let board = RefCell::new(ShardProgress {
            tally,
            total,
            begun: Instant::now(),
            waited: BTreeSet::new(),
            reported,
        });
        for cells in open.chunk_by(|a, b| a.model == b.model) {
            let Some(streams) = self.loaded(&cells[0].model, stop).await? else {
                board.borrow_mut().tally.stopped = true;
                break;
            };
            // Cells of one group are run in their order: some follow others.
            let groups = RefCell::new(cells.chunk_by(|a, b| a.group == b.group).collect::<VecDeque<_>>());
            let work = streams.into_iter().map(|stream| self.stream(stream, &groups, &board, stop));
            futures_util::future::try_join_all(work).await?;
            if board.borrow().tally.stopped {
                break;
            }
        }
        Ok(board.into_inner().tally)
    }

    /// Runs groups, one after the other, until none is left or it is stopped.
    async fn stream(
        &self,
        backend: Shared,
        groups: &RefCell<VecDeque<&[&Cell]>>,
        board: &RefCell<ShardProgress<'_>>,
        stop: &CancellationToken,
    ) -> Result<(), LabError> {
        loop {
            let Some(group) = groups.borrow_mut().pop_front() else { return Ok(()) };
            for (at, cell) in group.iter().enumerate() {
                // What another process has just run again, and it failed again, is left at that.
                let retry = self.retry && !board.borrow().waited.contains(&cell.id);
                match self.cell(cell, retry, backend.clone(), stop).await? {
                    CellFate::Run(row, claimed) => {
                        self.store.keep(&cell.id, &row)?;
                        drop(claimed);
                        board.borrow_mut().done(&row);
                    }
                    CellFate::Finished => board.borrow_mut().tally.skipped += 1,
                    CellFate::Elsewhere => {
                        // What comes after it may follow it.
                        groups.borrow_mut().push_back(&group[at..]);
                        board.borrow_mut().waits_for(cell);
                        tokio::select! { () = tokio::time::sleep(PAUSE) => {}, () = stop.cancelled() => {} }
                        break;
                    }
                    CellFate::Stopped => {
                        board.borrow_mut().tally.stopped = true;
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Loads a model and notes what it runs on; `None` where that was stopped.
    async fn loaded(
        &self,
        model: &ModelId,
        stop: &CancellationToken,
    ) -> Result<Option<Vec<Shared>>, LabError> {
        let mut streams: Vec<Shared> = (self.load)(model)?.into_iter().map(Shared::new).collect();
        let reported = tokio::select! {
            reported = super::manifest::note(self.store, self.experiment, self.shard, model, &mut streams) => reported,
            () = stop.cancelled() => return Ok(None),
        };
        reported.map(|()| Some(streams))
    }

    /// Runs one cell, unless somebody else has or does.
    async fn cell(
        &self,
        cell: &Cell,
        retry: bool,
        mut backend: Shared,
        stop: &CancellationToken,
    ) -> Result<CellFate, LabError> {
        if stop.is_cancelled() {
            return Ok(CellFate::Stopped);
        }
        let claimed = match self.store.claim(&cell.id, retry)? {
            Claim::Mine(claimed) => claimed,
            Claim::Finished => return Ok(CellFate::Finished),
            Claim::Taken => return Ok(CellFate::Elsewhere),
        };
        if let Some(row) = self.store.read_off(&self.experiment.name, cell)? {
            return Ok(CellFate::Run(Box::new(row), claimed));
        }
        // Each cell pays for its own prompts, whichever came before it.
        backend.forget().await;
        let row = self.recorded(cell, backend, stop).await?;
        Ok(row.map_or(CellFate::Stopped, |row| CellFate::Run(Box::new(row), claimed)))
    }

    /// Runs a cell that nobody else runs; `None` where it was stopped.
    async fn recorded(
        &self,
        cell: &Cell,
        backend: Shared,
        stop: &CancellationToken,
    ) -> Result<Option<ResultRow>, LabError> {
        let (dir, name) = self.store.session(&cell.id);
        let failed = |why: String| ResultRow::failed(cell, &self.experiment.name, name.clone(), why);
        let settings = match self.followed(cell)? {
            Ok(settings) => settings,
            Err(why) => return Ok(Some(failed(why))),
        };
        let card = machine::card(&cell.problem);
        let manifest = Manifest {
            source: (self.source)(&cell.problem),
            label: Some(cell.label()),
            ..Manifest::new(&card, &cell.model.name, settings.seed, Timestamp::now())
        };
        let writer = match SessionWriter::create(&dir, manifest) {
            Ok(writer) => writer,
            Err(error) => return Ok(Some(failed(error.to_string()))),
        };
        let run = Run {
            problem: cell.problem.clone(),
            start: Start::New(Box::new(settings)),
            backend: Box::new(backend),
            writer,
        };
        let (records, broken) = follow(run, stop).await;
        if stop.is_cancelled() {
            // Whoever ends a job may signal its model and commands too, and what follows from that is no result.
            return Ok(None);
        }
        let state = State::replay(&records);
        Ok(match (&state.outcome, broken) {
            (_, Some(why)) => Some(failed(format!("the session cannot be recorded: {why}"))),
            (None, None) => Some(failed("the engine ended without closing the session".to_owned())),
            (Some(Outcome::Answered | Outcome::Interrupted | Outcome::Failed { .. }), None) => {
                let blobs = Blobs::of(&dir);
                let over = Over { problem: &cell.problem, records: &records, state: &state, blobs: &blobs };
                let mut row = ResultRow::of(cell, &self.experiment.name, name.clone(), &records, &state);
                row.record.moments = over.moments();
                Some(row)
            }
        })
    }

    /// The settings of a cell, with the acceptance of the one that it follows; or why there is none.
    fn followed(&self, cell: &Cell) -> Result<Result<session::Settings, String>, LabError> {
        let mut settings = cell.settings.clone();
        let Some(followed) = &cell.follows else { return Ok(Ok(settings)) };
        let row = self.store.finished(followed)?;
        let rate = row.as_ref().filter(|row| row.record.failure.is_none()).map(|row| row.acceptance());
        Ok(match rate {
            Some(rate) => {
                // Where nothing was ever decided there is nothing to accept.
                settings.gate = coin_flip::at(rate.unwrap_or(0.0));
                Ok(settings)
            }
            None => Err(format!("the run that it follows, {followed}, failed")),
        })
    }
}

/// The progress of all streams, and where it is reported.
struct ShardProgress<'t> {
    tally: ShardSummary,
    total: usize,
    begun: Instant,
    /// Cells of other processes that were already mentioned.
    waited: BTreeSet<CellId>,
    reported: &'t mut dyn FnMut(&ShardEvent<'_>),
}

impl ShardProgress<'_> {
    fn done(&mut self, row: &ResultRow) {
        self.tally.run += 1;
        self.tally.failed += usize::from(row.record.failure.is_some());
        let done = self.tally.run + self.tally.skipped;
        let left_s = self.begun.elapsed().as_secs_f64() / self.tally.run as f64 * (self.total - done) as f64;
        (self.reported)(&ShardEvent::Done(CellFinished { row, done, total: self.total, left_s }));
    }

    fn waits_for(&mut self, cell: &Cell) {
        if self.waited.insert(cell.id.clone()) {
            (self.reported)(&ShardEvent::Elsewhere(cell));
        }
    }
}

/// Follows a run to its end. Returns what was recorded, and why recording failed, where it did.
async fn follow(run: Run, stop: &CancellationToken) -> (Vec<Record>, Option<String>) {
    let mut handle = start(run);
    let (mut records, mut broken, mut stopping) = (Vec::new(), None, false);
    loop {
        tokio::select! {
            update = handle.updates.recv() => match update {
                Some(Update::Event(record)) => records.push(*record),
                Some(Update::RecordFailed { reason, hint: _ }) => broken = Some(reason),
                Some(
                    Update::Progress { .. }
                    | Update::Hit(_)
                    | Update::Probes { .. }
                    | Update::Consulted(_)
                    | Update::Refused { .. }
                    | Update::Still { .. },
                ) => {}
                None => break,
            },
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                let _ = handle.commands.try_send(Command::Stop);
            }
        }
    }
    let _ = handle.done.wait_for(|done| *done).await;
    (records, broken)
}
