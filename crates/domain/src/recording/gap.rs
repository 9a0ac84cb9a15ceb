//! Why footage is missing: a closed list, each with the words a person reads.

use base::Text;
use serde::{Deserialize, Serialize};

/// Cause of a gap.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    /// The recording server was not running (stopped, killed, no power).
    ServerDown,
    /// The device is not registered, or does not answer.
    DeviceOffline,
    /// The device ended the stream.
    StreamEnded,
    /// The device is there but sends no packets.
    NoPackets,
    /// Packets were lost on the way.
    PacketLoss,
    /// What came could not be decoded.
    Undecodable,
    /// The disk is full and this camera has the lowest priority.
    DiskFull,
    /// The disk reported an error.
    DiskError,
    /// The disk was slower than the streams.
    DiskSlow,
    /// The clock of server or device jumped.
    ClockStep,
    /// The camera was stopped or removed by a person.
    Stopped,
    /// It was recorded, and its file is gone or damaged: a disk was lost, or somebody took it away.
    FootageLost,
}

impl GapCause {
    /// All causes.
    pub const ALL: [Self; 12] = [
        Self::ServerDown,
        Self::DeviceOffline,
        Self::StreamEnded,
        Self::NoPackets,
        Self::PacketLoss,
        Self::Undecodable,
        Self::DiskFull,
        Self::DiskError,
        Self::DiskSlow,
        Self::ClockStep,
        Self::Stopped,
        Self::FootageLost,
    ];

    /// Stable word for the database, ledger and API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ServerDown => "server_down",
            Self::DeviceOffline => "device_offline",
            Self::StreamEnded => "stream_ended",
            Self::NoPackets => "no_packets",
            Self::PacketLoss => "packet_loss",
            Self::Undecodable => "undecodable",
            Self::DiskFull => "disk_full",
            Self::DiskError => "disk_error",
            Self::DiskSlow => "disk_slow",
            Self::ClockStep => "clock_step",
            Self::Stopped => "stopped",
            Self::FootageLost => "footage_lost",
        }
    }

    /// Reads a code; `None` for anything else.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }

    /// What pages and exports say.
    #[must_use]
    pub const fn text(self) -> Text {
        match self {
            Self::ServerDown => Text::new("录像服务器未运行", "The recording server was not running"),
            Self::DeviceOffline => Text::new("设备离线", "The device was offline"),
            Self::StreamEnded => Text::new("设备结束了码流", "The device ended the stream"),
            Self::NoPackets => Text::new("设备在线但没有收到数据", "The device was online but sent no data"),
            Self::PacketLoss => Text::new("网络丢包", "Packets were lost on the network"),
            Self::Undecodable => Text::new("码流无法解析", "The stream could not be decoded"),
            Self::DiskFull => Text::new(
                "磁盘已满，本路优先级最低，停止录像",
                "The disk was full and this camera has the lowest priority",
            ),
            Self::DiskError => Text::new("磁盘读写错误", "The disk reported an error"),
            Self::DiskSlow => Text::new("磁盘写入跟不上", "The disk could not keep up"),
            Self::ClockStep => Text::new("时钟跳变", "A clock jumped"),
            Self::Stopped => Text::new("人工停止录像", "Recording was stopped by a person"),
            Self::FootageLost => Text::new("已录的文件丢失或损坏", "It was recorded, but its file is lost or damaged"),
        }
    }
}
