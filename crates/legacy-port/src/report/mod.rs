//! Findings -> bytes, one file per format. A format knows nothing but the data it is given.

pub mod json;
pub mod sarif;
pub mod text;
