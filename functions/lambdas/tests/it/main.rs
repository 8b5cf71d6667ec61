//! Each binary, started as Lambda starts it, answers as the local routes do.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod runtime_api;
