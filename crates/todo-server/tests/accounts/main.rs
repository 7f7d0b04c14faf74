//! The wire of accounts, row by row, on every engine that the machine has.

mod browser;

mod api;
mod email;
mod entry;
mod hostile;
mod keys;
mod limits;
mod origin;
mod password;
mod phase_three;
mod profile;
mod sessions;
mod timing;
