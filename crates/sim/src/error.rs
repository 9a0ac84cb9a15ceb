//! Why a simulated device cannot go on.

/// An error of a simulated device. Messages are for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The picture encoder failed.
    #[error("encoder: {0}")]
    Encoder(String),
    /// The clip cannot be played.
    #[error("clip: {0}")]
    Clip(String),
    /// A socket or file.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A setting that cannot be.
    #[error("setting: {0}")]
    Setting(String),
    /// The source of pictures has ended.
    #[error("the camera's picture source ended")]
    Ended,
}

impl SimError {
    pub(crate) fn encoder(e: impl std::fmt::Display) -> Self {
        Self::Encoder(e.to_string())
    }

    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}
