//! A run may be killed at any moment.

use std::{collections::HashMap, thread::sleep, time::Duration};

use rand::{RngExt, SeedableRng};

use support::experiment::{Bench, SMALL, finished};

#[test]
fn what_was_finished_before_a_kill_is_found_again_and_nothing_runs_twice() {
    let bench = Bench::new(SMALL, 1);
    let out = bench.path("killed");
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    let mut known = HashMap::new();
    let mut kills = 0;
    loop {
        let mut child = bench.start("killed", "0/1");
        sleep(Duration::from_millis(rng.random_range(30..500)));
        let ended = child.try_wait().unwrap().is_some() || kills == 20;
        if ended {
            assert!(child.wait_with_output().unwrap().status.success());
        } else {
            // On Unix this is kill -9.
            child.kill().unwrap();
            child.wait().unwrap();
            kills += 1;
        }
        let now: HashMap<_, _> = finished(&out).into_iter().collect();
        for (path, bytes) in &known {
            assert_eq!(now.get(path), Some(bytes), "{path:?} is what it was after {kills} kills");
        }
        known = now;
        if ended {
            break;
        }
    }
    assert!(kills > 3, "the run was killed {kills} times");
    assert_eq!(known.len(), 16);
    bench.finish("undisturbed", "0/1");
    assert_eq!(bench.canonical("killed"), bench.canonical("undisturbed"));
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_ends_in_order_and_goes_on_later() {
    let bench = Bench::new(SMALL, 2);
    let child = bench.start("stopped", "0/1");
    let cells = bench.path("stopped/cells");
    while finished(&bench.path("stopped")).len() < 3 {
        sleep(Duration::from_millis(5));
    }
    let process = libc::pid_t::try_from(child.id()).unwrap();
    // SAFETY: the process is our own child, which has not been waited for.
    assert_eq!(unsafe { libc::kill(process, libc::SIGINT) }, 0);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "128 and the number of SIGINT");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Stopping"));
    let done = finished(&bench.path("stopped")).len();
    assert!((3..16).contains(&done), "{done}");
    bench.finish("stopped", "0/1");
    assert_eq!(std::fs::read_dir(cells).unwrap().count(), 16, "nothing unfinished is left");
}
