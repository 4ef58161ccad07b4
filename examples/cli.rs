use clap::{Parser, Subcommand};
use planscope::cli::{doctor, model};
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    c: C,
}
#[derive(Subcommand)]
enum C {
    Model(model::ModelArgs),
    Doctor(doctor::DoctorArgs),
}
#[tokio::main]
async fn main() {
    match Cli::parse().c {
        C::Model(a) => {
            if let Err(e) = model::run(a).await {
                eprintln!("error: {e}");
                if let Some(h) = e.hint() {
                    eprintln!("hint: {h}")
                }
                std::process::exit(1)
            }
        }
        C::Doctor(a) => {
            doctor::run(&a, None).unwrap();
        }
    }
}
