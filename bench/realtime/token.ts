import { createHmac } from 'node:crypto';

/** An access token, as every variant checks it: two hours, signed with HS256. */
export function tokenOf(user: string, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Math.floor(Date.now() / 1_000) + 7_200 })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
