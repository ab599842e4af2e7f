//! A small generator of numbers: the same ones for the same seed, on every machine.

/// The numbers to come.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Seeded with the number of a variant, so that each can be made again alone.
    pub(crate) fn new(seed: u64) -> Self {
        // 2^64 divided by the golden ratio: neighbouring seeds begin far apart.
        let mut dice = Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            dice.next();
        }
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number from 0 to `sides` less one; 0 if there are none.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        let sides = u64::try_from(sides.max(1)).expect("64 bits");
        usize::try_from(self.next() % sides).expect("64 bits")
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    /// One of `list`, which is not empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.roll(list.len())]
    }
}
