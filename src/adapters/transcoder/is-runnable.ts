import { accessSync, constants } from 'node:fs';

/** Whether there is a program that this process may start. */
export function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
