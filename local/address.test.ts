import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { requireFree, sentenceFor } from './address.ts';
import { freePort } from './ports.ts';

const settings = { host: 'HOST', port: 'PORT' };

test('a port in use is told with the setting that chooses another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = { host: '127.0.0.1', port, settings: { host: 'WORKER_HOST', port: 'WORKER_PORT' } };
  await expect(requireFree(address)).rejects.toThrow(
    new RegExp(`^Port ${port} is in use.*: stop that, or choose another with WORKER_PORT=${port + 1} npm start\\.$`),
  );
  server.close();
  await once(server, 'close');
  await requireFree(address);
});

test('an address of another machine, and one that is none, are not taken for a port in use', async () => {
  const port = await freePort();
  // Kept for documentation: nobody has it.
  await expect(requireFree({ host: '192.0.2.1', port, settings })).rejects.toThrow(
    'HOST is "192.0.2.1", which is not an address of this machine.',
  );
  await expect(requireFree({ host: 'nobody.invalid', port, settings })).rejects.toThrow(
    /^HOST is "nobody.invalid", and on that nobody can listen here \(\w+\): it has to be an address of this machine\.$/,
  );
});

test('a port for the privileged is called that', () => {
  expect(sentenceFor('EACCES', { host: '127.0.0.1', port: 80, settings })).toBe(
    'Port 80 needs privileges that this user does not have: choose one from 1024 on, as with PORT=3000 npm start.',
  );
});
