//! Whether a proxy stands between this machine and a server.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// Returns whether the address is this machine's own, where no proxy can be meant.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback() || address.is_unspecified(),
        Err(_) => {
            let host = host.to_ascii_lowercase();
            host == "localhost" || host.ends_with(".localhost")
        }
    }
}

/// Returns the proxy that the environment names for the address, without any password.
pub(crate) fn of(url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    let proxy = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    Some(proxy.uri().to_string().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_all_its_names() {
        let own = |address: &str| is_loopback(&Url::parse(address).unwrap());
        for address in [
            "http://localhost:8080/v1",
            "http://LOCALHOST./v1",
            "http://api.localhost/v1",
            "http://127.0.0.1:1/v1",
            "http://127.8.9.10/v1",
            "http://[::1]:8080/v1",
            "http://[::ffff:127.0.0.1]/v1",
            "http://0.0.0.0:8000/v1",
        ] {
            assert!(own(address), "{address}");
        }
        for address in ["http://localhost.example/v1", "http://10.0.0.1/v1", "http://[fe80::1]/v1"] {
            assert!(!own(address), "{address}");
        }
    }
}
