//! The program among others and in terminals of its own: what it prints, how it ends, and what it does when its streams are
//! closed, full or gone.
#![cfg(unix)]

mod codes;
mod hostile;
mod lab;
mod linear;
mod pty;
mod screen;
mod world;
