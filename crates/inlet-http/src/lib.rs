//! Everything that comes in over HTTP: vendors' webhooks, HighLevel's API, our own admin API, and the pages.
//!
//! # The map
//!
//! | to read about | open |
//! |---|---|
//! | what every handler is given | [`state`] |
//! | connections: the accept loop, its deadlines and caps | [`server`] |
//! | all routes | [`router`] |
//! | vendors' webhooks | [`webhooks`] |
//! | HighLevel's API | [`highlevel`] |
//! | the admin API behind the command line | [`admin`] |
//! | what of it is served, as a table and as an OpenAPI document | [`openapi`] |
//! | the pages | [`pages`] |
//! | what somebody allows an app; passwords | `approval`, `password` |
//! | the admin API and the metrics over the network | [`operator`] |
//! | whether anybody would send what goes out | `sending` |
//! | what keeps a mail's HTML harmless | [`guards`] |
//! | kept files under signed links | [`media`] |
//! | what happens right now, for the pages | [`live`] |
//! | HighLevel's undocumented answers, and faults on purpose | [`trial`] |

pub mod admin;
mod approval;
pub mod guards;
pub mod highlevel;
pub mod live;
pub mod media;
pub mod openapi;
pub mod operator;
pub mod pages;
mod password;
pub mod router;
mod sending;
pub mod server;
pub mod state;
pub mod trial;
pub mod webhooks;
