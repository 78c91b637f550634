import { fakeTranscoder, NO_AUDIO, NOT_MEDIA } from '../support/fake-transcoder.ts';
import { bytesSource } from '../support/media-source.ts';
import { transcoderContract } from './transcoder.contract.ts';

transcoderContract('fake', {
  open: fakeTranscoder,
  openMissing() {
    const missing = fakeTranscoder();
    missing.breakDown();
    return missing;
  },
  usable: async () => bytesSource('sound '.repeat(1_000)),
  withoutAudio: async () => bytesSource(NO_AUDIO),
  notMedia: async () => bytesSource(NOT_MEDIA),
  held: async () => [],
});
