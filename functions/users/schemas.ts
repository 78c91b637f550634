import { z } from '@hono/zod-openapi';

const email = z
  .string()
  .trim()
  .max(254)
  // What a browser takes for one: https://html.spec.whatwg.org/#valid-e-mail-address
  .pipe(z.email({ message: 'must be an e-mail address', pattern: z.regexes.html5Email }))
  .openapi({ type: 'string', format: 'email', example: 'ada@example.org' });

export const registerBody = z.object({
  email,
  password: z.string().openapi({
    format: 'password',
    description: '8 characters to 72 bytes of UTF-8.',
    minLength: 8,
    maxLength: 72,
    example: 'correct horse battery',
  }),
  full_name: z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(200)
    .openapi({ pattern: '\\S', example: 'Ada' }),
});

export const signInBody = z.object({
  email: z.string().max(254).openapi({ format: 'email', example: 'ada@example.org' }),
  password: z.string().openapi({ format: 'password', example: 'correct horse battery' }),
});

/** RFC 6749, section 4.3.2. */
export const passwordForm = z.object({
  grant_type: z.literal('password').optional(),
  username: z.string().max(254).openapi({ example: 'ada@example.org' }),
  password: z.string().openapi({ format: 'password', example: 'correct horse battery' }),
});

export const refreshBody = z.object({ refresh_token: z.string().min(1).max(200) });

export const userSchema = z
  .object({
    id: z.uuid().openapi({ example: '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10' }),
    email: z.string().openapi({ example: 'ada@example.org' }),
    full_name: z.string().openapi({ example: 'Ada' }),
  })
  .openapi('User');

export const userListSchema = z.array(userSchema).openapi('UserList');

export const tokensSchema = z
  .object({
    access_token: z.string(),
    refresh_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.int().openapi({ example: 900, description: 'Seconds.' }),
  })
  .openapi('Tokens');

/** The refresh token is in a cookie, which no script can read. */
export const accessTokenSchema = tokensSchema.omit({ refresh_token: true }).openapi('AccessToken');

export const claimsSchema = z
  .object({
    sub: z.uuid().openapi({ description: 'The user’s id.' }),
    email: z.string(),
    sid: z.string().openapi({ description: 'The session.' }),
    iat: z.int(),
    exp: z.int(),
  })
  .openapi('Claims');

export const userIdParam = z.object({
  id: z.uuid().openapi({ param: { name: 'id', in: 'path' } }),
});

export const listQuery = z.object({
  skip: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
