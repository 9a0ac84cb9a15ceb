//! Guard, alarms and their reset, for the devices of `Calls`: what each is told, and what it tells.
//!
//! SetGuard or ResetGuard goes out when the plan's answer differs from what the device was last told and confirmed; a registration
//! forgets what was told. Devices with a plan are subscribed to for alarms (those that know no subscription send MESSAGEs unasked).
//! Invariants: an alarm counts for the device that sent it, or for a channel of that device, never for another's; it is confirmed
//! only by [`Calls::confirm`], after the journal.

use super::alarms::{self, ALARM_INPUT, Heard};
use super::calls::Calls;
use super::guard::GuardPlan;
use super::status::GuardSeen;
use base::{CameraId, MonoMs, Now};
use tokio::sync::mpsc::error::TrySendError;
use wire::gb28181::GbId;
use wire::gb28181::device::Topic;
use wire::gb28181::manscdp::{Alarm, Control};

/// Subscription asked for, s.
const SUBSCRIBE_S: u32 = 3_600;
/// Pause before an order that was refused is given again, ms.
const REFUSED_MS: u64 = 60_000;
/// ... and one that was not answered: many devices obey and say nothing, ms.
const UNANSWERED_MS: u64 = 600_000;

/// What a camera's device is to be told, and was.
#[derive(Debug, Default)]
pub(super) struct Guard {
    plan: GuardPlan,
    /// What the device last confirmed; `None`: nothing since it registered.
    told: Option<bool>,
    /// SN of the order on its way, and what it says.
    asked: Option<(u64, bool)>,
    not_before: MonoMs,
}

impl Calls {
    /// A camera's plan, from now on.
    pub(super) fn set_plan(&mut self, camera: CameraId, plan: GuardPlan, now: Now) {
        let guard = self.guards.entry(camera).or_default();
        guard.plan = plan;
        guard.not_before = now.mono;
        if plan == GuardPlan::Off && guard.told.is_none() && guard.asked.is_none() {
            self.guards.remove(&camera);
            self.board.guard(camera, None);
            return;
        }
        self.show_guard(camera, None);
        if let Some(device) = self.device_of(camera) {
            self.listen(device, now);
        }
        self.guard_one(camera, now);
    }

    fn show_guard(&self, camera: CameraId, refused: Option<Option<u16>>) {
        let Some(guard) = self.guards.get(&camera) else { return };
        self.board.guard(camera, Some(GuardSeen { plan: guard.plan, told: guard.told, refused }));
    }

    /// Subscribes to the alarms of a device some camera of which has a plan, unless that was done.
    fn listen(&mut self, device: GbId, now: Now) {
        let wanted = |id: &CameraId| self.guards.get(id).is_some_and(|g| g.plan != GuardPlan::Off);
        if self.listening.contains_key(&device) || !self.cameras_of(device).iter().any(wanted) {
            return;
        }
        if self.platform.subscribe(device, Topic::Alarm, SUBSCRIBE_S, now).is_ok() {
            // Until it answers; a refusal takes the entry away again at the next registration only, so that nobody is asked in a loop.
            self.listening.insert(device, None);
        }
    }

    pub(super) fn subscribed(&mut self, device: GbId, expires_s: u32, now: Now) {
        let renew_at = now.mono.plus_ms(u64::from(expires_s) * 1_000 / 3 * 2);
        self.listening.insert(device, Some(renew_at));
    }

    pub(super) fn not_subscribed(&mut self, device: GbId) {
        tracing::debug!(%device, "device knows no alarm subscription");
        self.listening.insert(device, None);
    }

    /// A device registered: whatever it was told is forgotten.
    pub(super) fn forget_guard(&mut self, device: GbId, now: Now) {
        self.listening.remove(&device);
        for camera in self.cameras_of(device) {
            if let Some(guard) = self.guards.get_mut(&camera) {
                (guard.told, guard.asked, guard.not_before) = (None, None, now.mono);
                self.show_guard(camera, None);
            }
        }
        self.listen(device, now);
    }

    /// Looks at all plans; called now and then.
    pub(super) fn guard_all(&mut self, now: Now) {
        for camera in self.guards.keys().copied().collect::<Vec<_>>() {
            self.guard_one(camera, now);
        }
        let due = |at: &Option<MonoMs>| at.is_some_and(|at| at <= now.mono);
        let renew: Vec<GbId> = self.listening.iter().filter(|(_, at)| due(at)).map(|(id, _)| *id).collect();
        for device in renew {
            self.listening.insert(device, None);
            let _ = self.platform.subscribe(device, Topic::Alarm, SUBSCRIBE_S, now);
        }
    }

    fn guard_one(&mut self, camera: CameraId, now: Now) {
        let Some((device, channel)) = self.place_of(camera) else { return };
        let Some(guard) = self.guards.get(&camera) else { return };
        let wanted = guard.plan.armed_at(now.utc);
        // A device that was never armed by us is left as it is.
        let settled = guard.told == Some(wanted) || (guard.told.is_none() && !wanted);
        if settled || guard.asked.is_some() || guard.not_before > now.mono || !self.is_online(device) {
            return;
        }
        let order = if wanted { Control::SetGuard } else { Control::ResetGuard };
        let Ok(sn) = self.platform.control(device, channel, order, now) else { return };
        // Its contact inputs with it; what they answer is no news.
        for input in self.inputs_of(device) {
            let _ = self.platform.control(device, input, order, now);
        }
        if let Some(guard) = self.guards.get_mut(&camera) {
            guard.asked = Some((sn, wanted));
        }
    }

    /// A control order was answered (`ok`), refused with a code, or not answered (`None`).
    pub(super) fn ordered(&mut self, device: GbId, sn: u64, how: Result<(), Option<u16>>, now: Now) {
        let camera = self
            .cameras_of(device)
            .into_iter()
            .find(|c| self.guards.get(c).is_some_and(|g| g.asked.is_some_and(|(asked, _)| asked == sn)));
        let Some(camera) = camera else { return };
        let Some(guard) = self.guards.get_mut(&camera) else { return };
        let Some((_, wanted)) = guard.asked.take() else { return };
        match how {
            Ok(()) => {
                guard.told = Some(wanted);
                tracing::info!(%camera, %device, armed = wanted, "guard set");
                self.show_guard(camera, None);
            }
            Err(code) => {
                let wait_ms = if code.is_some() { REFUSED_MS } else { UNANSWERED_MS };
                guard.not_before = now.mono.plus_ms(wait_ms);
                tracing::warn!(%camera, %device, ?code, "guard order not carried out");
                self.show_guard(camera, Some(code));
            }
        }
    }

    /// An alarm of a device: to the journal, if it has room.
    pub(super) fn alarmed(&mut self, device: GbId, source: GbId, sn: u64, alarm: &Alarm, now: Now) {
        metrics::counter!("jifang_gb_alarms_total").increment(1);
        // Whatever a device says is about itself: the code of another's channel does not stand.
        let source = if self.belongs(source, device) { source } else { device };
        let signal = alarms::signal(source, sn, alarm, now.utc);
        match self.heard.try_send(Heard { signal, device, source, sn }) {
            Ok(()) => {}
            // Not confirmed: the device repeats it.
            Err(TrySendError::Full(_)) => metrics::counter!("jifang_gb_alarms_not_taken_total").increment(1),
            // The site keeps no alarms (commands on the machine itself).
            Err(TrySendError::Closed(_)) => {}
        }
    }

    /// These are in the journal: their devices are told.
    pub(super) fn confirm(&mut self, kept: &[Heard], now: Now) {
        for heard in kept {
            // A device that is away repeats the alarm when it is back, and the repeat is joined.
            let _ = self.platform.confirm_alarm(heard.device, heard.source, heard.sn, now);
        }
    }

    /// Tells the device of `source` that its alarm was reset by a person; a device is silent after an alarm of method 2 until then.
    /// False when no device that is online has this source.
    pub(super) fn reset_alarm(&mut self, source: GbId, now: Now) -> bool {
        let Some(device) = self.owner_of(source) else { return false };
        self.platform.control(device, source, Control::ResetAlarm, now).is_ok()
    }

    /// Codes of the contact inputs in a device's catalogue.
    fn inputs_of(&self, device: GbId) -> Vec<GbId> {
        let catalog = self.catalog_of(device).unwrap_or_default();
        catalog.iter().filter_map(|id| GbId::parse(id)).filter(|id| id.type_code() == ALARM_INPUT).collect()
    }
}
