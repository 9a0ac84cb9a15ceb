//! How many connections there may be: in all, and from one host. One more is closed at once and counted.
//!
//! Invariant: what was admitted is given back when its `Admitted` is dropped, however its task ends.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts open connections of one port; copies share one count.
#[derive(Clone)]
pub(super) struct Admission(Arc<Inner>);

struct Inner {
    most: usize,
    most_of_host: usize,
    open: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// A place that is held while this lives.
pub(super) struct Admitted {
    of: Arc<Inner>,
    host: IpAddr,
}

impl Admission {
    /// At most `most` connections, at most `most_of_host` of them from one host.
    pub(super) fn new(most: usize, most_of_host: usize) -> Self {
        Self(Arc::new(Inner { most, most_of_host, open: Mutex::default() }))
    }

    /// Takes a connection in; `None` when there are too many.
    pub(super) fn admit(&self, from: SocketAddr) -> Option<Admitted> {
        let host = from.ip().to_canonical();
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_host) = &mut *open;
        let of_host = by_host.get(&host).copied().unwrap_or(0);
        if *all >= self.0.most || of_host >= self.0.most_of_host {
            metrics::counter!("jifang_gb_connections_refused_total").increment(1);
            return None;
        }
        *all += 1;
        by_host.insert(host, of_host + 1);
        Some(Admitted { of: self.0.clone(), host })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.of.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_host) = &mut *open;
        *all = all.saturating_sub(1);
        match by_host.get_mut(&self.host) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                by_host.remove(&self.host);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_in_all_and_by_host_and_given_back() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let admission = Admission::new(3, 2);
        let first = admission.admit(at("192.0.2.1:1"));
        let second = admission.admit(at("[::ffff:192.0.2.1]:2"));
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(at("192.0.2.1:3")).is_none(), "the host has its two");
        let other = admission.admit(at("192.0.2.2:1"));
        assert!(other.is_some());
        assert!(admission.admit(at("192.0.2.3:1")).is_none(), "three in all");
        drop(second);
        assert!(admission.admit(at("192.0.2.1:3")).is_some());
        drop((first, other));
        let open = admission.0.open.lock().unwrap();
        assert_eq!((open.0, open.1.len()), (0, 0));
    }
}
