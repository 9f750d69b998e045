import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from './ports.ts';
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

test('a program of another checkout is run where it lies', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'tandem-program-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'worker'));
  writeFileSync(
    join(root, 'worker', 'main.ts'),
    `import { createServer } from 'node:http';
    createServer((_request, response) => response.end(process.cwd())).listen(Number(process.env.PORT), '127.0.0.1');`,
  );
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...process.env, PORT: String(port) };
  const part = await startProgram({ name: 'worker', root, readyUrl: url, env, log: join(root, 'worker.log') });
  onTestFinished(() => part.stop());
  expect(await (await fetch(url)).text()).toBe(root);
});
