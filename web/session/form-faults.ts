import type { Words } from '../words/en.ts';

export interface SessionForm {
  readonly email: string;
  readonly password: string;
  readonly fullName: string;
}

export type SessionField = keyof SessionForm;

/** What the API would refuse, said before it is asked: functions/users/schemas.ts. */
export function formFaults(
  words: Words,
  { email, password, fullName }: SessionForm,
  isNew: boolean,
): Partial<Record<SessionField, string>> {
  return {
    ...(isNew && fullName.trim() === '' && { fullName: words.giveName }),
    ...(!/^\S+@\S+$/.test(email.trim()) && { email: words.giveEmail }),
    ...passwordFault(words, password, isNew),
  };
}

function passwordFault(words: Words, password: string, isNew: boolean) {
  if (password === '') return { password: words.givePassword };
  if (!isNew) return {};
  if (password.length < 8) return { password: words.passwordTooShort };
  // bcrypt reads no more of it.
  const isTooLong = new TextEncoder().encode(password).length > 72;
  return isTooLong ? { password: words.passwordTooLong } : {};
}
