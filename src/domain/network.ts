/**
 * Whose attempts are counted together: an IPv4 address, or the /64 that an IPv6 address is in, which is
 * what one subscriber gets at the least (RFC 6177, RFC 7421).
 */
export function networkOf(address: string): string {
  const given = address.trim().toLowerCase().replace(/%.*$/, '');
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/.exec(given)?.[1];
  if (mapped !== undefined) return mapped;
  if (!given.includes(':')) return given;
  const [before = '', after] = given.split('::');
  const head = groupsOf(before);
  const tail = after === undefined ? [] : groupsOf(after);
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/** An IPv4 address at the end stands for two groups. */
function groupsOf(part: string): string[] {
  return part.split(':').flatMap((group) => {
    if (group === '') return [];
    return group.includes('.') ? [group, group] : [group];
  });
}
