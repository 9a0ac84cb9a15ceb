//! The platform alone, fed with hand-made messages: limits, refusals, addresses.
