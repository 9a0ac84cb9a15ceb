//! What holds of casework: single rules (`rules`), every procedure of the packs searched through (`search`), random acts (`model`).

pub(crate) mod bench;
mod model;
mod rules;
mod search;
