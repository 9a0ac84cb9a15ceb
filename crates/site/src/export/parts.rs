//! What the export page offers: the parts that a request is cut into, each with the export of it, if there is one.

use super::{ExportRow, MAX_SPANS};
use crate::{Actor, Site};
use base::{Refusal, RequestId};
use domain::viewing::{Part, Weight, parts};

/// Most bytes of one part, so that it can be carried: what fits on a common stick of 64 GB with room to spare.
const PART_BYTES: u64 = 48 * 1024 * 1024 * 1024;

/// A part of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportPart {
    /// What it covers and how heavy it is.
    pub part: Part,
    /// The newest export of exactly this part: in the making, done, failed or removed.
    pub export: Option<ExportRow>,
}

impl Site {
    /// The parts of a request, in order, and the exports of it that are of no part (officers may choose a range of their own),
    /// newest first.
    ///
    /// # Errors
    /// As `Site::request`, or the store.
    pub async fn export_parts(
        &self,
        by: &Actor,
        request: RequestId,
    ) -> Result<(Vec<ExportPart>, Vec<ExportRow>), Refusal> {
        let app = self.request(by, request).await?.application;
        let mut cameras = Vec::with_capacity(app.cameras.len());
        for camera in &app.cameras {
            cameras.push(self.store().footage_hours(*camera, app.from, app.to).await?);
        }
        let most = Weight { entries: MAX_SPANS, bytes: PART_BYTES };
        let mut exports = self.store().exports_of(request).await?;
        let mut out = Vec::new();
        for part in parts(&cameras, app.from, app.to, most) {
            let of = |e: &ExportRow| e.scope.as_ref() == Some(&part.scope);
            // One that is there or being made goes before one that failed later.
            let live = exports.iter().position(|e| of(e) && matches!(e.state.as_str(), "making" | "done"));
            let found = live.or_else(|| exports.iter().position(of)).map(|at| exports.remove(at));
            exports.retain(|e| !(of(e) && matches!(e.state.as_str(), "failed" | "removed")));
            out.push(ExportPart { part, export: found });
        }
        Ok((out, exports))
    }
}
