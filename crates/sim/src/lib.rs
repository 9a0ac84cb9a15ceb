//! Simulated devices that speak the true protocols from another process.
