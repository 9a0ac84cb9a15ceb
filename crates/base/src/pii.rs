//! Personal data has a wrapper: it prints as `***`, is not serialisable by accident, and is wiped from no log because it never reaches one.

/// A value about a person (name, id number, badge, phone). `expose` is the only way in, so every use can be found by its name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Wraps `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Call only where a person with the right sees it or where it is encrypted.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl Pii<String> {
    /// First character, then stars: what lists show (`张**`).
    #[must_use]
    pub fn masked(&self) -> String {
        let mut chars = self.0.chars();
        chars.next().map_or_else(String::new, |first| format!("{first}{}", "*".repeat(chars.count().min(4))))
    }
}

impl Pii<String> {
    /// Stars, then the last `keep` characters: what lists show of a number (`****01`). One not longer than that is all stars.
    #[must_use]
    pub fn masked_tail(&self, keep: usize) -> String {
        let chars = self.0.chars().count();
        let tail: String = if chars > keep { self.0.chars().skip(chars - keep).collect() } else { String::new() };
        format!("{}{tail}", "*".repeat((chars - tail.chars().count()).min(4)))
    }
}

impl<T> std::fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl<T> std::fmt::Display for Pii<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::Pii;

    #[test]
    fn never_prints_what_it_holds() {
        let name = Pii::new("张三丰".to_owned());
        assert_eq!(format!("{name} {name:?} {:?}", Some(&name)), "*** *** Some(***)");
        assert_eq!(name.masked(), "张**");
        assert_eq!(Pii::new(String::new()).masked(), "");
        for (number, shown) in
            [("010001", "****01"), ("001", "*01"), ("01", "**"), ("1", "*"), ("", ""), ("警020304050607", "****07")]
        {
            assert_eq!(Pii::new(number.to_owned()).masked_tail(2), shown);
        }
    }
}
