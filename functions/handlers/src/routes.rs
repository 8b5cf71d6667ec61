//! One list of handlers makes the router of a function and its part of the interface's
//! description: a route that is not described, or described and not there, can't be written.

use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::openapi::HttpMethod;

/// `fn routes()` and, for tests, `struct Description` of handlers with `#[utoipa::path]`. That
/// attribute makes a type `__path_<handler>`, which knows path and method.
macro_rules! routes {
    ($app:ty; $($handler:ident),+ $(,)?) => {
        /// What the routes say of themselves.
        #[cfg(test)]
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($handler),+))]
        pub(crate) struct Description;

        pastey::paste! {
            /// The router.
            pub(super) fn routes() -> axum::Router<$app> {
                axum::Router::new()$(.route(
                    &<[<__path_ $handler>] as utoipa::Path>::path(),
                    $crate::routes::at::<[<__path_ $handler>], _, _, _>($handler),
                ))+
            }
        }
    };
}
pub(crate) use routes;

/// A handler under the methods that its description names.
pub(crate) fn at<P, H, T, S>(handler: H) -> MethodRouter<S>
where
    P: utoipa::Path,
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    P::methods()
        .into_iter()
        .fold(MethodRouter::new(), |router, method| {
            router.merge(on(filter(&method), handler.clone()))
        })
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}
