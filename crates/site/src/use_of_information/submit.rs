//! Submitting an official request: form, officers, letter, law gate, then row, hold, paper and entry.

use super::act_of;
use super::facts::official_facts;
use crate::devices::add_new;
use crate::{Actor, Site};
use base::{CameraId, Refusal, Sha256, Text, UtcMs, limits};
use domain::access::{Permission, Role};
use domain::viewing::{self, Application, Basis, Use, check_form};
use law::{Act, Answer, OfficialAccess};
use store::accounts::Account;
use store::requests::RequestRow;

/// Most officers of one request.
const OFFICERS: usize = 8;

/// The uploaded unit letter (单位证明文件, B-28-1-2).
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// File name as uploaded.
    pub name: String,
    /// Its bytes: PDF, JPEG or PNG, at most `limits::UPLOAD_BYTES`.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({} bytes)", self.bytes.len())
    }
}

impl Letter {
    /// Media type by its first bytes; the browser's word is not asked.
    #[must_use]
    pub fn media_type(&self) -> Option<&'static str> {
        match self.bytes.as_slice() {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
            [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
            _ => None,
        }
    }
}

/// What an officer fills in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UseForm {
    /// Legal ground.
    pub basis: Basis,
    /// View, or view and copy.
    pub wanted: Use,
    /// Case number.
    pub case_number: String,
    /// Requesting unit.
    pub unit: String,
    /// Why this footage.
    pub purpose: String,
    /// Cameras.
    pub cameras: Vec<CameraId>,
    /// Begin of the footage.
    pub from: UtcMs,
    /// End of the footage.
    pub to: UtcMs,
    /// Login names of the officers beside the applicant; empty ones do not count.
    pub officers: Vec<String>,
    /// The unit letter.
    pub letter: Option<Letter>,
}

fn bad(code: &str, zh: &'static str, en: &'static str) -> Refusal {
    Refusal::bad_input(code, Text::new(zh, en), Text::new("请更正后重新提交。", "Correct it and submit again."))
}

fn check_letter(letter: &Letter) -> Result<(), Refusal> {
    if letter.bytes.len() > limits::UPLOAD_BYTES {
        return Err(bad("letter", "单位证明文件超过10 MB。", "The unit letter is larger than 10 MB."));
    }
    let name_ok = letter.name.chars().count() <= limits::NAME_CHARS && !letter.name.chars().any(char::is_control);
    if letter.media_type().is_none() || !name_ok {
        return Err(bad("letter", "单位证明文件须为 PDF、JPEG 或 PNG。", "The unit letter must be PDF, JPEG or PNG."));
    }
    Ok(())
}

/// A form that was read: the application and the accounts behind its officers.
struct Read {
    app: Application,
    officers: Vec<Account>,
    faults: Vec<Refusal>,
}

impl Read {
    fn facts(&self) -> OfficialAccess {
        official_facts(&self.app, &self.officers, self.app.letter.is_some())
    }
}

impl Site {
    /// What the law says to a form as it stands, for the page that checks the answers; does nothing and logs nothing.
    ///
    /// # Errors
    /// No permission, or the store.
    pub async fn ask_use(&self, by: &Actor, form: &UseForm) -> Result<Answer, Refusal> {
        by.needs(Permission::RequestUse)?;
        let read = self.read_form(by, form).await?;
        Ok(self.ask(act_of(form.wanted, read.facts())))
    }

    /// Submits a request. The footage is held from the transaction that stores it.
    ///
    /// # Errors
    /// No permission; all defects of the form at once; the law (B-28-1-1 for one officer, B-28-1-2 without badge or letter),
    /// which is logged and then nothing is stored; or the store.
    pub async fn submit(&self, by: &Actor, form: UseForm) -> Result<RequestRow, Vec<Refusal>> {
        by.needs(Permission::RequestUse).map_err(one)?;
        let read = self.read_form(by, &form).await.map_err(one)?;
        if !read.faults.is_empty() {
            return Err(read.faults);
        }
        let camera = read.app.cameras.first().copied();
        let mut asked = self.lawful_use(by, camera, None, act_of(form.wanted, read.facts())).await;
        if let Ok(clauses) = &mut asked {
            // The hold that comes with it is an act of its own.
            match self.lawful_use(by, camera, None, Act::Hold).await {
                Ok(more) => add_new(clauses, more),
                Err(refusal) => asked = Err(refusal),
            }
        }
        let mut clauses = Vec::new();
        let now = self.now().utc;
        let state = viewing::submit(asked.map(|found| clauses = found), now).map_err(one)?;
        if let Some(letter) = &form.letter {
            let kind = letter.media_type().unwrap_or("application/octet-stream");
            self.store().add_paper(&letter.name, kind, &letter.bytes, now).await.map_err(one)?;
        }
        self.store().add_request(&read.app, state, &clauses, now).await.map_err(one)
    }

    async fn read_form(&self, by: &Actor, form: &UseForm) -> Result<Read, Refusal> {
        let mut faults = Vec::new();
        let mut officers = self.officers(&[by.id]).await?;
        let logins: Vec<_> = form.officers.iter().map(|l| l.trim()).filter(|l| !l.is_empty()).collect();
        if logins.len() >= OFFICERS {
            faults.push(bad("officers", "民警人数不超过8名。", "At most 8 officers."));
        }
        for login in logins.into_iter().take(OFFICERS) {
            match self.store().account_by_login(login).await? {
                Some(a) if a.role == Role::PoliceOfficer && a.disabled.is_none() => officers.push(a),
                _ => faults.push(Refusal::bad_input(
                    "officers",
                    Text::of(format!("没有民警账号“{login}”。"), format!("There is no officer's account \"{login}\".")),
                    Text::new(
                        "请核对登录名，或请系统管理员开通账号。",
                        "Check the login name, or ask the administrator for an account.",
                    ),
                )),
            }
        }
        let mut cameras = form.cameras.clone();
        cameras.sort_unstable();
        cameras.dedup();
        for camera in cameras.iter().take(limits::REQUEST_CAMERAS) {
            if self.store().camera(*camera).await?.is_none() {
                faults.push(bad("cameras", "所选摄像机不存在。", "A chosen camera does not exist."));
                break;
            }
        }
        if let Some(Err(fault)) = form.letter.as_ref().map(check_letter) {
            faults.push(fault);
        }
        let app = Application {
            basis: form.basis,
            wanted: form.wanted,
            case_number: form.case_number.trim().to_owned(),
            unit: form.unit.trim().to_owned(),
            purpose: form.purpose.trim().to_owned(),
            cameras,
            from: form.from,
            to: form.to,
            letter: form.letter.as_ref().map(|l| Sha256::of(&l.bytes)),
            officers: officers.iter().map(|o| o.id).collect(),
            under: None,
            own: None,
        };
        if let Err(more) = check_form(&app, self.now().utc) {
            faults.extend(more);
        }
        Ok(Read { app, officers, faults })
    }
}

fn one(refusal: impl Into<Refusal>) -> Vec<Refusal> {
    vec![refusal.into()]
}
