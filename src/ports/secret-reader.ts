/** Where a value is kept that a setting only names. */
export interface SecretReference {
  /** `ssm`: a parameter of AWS Systems Manager. `secretsmanager`: a secret of AWS Secrets Manager. */
  readonly store: 'ssm' | 'secretsmanager';
  /** The parameter's name, or the secret's name or ARN. */
  readonly id: string;
  /** A field of a secret that is a JSON object. */
  readonly field?: string | undefined;
}

/**
 * Reads what settings refer to, once, when a function starts.
 *
 * @returns the values, in the order of the references
 * @throws {Error} that names a reference which cannot be read, and shows no value
 */
export type SecretReader = (references: readonly SecretReference[]) => Promise<string[]>;
