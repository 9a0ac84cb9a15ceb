//! The second step of signing in: the page that asks for the code, setting up one's phone, the site's rule, a lost phone.

use super::accounts::list_page;
use super::entry::{begin_session, too_often};
use crate::answer::{Keep, Reply, down, local, no_page, page, page_with, see_other, status};
use crate::call::Call;
use crate::limiter::LOGIN_BY_NAME;
use crate::pages::second_step::{LoginCodePage, QrCode, TwoStepPage};
use crate::pages::{FormErrors, Nav};
use axum::http::StatusCode;
use base::{AccountId, ErrorKind, Pii, Refusal, Text};
use domain::access::Role;
use qrcodegen::{QrCode as Picture, QrCodeEcc};
use site::accounts::FirstStep;
use site::proposals::Asked;
use site::two_step::Enrolment;

/// Cookie between password and code.
const STEP: &str = "jifang_step";
/// White around a picture code, modules (ISO/IEC 18004, 9.1).
const QUIET: i32 = 4;

/// The password was right: on to the page that asks for the code.
pub(crate) fn ask_for_code(call: &Call, step: FirstStep, next: &str) -> Reply {
    let token = base::hex(&store::keys::random::<32>().map_err(down)?);
    call.app.first_steps.put(&token, step, call.site().now().mono);
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let mut answer =
        see_other(&if next.is_empty() { "/login/code".into() } else { format!("/login/code?next={next}") });
    call.set_cookie(&mut answer, STEP, &token, Keep::Seconds(300));
    Ok(answer)
}

fn first_step(call: &Call) -> Result<(String, FirstStep), Refusal> {
    let token = call.cookie(STEP).filter(|t| t.len() == 64).unwrap_or_default();
    let step = call.app.first_steps.get(token, call.site().now().mono);
    step.map(|s| (token.to_owned(), s)).ok_or_else(|| {
        Refusal::new(
            ErrorKind::Conflict,
            "first_step_over",
            Text::new(
                "登录已超过五分钟，或尚未输入密码。",
                "More than five minutes went by, or no password was given yet.",
            ),
            Text::new("请从登录页重新开始。", "Begin again at the sign-in page."),
        )
    })
}

fn code_page_of(call: &Call, errors: FormErrors, next: &str) -> LoginCodePage {
    LoginCodePage { l: call.lang, bar: call.plain_bar(Nav::None), errors, next: next.to_owned() }
}

/// `GET /login/code?next=`.
pub(crate) async fn code_page(call: Call) -> Reply {
    first_step(&call)?;
    let next = local(call.query.get("next")).unwrap_or_default().to_owned();
    page(&code_page_of(&call, FormErrors::default(), &next))
}

/// `POST /login/code`: `code`, `next`.
pub(crate) async fn sign_in(call: Call) -> Reply {
    let (token, step) = first_step(&call)?;
    let next = local(call.form.get("next")).unwrap_or_default().to_owned();
    let now = call.site().now().mono;
    let allowed = call.app.limiter.allow("code", &token, LOGIN_BY_NAME, now);
    let tried = if allowed { call.site().second_step(&step, call.form.get("code")).await } else { Err(too_often()) };
    match tried {
        Ok(account) => {
            call.app.first_steps.forget(&token);
            let to = if next.is_empty() { "/" } else { next.as_str() };
            let mut answer = begin_session(&call, &account, see_other(to)).await?;
            call.set_cookie(&mut answer, STEP, "", Keep::Delete);
            Ok(answer)
        }
        Err(refusal) if matches!(refusal.kind, ErrorKind::Unauthenticated | ErrorKind::TooMany) => {
            let mut errors = FormErrors::default();
            errors.push("code", said(&refusal));
            // Not 401: the person is on the way in, and the page says what to do.
            let code = if refusal.kind == ErrorKind::TooMany { status(&refusal) } else { StatusCode::BAD_REQUEST };
            page_with(code, &code_page_of(&call, errors, &next))
        }
        Err(refusal) => Err(refusal),
    }
}

/// What and what next, in one.
fn said(refusal: &Refusal) -> Text {
    Text::of(format!("{}{}", refusal.what.zh, refusal.next.zh), format!("{} {}", refusal.what.en, refusal.next.en))
}

/// A text as a picture code: size with its white border, and the path of its black modules.
fn picture(text: &str) -> Option<QrCode> {
    let code = Picture::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                path.push_str(&format!("M{} {}h{}v1h-{}z", begin + QUIET, y + QUIET, x - begin, x - begin));
            }
            x += 1;
        }
    }
    Some(QrCode { size: code.size() + 2 * QUIET, path })
}

async fn two_step_page(
    call: &Call,
    errors: FormErrors,
    enrolment: Option<Enrolment>,
    codes: Vec<Pii<String>>,
) -> Result<TwoStepPage, Refusal> {
    let actor = call.actor()?;
    let site = call.site();
    let on = site.store().account(actor.id).await?.and_then(|a| a.two_step);
    let pending = if on.is_none() && enrolment.is_none() { site.pending_two_step(actor).await? } else { enrolment };
    Ok(TwoStepPage {
        l: call.lang,
        bar: call.bar(Nav::None).await?,
        errors,
        on,
        required: site.two_step_roles().await?.contains(&actor.role),
        picture: pending.as_ref().and_then(|e| picture(e.uri.expose())),
        secret: pending.map(|e| e.text.into_inner()).unwrap_or_default(),
        codes: codes.into_iter().map(Pii::into_inner).collect(),
        codes_left: site.store().recovery_codes_left(actor.id).await?,
    })
}

/// `GET /account/two-step`.
pub(crate) async fn show(call: Call) -> Reply {
    page(&two_step_page(&call, FormErrors::default(), None, vec![]).await?)
}

/// What went wrong at `field` of the page; anything else is told as it is.
async fn again(call: &Call, field: &str, refusal: Refusal) -> Reply {
    if !matches!(refusal.kind, ErrorKind::Unauthenticated | ErrorKind::TooMany | ErrorKind::Conflict) {
        return Err(refusal);
    }
    let mut errors = FormErrors::default();
    errors.push(field, said(&refusal));
    // 401 would mean that the session has ended, which it has not.
    let code = if refusal.kind == ErrorKind::Unauthenticated { StatusCode::BAD_REQUEST } else { status(&refusal) };
    page_with(code, &two_step_page(call, errors, None, vec![]).await?)
}

fn allowed(call: &Call) -> Result<(), Refusal> {
    let name = call.actor()?.login.to_lowercase();
    let allowed = call.app.limiter.allow("name", &name, LOGIN_BY_NAME, call.site().now().mono);
    if allowed { Ok(()) } else { Err(too_often()) }
}

/// `POST /account/two-step/begin`: `password`.
pub(crate) async fn begin(call: Call) -> Reply {
    let by = call.actor()?;
    let tried = match allowed(&call) {
        Ok(()) => call.site().begin_two_step(by, &call.form.secret("password")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(enrolment) => page(&two_step_page(&call, FormErrors::default(), Some(enrolment), vec![]).await?),
        Err(refusal) => again(&call, "password", refusal).await,
    }
}

/// `POST /account/two-step/confirm`: `code`; answers with the recovery codes.
pub(crate) async fn confirm(call: Call) -> Reply {
    let by = call.actor()?;
    let tried = match allowed(&call) {
        Ok(()) => call.site().confirm_two_step(by, call.form.get("code")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(codes) => page(&two_step_page(&call, FormErrors::default(), None, codes).await?),
        Err(refusal) => again(&call, "code", refusal).await,
    }
}

/// `POST /account/two-step/codes`: `password`; new recovery codes.
pub(crate) async fn renew(call: Call) -> Reply {
    let by = call.actor()?;
    let tried = match allowed(&call) {
        Ok(()) => call.site().renew_recovery_codes(by, &call.form.secret("password")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(codes) => page(&two_step_page(&call, FormErrors::default(), None, codes).await?),
        Err(refusal) => again(&call, "renew_password", refusal).await,
    }
}

/// `POST /account/two-step/off`: `password`.
pub(crate) async fn off(call: Call) -> Reply {
    let by = call.actor()?;
    let tried = match allowed(&call) {
        Ok(()) => call.site().end_own_two_step(by, &call.form.secret("password")).await,
        Err(refusal) => Err(refusal),
    };
    match tried {
        Ok(()) => call.done("/account", "two_step_off"),
        Err(refusal) => again(&call, "off_password", refusal).await,
    }
}

/// `POST /accounts/two-step`: `role` (many): who must have a second step.
pub(crate) async fn set_roles(call: Call) -> Reply {
    let roles: Vec<_> = call.form.all("role").iter().filter_map(|r| Role::parse(r)).collect();
    match call.site().set_two_step_roles(call.actor()?, &roles).await? {
        Asked::Done(()) => call.done("/accounts", "two_step_roles"),
        Asked::Waits(_) => call.done("/changes", "change_proposed"),
    }
}

/// `POST /accounts/{id}/two-step-reset`: a lost phone; the account's sessions end.
pub(crate) async fn reset(call: Call) -> Reply {
    let id = AccountId::parse(call.param(0)).ok_or_else(no_page)?;
    match call.site().reset_two_step(call.actor()?, id).await {
        Ok(Asked::Waits(_)) => call.done("/changes", "change_proposed"),
        Ok(Asked::Done(())) => {
            call.app.end_live_of_account(id);
            call.done("/accounts", "two_step_reset")
        }
        Err(refusal) if refusal.kind == ErrorKind::Conflict => {
            let mut errors = FormErrors::default();
            errors.push("accounts", said(&refusal));
            page_with(status(&refusal), &list_page(&call, errors, None).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_code_has_its_corners_and_its_border() {
        let q = picture("otpauth://totp/jifang:duty?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").expect("short enough");
        // A version of n has 17 + 4n modules; the finder patterns are seven wide at three corners.
        let modules = q.size - 2 * QUIET;
        assert_eq!((modules - 17) % 4, 0);
        assert!(q.path.starts_with("M4 4h7v1h-7z"), "{:.60}", q.path);
        assert!(q.path.contains(&format!("M{} 4h7v1h-7z", 4 + modules - 7)));
        assert!(q.path.contains(&format!("M4 {}h7v1h-7z", 4 + modules - 1)));
        assert!(!q.path.contains(&format!("M4 {}h", 4 + modules)), "nothing in the border");
        assert!(picture(&"x".repeat(4_000)).is_none(), "too long for any picture");
    }
}
