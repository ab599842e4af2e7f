//! The verification code as sound: each digit as its number, each letter as a word that begins with
//! it, over noise and shreds of speech played backwards.
//!
//! The clips were spoken by eSpeak NG; `clips.sh` made them and says how.

use crate::domain::submission::Sha256;
use crate::web::challenge::chance::Chance;
use crate::web::challenge::{ALPHABET, LENGTH, chance_of};

/// One clip for each of `ALPHABET`, in its order: two octets with the length (the lower first), then
/// samples of 8 bits.
const CLIPS: &[u8] = include_bytes!("clips.bin");

/// Samples a second, of the clips and of what is made of them.
const RATE: u32 = 8000;

/// The shade of silence.
const SILENCE: f32 = 128.0;

/// The WAV file that speaks a code.
pub(crate) fn speak(code: &str, token: &Sha256) -> Vec<u8> {
    let mut chance = chance_of(token, "audio");
    let clips = clips();
    let mut sound = quiet(chance.between(0.5, 0.9));
    for letter in code.chars().take(LENGTH) {
        let index = ALPHABET
            .iter()
            .position(|known| char::from(*known) == letter.to_ascii_uppercase());
        let clip = index.and_then(|index| clips.get(index)).copied();
        // Higher and faster, or lower and slower.
        let pace = chance.between(0.88, 1.08);
        let loudness = chance.between(0.75, 1.0);
        sound.extend(paced(clip.unwrap_or_default(), pace).map(|sample| sample * loudness));
        sound.extend(quiet(chance.between(0.45, 0.85)));
    }
    for _shred in 0..LENGTH * 2 {
        shred(&mut sound, &clips, &mut chance);
    }
    let noisy = |sample: f32| octet(SILENCE + sample + chance.between(-6.0, 6.0));
    let samples: Vec<u8> = sound.into_iter().map(noisy).collect();
    wav(&samples)
}

fn clips() -> Vec<&'static [u8]> {
    let mut clips = Vec::new();
    let mut rest = CLIPS;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let Some((clip, after)) = after.split_at_checked(u16::from_le_bytes(*length).into()) else {
            break;
        };
        clips.push(clip);
        rest = after;
    }
    clips
}

/// So many seconds of nothing.
fn quiet(seconds: f32) -> Vec<f32> {
    // A thousandth is 8 samples.
    let thousandths = (1..2000_u16).take_while(|&count| f32::from(count) <= seconds * 1000.0);
    vec![0.0; thousandths.count() * 8]
}

/// The samples of a clip at another pace, around zero.
fn paced(clip: &[u8], pace: f32) -> impl Iterator<Item = f32> {
    let mut at = 0.0_f32;
    let mut left = clip.iter().map(|sample| f32::from(*sample) - SILENCE);
    let mut before = 0.0;
    let mut after = left.next().unwrap_or(0.0);
    std::iter::from_fn(move || {
        at += pace;
        while at >= 1.0 {
            at -= 1.0;
            before = after;
            after = left.next()?;
        }
        Some(before + (after - before) * at)
    })
}

/// Lays a piece of a clip over the sound, backwards and soft.
fn shred(sound: &mut [f32], clips: &[&[u8]], chance: &mut Chance) {
    let count = u32::try_from(clips.len()).unwrap_or(0);
    let which = usize::try_from(chance.below(count)).unwrap_or(0);
    let clip = clips.get(which).copied().unwrap_or_default();
    let end = u32::try_from(sound.len()).unwrap_or(0);
    let from = usize::try_from(chance.below(end)).unwrap_or(0);
    let loudness = chance.between(0.08, 0.18);
    let backwards = clip.iter().rev().map(|sample| f32::from(*sample) - SILENCE);
    for (place, sample) in sound.iter_mut().skip(from).zip(backwards) {
        *place += sample * loudness;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what fits"
)]
fn octet(sample: f32) -> u8 {
    sample.clamp(0.0, 255.0) as u8
}

/// The samples in a WAV file: PCM, one channel, 8 bits.
fn wav(samples: &[u8]) -> Vec<u8> {
    let length = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    let mut file = b"RIFF".to_vec();
    file.extend(length.saturating_add(36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    // Samples a second, then octets a second; then octets, then bits, a sample.
    file.extend(RATE.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend(length.to_le_bytes());
    file.extend_from_slice(samples);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::digest;

    #[test]
    fn there_is_a_clip_for_every_letter() {
        let clips = clips();
        assert_eq!(clips.len(), ALPHABET.len());
        let octets: usize = clips.iter().map(|clip| clip.len() + 2).sum();
        assert_eq!(octets, CLIPS.len());
        for (clip, letter) in clips.iter().zip(ALPHABET) {
            let letter = char::from(*letter);
            assert!(
                (1600..8000).contains(&clip.len()),
                "{letter} lasts 0.2 to 1 second"
            );
            let loudest = clip.iter().map(|sample| sample.abs_diff(128)).max();
            assert!(loudest.unwrap() > 60, "{letter} can be heard");
        }
    }

    #[test]
    fn seven_characters_are_spoken_within_a_few_seconds() {
        let token = digest(b"token");
        let file = speak("2aHk9rT", &token);
        assert!(file.starts_with(b"RIFF"));
        assert_eq!(&file[8..16], b"WAVEfmt ");
        let length = u32::from_le_bytes(file[40..44].try_into().unwrap()) as usize;
        assert_eq!(file.len(), 44 + length);
        assert!((5 * 8000..14 * 8000).contains(&length), "{length} samples");
        assert_eq!(file, speak("2aHk9rT", &token));
        assert_ne!(file, speak("3aHk9rT", &token));
    }

    #[test]
    fn another_pace_makes_a_clip_shorter_or_longer() {
        let clip = [200; 1000];
        assert_eq!(paced(&clip, 1.0).count(), 999);
        assert!((1100..1200).contains(&paced(&clip, 0.88).count()));
        assert_eq!(paced(&[], 1.0).count(), 0);
    }
}
