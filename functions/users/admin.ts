import { type Identity, normalizeEmail } from '../../src/domain/user.ts';

/** Whether the address is one of `ADMIN_EMAILS`. */
export function isAdmin(identity: Identity, adminEmails: readonly string[]): boolean {
  return adminEmails.some((email) => normalizeEmail(email) === identity.email);
}
