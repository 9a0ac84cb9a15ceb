//! Places at something of which there is only so much: so many in all, and so many for one address or one account.
//!
//! Invariants: a place is given back when its value is dropped, whatever ends it; only keys that hold a place are remembered, so
//! the map is bounded by the number of places; one that has many cannot take the last of everybody.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Why there is no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Full {
    /// All places are taken.
    All,
    /// This key has as many as one may have.
    One,
}

/// Places, by the key of who holds them.
#[derive(Debug)]
pub struct Places<K> {
    most: usize,
    most_of_one: usize,
    held: Mutex<(usize, HashMap<K, usize>)>,
}

/// A place; dropping it gives it back.
#[derive(Debug)]
pub struct Place<K: Hash + Eq + Copy> {
    of: Arc<Places<K>>,
    key: Option<K>,
}

impl<K: Hash + Eq + Copy> Places<K> {
    /// `most` places in all, `most_of_one` for one key.
    #[must_use]
    pub fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, held: Mutex::default() })
    }

    /// Takes a place for `key`; with no key only the places in all count.
    ///
    /// # Errors
    /// There is none.
    pub fn take(self: &Arc<Self>, key: Option<K>) -> Result<Place<K>, Full> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 >= self.most {
            return Err(Full::All);
        }
        if let Some(key) = key {
            let own = held.1.entry(key).or_insert(0);
            if *own >= self.most_of_one {
                return Err(Full::One);
            }
            *own += 1;
        }
        held.0 += 1;
        Ok(Place { of: self.clone(), key })
    }
}

impl<K: Hash + Eq + Copy> Drop for Place<K> {
    fn drop(&mut self) {
        let mut held = self.of.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = held.0.saturating_sub(1);
        let Some(key) = self.key else { return };
        let left = held.1.get_mut(&key).map_or(0, |own| {
            *own = own.saturating_sub(1);
            *own
        });
        if left == 0 {
            held.1.remove(&key);
        }
    }
}

/// Whom an address stands for where one counts: itself, or with IPv6 its /64, which one customer has as a whole (RFC 6177).
#[must_use]
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_for_one_and_given_back() {
        let places = Places::new(3, 2);
        let (first, second) = (places.take(Some(1)).unwrap(), places.take(Some(1)).unwrap());
        assert_eq!(places.take(Some(1)).unwrap_err(), Full::One);
        let third = places.take(Some(2)).unwrap();
        assert_eq!(places.take(Some(3)).unwrap_err(), Full::All);
        assert_eq!(places.take(None).unwrap_err(), Full::All);
        drop(first);
        let unnamed = places.take(None).unwrap();
        assert_eq!(places.take(Some(1)).unwrap_err(), Full::All, "it counts in all");
        drop((second, third, unnamed));
        assert_eq!(*places.held.lock().unwrap(), (0, HashMap::new()), "nobody is remembered");
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("2001:db8:1:2:ffff::1"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7", "IPv4 in IPv6 clothes is IPv4");
    }
}
