//! Seeds in files. A seed is any whole number of 64 bits, but TOML's whole numbers end at 2^63 - 1; larger ones are
//! written as text.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

/// Writes a whole number where the file can hold it, else its digits.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
pub(super) fn serialize<S: Serializer>(seed: &u64, to: S) -> Result<S::Ok, S::Error> {
    match i64::try_from(*seed) {
        Ok(_) => to.serialize_u64(*seed),
        Err(_) => to.serialize_str(&seed.to_string()),
    }
}

/// Reads either.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    struct Seed;

    impl Visitor<'_> for Seed {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a whole number from 0 to {}", u64::MAX)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
            u64::try_from(value).map_err(|_out_of_range| E::invalid_value(Unexpected::Signed(value), &self))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<u64, E> {
            let digits = value.bytes().all(|c| c.is_ascii_digit());
            let seed = value.parse().ok().filter(|_| digits);
            seed.ok_or_else(|| E::invalid_value(Unexpected::Str(value), &self))
        }
    }

    from.deserialize_any(Seed)
}
