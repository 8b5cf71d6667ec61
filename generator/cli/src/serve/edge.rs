//! What the CDN does in front of the functions: it names the caller's address and adds its secret.

use std::net::SocketAddr;

use http::{HeaderValue, Request};
use tuition_handlers::{CALLER_HEADER, EDGE_HEADER};

/// Prepares a request for a function: whatever the caller wrote in these headers is not heard.
pub fn forward<B>(request: &mut Request<B>, caller: SocketAddr, secret: &HeaderValue) {
    let headers = request.headers_mut();
    headers.remove(EDGE_HEADER);
    headers.insert(EDGE_HEADER, secret.clone());
    headers.remove(CALLER_HEADER);
    if let Ok(address) = HeaderValue::from_str(&caller.ip().to_string()) {
        headers.insert(CALLER_HEADER, address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_caller_claims_of_itself_is_not_heard() {
        let mut request = Request::builder()
            .header(CALLER_HEADER, "198.51.100.1")
            .header(EDGE_HEADER, "guessed")
            .body(())
            .unwrap();
        forward(
            &mut request,
            "127.0.0.1:9".parse().unwrap(),
            &HeaderValue::from_static("secret"),
        );
        assert_eq!(
            request
                .headers()
                .get_all(CALLER_HEADER)
                .iter()
                .collect::<Vec<_>>(),
            ["127.0.0.1"]
        );
        assert_eq!(
            request
                .headers()
                .get_all(EDGE_HEADER)
                .iter()
                .collect::<Vec<_>>(),
            ["secret"]
        );
    }
}
