//! The relay from outside: two whole Inlets in this process, one the upstream of the other, with the clock in hand. What the
//! upstream is asked is counted at its door, beside what the ledger says.

mod agency;
mod counting;
mod doctor;
mod faults;
mod hearing;
mod kill;
mod pace;
mod real_time;
mod sdk;
mod tokens;
mod warming;
mod world;
