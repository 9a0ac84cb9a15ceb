//! The only HTTP: pages, API, assets.
