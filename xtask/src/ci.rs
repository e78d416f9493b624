//! Everything that a change must pass.

use std::time::{Duration, Instant};

use crate::shell::{self, cargo, find};
use crate::stack::Build;
use crate::{Outcome, generate, layers, schema, test, web};

type Step = (&'static str, fn() -> Outcome);

/// `cargo xtask ci`: stops at the first failure and prints how long each step took.
pub(crate) fn run() -> Outcome {
    let steps: &[Step] = &[
        ("fmt", || {
            shell::run(cargo().args(["fmt", "--all", "--check"]))
        }),
        ("layers", layers::run),
        ("deny", deny),
        ("schema --check", || schema::run(true)),
        ("web check", web_check),
        ("web build and budget", || web::run(true)),
        ("clippy", || {
            shell::run(cargo().args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ]))
        }),
        ("generate --check", || {
            generate::run(true, Build::Everything)
        }),
        // Last, so that its closing line is that of the run.
        ("test", || test::run(&[])),
    ];
    let started = Instant::now();
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in steps {
        eprintln!("==> {name}");
        let step_started = Instant::now();
        let done = step();
        took.push((name, step_started.elapsed()));
        if let Err(error) = done {
            print_minutes(&took, started.elapsed());
            return Err(format!("step `{name}`: {error}").into());
        }
    }
    print_minutes(&took, started.elapsed());
    Ok(())
}

fn web_check() -> Outcome {
    web::install()?;
    web::script("check")
}

fn deny() -> Outcome {
    if find("cargo-deny").is_none() {
        eprintln!("skipped: cargo-deny is not installed");
        return Ok(());
    }
    shell::run(cargo().args(["deny", "--all-features", "check"]))
}

/// To standard error: the tests' counts are the last line of standard output.
fn print_minutes(took: &[(&str, Duration)], all: Duration) {
    eprintln!("\nminutes  step");
    for (name, duration) in took.iter().copied().chain([("all", all)]) {
        eprintln!("{:7.1}  {name}", duration.as_secs_f64() / 60.0);
    }
}
