//! The `jifang` binary: command line in, exit code out (0 holds, 1 does not hold, 2 bad usage).
fn main() {}
