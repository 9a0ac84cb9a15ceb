//! The two texts in the package that say to a reader without this program what it is and how to check it.

use super::plan::Content;
use ledger::Vkey;

/// `README.txt` and `说明.txt`, with the fingerprint of the key that signs the package.
#[must_use]
pub fn guide_files(vkey: &Vkey) -> Vec<Content> {
    let mark = vkey.fingerprint();
    let key = vkey.to_string();
    let english = format!(
        "EVIDENCE EXPORT\r\n\r\n\
This package holds original surveillance footage and everything needed to check it without any server.\r\n\r\n\
WHAT IS INSIDE\r\n\
footage/     the footage as it was recorded; plays in ordinary players. Do not edit or re-save it.\r\n\
derived/     copies made from it (masked faces and the like), if any. Never the original.\r\n\
manifest.json  who asked for what and on what ground, cameras, clock errors, gaps with causes, digests of every file.\r\n\
manifest.sig   the site's signature over the SHA-256 and SM3 digests of manifest.json (C2SP signed note, Ed25519).\r\n\
ledger/      entries of the site's append-only log and proofs that they are in it (C2SP tlog-proof, RFC 6962).\r\n\r\n\
HOW TO CHECK\r\n\
1. Ask the site, by telephone or in person and not by the way this package came, for the fingerprint of its key:\r\n\
   {mark}\r\n\
2. Run:  jifang evidence verify FILE --key \"{key}\"\r\n\
   Exit status 0: all holds. 1: something does not hold, named with camera and time. 2: wrong use.\r\n\
Without the program: compare the SHA-256 or SM3 digest of each file with manifest.json, and the digests of\r\n\
manifest.json with manifest.sig; verify the Ed25519 signature with any tool that reads signed notes.\r\n\r\n\
Times are UTC in milliseconds in manifest.json and Beijing time in what the program prints.\r\n\
The package names persons. Keep it as evidence is kept.\r\n"
    );
    let chinese = format!(
        "视频证据包说明\r\n\r\n\
本文件包含原始监控录像以及离线校验所需的全部材料，校验时不需要联网，也不需要服务器。\r\n\r\n\
一、内容\r\n\
footage/　　　录像原件，可用普通播放器播放。请勿编辑或另存。\r\n\
derived/　　　由原件制作的副本（如人脸遮挡），如有。副本不是原件。\r\n\
manifest.json　清单：申请单位、依据、案件编号、人员、摄像机、时钟误差、缺录时段及原因、每个文件的摘要值。\r\n\
manifest.sig　使用单位对清单 SHA-256 与 SM3 摘要值的签名（Ed25519）。\r\n\
ledger/　　　　使用单位不可删改日志中的相关记录及其证明。\r\n\r\n\
二、校验\r\n\
1. 通过电话或当面（不要通过收到本文件的同一途径）向使用单位核对其密钥指纹：\r\n\
\u{3000}\u{3000}{mark}\r\n\
2. 运行：jifang evidence verify 文件名 --key \"{key}\"\r\n\
\u{3000}\u{3000}退出码 0 表示全部属实；1 表示有不符之处，并指出摄像机和时间；2 表示用法错误。\r\n\
没有本程序时：逐个计算文件的 SHA-256 或 SM3 摘要值与 manifest.json 核对，再将 manifest.json 的摘要值与 manifest.sig 核对，\r\n\
并用支持 signed note 格式的工具验证 Ed25519 签名。\r\n\r\n\
manifest.json 中的时间为协调世界时（毫秒），程序显示的时间为北京时间。\r\n\
本文件含个人信息，请按证据保管要求妥善保管。\r\n"
    );
    let file = |path: &str, text: String| Content::Bytes { path: path.to_owned(), bytes: text.into_bytes() };
    // Windows editors read the Chinese text as UTF-8 when it begins with a byte order mark.
    vec![file("README.txt", english), file("说明.txt", format!("\u{feff}{chinese}"))]
}
