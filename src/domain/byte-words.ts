/** A size as people read it: `0.6 MiB`, `2.0 GiB`. */
export function byteWords(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib < 1024 ? `${mib.toFixed(1)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
