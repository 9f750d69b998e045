import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCodec } from './codec.ts';
import { readCodecConfig } from './codecConfig.ts';
import { createCodecServer } from './codecServer.ts';

/** As Temporal's Web UI asks: from a page of its own, with its operator's token. */

const UI = 'https://temporal.internal';
const TOKEN = 'a token for the command line';
const [key, otherKey] = [randomBytes(32), randomBytes(32)];
const codec = createCodec([key]);
const pair = await generateKeyPair('ES256');
const servers: Server[] = [];
let url = '';

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: 'one' }] });
  const issuer = await listen(createServer((_, response) => void response.end(jwks)));
  const config = readCodecConfig({
    TEMPORAL_CODEC_KEY: key.toString('base64'),
    CODEC_ORIGINS: `${UI}, https://other.internal`,
    CODEC_TOKEN: TOKEN,
    ...{ AUTH_ISSUER_JWKS_URL: issuer, AUTH_ISSUER: 'https://id.example', AUTH_AUDIENCE: 'tandem' },
    AUTH_ADMIN_ROLE: 'tandem-admin',
  });
  url = await listen(createCodecServer(codec, config));
});
afterAll(() => {
  for (const server of servers) server.close();
});

const tokenOf = (roles: string[], audience = 'tandem', expires = '1h') =>
  new SignJWT({ roles })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer('https://id.example')
    .setAudience(audience)
    .setSubject('asha')
    .setExpirationTime(expires)
    .sign(pair.privateKey);

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const PLAIN = { metadata: { encoding: base64('json/plain') }, data: base64('{"reason":"late"}') };

async function encrypted(with_ = codec) {
  const [payload] = await with_.encode([
    { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"reason":"late"}') },
  ]);
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(metadata), data: base64(payload?.data ?? '') };
}

function ask(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const as = (token: string) => ({ authorization: `Bearer ${token}`, origin: UI });

test('an administrator reads in the Web UI what is under our key, in its order, with what was never under it', async () => {
  const answer = await ask('/decode', { payloads: [await encrypted(), PLAIN] }, as(await tokenOf(['tandem-admin'])));
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ payloads: [PLAIN, PLAIN] });
  expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('what is encoded for an Update is read again, and not as it was', async () => {
  const { payloads } = (await (await ask('/encode', { payloads: [PLAIN] }, as(TOKEN))).json()) as {
    payloads: [typeof PLAIN];
  };
  expect(payloads[0].metadata.encoding).toBe(base64('binary/encrypted'));
  expect(JSON.stringify(payloads)).not.toContain(PLAIN.data);
  expect(await (await ask('/decode', { payloads }, as(TOKEN))).json()).toEqual({ payloads: [PLAIN] });
});

test('a browser is told before it asks which pages may, and with what', async () => {
  const preflight = (origin: string) => fetch(`${url}/decode`, { method: 'OPTIONS', headers: { origin } });
  const { status, headers } = await preflight(UI);
  expect(status).toBe(204);
  expect(headers.get('access-control-allow-headers')).toBe('authorization, content-type, x-namespace');
  expect(headers.get('access-control-allow-methods')).toBe('POST');
  for (const origin of ['https://evil.example', `${UI}.evil.example`, 'null']) {
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('nobody else is read anything: strangers, people without the role, tokens for others, of yesterday, of another key', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const forged = await new SignJWT({ roles: ['tandem-admin'] })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer('https://id.example')
    .setAudience('tandem')
    .setSubject('mallory')
    .setExpirationTime('1h')
    .sign(privateKey);
  const tokens = [
    await tokenOf(['admin']),
    await tokenOf(['tandem-admin'], 'another'),
    await tokenOf(['tandem-admin'], 'tandem', '-1h'),
    ...[forged, 'x', TOKEN.slice(0, -1), `${TOKEN}x`],
  ];
  const secret = await encrypted();
  const all: Record<string, string>[] = [{}, { authorization: `Basic ${base64(TOKEN)}` }, ...tokens.map(as)];
  for (const headers of all) {
    const answer = await ask('/decode', { payloads: [secret] }, headers);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await answer.text()).not.toContain(PLAIN.data);
  }
});

test('what cannot be read is one clear refusal: another key, changed bytes, no payloads, too many bytes, other paths', async () => {
  const [foreign, changed] = [await encrypted(createCodec([otherKey])), await encrypted()];
  changed.data = base64(Buffer.from(changed.data, 'base64').fill(0, 20, 24));
  const bodies = [{ payloads: [foreign] }, { payloads: [changed] }, 'no JSON', {}, { payloads: [{ data: '%' }] }, []];
  for (const body of bodies) expect((await ask('/decode', body, as(TOKEN))).status).toBe(400);
  expect((await ask('/decode', 'x'.repeat(9 * 1024 * 1024), as(TOKEN))).status).toBe(413);
  expect((await ask('/keys', {}, as(TOKEN))).status).toBe(404);
  expect((await fetch(`${url}/decode`, { headers: as(TOKEN) })).status).toBe(405);
});

test('it does not start where nobody could be let in, or with a token that can be guessed', () => {
  const TEMPORAL_CODEC_KEY = key.toString('base64');
  expect(() => readCodecConfig({ TEMPORAL_CODEC_KEY })).toThrow('Nobody could ask');
  expect(() => readCodecConfig({ TEMPORAL_CODEC_KEY, CODEC_TOKEN: 'short' })).toThrow('fewer than 24');
  expect(() => readCodecConfig({ TEMPORAL_CODEC_KEY: 'x', CODEC_TOKEN: TOKEN })).toThrow('not 32 bytes');
});
