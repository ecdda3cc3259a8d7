//! Zstandard (RFC 8878): one frame after the other, including skippable ones.
//!
//! The reference library decodes. It gets one block at a time, because it loses what it decompressed in a call that fails.

use zstd_safe::zstd_sys::ZSTD_ErrorCode;
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use super::{Failure, Place, Step};

/// The largest window, as the exponent of 2: 128 MiB, which is also the limit of `zstd -d`. A frame says how much it needs.
const WINDOW_LOG_MAX: u32 = 27;

/// The magic number and the byte that says how long the header is.
const FRAME_START: usize = 5;

/// The header of a block.
const BLOCK_HEADER: usize = 3;

/// Decompresses all frames of a file, and checks the checksums of those that have one.
pub(super) struct Decoder {
    context: DCtx<'static>,
    place: Place,
    /// How much data the decoder wants next.
    wanted: usize,
    /// The data that the decoder has taken of the frame.
    taken_of_frame: u64,
}

impl Decoder {
    pub(super) fn new() -> Self {
        let mut context = DCtx::create();
        context.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).expect("the library allows such windows");
        Self { context, place: Place::Within, wanted: FRAME_START, taken_of_frame: 0 }
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Works on at most one block.
    pub(super) fn step(&mut self, data: &[u8], text: &mut [u8]) -> Step {
        let mut input = InBuffer::around(&data[..self.block_end().min(data.len())]);
        let mut output = OutBuffer::around(text);
        let result = self.context.decompress_stream(&mut output, &mut input);
        let (taken, given) = (input.pos(), output.pos());
        match result {
            Ok(0) => {
                (self.place, self.wanted, self.taken_of_frame) = (Place::Between, FRAME_START, 0);
            }
            Ok(wanted) => {
                (self.place, self.wanted) = (Place::Within, wanted);
                self.taken_of_frame += taken as u64;
            }
            Err(code) => return Step { taken, given, failure: Some(self.failure(code)) },
        }
        Step { taken, given, failure: None }
    }

    /// How much data to give at once: the decoder asks for each block together with the header of the next, and gets the block alone.
    fn block_end(&self) -> usize {
        if self.taken_of_frame > 0 && self.wanted > BLOCK_HEADER { self.wanted - BLOCK_HEADER } else { self.wanted }
    }

    fn failure(&self, code: usize) -> Failure {
        let is = |error: ZSTD_ErrorCode| code.wrapping_neg() == error as usize;
        if is(ZSTD_ErrorCode::ZSTD_error_prefix_unknown) {
            Failure::OtherData { taken: self.taken_of_frame }
        } else if is(ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge) {
            Failure::LargeWindow
        } else {
            Failure::Broken(zstd_safe::get_error_name(code).to_lowercase().into())
        }
    }
}
