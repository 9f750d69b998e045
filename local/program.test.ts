import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startProgram } from './program.ts';

test('what another program answers on our port does not make ours ready', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-program-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const other = createServer((_request, response) => response.end('all is well')).listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const starting = startProgram({
    name: 'api',
    readyUrl: `http://127.0.0.1:${port}/livez`,
    env: {
      ...process.env,
      PORT: String(port),
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
      SANDBOX_WEBHOOK_SECRET: 'a secret',
    },
    log: join(folder, 'api.log'),
  });
  await expect(starting).rejects.toMatchObject({
    message: 'api ended while starting (exit code 1)',
    details: expect.stringContaining('cannot listen on'),
  });
});
