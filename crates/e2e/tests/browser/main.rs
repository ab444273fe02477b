//! Shoppers in real Chromium, from the sample shop through the PG's window and back, against `narupay demo`.
//! Everything is on this machine. Without Chromium the stories stay away, unless `NARUPAY_TEST_BROWSER`
//! is `required`.

#![cfg(test)]

mod english;
mod forging;
mod kit;
mod leaving;
mod looks;
mod overlay;
mod paying;
mod scriptless;
mod silence;
