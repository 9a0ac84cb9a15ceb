//! The platform and devices wired to each other in memory, with simulated time, loss and duplication.
