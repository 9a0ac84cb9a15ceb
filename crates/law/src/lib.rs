//! Law packs and the gate: what applies here, on this day, and why.
