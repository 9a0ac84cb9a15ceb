//! The acts the gate judges, each with the facts that the clauses turn on. The caller establishes the facts; false is always
//! the stricter value, so a fact left out cannot open a door.

use crate::{PlaceKind, SiteProfile};
use base::{Text, UtcMs};
use serde::{Deserialize, Serialize};

/// One question to the gate: this act, at this site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The site's legal profile.
    pub site: SiteProfile,
    /// The act and its facts.
    pub act: Act,
}

/// Who puts the camera up (A-9-1-1, B-14-3, Order 799 arts. 7 and 9).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Installer {
    /// A government department building a public-area system.
    Government,
    /// The unit that runs and manages the place (负有经营管理责任的单位).
    ManagingUnit,
    /// Another holder of a security duty for the place (负有安全防范义务).
    SecurityDutyHolder,
    /// Anyone else.
    Other,
}

/// Where and how a camera stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placement {
    /// Kind of place covered.
    pub place: PlaceKind,
    /// It looks at windows or doors of homes and no mask hides them.
    pub faces_homes: bool,
    /// It records sound too.
    pub has_audio: bool,
    /// The sign for the covered area is recorded: place, photo, day (A-15-1, B-16, Order 799 art. 13).
    pub sign_recorded: bool,
    /// Who installs it.
    pub installer: Installer,
    /// The local police approved this installation in a social public area (B-14-3).
    pub public_area_approved: bool,
}

/// A change to what runs: purpose, scope, recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Kind of place the camera covers.
    pub place: PlaceKind,
    /// A person of the unit with the power to do so decided it and gave a reason (the opposite of 擅自).
    pub authorised: bool,
}

/// Use by the unit's own staff.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnUse {
    /// The person is designated for this work by the unit (B-22-1-2) and let in by access control (Order 799 art. 16).
    pub designated: bool,
    /// The purpose is the security of the place.
    pub security_purpose: bool,
    /// Reason, content and person are entered in the register. Asked for play-back; live viewing needs no entry.
    pub registered: bool,
}

/// What kind of organ asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganKind {
    /// 公安机关.
    Police,
    /// 国家安全机关.
    StateSecurity,
    /// Another organ with the statutory power of criminal investigation.
    OtherInvestigator,
    /// An organ with the statutory power to investigate public emergencies and accidents.
    EmergencyInvestigator,
    /// Another department performing a statutory duty.
    OtherDepartment,
    /// No state organ.
    NotAnOrgan,
}

/// The legal basis of an official request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// 刑事侦查.
    CriminalInvestigation,
    /// 公共突发事件、事故调查.
    EmergencyInvestigation,
    /// Another statutory duty (administrative case, inspection).
    StatutoryDuty,
    /// None stated.
    NoBasis,
}

/// An official request to view, copy or retrieve (A-24, B-27, B-28, Order 799 arts. 16 and 20).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialAccess {
    /// Kind of organ.
    pub organ: OrganKind,
    /// Legal basis, with its case or duty reference on file.
    pub basis: BasisKind,
    /// Different officers, each identified by a login of their own.
    pub distinct_officers: u32,
    /// Every one of them showed a work ID (badge number on file).
    pub badges_shown: bool,
    /// The unit's certifying document is on file.
    pub unit_letter: bool,
    /// Reason, content, persons and unit are entered in the register.
    pub registered: bool,
    /// Cameras and minutes stay within what the duty needs.
    pub within_scope: bool,
}

/// Direct use in an emergency (A-24-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyUse {
    /// Kind of organ.
    pub organ: OrganKind,
    /// An emergency for the interest of the state or the public is stated, with its reason.
    pub emergency_stated: bool,
}

/// A police platform on the network watches live (B-23-2-2; in an emergency A-24-3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Networking {
    /// Kind of organ that runs the platform.
    pub organ: OrganKind,
    /// The need of public security for the networking is on file: who asked, when, by which paper.
    pub need_stated: bool,
    /// An emergency for the interest of the state or the public is stated, with its reason, and is not over.
    pub emergency_stated: bool,
}

/// Ending a hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRelease {
    /// The request behind it is closed, or the organ that asked agrees.
    pub request_closed: bool,
    /// The reason is recorded.
    pub reason_recorded: bool,
}

/// Deleting footage. The day of deletion is the day of the question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    /// Kind of place covered.
    pub place: PlaceKind,
    /// Instant of the last frame to be deleted.
    pub last_frame: UtcMs,
    /// A hold covers any part of it.
    pub on_hold: bool,
    /// The expiry job does it, or a person with the power to do so decided it.
    pub authorised: bool,
}

/// Ways of tampering; none is ever lawful (B-24, B-29, Order 799 art. 23).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tampering {
    /// 删改: changing captured information.
    Modify,
    /// 隐匿: hiding it.
    Conceal,
    /// 毁弃: destroying it outside lawful deletion.
    Destroy,
    /// 破坏运行程序或者记录: damaging running programs or records.
    DamageRecords,
    /// 遮挡、喷涂、断开: hindering normal operation.
    Obstruct,
}

/// Reporting an alarm to the police (B-21-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlarmReport {
    /// It was verified (复核) and confirmed as a real incident (警情), with its grounds on file.
    pub verified_real: bool,
    /// A person at the place raised it by hand: hold-up button or duress code.
    pub raised_by_hand: bool,
}

/// An act and its facts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Put up (or move) a camera.
    AddCamera(Placement),
    /// Go on using a camera that stands.
    UseCamera(Placement),
    /// Change purpose or scope of use.
    ChangePurpose(Change),
    /// Stop recording, or switch a camera off.
    StopRecording(Change),
    /// The unit's staff watch live.
    ViewLive(OwnUse),
    /// The unit's staff play back.
    PlayBack(OwnUse),
    /// Officers view (查看).
    OfficialView(OfficialAccess),
    /// Officers copy (复制).
    OfficialCopy(OfficialAccess),
    /// Officers retrieve (调取).
    OfficialRetrieve(OfficialAccess),
    /// Direct use in an emergency.
    EmergencyUse(EmergencyUse),
    /// A police platform on the network watches live.
    NetworkView(Networking),
    /// Put a hold on footage, so that nothing erases it (封存).
    Hold,
    /// End a hold.
    ReleaseHold(HoldRelease),
    /// Delete footage.
    Delete(Deletion),
    /// Tamper with footage, records or the system.
    Tamper {
        /// In which way.
        way: Tampering,
        /// Kind of place the camera covers.
        place: PlaceKind,
    },
    /// Report an alarm to the police.
    ReportAlarm(AlarmReport),
}

macro_rules! act_kinds {
    ($($kind:ident $key:literal $zh:literal $en:literal),+ $(,)?) => {
        /// An act without its facts: the action name of the policies, the row of a permission matrix.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ActKind {
            $(#[doc = $zh] $kind,)+
        }

        impl ActKind {
            /// All acts, in the order shown.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Word in policies, cases and the log.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$kind => $key,)+ }
            }

            /// Name for people.
            #[must_use]
            pub const fn name(self) -> Text {
                match self { $(Self::$kind => Text::new($zh, $en),)+ }
            }
        }
    };
}

act_kinds! {
    AddCamera "add_camera" "安装摄像机" "add a camera",
    UseCamera "use_camera" "使用摄像机" "use a camera",
    ChangePurpose "change_purpose" "改变用途" "change the purpose",
    StopRecording "stop_recording" "停止录像" "stop recording",
    ViewLive "view_live" "实时查看" "view live",
    PlayBack "play_back" "回放" "play back",
    OfficialView "official_view" "执法查看" "official viewing",
    OfficialCopy "official_copy" "执法复制" "official copying",
    OfficialRetrieve "official_retrieve" "执法调取" "official retrieval",
    EmergencyUse "emergency_use" "紧急直接使用" "emergency direct use",
    NetworkView "network_view" "公安联网查看" "viewing over the police network",
    Hold "hold" "封存" "put a hold",
    ReleaseHold "release_hold" "解除封存" "release a hold",
    Delete "delete" "删除" "delete",
    Tamper "tamper" "篡改、隐匿或者破坏" "tamper",
    ReportAlarm "report_alarm" "报告警情" "report an alarm",
}

impl Act {
    /// The act without its facts.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::AddCamera(_) => ActKind::AddCamera,
            Self::UseCamera(_) => ActKind::UseCamera,
            Self::ChangePurpose(_) => ActKind::ChangePurpose,
            Self::StopRecording(_) => ActKind::StopRecording,
            Self::ViewLive(_) => ActKind::ViewLive,
            Self::PlayBack(_) => ActKind::PlayBack,
            Self::OfficialView(_) => ActKind::OfficialView,
            Self::OfficialCopy(_) => ActKind::OfficialCopy,
            Self::OfficialRetrieve(_) => ActKind::OfficialRetrieve,
            Self::EmergencyUse(_) => ActKind::EmergencyUse,
            Self::NetworkView(_) => ActKind::NetworkView,
            Self::Hold => ActKind::Hold,
            Self::ReleaseHold(_) => ActKind::ReleaseHold,
            Self::Delete(_) => ActKind::Delete,
            Self::Tamper { .. } => ActKind::Tamper,
            Self::ReportAlarm(_) => ActKind::ReportAlarm,
        }
    }
}
