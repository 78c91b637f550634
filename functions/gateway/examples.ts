/** Answers as they look, for the OpenAPI document; its linter checks them against their schemas. */

export const fileId = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
const key = `${fileId}.5f0c9b1e7d3a4c2f8e6b0a1d9c4e7f35`;

export const etag = `"${key}"`;
export const mp3 = '(the bytes of the MP3)';

export const accepted = { file_id: fileId, filename: 'holiday.mp4', status: 'queued' };

const queued = {
  file_id: fileId,
  filename: 'holiday.mp4',
  status: 'queued' as const,
  progress: 0,
  seconds_left: null,
  video_size_bytes: 7_340_032,
  audio_size_bytes: null,
  duration_seconds: null,
  source: null,
  made: null,
  warnings: [],
  error: null,
  attempts: 0,
  created_at: '2026-11-24T10:00:00.000Z',
  updated_at: '2026-11-24T10:00:02.000Z',
  expires_at: null,
};

export const converting = {
  ...queued,
  status: 'converting' as const,
  progress: 0.42,
  seconds_left: 12,
  attempts: 1,
};

export const cancelled = { ...queued, status: 'cancelled' as const, attempts: 1 };

const ready = {
  ...queued,
  status: 'ready' as const,
  progress: 1,
  audio_size_bytes: 1_468_006,
  duration_seconds: 61.42,
  source: {
    container: 'mov,mp4,m4a,3gp,3g2,mj2',
    codec: 'aac',
    bitrate: 128,
    channels: 'stereo',
    sample_rate: 44_100,
    duration_seconds: 61.44,
    tracks: 1,
  },
  made: { how: 'encoded' as const, as: 'V2', normalized: false },
  attempts: 1,
  expires_at: '2026-12-01T10:00:09.000Z',
};

export const page = { items: [ready], next: fileId };

export const healthy = {
  status: 'ok' as const,
  parts: { files: { status: 'up' as const, latency_ms: 2 } },
};

export const degraded = {
  status: 'degraded' as const,
  parts: { queue: { status: 'down' as const, latency_ms: 2_000 } },
};

export const keys = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      alg: 'EdDSA',
      use: 'sig',
    },
  ],
};

export const link = {
  url: `https://sound.example/api/v1/links/${fileId}?key=v1.1795518000.0.pVQ0mT5oQ3mW9c7s2c5cS8z1yq0s4x6w8e9r2t5y7u1`,
  expires_at: '2026-11-24T11:00:00.000Z',
};
