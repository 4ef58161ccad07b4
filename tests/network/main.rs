//! What talks to a network, against servers of the tests' own on this machine.

mod model_pull;
#[cfg(feature = "openai")]
mod odd_servers;
#[cfg(feature = "openai")]
mod openai_backend;
#[cfg(feature = "openai")]
mod real_server;
#[allow(dead_code, reason = "builds without some features use less of it")]
mod support;
