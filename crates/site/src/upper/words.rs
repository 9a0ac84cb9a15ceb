//! Why an upper platform is not reached, in words: what was seen, and what to do. Values in, text out.
//!
//! Codes: `upper_no_answer` `upper_password` `upper_unknown` `upper_busy` `upper_refused` `upper_lost` `upper_no_route` `upper_unlawful`.

use crate::camera::Diagnosis;
use base::Text;

fn diagnosis(code: &'static str, zh: String, en: String, next_zh: &'static str, next_en: &'static str) -> Diagnosis {
    Diagnosis { code, what: Text::of(zh, en), next: Text::new(next_zh, next_en) }
}

/// A registration was refused with a code, or (`None`) not answered.
pub(super) fn not_registered(code: Option<u16>, address: &str) -> Diagnosis {
    match code {
        None => diagnosis(
            "upper_no_answer",
            format!("上级平台 {address} 没有回应注册。"),
            format!("The upper platform at {address} does not answer the registration."),
            "核对地址、端口和传输方式（UDP/TCP），检查两端之间的网络和防火墙；本机会继续重试。",
            "Check address, port and transport (UDP/TCP) and the network and firewalls in between; it is tried again by itself.",
        ),
        Some(code @ (401 | 407)) => diagnosis(
            "upper_password",
            format!("上级平台拒绝了注册（{code}）：密码或用户名不对。"),
            format!("The upper platform refused the registration ({code}): password or user name is wrong."),
            "向上级平台管理员核对用户名和密码后在本页更正。",
            "Compare user name and password with the administrator of the upper platform and correct them here.",
        ),
        Some(code @ (403 | 404)) => diagnosis(
            "upper_unknown",
            format!("上级平台拒绝了注册（{code}）：它没有登记本平台编码，或者密码不对。"),
            format!(
                "The upper platform refused the registration ({code}): our code is not entered there, or the password is wrong."
            ),
            "请上级平台登记本平台的编码，并核对平台编码和密码。",
            "Have our code entered there, and compare the platform codes and the password.",
        ),
        Some(code @ (480 | 486 | 500..=599)) => diagnosis(
            "upper_busy",
            format!("上级平台暂时不能服务（{code}）。"),
            format!("The upper platform cannot serve now ({code})."),
            "本机会继续重试；长时间如此请联系上级平台。",
            "It is tried again by itself; if it goes on, call the upper platform.",
        ),
        Some(302) => diagnosis(
            "upper_refused",
            "上级平台要求改到另一台服务器（302），但没有给出可用的地址。".to_owned(),
            "The upper platform sends us to another server (302) and names no usable address.".to_owned(),
            "请向上级平台索取实际接入服务器的地址，填在本页。",
            "Ask the upper platform for the address of the server itself and enter it here.",
        ),
        Some(code) => diagnosis(
            "upper_refused",
            format!("上级平台拒绝了注册（{code}）。"),
            format!("The upper platform refused the registration ({code})."),
            "请把代码告诉上级平台管理员。",
            "Tell the administrator of the upper platform the code.",
        ),
    }
}

/// It no longer answers keepalives.
pub(super) fn lost(address: &str) -> Diagnosis {
    diagnosis(
        "upper_lost",
        format!("上级平台 {address} 连续三次没有回应心跳，正在重新注册。"),
        format!("The upper platform at {address} missed three keepalives; we register again."),
        "检查网络；恢复后会自动重连。",
        "Check the network; the link heals by itself.",
    )
}

/// The law allows no link with it: in the law's words.
pub(super) const fn unlawful(what: Text, next: Text) -> Diagnosis {
    Diagnosis { code: super::NOTICE_REFUSED, what, next }
}

/// No way leads there from this machine.
pub(super) fn no_route(address: &str, why: &str) -> Diagnosis {
    diagnosis(
        "upper_no_route",
        format!("本机没有通往 {address} 的路由：{why}。"),
        format!("No route leads from this machine to {address}: {why}."),
        "检查本机的网络设置和上级平台地址。",
        "Check this machine's network settings and the platform's address.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_says_its_code_and_what_to_do() {
        for code in [400, 401, 403, 404, 407, 480, 486, 500, 503, 600] {
            let d = not_registered(Some(code), "192.0.2.1:5060");
            assert!(d.what.zh.contains(&code.to_string()) && d.what.en.contains(&code.to_string()), "{code}");
            assert!(!d.next.zh.is_empty() && !d.next.en.is_empty());
        }
        assert_eq!(not_registered(Some(403), "x").code, "upper_unknown");
        assert_eq!(not_registered(None, "192.0.2.1:5060").code, "upper_no_answer");
        assert!(not_registered(None, "192.0.2.1:5060").what.en.contains("192.0.2.1:5060"));
    }
}
