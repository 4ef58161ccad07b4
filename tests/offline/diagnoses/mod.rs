//! Planted faults are found, and clean runs are left alone.

mod command;
mod docs;
mod forced;
mod idle_proposers;
mod lints;
mod over_seeds;
mod seen_by_people;
mod walks;
