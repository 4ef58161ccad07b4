//! A run may be killed at any moment.

use std::{collections::HashMap, thread::sleep, time::Duration};

use rand::{RngExt, SeedableRng};

use crate::bench::{Bench, SMALL, finished};

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
