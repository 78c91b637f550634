import type { components } from '../api/schema.ts';

export type Conversion = components['schemas']['Conversion'];

/** Whether it goes on by itself. */
export function isUnderWay({ status }: Conversion): boolean {
  return status === 'queued' || status === 'converting';
}

/** Whether what is shown of it can be otherwise the next time that one asks. */
export function isOpen(conversion: Conversion): boolean {
  return isUnderWay(conversion) || conversion.status === 'uploading';
}
