/** Answers as they look, for the OpenAPI document; its linter checks them against their schemas. */

const userId = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';

export const user = { id: userId, email: 'ada@example.org', full_name: 'Ada' };

export const tokens = {
  access_token: '<header>.<claims>.<signature>',
  refresh_token: 'pVQ0mT5oQ3mW9c7s2c5cS8z1yq0s4x6w8e9r2t5y7u1',
  token_type: 'bearer' as const,
  expires_in: 900,
};

const { refresh_token: _inCookie, ...withoutRefreshToken } = tokens;
export const accessToken = withoutRefreshToken;

export const sessionCookie =
  'soundlift_session=pVQ0mT5oQ3mW9c7s2c5cS8z1yq0s4x6w8e9r2t5y7u1; Max-Age=3600; Path=/api/v1/auth/session; HttpOnly; Secure; SameSite=Strict';

export const claims = {
  sub: userId,
  email: user.email,
  sid: '0199e0a8-8a3b-7d10-8f3e-2b6a4c1d9e70',
  iat: 1_795_514_400,
  exp: 1_795_515_300,
};
