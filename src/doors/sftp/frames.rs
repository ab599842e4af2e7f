//! From a stream of octets to whole packets: a length, then so many octets.

/// The longest packet without its length: OpenSSH's limit, which is also announced.
pub(super) const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Octets that may wait to be worked off; more comes only from a client that reads no answers.
pub(super) const WAITING_BYTES_MAX: usize = 8 * 1024 * 1024;

/// So many may wait without being counted with what the account's sessions hold: a packet and some.
pub(super) const WAITING_FREE: usize = 320 * 1024;

/// Emptied buffers keep no more than this, so that idle sessions stay small.
const KEPT_BYTES_MAX: usize = 64 * 1024;

/// Why a stream cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A packet of no octets, or of more than [`FRAME_BYTES_MAX`].
    Length(u32),
    /// More than [`WAITING_BYTES_MAX`] wait.
    Flood,
    /// More than [`WAITING_FREE`] wait, and the account's sessions hold as much as they may.
    Crowded,
    /// The first packet was not INIT.
    NoInit,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Length(length) => write!(form, "a packet of {length} octets"),
            Self::Flood => form.write_str("too many requests without reading the answers"),
            Self::Crowded => {
                form.write_str("all sessions of the account wait with too many requests")
            }
            Self::NoInit => form.write_str("the first packet was not INIT"),
        }
    }
}

/// Octets that came, and how far they are worked off.
#[derive(Debug, Default)]
pub(super) struct Frames {
    octets: Vec<u8>,
    at: usize,
}

impl Frames {
    /// Octets that wait, or the beginning of a packet that is on its way.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.octets.len() - self.at
    }

    /// Octets came.
    pub(super) fn push(&mut self, octets: &[u8]) -> Result<(), Broken> {
        if self.at > 0 {
            self.octets.drain(..self.at);
            self.at = 0;
        }
        if self.octets.len() + octets.len() > WAITING_BYTES_MAX {
            return Err(Broken::Flood);
        }
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    /// The next whole packet, without its length.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, Broken> {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let Some((length, _)) = rest.split_first_chunk() else {
            self.shrink();
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length);
        let octets = usize::try_from(length).unwrap_or(usize::MAX);
        if octets == 0 || octets > FRAME_BYTES_MAX {
            return Err(Broken::Length(length));
        }
        let start = self.at + size_of::<u32>();
        let end = start + octets;
        if self.octets.len() < end {
            return Ok(None);
        }
        self.at = end;
        Ok(self.octets.get(start..end))
    }

    /// Does a whole packet wait, or one that ends the stream?
    pub(super) fn is_waiting(&self) -> bool {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        rest.split_first_chunk().is_some_and(|(length, packet)| {
            let octets = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            octets > FRAME_BYTES_MAX || packet.len() >= octets
        })
    }

    fn shrink(&mut self) {
        if self.at == self.octets.len() {
            self.octets.clear();
            self.at = 0;
            self.octets.shrink_to(KEPT_BYTES_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_out_whole_however_they_came_in() {
        let stream = [0, 0, 0, 2, 7, 8, 0, 0, 0, 1, 9];
        for step in 1..=stream.len() {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for chunk in stream.chunks(step) {
                frames.push(chunk).unwrap();
                while let Some(frame) = frames.next().unwrap() {
                    found.push(frame.to_vec());
                }
            }
            assert_eq!(found, [vec![7, 8], vec![9]], "{step}");
            assert_eq!(frames.octets.len(), 0);
        }
    }

    #[test]
    fn a_packet_of_no_length_or_too_great_a_one_ends_the_stream() {
        let mut frames = Frames::default();
        frames.push(&[0, 0, 0, 0]).unwrap();
        assert_eq!(frames.next(), Err(Broken::Length(0)));
        let mut frames = Frames::default();
        frames.push(&[0xff; 64]).unwrap();
        assert_eq!(frames.next(), Err(Broken::Length(u32::MAX)));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut frames = Frames::default();
        let chunk = vec![0; 32 * 1024];
        let taken = (0..1000)
            .take_while(|_| frames.push(&chunk).is_ok())
            .count();
        assert_eq!(taken, WAITING_BYTES_MAX / chunk.len());
    }
}
