//! The laws that the ports state, checked on the adapters against an embedded engine.
//!
//! `laws` knows only the ports and would check any other adapter as well; `world` starts the
//! engine; `table` adds what only a look into the tables can tell.

mod laws;
mod sample;
mod table;
mod world;
