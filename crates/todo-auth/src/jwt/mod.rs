//! JSON Web Tokens (RFC 7519): minted with our own Ed25519 keys, verified by the key that the `kid` names and by nothing the
//! token says about itself.

mod claims;
mod external;
mod jws;
mod keyring;

pub use claims::{ApiClaims, Rejected};
pub use external::{ExternalKeys, Fetch};
pub use jws::{Algorithm, Compact, VerifyingKey};
pub use keyring::{Jwk, KeyPair};
