//! What holds of casework: single rules (`rules`), every procedure of the packs searched through (`search`), random acts (`model`),
//! packs that are amended while a case runs (`amended`).

mod amended;
pub(crate) mod bench;
mod model;
mod rules;
mod search;
