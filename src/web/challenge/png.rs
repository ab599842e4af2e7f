//! The smallest PNG there is: eight bits of grey, not compressed.
//!
//! Source: the PNG specification (third edition), RFC 1950 and RFC 1951.

/// A picture of `width` by `height`, a shade an octet, row by row.
pub(super) fn grey(width: u16, height: u16, shades: &[u8]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(shades.len() + usize::from(height));
    for row in shades.chunks(usize::from(width.max(1))) {
        // Each row says how it is filtered: not at all.
        rows.push(0);
        rows.extend_from_slice(row);
    }
    let mut head = Vec::new();
    head.extend(u32::from(width).to_be_bytes());
    head.extend(u32::from(height).to_be_bytes());
    // Eight bits, grey, the only compression, the only filtering, no interlacing.
    head.extend([8, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &head);
    chunk(&mut file, *b"IDAT", &zlib(&rows));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], content: &[u8]) {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    file.extend(length.to_be_bytes());
    let mut checked = kind.to_vec();
    checked.extend_from_slice(content);
    file.extend_from_slice(&checked);
    file.extend(crc(&checked).to_be_bytes());
}

/// A zlib stream of stored blocks.
fn zlib(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = content.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    stream.extend(adler(content).to_be_bytes());
    stream
}

fn adler(content: &[u8]) -> u32 {
    let (mut one, mut two) = (1_u32, 0_u32);
    for octet in content {
        one = (one + u32::from(*octet)) % 65_521;
        two = (two + one) % 65_521;
    }
    (two << 16) | one
}

fn crc(content: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for octet in content {
        sum ^= u32::from(*octet);
        for _bit in 0..8 {
            let poly = if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
            sum = (sum >> 1) ^ poly;
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_those_of_the_standards() {
        // The check values of CRC-32 and Adler-32 that everybody publishes.
        assert_eq!(crc(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn long_content_is_split_into_blocks() {
        let stream = zlib(&vec![7; 70_000]);
        assert_eq!(stream.len(), 2 + 5 + 65_535 + 5 + 4_465 + 4);
        assert_eq!(stream[2], 0, "more follows");
        assert_eq!(stream[2 + 5 + 65_535], 1, "the last");
    }
}
