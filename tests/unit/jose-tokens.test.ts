import { createPrivateKey, sign as signBytes } from 'node:crypto';
import { CompactSign, importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import {
  createJoseTokenSigner,
  createJoseTokenVerifier,
  generateSigningKey,
} from '../../src/adapters/tokens/jose.ts';
import { fakeClock } from '../support/fake-clock.ts';

const issuer = 'soundlift';
const audience = 'soundlift-api';
const identity = { userId: 'user-1', email: 'ada@example.org', sessionId: 'session-1' };
const START = new Date('2026-11-24T12:00:00.400Z');
const startSeconds = Math.floor(START.getTime() / 1000);
const NOT_AUTHENTICATED = { code: 'not-authenticated', retry: 'never' };

const { privateJwk, publicJwk } = await generateSigningKey();
const other = await generateSigningKey();
const HEADER = { alg: 'EdDSA', typ: 'at+jwt', kid: publicJwk.kid };
const signer = createJoseTokenSigner({ privateJwk, issuer, audience });

function verifierAt(now = START, keys: JWK[] = [publicJwk]) {
  return createJoseTokenVerifier({ jwks: { keys }, issuer, audience, clock: fakeClock(now) });
}
const secondsLater = (seconds: number) => new Date(START.getTime() + seconds * 1000);

describe('an access token', () => {
  test('tells who carries it, and when it was made and runs out', async () => {
    const token = await signer.sign(identity, START, 900);
    expect(await verifierAt().verify(token)).toEqual({
      identity,
      issuedAt: new Date('2026-11-24T12:00:00.000Z'),
      expiresAt: new Date('2026-11-24T12:15:00.000Z'),
    });
  });

  test('differs from every other one of the same session', async () => {
    expect(await signer.sign(identity, START, 900)).not.toBe(
      await signer.sign(identity, START, 900),
    );
  });

  test('is refused from the second on in which it runs out', async () => {
    const token = await signer.sign(identity, START, 900);
    await verifierAt(secondsLater(899)).verify(token);
    await expect(verifierAt(secondsLater(900)).verify(token)).rejects.toMatchObject({
      ...NOT_AUTHENTICATED,
      message: 'the access token has expired',
    });
  });

  test('is taken from a clock that is a little ahead, and from no other future', async () => {
    await verifierAt().verify(await signer.sign(identity, secondsLater(5), 900));
    await expectRefusal(await signer.sign(identity, secondsLater(7), 900));
  });

  test('is refused when any one part of it is changed', async () => {
    const token = await signer.sign(identity, START, 900);
    const parts = token.split('.');
    for (const [index, part] of parts.entries()) {
      const middle = Math.floor(part.length / 2);
      const changed = part[middle] === 'A' ? 'B' : 'A';
      const tampered = part.slice(0, middle) + changed + part.slice(middle + 1);
      await expectRefusal(parts.with(index, tampered).join('.'));
    }
    await expectRefusal(`${parts[0]}.${parts[1]}.`);
  });

  test.each(['', 'x', '..', 'a.b.c', '{}', `${'.'.repeat(10)}`])('is not %j', expectRefusal);
});

describe('a token that was signed otherwise is refused', () => {
  test('and one that was signed like this is not', async () => {
    expect((await verifierAt().verify(await sign({}))).identity).toEqual(identity);
  });

  test('for another audience or by another issuer', async () => {
    await expectRefusal(await sign({ aud: 'somebody-else' }));
    await expectRefusal(await sign({ iss: 'somebody-else' }));
  });

  test('before its time has come', async () => {
    await expectRefusal(await sign({ nbf: startSeconds + 60 }));
  });

  test.each(['sub', 'email', 'sid', 'jti', 'iat', 'exp', 'iss', 'aud'])(
    'without its %s',
    async (claim) => {
      await expectRefusal(await sign({ [claim]: undefined }));
    },
  );

  test('with a claim of another type', async () => {
    await expectRefusal(await sign({ email: ['ada@example.org'] }));
    await expectRefusal(await sign({ sid: 1 }));
    await expectRefusal(await signText(JSON.stringify({ ...claims(), exp: 'never' })));
    await expectRefusal(await signText(JSON.stringify({ ...claims(), iat: null })));
    await expectRefusal(await signText('[]'));
    await expectRefusal(await signText('not JSON'));
  });

  test('without a kid, with an unknown one, or with that of another key', async () => {
    await expectRefusal(await sign({}, { kid: undefined }));
    await expectRefusal(await sign({}, { kid: 'unknown' }));
    const kid = publicJwk.kid;
    await expectRefusal(await sign({}, { kid }, other.privateJwk));
  });

  test('as another type of JWT', async () => {
    await expectRefusal(await sign({}, { typ: 'JWT' }));
    await expectRefusal(await sign({}, { typ: undefined }));
  });

  test('by the algorithm "none"', async () => {
    const unsecured = new UnsecuredJWT(claims()).encode();
    await expectRefusal(unsecured);
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt', kid: publicJwk.kid }));
    await expectRefusal(`${header.toString('base64url')}.${unsecured.split('.')[1]}.`);
  });

  test('by HMAC with the public key as the secret', async () => {
    const secrets = [publicJwk.x ?? '', JSON.stringify(publicJwk)].flatMap((text) => [
      Buffer.from(text),
      Buffer.from(text, 'base64url'),
    ]);
    for (const secret of secrets) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: publicJwk.kid ?? '' })
        .sign(secret);
      await expectRefusal(token);
    }
  });

  test('by a key that the token itself brings', async () => {
    const jwk = other.publicJwk;
    await expectRefusal(await sign({}, { jwk, kid: jwk.kid }, other.privateJwk));
  });
});

describe('a header that says more than ours does is refused', () => {
  test.each([
    ['names what must be understood', { crit: ['exp'], exp: startSeconds + 900 }],
    ['names an extension that jose knows', { crit: ['b64'], b64: true }],
    ['leaves the payload unencoded', { crit: ['b64'], b64: false }],
    ['brings a key', { jwk: publicJwk }],
    ['says where keys are', { jku: 'https://evil.example/jwks.json' }],
    ['brings a certificate', { x5c: ['MIIB'] }],
    ['says what the payload is', { cty: 'JWT' }],
  ])('when it %s', async (_, header) => {
    await expectRefusal(await signRaw({ ...HEADER, ...header }));
  });

  test.each(['Ed25519', 'eddsa', 'EDDSA', 'ES256', 'none', 1, null, ['EdDSA']])(
    'when its alg is %j',
    async (alg) => {
      await expectRefusal(await signRaw({ ...HEADER, alg }));
    },
  );

  test('and one that says the same is not', async () => {
    expect((await verifierAt().verify(await signRaw(HEADER))).identity).toEqual(identity);
  });
});

describe('a token in another writing is refused', () => {
  const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

  test('with bits in its last character that nobody reads', async () => {
    // 64 bytes leave four of them unused.
    const token = await signRaw(HEADER);
    const last = BASE64URL.indexOf(token.at(-1) ?? '');
    for (let bits = 1; bits < 16; bits += 1) {
      await expectRefusal(token.slice(0, -1) + BASE64URL[last + bits]);
    }
  });

  test.each(['=', '==', ' ', '\n', '\t', '\0', '.', '%', '+', '/', 'é'])(
    'with %j behind, before, or in the middle of a part',
    async (more) => {
      const parts = (await signRaw(HEADER)).split('.');
      for (const [index, part] of parts.entries()) {
        const half = part.slice(0, 8) + more + part.slice(8);
        for (const written of [part + more, more + part, half]) {
          await expectRefusal(parts.with(index, written).join('.'));
        }
      }
    },
  );

  test('in base64 as it is in mails', async () => {
    // Some signatures have neither character; no two of these tokens have the same one.
    const tokens = Array.from({ length: 20 }, (_, number) => signRaw(HEADER, `token-${number}`));
    const urlSafe = (await Promise.all(tokens)).filter((token) => /[-_][^.]*$/.test(token));
    expect(urlSafe).not.toEqual([]);
    for (const token of urlSafe) {
      const [header, payload, signature = ''] = token.split('.');
      const inBase64 = signature.replaceAll('-', '+').replaceAll('_', '/');
      await expectRefusal([header, payload, inBase64].join('.'));
    }
  });

  test('in JSON, or without one of its parts', async () => {
    const [header, payload, signature] = (await signRaw(HEADER)).split('.');
    await expectRefusal(JSON.stringify({ protected: header, payload, signature }));
    await expectRefusal(
      JSON.stringify({ payload, signatures: [{ protected: header, signature }] }),
    );
    for (const some of [
      [header, payload],
      [payload, signature],
      ['', payload, signature],
      [header, '', signature],
      [header, payload, ''],
      [header, payload, signature, ''],
      ['', header, payload, signature],
    ]) {
      await expectRefusal(some.join('.'));
    }
  });

  test('with the signature of another length, or of nothing', async () => {
    const [header, payload, signature = ''] = (await signRaw(HEADER)).split('.');
    const bytes = Buffer.from(signature, 'base64url');
    for (const other of [
      bytes.subarray(1),
      bytes.subarray(0, 63),
      Buffer.concat([bytes, Buffer.alloc(1)]),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
    ]) {
      await expectRefusal(`${header}.${payload}.${other.toString('base64url')}`);
    }
  });

  // RFC 8032, section 5.1.7: with the group's order added to S, the same equation holds.
  test('with a signature that was made from another by adding the order of the group', async () => {
    const [header, payload, signature = ''] = (await signRaw(HEADER)).split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + order;
    const malleated = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse();
    const other = Buffer.concat([bytes.subarray(0, 32), malleated]);
    await expectRefusal(`${header}.${payload}.${other.toString('base64url')}`);
  });
});

describe('the keys', () => {
  test('overlap while they are changed: tokens of either are valid', async () => {
    const keys = [publicJwk, other.publicJwk];
    const newSigner = createJoseTokenSigner({ privateJwk: other.privateJwk, issuer, audience });
    for (const each of [signer, newSigner]) {
      await verifierAt(START, keys).verify(await each.sign(identity, START, 900));
    }
    await expectRefusal(await newSigner.sign(identity, START, 900));
  });

  test('are published without what must stay private', () => {
    expect(verifierAt(START, [privateJwk]).jwks).toEqual({ keys: [publicJwk] });
    expect(publicJwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.any(String),
      kid: expect.stringMatching(/^[\w-]{43}$/),
      alg: 'EdDSA',
      use: 'sig',
    });
    expect(privateJwk.d).toEqual(expect.any(String));
  });

  test('that do not fit stop the start', () => {
    expect(() => verifierAt(START, [{ ...publicJwk, crv: 'X25519' }])).toThrow();
    expect(() => verifierAt(START, [{ kty: 'oct', k: 'c2VjcmV0', kid: '1' }])).toThrow();
    expect(() => createJoseTokenSigner({ privateJwk: publicJwk, issuer, audience })).toThrow();
  });
});

async function expectRefusal(token: string): Promise<void> {
  await expect(verifierAt().verify(token)).rejects.toMatchObject(NOT_AUTHENTICATED);
}

function claims(): JWTPayload {
  return {
    sub: identity.userId,
    email: identity.email,
    sid: identity.sessionId,
    jti: 'token-1',
    iat: startSeconds,
    exp: startSeconds + 900,
    iss: issuer,
    aud: audience,
  };
}

/** A right token but for what is given. */
async function sign(
  changedClaims: Record<string, unknown>,
  changedHeader: Record<string, unknown> = {},
  key: JWK = privateJwk,
): Promise<string> {
  return signText(JSON.stringify({ ...claims(), ...changedClaims }), changedHeader, key);
}

/** Right claims under whatever header, signed rightly: not even jose is asked what it thinks of that. */
async function signRaw(
  header: Readonly<Record<string, unknown>>,
  jti = 'token-1',
): Promise<string> {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const input = `${encode(header)}.${encode({ ...claims(), jti })}`;
  const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
  return `${input}.${signBytes(null, Buffer.from(input), key).toString('base64url')}`;
}

async function signText(
  payload: string,
  changedHeader: Record<string, unknown> = {},
  key: JWK = privateJwk,
): Promise<string> {
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: publicJwk.kid ?? '', ...changedHeader };
  return new CompactSign(Buffer.from(payload))
    .setProtectedHeader(header)
    .sign(await importJWK(key, 'EdDSA'));
}
