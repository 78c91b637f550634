import type { Conversion } from './conversion.ts';

/** What somebody who waits wants to hear. */
export interface News {
  readonly conversion: Conversion;
  readonly kind: 'ready' | 'failed';
}

/** What has ended since; of what was not known before nobody has waited. */
export function newsOf(before: readonly Conversion[], after: readonly Conversion[]): News[] {
  const earlier = new Map(before.map(({ file_id, status }) => [file_id, status]));
  return after.flatMap((conversion): News[] => {
    const { status, file_id } = conversion;
    const was = earlier.get(file_id);
    if (was === undefined || was === status) return [];
    return status === 'ready' || status === 'failed' ? [{ conversion, kind: status }] : [];
  });
}

/** Whether one of them looks otherwise. */
export function isChanged(before: readonly Conversion[], after: readonly Conversion[]): boolean {
  if (before.length !== after.length) return true;
  return after.some((conversion, index) => {
    const was = before[index];
    return was?.file_id !== conversion.file_id || was.updated_at !== conversion.updated_at;
  });
}
