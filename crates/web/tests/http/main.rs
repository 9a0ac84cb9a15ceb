//! The web on a real site and a real store: every route with every role, sessions, forms, bodies, headers, whole ways of working.

mod areas;
mod between;
mod cases;
mod duties;
mod emergencies;
mod endings;
mod flows;
mod harness;
mod incident_page;
mod limits;
mod matrix;
mod offers;
mod panels;
mod people;
mod places;
mod public;
mod readings;
mod sessions;
mod settings;
mod shifts;
mod tls;
mod two_step;
mod weight;
mod wire;
