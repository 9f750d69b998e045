import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAnswering } from './answering.ts';

const errors: unknown[] = [];
const server = createAnswering({ error: (said: unknown) => void errors.push(said) } as never, {
  '/livez': async (_, response) => void response.end('alive'),
  '/metrics': async () => {
    throw new Error('Postgres is away');
  },
  '/codec/': async ({ url }, response) => void response.end(url),
});
let base: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const read = async (path: string) => {
  const response = await fetch(`${base}${path}`);
  return [response.status, await response.text()];
};

test('what fails is answered with 500 and logged without what is private of its address, and the next is answered', async () => {
  expect(await read('/metrics?token=secret')).toEqual([500, '']);
  expect(errors).toEqual([{ err: new Error('Postgres is away'), path: '/metrics' }]);
  expect(await read('/livez?now')).toEqual([200, 'alive']);
});

test('a path that ends in a slash answers for all below it, and what is nobody’s is not found', async () => {
  expect(await read('/codec/decode?page=1')).toEqual([200, '/codec/decode?page=1']);
  for (const path of ['/', '/livez/', '/livez/now', '/codec', '/metricsz']) expect(await read(path)).toEqual([404, '']);
});
