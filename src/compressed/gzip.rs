//! gzip (RFC 1952): members one after the other, and the zeros behind the last with which tapes and disks fill up their blocks.

use flate2::{Decompress, FlushDecompress, Status};

use super::{Failure, Place, Step};

/// The largest window that DEFLATE has, as the exponent of 2.
const WINDOW_BITS: u8 = 15;

/// The first byte of a member.
const MAGIC: u8 = 0x1f;

/// Decompresses all members of a file, and checks their checksums and lengths.
#[derive(Default)]
pub(super) struct Decoder {
    at: At,
    /// The state of a member, kept for the next.
    member: Option<Box<Decompress>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Start,
    Member,
    Between,
    /// The zeros behind the last member.
    Zeros,
}

impl Decoder {
    pub(super) fn place(&self) -> Place {
        match self.at {
            At::Start | At::Member => Place::Within,
            At::Between | At::Zeros => Place::Between,
        }
    }

    /// Works on one member, or on the zeros behind the last.
    pub(super) fn step(&mut self, data: &[u8], text: &mut [u8]) -> Step {
        match (self.at, data.first()) {
            (At::Member, _) => self.inflate(data, text),
            (At::Start | At::Between, Some(&MAGIC)) => {
                self.start_member();
                self.inflate(data, text)
            }
            (At::Between | At::Zeros, Some(0)) => {
                self.at = At::Zeros;
                let taken = data.iter().take_while(|&&byte| byte == 0).count();
                Step { taken, given: 0, failure: None }
            }
            (_, Some(_)) => Step { taken: 0, given: 0, failure: Some(Failure::OtherData { taken: 0 }) },
            (_, None) => Step { taken: 0, given: 0, failure: None },
        }
    }

    fn start_member(&mut self) {
        self.at = At::Member;
        match &mut self.member {
            Some(member) => member.reset(true),
            None => self.member = Some(Box::new(Decompress::new_gzip(WINDOW_BITS))),
        }
    }

    fn inflate(&mut self, data: &[u8], text: &mut [u8]) -> Step {
        let member = self.member.as_mut().expect("a member has been started");
        let (taken, given) = (member.total_in(), member.total_out());
        let status = member.decompress(data, text, FlushDecompress::None);
        let length = |bytes: u64| usize::try_from(bytes).expect("a step is no longer than its buffers");
        let (taken, given) = (length(member.total_in() - taken), length(member.total_out() - given));
        let failure = match status {
            Ok(Status::Ok) => None,
            Ok(Status::StreamEnd) => {
                self.at = At::Between;
                None
            }
            // Without room for text or without data, it waits for them.
            Ok(Status::BufError) if taken + given > 0 || data.is_empty() => None,
            Ok(Status::BufError) => Some(Failure::Broken("no progress".into())),
            Err(why) => Some(Failure::Broken(why.message().unwrap_or("invalid data").into())),
        };
        Step { taken, given, failure }
    }
}
