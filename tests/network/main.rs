//! What talks to a network, against servers of the tests' own on this machine.

#[cfg(feature = "http")]
mod hub;
mod model_pull;
#[cfg(feature = "http")]
mod odd_servers;
#[cfg(feature = "http")]
mod openai_backend;
#[cfg(feature = "http")]
mod real_server;
#[allow(dead_code, reason = "builds without some features use less of it")]
mod support;
