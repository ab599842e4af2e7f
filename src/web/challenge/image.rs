//! The verification code as a picture: letters turned, slanted and bent, with lines across.

use crate::domain::submission::Sha256;
use crate::web::challenge::chance::Chance;
use crate::web::challenge::{LENGTH, chance_of, glyphs, png};

/// The picture, in pixels.
pub(crate) const WIDTH: u16 = 300;
/// Its height.
pub(crate) const HEIGHT: u16 = 100;

/// Half the width of a stroke.
const PEN: f32 = 2.1;

/// Lines drawn across the letters.
const LINES: u32 = 4;

type Point = (f32, f32);

/// How much ink is on each pixel, from 0 to 1, row by row.
struct Paper(Vec<f32>);

/// The waves that bend everything.
struct Waves {
    across: (f32, f32, f32),
    down: (f32, f32, f32),
}

/// The PNG of a code.
pub(crate) fn draw(code: &str, token: &Sha256) -> Vec<u8> {
    let mut chance = chance_of(token, "image");
    let mut paper = Paper(vec![0.0; usize::from(WIDTH) * usize::from(HEIGHT)]);
    let waves = Waves {
        across: wave(&mut chance, 2.0, 3.5),
        down: wave(&mut chance, 2.0, 4.0),
    };
    let step = (f32::from(WIDTH) - 30.0) / f32::from(u8::try_from(LENGTH).unwrap_or(7));
    let mut left = 18.0;
    for letter in code.chars().take(LENGTH) {
        let origin = (left + chance.between(-3.0, 3.0), chance.between(24.0, 36.0));
        put_letter(&mut paper, &mut chance, &waves, letter, origin);
        left += step;
    }
    for _line in 0..LINES {
        put_line(&mut paper, &mut chance);
    }
    let shade = |ink: &f32| {
        let noise = chance.between(-0.07, 0.07);
        let paper = 0.93 - 0.8 * ink.min(1.0);
        u8::try_from(whole((paper + noise) * 255.0, 255)).unwrap_or(u8::MAX)
    };
    let shades: Vec<u8> = paper.0.iter().map(shade).collect();
    png::grey(WIDTH, HEIGHT, &shades)
}

fn wave(chance: &mut Chance, least: f32, most: f32) -> (f32, f32, f32) {
    (
        chance.between(least, most),
        chance.between(0.05, 0.09),
        chance.between(0.0, std::f32::consts::TAU),
    )
}

fn put_letter(paper: &mut Paper, chance: &mut Chance, waves: &Waves, letter: char, origin: Point) {
    let (sine, cosine) = chance.between(-0.3, 0.3).sin_cos();
    let slant = chance.between(-0.2, 0.2);
    let (wide, high) = (chance.between(2.5, 3.1), chance.between(3.1, 3.9));
    let place = |(x, y): Point| {
        // About the letter's middle.
        let (x, y) = ((x - 4.0) * wide, (y - 6.0) * high);
        let x = x - slant * y;
        let (x, y) = (x * cosine - y * sine, x * sine + y * cosine);
        let (x, y) = (origin.0 + 14.0 + x, origin.1 + 20.0 + y);
        let bend = |(strength, pace, start): (f32, f32, f32), at: f32| {
            strength * (at * pace + start).sin()
        };
        (x + bend(waves.across, y), y + bend(waves.down, x))
    };
    for stroke in glyphs::strokes(letter) {
        let corners: Vec<Point> = stroke
            .iter()
            .map(|(x, y)| (f32::from(*x), f32::from(*y)))
            .collect();
        let bent: Vec<Point> = rounded(corners).into_iter().map(place).collect();
        paper.stroke(&bent, PEN);
    }
}

fn put_line(paper: &mut Paper, chance: &mut Chance) {
    let high = f32::from(HEIGHT);
    let mut points = Vec::new();
    let mut x = -10.0;
    while x < f32::from(WIDTH) + 40.0 {
        points.push((x, chance.between(high * 0.15, high * 0.85)));
        x += chance.between(50.0, 90.0);
    }
    let pen = chance.between(0.5, 0.9);
    paper.stroke(&rounded(points), pen);
}

/// Cuts the corners of a line three times; its ends stay.
fn rounded(mut points: Vec<Point>) -> Vec<Point> {
    for _round in 0..3 {
        let mut cut: Vec<Point> = points.first().copied().into_iter().collect();
        for (one, other) in points.iter().zip(points.iter().skip(1)) {
            let part = |share: f32| {
                (
                    one.0 + (other.0 - one.0) * share,
                    one.1 + (other.1 - one.1) * share,
                )
            };
            cut.extend([part(0.25), part(0.75)]);
        }
        cut.extend(points.last());
        points = cut;
    }
    points
}

impl Paper {
    fn stroke(&mut self, points: &[Point], pen: f32) {
        for (one, other) in points.iter().zip(points.iter().skip(1)) {
            self.line(*one, *other, pen);
        }
    }

    fn line(&mut self, one: Point, other: Point, pen: f32) {
        let reach = pen + 1.0;
        let left = whole(one.0.min(other.0) - reach, WIDTH);
        let right = whole(one.0.max(other.0) + reach, WIDTH);
        let top = whole(one.1.min(other.1) - reach, HEIGHT);
        let bottom = whole(one.1.max(other.1) + reach, HEIGHT);
        for y in top..bottom {
            for x in left..right {
                let far = distance((f32::from(x), f32::from(y)), one, other);
                let ink = (pen + 0.5 - far).clamp(0.0, 1.0);
                let place = usize::from(y) * usize::from(WIDTH) + usize::from(x);
                if let Some(before) = self.0.get_mut(place) {
                    *before = before.max(ink);
                }
            }
        }
    }
}

/// How far a point is from a line between two others.
fn distance(from: Point, one: Point, other: Point) -> f32 {
    let (along_x, along_y) = (other.0 - one.0, other.1 - one.1);
    let (x, y) = (from.0 - one.0, from.1 - one.1);
    let length = along_x * along_x + along_y * along_y;
    let share = if length > 0.0 {
        ((x * along_x + y * along_y) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (x - share * along_x).hypot(y - share * along_y)
}

/// The whole number below, from 0 to `most`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
fn whole(value: f32, most: u16) -> u16 {
    value.clamp(0.0, f32::from(most)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::digest;

    #[test]
    fn every_letter_leaves_ink_within_the_picture() {
        let mut chance = Chance::new([1; 8]);
        let waves = Waves {
            across: (3.5, 0.09, 1.0),
            down: (4.0, 0.09, 2.0),
        };
        for letter in "23456789ACDEFHKMNPRTWXYaefhkmnprt".chars() {
            let mut paper = Paper(vec![0.0; usize::from(WIDTH) * usize::from(HEIGHT)]);
            put_letter(&mut paper, &mut chance, &waves, letter, (120.0, 30.0));
            let is_inked = |place: usize| paper.0[place] > 0.5;
            let inked = (0..paper.0.len()).filter(|place| is_inked(*place)).count();
            assert!((150..2500).contains(&inked), "{letter}: {inked} pixels");
            let width = usize::from(WIDTH);
            let is_at_edge = |place: usize| {
                place < width || place >= paper.0.len() - width || place.is_multiple_of(width)
            };
            let cut = (0..paper.0.len()).any(|place| is_at_edge(place) && is_inked(place));
            assert!(!cut, "{letter} is cut off");
        }
    }

    #[test]
    fn a_code_is_drawn_the_same_each_time_it_is_asked_for() {
        let token = digest(b"token");
        let one = draw("2aHk9rT", &token);
        assert_eq!(one, draw("2aHk9rT", &token));
        assert_ne!(one, draw("2aHk9rT", &digest(b"other")));
        assert_ne!(one, draw("2aHk9rY", &token));
    }
}
