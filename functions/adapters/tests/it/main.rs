//! The laws that the ports state, checked on the adapters against the stand-ins.
//!
//! `laws` knows only the ports and would check any other adapter as well; `world` starts an
//! engine for them; `table` adds what only a look into the tables can tell, `contention` what the
//! engine never does; `ingest` takes usage events all the way; `stage` starts all stand-ins for `stripe`, `ses`, `sign_in` and the
//! `sale`; `stripe_outages` plays a provider that fails.
//! `cfg(test)` tells clippy that helpers are tests.

#[cfg(test)]
mod comment_calls;
#[cfg(test)]
mod comment_units;
#[cfg(test)]
mod contention;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod sale;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod ses;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod stripe;
#[cfg(test)]
mod stripe_outages;
#[cfg(test)]
mod table;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod world;
#[cfg(test)]
mod write_units;
