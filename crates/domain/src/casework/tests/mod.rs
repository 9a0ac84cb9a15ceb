//! What holds of casework: single rules of who acts (`rules`), what is asked for (`asked`), days (`days`), papers and documents (`papers`),
//! what is put right (`put_right`), how events are kept (`spelling`); every procedure of the packs searched through (`search`), random acts
//! (`model`), packs that are amended while a case runs (`amended`), heads who keep out (`recusal`), panels of experts (`panel`),
//! more than one round of their opinions (`rounds`), from which seat everything is done (`seats`), decisions in the head's place (`delegation`).

mod amended;
mod asked;
pub(crate) mod bench;
mod days;
mod delegation;
mod model;
mod panel;
mod papers;
mod put_right;
mod recusal;
mod rounds;
mod rules;
mod search;
mod seats;
mod spelling;
