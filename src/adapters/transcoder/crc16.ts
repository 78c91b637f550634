/** CRC-16/ARC: polynomial 0x8005 reflected, as the LAME tag uses it. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  return crc;
});

/** The checksum of `bytes` after what `crc` already covers; begin with 0. */
export function crc16(crc: number, bytes: Uint8Array): number {
  let result = crc;
  for (const byte of bytes) result = (result >>> 8) ^ (TABLE[(result ^ byte) & 0xff] ?? 0);
  return result;
}
