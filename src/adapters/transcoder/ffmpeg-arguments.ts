import type { ConversionOptions } from '../../domain/media.ts';

/** Containers that hold their sound themselves. Playlists (hls, dash, concat, sdp) name other places. */
const DEMUXERS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,live_flv,asf,mxf,' +
  'ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr';

/** Decoders of sound only: no picture is ever decoded, not even to guess what a stream holds. */
const DECODERS =
  'aac,aac_fixed,aac_latm,ac3,ac3_fixed,eac3,dca,mlp,truehd,alac,flac,tta,wavpack,' +
  'mp1,mp1float,mp2,mp2float,mp3,mp3float,mp3adu,mp3adufloat,mp3on4,mp3on4float,als,' +
  'opus,libopus,vorbis,libvorbis,speex,libspeex,wmav1,wmav2,wmapro,wmalossless,wmavoice,' +
  'amrnb,amrwb,gsm,gsm_ms,qcelp,evrc,qdm2,qdmc,mace3,mace6,nellymoser,g722,g726,g726le,' +
  'adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,' +
  'pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_u8,pcm_s8,pcm_s8_planar,' +
  'pcm_s16le,pcm_s16be,pcm_s16le_planar,pcm_s16be_planar,pcm_u16le,pcm_u16be,' +
  'pcm_s24le,pcm_s24be,pcm_s24le_planar,pcm_u24le,pcm_u24be,' +
  'pcm_s32le,pcm_s32be,pcm_s32le_planar,pcm_u32le,pcm_u32be,' +
  'pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s64le,pcm_s64be,s302m';

/**
 * What ffmpeg is told: read the source over HTTP from this machine and nothing else, write the MP3
 * to its standard output and its progress to file descriptor 3.
 *
 * Works with ffmpeg 5.1 and later. Options: https://ffmpeg.org/ffmpeg-all.html
 */
export function ffmpegArguments(sourceUrl: string, options: ConversionOptions): string[] {
  return [
    // Verbose: only then ffmpeg counts the samples it encoded, which the MP3's head needs.
    ...['-hide_banner', '-nostdin', '-nostats', '-v', 'level+verbose'],
    ...['-progress', 'pipe:3', '-stats_period', '0.5'],
    ...inputArguments(),
    ...['-i', sourceUrl],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
    ...['-c:a', 'libmp3lame', ...quality(options)],
    // A pipe cannot be sought, so the head is not ffmpeg's: see mp3-head.ts.
    ...['-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', 'pipe:1'],
  ];
}

function inputArguments(): string[] {
  return [
    ...['-protocol_whitelist', 'http,tcp'],
    ...['-format_whitelist', DEMUXERS],
    ...['-codec_whitelist', DECODERS],
    ...['-seekable', '1', '-multiple_requests', '1'],
    ...['-max_alloc', String(256 * 1024 * 1024), '-max_streams', '64', '-threads', '2'],
    ...['-probesize', '10M', '-analyzeduration', '10M'],
  ];
}

function quality({ bitrateKbps }: ConversionOptions): string[] {
  return bitrateKbps === undefined ? ['-q:a', '2'] : ['-b:a', `${bitrateKbps}k`];
}
