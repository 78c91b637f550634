/** Turns passwords into what may be stored. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /**
   * Takes as long when `hash` is `undefined` (nobody has that address) as when the password is wrong,
   * so that time does not tell who is registered.
   */
  verify(password: string, hash: string | undefined): Promise<boolean>;
}
