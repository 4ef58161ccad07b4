//! The scripts that `sbatch` is given: a head that says what this experiment is, and a rest that is always the same.

use std::{collections::BTreeSet, fmt::Write};

use super::{ArrayJob, Resources};

const TASK: &str = include_str!("array.sh");
const AFTERWARDS: &str = include_str!("report.sh");

impl ArrayJob {
    /// Returns the script of the tasks.
    ///
    /// # Errors
    /// When something in it is no single line of text; the sentence says what.
    pub fn array_script(&self) -> Result<String, String> {
        let mut script = BatchScript::new(&format!(
            "Runs the experiment {} in parts, one a task. Made by planscope lab slurm. By hand:\n\
             #   cd {} && sbatch slurm/array.sh",
            one_line(&self.name)?,
            quoted(&self.results)?
        ));
        script.option(&format!("--job-name={}", self.job_name()))?;
        let most = self.at_once.map_or_else(String::new, |most| format!("%{most}"));
        script.option(&format!("--array={}{most}", ranges(&self.tasks)))?;
        script.option("--nodes=1")?;
        script.option("--ntasks=1")?;
        script.comment("Slurm itself requeues a task whose node fails, or that makes place for another.");
        script.option("--requeue")?;
        script.comment("A task that continues appends to its log. %A is the array, %a the task.");
        script.option("--open-mode=append")?;
        script.option("--output=slurm/%A_%a.log")?;
        script.comment(
            "So many seconds before its time limit a task stops and puts itself back into the queue.",
        );
        script.option(&format!("--signal=B:USR1@{}", self.lead_s))?;
        let Resources { partition, time, mem, cpus, gres, account, others } = &self.resources;
        let cpus = cpus.map(|cpus| cpus.to_string());
        let asked = [
            ("partition", partition),
            ("account", account),
            ("time", time),
            ("cpus-per-task", &cpus),
            ("mem", mem),
            ("gres", gres),
        ];
        script.comment("What was asked for; all else is as the cluster has it.");
        script.options(&asked, others)?;
        self.paths(&mut script)?;
        self.surroundings(&mut script)?;
        Ok(script.0 + TASK)
    }

    /// Returns the script of the job that collects the results and reports.
    ///
    /// # Errors
    /// As [`ArrayJob::array_script`].
    pub fn report_script(&self) -> Result<String, String> {
        let mut script = BatchScript::new(&format!(
            "Reports on the experiment {}. Made by planscope lab slurm. By hand, with the number of the array:\n\
             #   cd {} && sbatch --dependency=afterany:ARRAY slurm/report.sh",
            one_line(&self.name)?,
            quoted(&self.results)?
        ));
        script.option(&format!("--job-name={}-report", self.job_name()))?;
        script.option("--nodes=1")?;
        script.option("--ntasks=1")?;
        script.option("--requeue")?;
        script.option("--output=slurm/report-%j.log")?;
        let Resources { partition, time, mem: _, cpus: _, gres: _, account, others } = &self.resources;
        script.options(&[("partition", partition), ("account", account), ("time", time)], others)?;
        self.paths(&mut script)?;
        Ok(script.0 + AFTERWARDS)
    }

    /// What the tasks run in, and with which settings.
    fn surroundings(&self, script: &mut BatchScript) -> Result<(), String> {
        script.0 += &format!("directory={}\nshards={}\n", quoted(&self.directory)?, self.shards);
        script.comment("Fixed when the array was made; they come before files and variables.");
        script.0 += "settings=(\n";
        for setting in &self.settings {
            let _ = writeln!(script.0, "    --set {}", quoted(setting)?);
        }
        script.0 += ")\n";
        for (name, value) in &self.environment {
            let _ = writeln!(script.0, "export {name}={}", quoted(value)?);
        }
        Ok(())
    }

    fn paths(&self, script: &mut BatchScript) -> Result<(), String> {
        script.0 += &format!("\nprogram={}\nresults={}\n", quoted(&self.program)?, quoted(&self.results)?);
        Ok(())
    }

    /// A name that needs no quotes anywhere.
    fn job_name(&self) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        format!("planscope-{}", self.name.chars().map(plain).collect::<String>())
    }
}

/// A script that is being written.
struct BatchScript(String);

impl BatchScript {
    fn new(about: &str) -> Self {
        Self(format!("#!/bin/bash\n# {about}\n\n"))
    }

    fn comment(&mut self, text: &str) {
        self.0 += &format!("# {text}\n");
    }

    /// Options that were asked for.
    fn options(&mut self, named: &[(&str, &Option<String>)], others: &[String]) -> Result<(), String> {
        for (name, value) in named {
            if let Some(value) = value {
                self.option(&format!("--{name}={value}"))?;
            }
        }
        others.iter().try_for_each(|other| self.option(other))
    }

    /// Slurm splits these lines at spaces outside quotes, and knows a backslash only within double ones.
    fn option(&mut self, option: &str) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+.,:;/@%*[]".contains(c);
        let option = one_line(option)?;
        self.0 += &if option.chars().all(plain) {
            format!("#SBATCH {option}\n")
        } else {
            format!("#SBATCH \"{}\"\n", option.replace('\\', "\\\\").replace('"', "\\\""))
        };
        Ok(())
    }
}

/// Returns `text` as one word of the shell.
fn quoted(text: &str) -> Result<String, String> {
    let word = shlex::try_quote(one_line(text)?);
    word.map(Into::into).map_err(|error| format!("\"{}\" cannot be quoted: {error}", text.escape_debug()))
}

/// Line breaks would end comments and options; other control characters have no place in either.
fn one_line(text: &str) -> Result<&str, String> {
    if text.chars().any(char::is_control) {
        return Err(format!("\"{}\" is no single line of text", text.escape_debug()));
    }
    Ok(text)
}

/// Returns the numbers as Slurm writes them: `0-3,7`.
fn ranges(numbers: &BTreeSet<usize>) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            Some(_) | None => runs.push((number, number)),
        }
    }
    let word = |(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    runs.iter().map(word).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> ArrayJob {
        ArrayJob {
            name: "it's \"one\"".into(),
            program: "/opt/plan scope/planscope".into(),
            directory: "/home/ada/it's here".into(),
            results: "/home/ada/it's here/lab $x".into(),
            shards: 8,
            tasks: [0, 1, 2, 5, 7].into(),
            at_once: Some(2),
            lead_s: 90,
            resources: Resources {
                partition: Some("gpu".into()),
                time: Some("2:00:00".into()),
                mem: Some("8G".into()),
                cpus: Some(4),
                gres: Some("gpu:1".into()),
                account: None,
                others: vec!["--comment=a \"b\" \\c # d".into()],
            },
            settings: vec!["llm.model=\"it's mine.gguf\"".into()],
            environment: vec![("PLANSCOPE_CACHE".into(), "/data/my models".into())],
        }
    }

    fn options(script: &str) -> Vec<&str> {
        script.lines().filter_map(|line| line.strip_prefix("#SBATCH ")).collect()
    }

    #[test]
    fn the_array_asks_for_what_was_wished() {
        let script = job().array_script().unwrap();
        assert_eq!(
            options(&script),
            [
                "--job-name=planscope-it-s--one-",
                "--array=0-2,5,7%2",
                "--nodes=1",
                "--ntasks=1",
                "--requeue",
                "--open-mode=append",
                "--output=slurm/%A_%a.log",
                "--signal=B:USR1@90",
                "--partition=gpu",
                "--time=2:00:00",
                "--cpus-per-task=4",
                "--mem=8G",
                "--gres=gpu:1",
                r##""--comment=a \"b\" \\c # d""##,
            ]
        );
        assert!(script.starts_with("#!/bin/bash\n# Runs the experiment it's \"one\" in parts"));
    }

    #[test]
    fn the_report_asks_for_no_more_than_it_needs() {
        let script = job().report_script().unwrap();
        let all = options(&script).join(" ");
        assert!(
            all.contains("--partition=gpu") && all.contains("--time=2:00:00") && all.contains("--comment")
        );
        assert!(
            !all.contains("gres") && !all.contains("mem") && !all.contains("cpus") && !all.contains("array")
        );
    }

    #[test]
    fn what_would_break_a_line_is_refused() {
        let broken = ArrayJob { results: "/home/a\nrm -rf b".into(), ..job() };
        let why = broken.array_script().unwrap_err();
        assert!(why.contains("a\\nrm") && why.contains("no single line"), "{why}");
        let other =
            Resources { others: vec!["--comment=a\n#SBATCH --exclusive".into()], ..Resources::default() };
        assert!(ArrayJob { resources: other, ..job() }.report_script().is_err());
        assert!(ArrayJob { name: "a\nb".into(), ..job() }.array_script().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_shell_reads_the_values_back() {
        let script = job().array_script().unwrap();
        let head = script.strip_suffix(TASK).unwrap();
        let show = "printf '%s\\n' \"$program\" \"$directory\" \"$results\" \"$shards\" \"${settings[@]}\" \"$PLANSCOPE_CACHE\"";
        let output =
            std::process::Command::new("bash").arg("-c").arg(format!("{head}{show}")).output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap().lines().collect::<Vec<_>>(),
            [
                "/opt/plan scope/planscope",
                "/home/ada/it's here",
                "/home/ada/it's here/lab $x",
                "8",
                "--set",
                "llm.model=\"it's mine.gguf\"",
                "/data/my models",
            ]
        );
        for script in [script, job().report_script().unwrap()] {
            let check = std::process::Command::new("bash").args(["-n", "-c", &script]).status().unwrap();
            assert!(check.success());
        }
    }

    #[test]
    fn numbers_are_gathered() {
        assert_eq!(ranges(&[3].into()), "3");
        assert_eq!(ranges(&[0, 1, 2, 4, 6, 7].into()), "0-2,4,6-7");
    }
}
