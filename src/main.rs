//! The planscope program.

fn main() {
    // The model lives in a process of its own, started by this program.
    if std::env::args_os().nth(1).is_some_and(|word| word == planscope::llm::worker::SUBCOMMAND) {
        std::process::exit(planscope::llm::worker::guest_main());
    }
}
