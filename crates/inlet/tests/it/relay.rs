//! The relay from outside: two whole Inlets in this process, one the upstream of the other, with the clock in hand. What the
//! upstream is asked is counted at its door, beside what the ledger says.

mod counting;
mod faults;
mod kill;
mod pace;
mod tokens;
mod world;
