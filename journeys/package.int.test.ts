import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachSockets } from '#api/sockets.ts';
import { startTestApp, type TestApp } from '#api/testing/app.ts';
import { installOutside, type Outside } from '#client/testing/outside.ts';
import { createTestDatabase } from '#local/testStack.ts';
import type { Realtime } from '#realtime/realtime.ts';

/** The client as others have it: packed, installed outside of this repository, and used there. */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

let outside: Outside;
let api: TestApp;
let realtime: Realtime;

beforeAll(async () => {
  outside = await installOutside();
  api = await startTestApp({ databaseUrl: await createTestDatabase() });
  realtime = attachSockets(api.app, api.deps);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await realtime?.close();
  await api?.close();
  outside?.remove();
});

test('the package holds what is used, and needs one other', async () => {
  expect(outside.packed).toEqual(expect.arrayContaining(['README.md', 'dist/index.js', 'dist/index.d.ts']));
  expect(outside.packed.filter((path) => /\.test\.|testing|^src/.test(path))).toEqual([]);
  const { stdout } = await run('npm', ['ls', '--omit=dev', '--depth=1', '--json'], { cwd: outside.folder });
  expect(Object.keys(JSON.parse(stdout).dependencies['tandem-client'].dependencies)).toEqual(['openapi-fetch']);
});

test('in Node somebody signs in, asks, is told, says and is answered', async () => {
  outside.write(
    'use.mjs',
    `import { createSession, createTandem, Refusal } from 'tandem-client';
     const url = process.argv[2];
     const [asha, ben] = await Promise.all(['asha', 'ben'].map(async (handle) => {
       const session = createSession({ url });
       const { id } = await session.register({ handle, password: 'secret123' });
       return { id, tandem: createTandem({ url, token: session }) };
     }));
     const heard = new Promise((resolve) => ben.tandem.on('new_message', ({ message }, { seq }) => resolve([message.message, seq])));
     const live = new Promise((resolve) => ben.tandem.onStatus((status) => status === 'live' && resolve()));
     await live;
     const sent = await asha.tandem.messages.send({ receiver_id: ben.id, message: 'Hello from outside' });
     const room = await asha.tandem.send('join_conversation', { conversationId: sent.message.conversation_id });
     const refusal = await ben.tandem.campaigns.get(ben.id).catch((error) => error);
     console.log(JSON.stringify({ heard: await heard, room, refused: refusal instanceof Refusal && refusal.code }));
     asha.tandem.close();
     ben.tandem.close();`,
  );
  // That it ends by itself says that nothing of the client keeps a program running.
  const said = JSON.parse(await outside.node('use.mjs', api.app.listeningOrigin));
  expect(said).toMatchObject({ heard: ['Hello from outside', 1], refused: 'NOT_FOUND' });
  expect(said.room.room).toMatch(/^conversation_/);
});

async function complaints(file: string, moduleResolution: 'nodenext' | 'bundler'): Promise<string> {
  const args = [
    ...['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--target', 'es2023', '--lib', 'es2023,dom,dom.iterable'],
    ...['--module', moduleResolution === 'nodenext' ? 'nodenext' : 'preserve', '--moduleResolution', moduleResolution],
    ...['--types', '', file],
  ];
  return run(join(root, 'node_modules', '.bin', 'tsc'), args, { cwd: outside.folder }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('its types know methods, bodies, answers, events and commands, and say what is wrong with a call', async () => {
  const use = `
    import { createTandem, type Data, type Tandem } from 'tandem-client';
    const tandem: Tandem = createTandem({ url: 'http://127.0.0.1:3000', token: async () => 'token' });
    export async function play(id: string): Promise<string> {
      const { flow_update } = await tandem.deals.click(id, { button_id: 'accept_price' }, { idempotencyKey: 'one' });
      const { data, page } = await tandem.campaigns.list({ limit: 10 });
      const titles: string[] = data.map(({ title }) => title);
      const { room } = await tandem.send('join_conversation', { conversationId: id });
      tandem.on('new_message', ({ message }, { seq }) => titles.push(message.message.slice(seq)));
      tandem.on('user_typing', ({ isTyping }) => titles.push(isTyping ? 'typing' : ''));
      return flow_update.flow_state + room + titles.join() + page.next_cursor;
    }
    export const handle = (user: Data<'auth.login'>['user']): string => user.handle;
  `;
  outside.write('right.ts', use);
  expect(await complaints('right.ts', 'nodenext')).toBe('');
  expect(await complaints('right.ts', 'bundler')).toBe('');
  outside.write(
    'wrong.ts',
    use
      .replace('button_id', 'buttonId')
      .replace("'new_message'", "'new_massage'")
      .replace('{ isTyping }', '{ typing }')
      .replace('{ conversationId: id }', '{ conversation: id }')
      .replace('{ title }', '{ titel }'),
  );
  const said = await complaints('wrong.ts', 'nodenext');
  for (const wrong of ['buttonId', 'new_massage', "'typing'", 'conversation', 'titel']) expect(said).toContain(wrong);
  // A compiler is run three times on all of it: 8 s alone.
}, 240_000);

async function bundled(code: string): Promise<string> {
  outside.write('page.js', code);
  const bundle = await build({
    ...{ root: outside.folder, logLevel: 'silent', configFile: false },
    build: { lib: { entry: 'page.js', formats: ['es'] }, write: false, minify: 'oxc' },
  });
  const [{ output }] = bundle as unknown as [{ output: { code: string }[] }];
  return output[0]?.code as string;
}

test('a page bundles what it imports, and no more', async () => {
  const all = await bundled(`import { createTandem, createSession } from 'tandem-client';
    export const tandem = createTandem({ url: '', token: createSession({ url: '' }) });`);
  const socket = await bundled(`import { createSocket } from 'tandem-client';
    export const socket = createSocket({ url: '', token: '', read: async () => ({ events: [], more: false }) });`);
  const key = await bundled(`export { newIdempotencyKey } from 'tandem-client';`);
  expect(all).toContain('/api/campaigns');
  expect(socket).not.toContain('/api/campaigns');
  const sizes = [all, socket, key].map((code) => gzipSync(code).length);
  expect(sizes[0]).toBeLessThan(16_000);
  expect(sizes[1]).toBeLessThan(4_500);
  expect(sizes[2]).toBeLessThan(300);
});
