import type { ConversionOptions } from '../../domain/media.ts';
import type { Gain } from './conversion-plan.ts';

/*
 * The layer's ffmpeg is built with these demuxers and decoders: layers/ffmpeg/components.json.
 * tests/unit/ffmpeg-layer.test.ts compares them.
 */

/** Containers that hold their sound themselves. Playlists (hls, dash, concat, sdp) name other places. */
const DEMUXERS =
  'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,live_flv,asf,mxf,' +
  'ogg,wav,w64,aiff,caf,mp3,aac,ac3,eac3,flac,amr';

/**
 * Decoders of sound only: no picture is ever decoded, not even to guess what a stream holds. Of several
 * for one codec that which ffmpeg takes by itself.
 */
const DECODERS =
  'aac,aac_latm,ac3,eac3,dca,mlp,truehd,alac,flac,tta,wavpack,' +
  'mp1,mp2,mp3float,mp3adufloat,mp3on4float,als,' +
  'opus,vorbis,speex,wmav1,wmav2,wmapro,wmalossless,wmavoice,' +
  'amrnb,amrwb,gsm,gsm_ms,qcelp,evrc,qdm2,qdmc,mace3,mace6,nellymoser,g722,g726,g726le,' +
  'adpcm_ima_qt,adpcm_ima_wav,adpcm_ms,adpcm_swf,adpcm_yamaha,' +
  'pcm_alaw,pcm_mulaw,pcm_bluray,pcm_dvd,pcm_u8,pcm_s8,pcm_s8_planar,' +
  'pcm_s16le,pcm_s16be,pcm_s16le_planar,pcm_s16be_planar,pcm_u16le,pcm_u16be,' +
  'pcm_s24le,pcm_s24be,pcm_s24le_planar,pcm_u24le,pcm_u24be,' +
  'pcm_s32le,pcm_s32be,pcm_s32le_planar,pcm_u32le,pcm_u32be,' +
  'pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,pcm_s64le,pcm_s64be,s302m';

/** Nothing of the source but sound; tags and chapters are ours to write. */
const SOUND_ONLY = ['-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'];
/** A pipe cannot be sought, so the head is not ffmpeg's: see mp3-head.ts. */
const MP3_WITHOUT_HEAD = ['-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', 'pipe:1'];

const MAX_MP3_HZ = 48_000;

/*
 * What ffmpeg is told: to read the source over HTTP from this machine and nothing else, and to write
 * to its standard output, and its progress to file descriptor 3.
 *
 * Works with ffmpeg 5.1 and later. Options: https://ffmpeg.org/ffmpeg-all.html
 */

/** Writes the tags and chapters, with those of a sound track, as ffmetadata. */
export function tagsArguments(sourceUrl: string, track: number): string[] {
  // The first packet of the track has to be asked for, or its own tags are not written.
  const track1 = ['-map', `0:a:${track}?`, '-c', 'copy', '-frames:a', '1'];
  return [...inputArguments(sourceUrl), ...track1, '-f', 'ffmetadata', 'pipe:1'];
}

/** Writes the picture of a stream as it is. */
export function coverArguments(sourceUrl: string, stream: number): string[] {
  const picture = ['-map', `0:${stream}`, '-c', 'copy', '-frames:v', '1'];
  return [...inputArguments(sourceUrl), ...picture, '-f', 'image2pipe', 'pipe:1'];
}

/** Writes nothing, and reports how loud a track is with that gain. */
export function loudnessArguments(
  sourceUrl: string,
  options: ConversionOptions,
  gain: Gain,
): string[] {
  const changes = [...trimFilters(options), ...gainFilters(gain)];
  const filters = [...changes, 'ebur128=peak=true:framelog=verbose'];
  // The filter tells of every 100 ms, unless less is asked for than it tells them with.
  const input = inputArguments(sourceUrl, 'info');
  return [
    ...[...input, ...trackArguments(options), ...channelArguments(options)],
    ...['-af', filters.join(','), '-f', 'null', 'pipe:1'],
  ];
}

/** Writes a track's own MP3 frames. */
export function copyArguments(sourceUrl: string, options: ConversionOptions): string[] {
  const copy = ['-c:a', 'copy', ...MP3_WITHOUT_HEAD];
  return [...inputArguments(sourceUrl), ...trackArguments(options), ...copy];
}

/** Writes a track as MP3. */
export function encodeArguments(
  sourceUrl: string,
  options: ConversionOptions,
  gain: Gain | undefined,
): string[] {
  const filters = [...trimFilters(options), ...(gain ? gainFilters(gain) : [])];
  return [
    ...[...inputArguments(sourceUrl), ...trackArguments(options), ...channelArguments(options)],
    ...(filters.length > 0 ? ['-af', filters.join(',')] : []),
    ...['-c:a', 'libmp3lame', ...qualityArguments(options), ...MP3_WITHOUT_HEAD],
  ];
}

/** @param level only with `verbose` ffmpeg counts the samples it encoded, which the MP3's head needs */
function inputArguments(sourceUrl: string, level: 'info' | 'verbose' = 'verbose'): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-v', `level+${level}`],
    ...['-progress', 'pipe:3', '-stats_period', '0.5'],
    ...['-protocol_whitelist', 'http,tcp'],
    ...['-format_whitelist', DEMUXERS],
    ...['-codec_whitelist', DECODERS],
    ...['-seekable', '1', '-multiple_requests', '1'],
    ...['-max_alloc', String(256 * 1024 * 1024), '-max_streams', '64', '-threads', '2'],
    ...['-probesize', '10M', '-analyzeduration', '10M'],
    ...['-i', sourceUrl],
  ];
}

function trackArguments({ track = 0 }: ConversionOptions): string[] {
  return ['-map', `0:a:${track}`, ...SOUND_ONLY];
}

function channelArguments({ mono, quality }: ConversionOptions): string[] {
  return mono || quality === 'voice' ? ['-ac', '1'] : [];
}

function qualityArguments({ bitrateKbps, quality = 'standard' }: ConversionOptions): string[] {
  if (bitrateKbps !== undefined) return ['-b:a', `${bitrateKbps}k`];
  return { voice: ['-b:a', '64k'], standard: ['-q:a', '2'], high: ['-q:a', '0'] }[quality];
}

/** Cuts decoded sound and not the file, whose places to jump to need not be where samples are. */
function trimFilters({ startSeconds, endSeconds }: ConversionOptions): string[] {
  if (startSeconds === undefined && endSeconds === undefined) return [];
  const bounds = [
    ...(startSeconds === undefined ? [] : [`start=${startSeconds}`]),
    ...(endSeconds === undefined ? [] : [`end=${endSeconds}`]),
  ];
  return [`atrim=${bounds.join(':')}`, 'asetpts=PTS-STARTPTS'];
}

/**
 * The limiter looks at samples, and what lies between them can be higher: it works at 192 kHz, where
 * that is less than 0.1 dB (EBU Tech 3341, annex).
 */
function gainFilters({ gainDb, limitDbfs, sampleRateHz = MAX_MP3_HZ }: Gain): string[] {
  const volume = `volume=${gainDb.toFixed(2)}dB:precision=float`;
  if (limitDbfs === undefined) return gainDb === 0 ? [] : [volume];
  const limit = (10 ** (limitDbfs / 20)).toFixed(4);
  const limiter = `alimiter=limit=${limit}:level=disabled:attack=5:release=50`;
  return [volume, 'aresample=192000', limiter, `aresample=${Math.min(sampleRateHz, MAX_MP3_HZ)}`];
}
