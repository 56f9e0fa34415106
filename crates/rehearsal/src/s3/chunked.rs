//! Bodies that come in signed chunks, `aws-chunked`. Signatures and checksums of chunks are passed over.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

/// What the chunks hold together; nothing when they are not chunks.
pub(super) fn decode(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    loop {
        let end = body.windows(2).position(|w| w == b"\r\n")?;
        let head = std::str::from_utf8(&body[..end]).ok()?;
        let size = usize::from_str_radix(head.split(';').next()?.trim(), 16).ok()?;
        body = &body[end + 2..];
        if size == 0 {
            // Trailers may follow.
            return Some(out);
        }
        out.extend_from_slice(body.get(..size)?);
        body = body.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn chunks_are_put_together() {
        let body = b"4;chunk-signature=00ff\r\nab\r\n\r\n1\r\nc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        assert_eq!(decode(body).as_deref(), Some(&b"ab\r\nc"[..]));
        for broken in [&b""[..], b"zz\r\n", b"5\r\nab\r\n", b"ffffffffffffffff\r\nab\r\n", b"2\r\nabcd\r\n"] {
            assert_eq!(decode(broken), None, "{broken:?}");
        }
    }
}
