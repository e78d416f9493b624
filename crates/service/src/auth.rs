//! Who somebody is: signing in and out, and the credentials of browsers, programs and nodes.

mod checkpoint;
mod login;
mod logout;
mod resolve;
pub mod setup;
mod uses;

pub use checkpoint::{SecondStep, checkpoint};
pub use login::{FirstStep, Login, SignedIn, login};
pub use logout::logout;
pub use resolve::{Access, Identity, resolve_api_key, resolve_node, resolve_session};
pub(crate) use resolve::{actor_of, token_binding};
pub use uses::renews_session;
pub(crate) use uses::{Used, Uses, write_uses};
