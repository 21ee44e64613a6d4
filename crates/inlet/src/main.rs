//! The process: hands its arguments and streams to the library, and answers with its exit code.

use std::{
    io::{stderr, stdout},
    process::ExitCode,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(inlet::cli::run(std::env::args_os(), &mut stdout(), &mut stderr()))
}
