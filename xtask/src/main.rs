//! Developer tasks: `cargo xtask test | tidy | bench`.
fn main() {}
