//! What people see: the pages, their fragments and the files, asked for from outside.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::clone_on_ref_ptr,
    reason = "helpers of tests fail by panicking"
)]

mod consent;
mod fakes;
mod hostile;
mod house;
mod inbox;
mod inspect;
mod live;
mod login;
mod marks;
mod media;
