//! What holds of casework: single rules (`rules`), every procedure of the packs searched through (`search`), random acts (`model`),
//! packs that are amended while a case runs (`amended`), heads who keep out (`recusal`), panels of experts (`panel`),
//! more than one round of their opinions (`rounds`), from which seat everything is done (`seats`).

mod amended;
pub(crate) mod bench;
mod model;
mod panel;
mod recusal;
mod rounds;
mod rules;
mod search;
mod seats;
