import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApiDocument } from './openapi.ts';
import { buildUnasked } from './unasked.ts';

/** Clients are made from the document as anybody would, compiled, and one of them asks a running API. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
let folder: string;
let app: Awaited<ReturnType<typeof buildUnasked>>;

beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  // Inside of the project, so that the clients find the packages they are written against.
  folder = mkdtempSync(join(cache, 'clients-'));
  app = await buildUnasked();
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(openApiDocument(app)));
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a module of these lines in Node, in the folder: from a file, as an argument takes 128 KB and a client is more. */
function node(code: string, ...args: string[]): Promise<{ stdout: string }> {
  writeFileSync(join(folder, 'run.mjs'), code);
  return run(process.execPath, [...args, 'run.mjs'], { cwd: folder });
}

/** The compiler's complaints about these lines, beside the client they use. */
async function complaintsAbout(name: string, code: string): Promise<string> {
  writeFileSync(join(folder, `${name}.ts`), code);
  const options = {
    compilerOptions: {
      ...{
        strict: true,

        noUncheckedIndexedAccess: true,
        noEmit: true,
        skipLibCheck: true,
      },
      ...{
        target: 'es2024',
        lib: ['es2024', 'dom', 'dom.iterable'],
        module: 'preserve',
        moduleResolution: 'bundler',
        types: [],
      },
    },
    files: [`${name}.ts`],
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(options));
  const compiled = run(join(root, 'node_modules', '.bin', 'tsc'), ['--project', `${name}.json`], { cwd: folder });
  return compiled.then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test('openapi-typescript and openapi-fetch make a client that compiles, and knows events and failures by name', async () => {
  const program = join(root, 'client', 'node_modules', '.bin', 'openapi-typescript');
  await run(program, ['openapi.json', '--output', 'schema.d.ts'], { cwd: folder });
  const used = `
    import createClient from 'openapi-fetch';
    import type { components, paths } from './schema.d.ts';
    const client = createClient<paths>({ baseUrl: 'http://127.0.0.1:3000' });

    export async function click(id: string): Promise<string> {
      const { data, error, response } = await client.POST('/api/messages/conversations/{id}/button-click', {
        params: { path: { id }, header: { 'idempotency-key': 'one' } },
        body: { button_id: 'accept_price', additional_data: { price: '5000' } },
      });
      if (data) return data.data.flow_update.flow_state;
      switch (error.error_code) {
        case 'OFFER_STALE':
          return error.details.standing_price_minor ?? '';
        case 'VALIDATION_FAILED':
          return error.details.fields?.[0]?.field ?? '';
        default:
          return error.message + response.headers.get('x-request-id');
      }
    }

    export async function listen(): Promise<string[]> {
      const { data } = await client.GET('/api/events', { params: { query: { after: 0 } } });
      return (data?.data ?? []).map((event) =>
        event.name === 'new_message' ? event.data.message.message : event.name === 'message_seen' ? event.data.userId : '',
      );
    }

    export const title = (campaign: components['schemas']['Campaign']): string => campaign.title;
    export const cursor = (page: components['schemas']['Page']): string | null => page.next_cursor;
  `;
  expect(await complaintsAbout('fetched', used)).toBe('');
  const misused = used
    .replace("button_id: 'accept_price'", "buttonId: 'accept_price'")
    .replace('event.data.userId', 'event.data.user');
  const complaints = await complaintsAbout('misused', misused);
  expect(complaints).toContain('buttonId');
  expect(complaints).toContain("'user' does not exist");
  // A compiler is run on all of it: 6 s alone.
}, 120_000);

test('hey-api makes a client whose methods are the operations’ names, and it is answered by a running API', async () => {
  // It needs a compiler with an interface of its own; the console has one.
  const hook = `import { registerHooks } from 'node:module';
    const parentURL = ${JSON.stringify(pathToFileURL(join(root, 'console', 'package.json')).href)};
    registerHooks({ resolve: (name, context, next) => next(name, name === 'typescript' ? { ...context, parentURL } : context) });`;
  await node(
    `import { createClient } from '@hey-api/openapi-ts';
     const sdk = { name: '@hey-api/sdk', operations: { strategy: 'single', nesting: 'operationId' } };
     await createClient({
       input: 'openapi.json',
       output: 'hey',
       plugins: ['@hey-api/client-fetch', '@hey-api/typescript', sdk],
       logs: { level: 'silent', file: false },
     });`,
    '--import',
    `data:text/javascript,${encodeURIComponent(hook)}`,
  );
  const used = `
    import { client } from './hey/client.gen';
    import { Deals, Events, Campaigns, Payments } from './hey/sdk.gen';
    import type { Campaign, Event, OfferStaleFailure } from './hey/types.gen';
    client.setConfig({ baseUrl: 'http://127.0.0.1:3000', auth: 'token' });

    export async function play(id: string): Promise<string> {
      const deals = new Deals();
      const { data, error } = await deals.click({ path: { id }, body: { button_id: 'accept_price' } });
      if (error?.error_code === 'OFFER_STALE') return said(error);
      await deals.input({ path: { id }, body: { input_type: 'negotiation', text: '5000' } });
      await new Payments().getOrder({ path: { orderId: 'order_1' } });
      return data?.data.message ?? '';
    }
    const said = ({ details }: OfferStaleFailure): string => details.standing_price_minor ?? '';

    export async function list(): Promise<[Campaign[], Event[], string | null]> {
      const { data } = await new Campaigns().list({ query: { limit: 10 } });
      const events = await new Events().list({ query: { after: 0 } });
      for (const event of events.data?.data ?? []) if (event.name === 'new_message') console.log(event.data.message.id);
      return [data?.data ?? [], events.data?.data ?? [], data?.page.next_cursor ?? null];
    }
  `;
  expect(await complaintsAbout('called', used)).toBe('');
  expect(
    await complaintsAbout('miscalled', used.replace("input_type: 'negotiation'", "input_type: 'nonsense'")),
  ).toContain('nonsense');
  // Bundled, as a page would have it: the client imports without endings.
  writeFileSync(
    join(folder, 'ask.ts'),
    `import { client } from './hey/client.gen';
     import { Flows, Campaigns } from './hey/sdk.gen';
     client.setConfig({ baseUrl: '${app.listeningOrigin}' });
     export const answers = async () => [await new Flows().get(), await new Campaigns().list()] as const;`,
  );
  const bundle = await build({
    ...{ root: folder, logLevel: 'silent', configFile: false },
    build: { lib: { entry: 'ask.ts', formats: ['es'] }, write: false, minify: false },
  });
  const [{ output }] = bundle as unknown as [{ output: { code: string }[] }];
  const asked = await node(`${output[0]?.code}; console.log(JSON.stringify(await answers()))`);
  const [flow, campaigns] = JSON.parse(asked.stdout);
  expect(flow.data.data.states.length).toBeGreaterThan(10);
  expect(campaigns.error).toMatchObject({ error_code: 'UNAUTHENTICATED' });
  // A compiler is run on all of it: 6 s alone.
}, 120_000);
