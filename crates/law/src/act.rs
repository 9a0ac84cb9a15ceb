//! The acts the gate judges, each with the facts that the clauses turn on. The caller establishes the facts; false is always
//! the stricter value, so a fact left out cannot open a door.

mod authority;
mod operation;

pub use authority::{CaseDecision, Fining, RecordPublication, RecordWithdrawal, Revocation};
pub use operation::{
    CitizenBasis, CitizenViewing, Closing, DoorOpening, Engagement, EvidenceRetrieval, Guarding, HandOut, Publication,
    Relation, Relocation, Removal, Silencing, SoundUse, StartOfUse, Verification, Works,
};

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

impl Installer {
    /// All, in the order forms list them.
    pub const ALL: [Self; 4] = [Self::ManagingUnit, Self::Government, Self::SecurityDutyHolder, Self::Other];

    /// Stable word in policies, forms and rows.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Government => "government",
            Self::ManagingUnit => "managing_unit",
            Self::SecurityDutyHolder => "security_duty_holder",
            Self::Other => "other",
        }
    }

    /// Reads a word; `None` for anything else.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|i| i.key() == key)
    }

    /// Name for people.
    #[must_use]
    pub const fn name(self) -> Text {
        match self {
            Self::Government => Text::new("政府部门", "a government department"),
            Self::ManagingUnit => Text::new("负有经营管理责任的单位", "the unit that runs the place"),
            Self::SecurityDutyHolder => {
                Text::new("其他负有安全防范义务的单位或者个人", "another holder of a security duty for the place")
            }
            Self::Other => Text::new("其他单位或者个人", "anyone else"),
        }
    }
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
    /// The unit's staff hear a place live.
    Listen(SoundUse),
    /// The unit's staff speak to a place.
    Talk(SoundUse),
    /// Hand out a sealed copy to the organ that asked.
    Export(HandOut),
    /// Mask a part of a view for good.
    Mask(Change),
    /// Publish footage.
    Publish(Publication),
    /// Arm.
    Arm(Guarding),
    /// Disarm.
    Disarm(Guarding),
    /// Bypass a zone, or put a source on test.
    Bypass(Guarding),
    /// Silence the sound of an alarm.
    Silence(Silencing),
    /// Open a door through the system.
    OpenDoor(DoorOpening),
    /// Verify an alarm (复核).
    VerifyAlarm(Verification),
    /// Close an incident.
    CloseIncident(Closing),
    /// Move a device.
    MoveDevice(Relocation),
    /// Take a device away.
    RemoveDevice(Removal),
    /// Connect a police platform.
    ConnectPlatform(Networking),
    /// A citizen views.
    CitizenView(CitizenViewing),
    /// A party retrieves evidence on papers of the police.
    RetrieveEvidence(EvidenceRetrieval),
    /// Take a built system into use.
    StartUse(StartOfUse),
    /// Begin works on a system.
    StartWorks(Works),
    /// Engage a provider.
    EngageProvider(Engagement),
    /// Decide a case.
    DecideCase(CaseDecision),
    /// Impose a fine.
    Fine(Fining),
    /// Revoke a product registration.
    RevokeRegistration(Revocation),
    /// Publish a record of the authority.
    PublishRecord(RecordPublication),
    /// Withdraw a published record.
    WithdrawRecord(RecordWithdrawal),
    /// An official designates a product or a service: never lawful (A-29-2, B-33-1). Asked so that the attempt is on record.
    DesignateProduct,
    /// An official takes a fee, a benefit or a paid part: never lawful (A-29-1, B-33-2). Asked so that the attempt is on record.
    TakeBenefit,
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
    Listen "listen" "实时监听" "listen live",
    Talk "talk" "喊话" "talk to a place",
    Export "export" "交付封装副本" "hand out a sealed copy",
    Mask "mask" "设置遮挡" "mask a view",
    Publish "publish" "公开影像" "publish footage",
    Arm "arm" "布防" "arm",
    Disarm "disarm" "撤防" "disarm",
    Bypass "bypass" "旁路或者置于测试" "bypass or put on test",
    Silence "silence" "消音" "silence an alarm",
    OpenDoor "open_door" "开门" "open a door",
    VerifyAlarm "verify_alarm" "复核报警" "verify an alarm",
    CloseIncident "close_incident" "结束处警" "close an incident",
    MoveDevice "move_device" "移动设备" "move a device",
    RemoveDevice "remove_device" "拆除设备" "remove a device",
    ConnectPlatform "connect_platform" "与公安机关联网" "connect a police platform",
    CitizenView "citizen_view" "公民查看" "viewing by a citizen",
    RetrieveEvidence "retrieve_evidence" "当事人调取证据" "retrieval of evidence by a party",
    StartUse "start_use" "投入使用" "take a system into use",
    StartWorks "start_works" "开始施工" "begin works",
    EngageProvider "engage_provider" "委托从业单位" "engage a provider",
    DecideCase "decide_case" "作出决定" "decide a case",
    Fine "fine" "罚款" "impose a fine",
    RevokeRegistration "revoke_registration" "撤销生产登记" "revoke a registration",
    PublishRecord "publish_record" "公布记录" "publish a record",
    WithdrawRecord "withdraw_record" "撤回公布" "withdraw a record",
    DesignateProduct "designate_product" "指定产品或者服务" "designate a product",
    TakeBenefit "take_benefit" "收取费用或者其他利益" "take a fee or benefit",
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
            Self::Listen(_) => ActKind::Listen,
            Self::Talk(_) => ActKind::Talk,
            Self::Export(_) => ActKind::Export,
            Self::Mask(_) => ActKind::Mask,
            Self::Publish(_) => ActKind::Publish,
            Self::Arm(_) => ActKind::Arm,
            Self::Disarm(_) => ActKind::Disarm,
            Self::Bypass(_) => ActKind::Bypass,
            Self::Silence(_) => ActKind::Silence,
            Self::OpenDoor(_) => ActKind::OpenDoor,
            Self::VerifyAlarm(_) => ActKind::VerifyAlarm,
            Self::CloseIncident(_) => ActKind::CloseIncident,
            Self::MoveDevice(_) => ActKind::MoveDevice,
            Self::RemoveDevice(_) => ActKind::RemoveDevice,
            Self::ConnectPlatform(_) => ActKind::ConnectPlatform,
            Self::CitizenView(_) => ActKind::CitizenView,
            Self::RetrieveEvidence(_) => ActKind::RetrieveEvidence,
            Self::StartUse(_) => ActKind::StartUse,
            Self::StartWorks(_) => ActKind::StartWorks,
            Self::EngageProvider(_) => ActKind::EngageProvider,
            Self::DecideCase(_) => ActKind::DecideCase,
            Self::Fine(_) => ActKind::Fine,
            Self::RevokeRegistration(_) => ActKind::RevokeRegistration,
            Self::PublishRecord(_) => ActKind::PublishRecord,
            Self::WithdrawRecord(_) => ActKind::WithdrawRecord,
            Self::DesignateProduct => ActKind::DesignateProduct,
            Self::TakeBenefit => ActKind::TakeBenefit,
        }
    }
}
