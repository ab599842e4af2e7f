//! A row of numbers as if by chance, decided by its seed: for distortions, never for secrets.

/// The row. (The method is splitmix64.)
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to one less than `end`; 0 if that is 0.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let high = self.next() >> 32;
        u32::try_from((high * u64::from(end)) >> 32).unwrap_or(0)
    }

    /// A number between these two.
    pub(super) fn between(&mut self, least: f32, most: f32) -> f32 {
        // 16 bits are more than any picture shows.
        let part = u16::try_from(self.next() >> 48).unwrap_or(0);
        least + (most - least) * f32::from(part) / f32::from(u16::MAX)
    }

    /// One of these.
    pub(super) fn one_of(&mut self, of: &[u8]) -> u8 {
        let count = u32::try_from(of.len()).unwrap_or(0);
        let place = usize::try_from(self.below(count)).unwrap_or(0);
        of.get(place).copied().unwrap_or(b'2')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_between_their_ends_and_reach_them_all() {
        let mut chance = Chance::new([7; 8]);
        let mut seen = [false; 5];
        for _roll in 0..200 {
            seen[chance.below(5) as usize] = true;
            let between = chance.between(-2.0, 3.0);
            assert!((-2.0..=3.0).contains(&between), "{between}");
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(chance.below(0), 0);
    }
}
