//! Tasks that take turns: each stops before and after every call to the outside, so that a test
//! can run them in any order and let them die anywhere.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Lets others go first.
pub(crate) async fn turn() {
    let mut gone = false;
    poll_fn(move |_| match std::mem::replace(&mut gone, true) {
        true => Poll::Ready(()),
        false => Poll::Pending,
    })
    .await;
}

pub(crate) type Task = Pin<Box<dyn Future<Output = ()>>>;

/// What runs at once.
#[derive(Default)]
pub(crate) struct Tasks(Vec<Task>);

impl Tasks {
    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + 'static) {
        self.0.push(Box::pin(task));
    }

    /// Lets one of them take so many turns.
    pub(crate) fn poll(&mut self, which: usize, times: usize) {
        for _ in 0..times {
            if self.0.is_empty() {
                return;
            }
            let at = which % self.0.len();
            if is_done(&mut self.0[at]) {
                drop(self.0.remove(at));
                return;
            }
        }
    }

    /// One of them dies where it stands.
    pub(crate) fn kill(&mut self, which: usize) {
        if !self.0.is_empty() {
            drop(self.0.remove(which % self.0.len()));
        }
    }

    /// All of them die.
    pub(crate) fn crash(&mut self) {
        self.0.clear();
    }
}

/// Runs a task alone to its end.
pub(crate) fn run<T>(task: impl Future<Output = T>) -> T {
    let mut task = Box::pin(task);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = task.as_mut().poll(&mut context) {
            return value;
        }
    }
}

fn is_done(task: &mut Task) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    task.as_mut().poll(&mut context).is_ready()
}
