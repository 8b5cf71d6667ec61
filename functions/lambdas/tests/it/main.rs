//! Each binary, started as Lambda starts it, answers as the local routes do, and what comes of a
//! table or a mail provider that is away.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod runtime_api;
#[cfg(test)]
mod shop;
