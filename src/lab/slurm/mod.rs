//! An experiment as a job array of Slurm: one part of its cells a task, and a job afterwards that reports.
//!
//! | path, below the folder of results | holds |
//! |---|---|
//! | `slurm/array.sh`, `slurm/report.sh` | what `sbatch` is given |
//! | `slurm/experiment.toml` | the experiment as it was when the array was made |
//! | `slurm/job.json` | what was submitted |
//! | `slurm/ARRAY_TASK.log`, `slurm/report-JOB.log` | what the tasks and the report say |

mod copy;
mod script;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{error::LabError, store::Store};
pub use copy::self_contained;

/// The folder of it all, below that of the results.
pub const FOLDER: &str = "slurm";
/// The script of the tasks, below the folder of results.
pub const ARRAY: &str = "slurm/array.sh";
/// The script of the report, below the folder of results.
pub const REPORT: &str = "slurm/report.sh";
/// The experiment that the tasks run, below the folder of results.
pub const EXPERIMENT: &str = "slurm/experiment.toml";
/// Where it is noted what was submitted.
const NOTED: &str = "slurm/job.json";

/// What a task asks of the cluster, in the words of `sbatch`; absent where the cluster's own default will do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resources {
    /// Where tasks may run.
    pub partition: Option<String>,
    /// The time limit of a task.
    pub time: Option<String>,
    /// Memory a node.
    pub mem: Option<String>,
    /// Processors.
    pub cpus: Option<u32>,
    /// Generic resources, such as `gpu:1`.
    pub gres: Option<String>,
    /// The account that pays.
    pub account: Option<String>,
    /// Other options of `sbatch`, for the array and the report alike.
    pub others: Vec<String>,
}

/// All that the scripts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrayJob {
    /// The experiment's name.
    pub name: String,
    /// The program, as an absolute path.
    pub program: String,
    /// The folder that paths of models, commands and problems are relative to.
    pub directory: String,
    /// The folder of results, as an absolute path.
    pub results: String,
    /// In how many parts the experiment is cut.
    pub shards: usize,
    /// The parts that have something to run.
    pub tasks: BTreeSet<usize>,
    /// How many tasks run at once, at most; absent for as many as the cluster lets.
    pub at_once: Option<u32>,
    /// Seconds before its time limit at which a task is asked to stop.
    pub lead_s: u32,
    /// Resources per task.
    pub resources: Resources,
    /// Settings as `key=value`.
    pub settings: Vec<String>,
    /// Variables of the environment that the tasks need.
    pub environment: Vec<(String, String)>,
}

/// What was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The job whose tasks are the parts.
    pub array: JobId,
    /// The job that reports; absent where it could not be submitted.
    pub report: Option<JobId>,
    /// In how many parts the experiment is cut.
    pub shards: usize,
    /// The parts that the array runs.
    pub tasks: BTreeSet<usize>,
}

impl Submitted {
    /// Returns what was submitted last for the results in `store`; `None` where nothing was.
    ///
    /// # Errors
    /// When the note cannot be read.
    pub fn read(store: &Store) -> Result<Option<Self>, LabError> {
        let path = store.dir().join(NOTED);
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs::read(&path).map_err(LabError::io("reading", &path))?;
        let wrong = |error: serde_json::Error| LabError::Result { path, reason: error.to_string() };
        serde_json::from_slice(&text).map(Some).map_err(wrong)
    }

    /// Records it next to the results in `store`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, store: &Store) -> Result<(), LabError> {
        store.write(NOTED, self)
    }

    /// Returns the log of a task, below the folder of results.
    pub fn log(&self, task: usize) -> PathBuf {
        Path::new(FOLDER).join(format!("{}_{task}.log", self.array.number))
    }
}

/// What `sbatch --parsable` says of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobId {
    /// Unique within the cluster.
    pub number: u64,
    /// The cluster, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

impl std::str::FromStr for JobId {
    type Err = ();

    /// Reads `NUMBER` or `NUMBER;CLUSTER`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (number, cluster) =
            text.trim().split_once(';').map_or((text.trim(), None), |(number, name)| (number, Some(name)));
        Ok(Self { number: number.parse().map_err(drop)?, cluster: cluster.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_a_number_and_perhaps_a_cluster() {
        let read = |text: &str| text.parse::<JobId>();
        assert_eq!(read("4711\n"), Ok(JobId { number: 4711, cluster: None }));
        assert_eq!(read("12;west\n"), Ok(JobId { number: 12, cluster: Some("west".into()) }));
        assert!(read("Submitted batch job 3").is_err() && read("").is_err());
    }

    #[test]
    fn what_was_submitted_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::create(dir.path()).unwrap();
        assert_eq!(Submitted::read(&store).unwrap(), None);
        fs::create_dir(dir.path().join(FOLDER)).unwrap();
        let array = JobId { number: 7, cluster: None };
        let submitted = Submitted { array, report: None, shards: 4, tasks: [0, 3].into() };
        submitted.note(&store).unwrap();
        assert_eq!(Submitted::read(&store).unwrap(), Some(submitted.clone()));
        assert_eq!(submitted.log(3), Path::new("slurm/7_3.log"));
    }
}
