import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAnswering } from './answering.ts';

const errors: unknown[] = [];
const server = createAnswering(
  { error: (said: unknown) => void errors.push(said) } as never,
  async ({ url }, response) => {
    if (url !== '/livez') throw new Error('Postgres is away');
    response.end('alive');
  },
);
let base: string;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

test('what fails is answered with 500 and logged without what is private of its address, and the next is answered', async () => {
  expect((await fetch(`${base}/metrics?token=secret`)).status).toBe(500);
  expect(errors).toEqual([{ err: new Error('Postgres is away'), path: '/metrics' }]);
  expect(await (await fetch(`${base}/livez`)).text()).toBe('alive');
});
