import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { deadExports, exportsOf } from './testing/exports.ts';
import {
  complaintOf,
  FORBIDDEN_FOLDERS,
  HOUSE,
  importsOf,
  impureCallsOf,
  isTest,
  reachableFrom,
  ringOf,
  targetOf,
} from './testing/house.ts';
import { functionsOf, LONGEST_FUNCTION } from './testing/lengths.ts';
import { complaintsOfReadmes } from './testing/readmes.ts';
import { complaintsOfRooms, complaintsOfWords } from './testing/rooms.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is run to make files of the client, and no part of it. */
const MAKERS = new Set(['client/write.ts', 'client/build.mjs']);
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.tandem']);

function walk(folder: string, onFolder: (path: string) => void): string[] {
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    if (NOT_OURS.has(entry.name)) return [];
    onFolder(path);
    return walk(path, onFolder);
  });
}

const folders: string[] = [];
const paths = [...Object.keys(HOUSE), 'console'].flatMap((ring) => walk(ring, (path) => folders.push(path)));
const sources = new Map(
  paths
    .filter((path) => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => [path, readFileSync(root + path, 'utf8')]),
);
const imports = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
const ours = [...imports].filter(([file]) => !file.startsWith('console/') && !MAKERS.has(file));

test('every file imports only what its ring may', () => {
  const complaints = ours.flatMap(([file, found]) =>
    found.flatMap((each) => {
      const complaint = complaintOf(file, each);
      return complaint ? [`${file}: ${complaint}`] : [];
    }),
  );
  expect(complaints).toEqual([]);
});

test('nobody but workflows, activities, the worker and what starts them comes to a Temporal package, on whatever way', () => {
  const may = new Set(['workflows', 'activities', 'worker', 'local', 'journeys']);
  const temporal = ours.flatMap(([file, found]) =>
    found.some(({ to, typeOnly }) => to.startsWith('@temporalio/') && !typeOnly) ? [file] : [],
  );
  const complaints = ours
    .filter(([file]) => !may.has(ringOf(file)) && !isTest(file))
    .flatMap(([file]) => {
      const reached = reachableFrom(file, imports);
      return temporal.filter((other) => reached.has(other)).map((other) => `${file} comes to Temporal by ${other}`);
    });
  expect(complaints).toEqual([]);
});

test('no two files need each other to be loaded', () => {
  const circles = ours
    .filter(([file, found]) =>
      found.some(({ to, typeOnly }) => {
        const target = targetOf(file, to);
        return !typeOnly && target !== null && target !== file && reachableFrom(target, imports).has(file);
      }),
    )
    .map(([file]) => file);
  expect(circles).toEqual([]);
});

test('pure files are told the time: only what runs inside Temporal asks for it', () => {
  const complaints = ours
    .filter(
      ([file, found]) =>
        ringOf(file) === 'workflows' && !isTest(file) && !found.some(({ to }) => to === '@temporalio/workflow'),
    )
    .flatMap(([file]) => impureCallsOf(file, sources.get(file) ?? '').map((call) => `${file}: ${call}`));
  expect(complaints).toEqual([]);
});

test('SQL is written in db/ alone', () => {
  const complaints = ours
    .filter(([file]) => !['db', 'local', 'journeys'].includes(ringOf(file)) && !isTest(file))
    .filter(([file]) => /import \{[^}]*\bsql\b[^}]*\} from '#db\/pool\.ts'/.test(sources.get(file) ?? ''))
    .map(([file]) => file);
  expect(complaints).toEqual([]);
});

test('the console knows the public API and nothing else of ours', () => {
  const complaints = [...imports]
    .filter(([file]) => file.startsWith('console/src/'))
    .flatMap(([file, found]) =>
      found.flatMap(({ to }) => {
        const target = targetOf(file, to);
        return target !== null && !target.startsWith('console/') ? [`${file}: ${to}`] : [];
      }),
    );
  expect(complaints).toEqual([]);
});

test('there is no folder for what has no owner', () => {
  const complaints = folders.filter((folder) => FORBIDDEN_FOLDERS.includes(folder.split('/').at(-1) as string));
  expect(complaints).toEqual([]);
});

test('a room is one noun, and has the same name in every ring that knows it', () => {
  expect(complaintsOfRooms(paths)).toEqual([]);
});

test('words that could mean several things mean one', () => {
  const exported = new Map(
    ours
      .filter(([file]) => !isTest(file))
      .map(([file]) => [file, exportsOf(file, sources.get(file) ?? '').map(({ name }) => name)]),
  );
  expect(complaintsOfWords(exported)).toEqual([]);
});

test('nothing is exported that nobody imports', () => {
  const inHouse = new Map([...sources].filter(([file]) => !/^console\/(?!src\/)/.test(file)));
  const others = new Map(
    ['vitest.config.ts', ...walk('bench', () => {}).filter((path) => path.endsWith('.ts'))].map((path) => [
      path,
      readFileSync(root + path, 'utf8'),
    ]),
  );
  expect(deadExports(inHouse, others)).toEqual([]);
  // Every file of the house is read: 7 s alone.
}, 120_000);

test(`no function has more than ${LONGEST_FUNCTION} lines of its own`, () => {
  const complaints = [...sources]
    .filter(([file]) => !isTest(file) && !file.startsWith('console/test/'))
    .flatMap(([file, text]) =>
      functionsOf(file, text)
        .filter(({ lines }) => lines > LONGEST_FUNCTION)
        .map(({ name, line, lines }) => `${file}:${line} ${name}: ${lines} lines`),
    );
  expect(complaints).toEqual([]);
});

test('READMEs name what their folders hold, and every folder has one or belongs to one', () => {
  const everything = [...paths, ...walk('bench', () => {}), ...walk('docs', () => {})];
  const readmes = new Map(
    everything
      .filter((path) => path.endsWith('/README.md'))
      .map((path) => [path.slice(0, -'/README.md'.length), readFileSync(root + path, 'utf8')]),
  );
  for (const ring of [...Object.keys(HOUSE), 'console', 'bench', 'docs']) expect([...readmes.keys()]).toContain(ring);
  expect(complaintsOfReadmes(everything, readmes)).toEqual([]);
});

test('every package that is imported is named in package.json', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  const { dependencies: ofClient } = JSON.parse(readFileSync(`${root}client/package.json`, 'utf8'));
  const named = new Set(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }));
  const missing = new Set<string>();
  for (const [file, found] of ours) {
    for (const { to } of found) {
      if (targetOf(file, to) !== null || to.startsWith('node:')) continue;
      const name = to.split('/', to.startsWith('@') ? 2 : 1).join('/');
      const runs = isTest(file) || ['local', 'journeys'].includes(ringOf(file));
      const needed = ringOf(file) === 'client' ? ofClient : dependencies;
      if (!named.has(name) || (!runs && !(name in needed))) missing.add(`${file}: ${name}`);
    }
  }
  expect([...missing]).toEqual([]);
  const { client, ...rings } = HOUSE;
  expect(client?.packages).toEqual(Object.keys(ofClient));
  const allowed = Object.values(rings).flatMap(({ packages }) => (packages === 'any' ? [] : packages));
  expect(allowed.filter((name) => !name.endsWith('*') && !(name in dependencies))).toEqual([]);
});

test.each([
  ['workflows/deal/flow.ts', "import { readFileSync } from 'node:fs';", 'may not use node:fs'],
  ['workflows/deal/flow.ts', "import { z } from 'zod';", 'zod belongs in contract.ts'],
  ['workflows/deal/flow.ts', "import { sql } from '#db/pool.ts';", 'may not import db/'],
  ['workflows/deal/workflow.ts', "import { a } from '#activities/index.ts';", 'may not import activities/'],
  ['db/steps.ts', "import { Client } from 'pg';", 'may not use the package pg'],
  ['db/steps.ts', "import { x } from '../workflows/money.ts';", 'import it as #workflows/money.ts'],
  ['db/steps.ts', "export * from '#api/app.ts';", 'may not import api/'],
  ['db/steps.ts', "import { sql } from '#db/pool.ts';", 'import it relatively'],
  ['db/steps.ts', "import { sql } from './pool';", 'lacks its ending'],
  ['db/steps.ts', "import { x } from './testing/dealing.ts';", 'is for tests'],
  ['activities/collaboration.ts', "import { createPool } from 'slonik';", 'may not use the package slonik'],
  ['api/app.ts', "import { Client } from '@temporalio/client';", 'may not use the package @temporalio/client'],
  ['api/app.ts', "const { relay } = await import('#worker/relay.ts');", 'may not import worker/'],
  ['api/app.ts', "type Place = import('#local/home.ts').Place;", 'may not import local/'],
  ['api/app.ts', "import Stripe from 'stripe';", 'may not use the package stripe'],
  ['api/app.ts', 'await import(name);', 'cannot be read'],
  ['realtime/bus.ts', "import type { Deps } from '#api/deps.ts';", 'may not import api/'],
  ['worker/main.ts', "import { buildApp } from '#api/app.ts';", 'may not import api/'],
  ['worker/main.ts', "import { openPlace } from '#journeys/place.ts';", 'may not import journeys/'],
])('%s may not say %s', (file, source, complaint) => {
  const [found] = importsOf(file, source);
  expect(found && complaintOf(file, found)).toContain(complaint);
});

test.each([
  ['workflows/deal/workflow.ts', "import type { A } from '#activities/index.ts';"],
  ['workflows/deal/contract.ts', "import { z } from 'zod';"],
  ['workflows/deal/flow.test.ts', "import { readFileSync } from 'node:fs';"],
  ['db/steps.int.test.ts', "import { createTestDatabase } from '#local/testStack.ts';"],
  ['api/app.ts', "import cors from '@fastify/cors';"],
  ['journeys/deal.int.test.ts', "import { startRelay } from '#worker/relay.ts';"],
])('%s may say %s', (file, source) => {
  const [found] = importsOf(file, source);
  expect(found && complaintOf(file, found)).toBeNull();
});

test('a pure file that asks for the time is found out', () => {
  expect(
    impureCallsOf(
      'workflows/a.ts',
      'const a = Date.now() + new Date().getTime() + Math.random() + process.env.A;',
    ).sort(),
  ).toEqual(['Date.now', 'Math.random', 'new Date()', 'process.env']);
  expect(impureCallsOf('workflows/a.ts', 'process.state + process.version')).toEqual([]);
  expect(impureCallsOf('workflows/a.ts', 'new Date(at).toISOString()')).toEqual([]);
});

test('rooms that are one noun, that no other ring knows, or whose file lies outside, are found out', () => {
  const files = [
    'db/deal/a.ts',
    'api/deals/a.ts',
    'api/trade/a.ts',
    'workflows/trade/a.ts',
    'api/trade.ts',
    'db/trade.ts',
  ];
  expect(complaintsOfRooms([...files, 'api/docs/a.ts', 'db/pool.ts'])).toEqual([
    "api/deals/ is in no other ring: is it another's room?",
    'api/trade.ts belongs in api/trade/',
    "db/deal/ is in no other ring: is it another's room?",
    'deal/ and deals/ are one noun',
  ]);
});

test('a word that means something else than elsewhere is found out, as a file and as a name', () => {
  const exported = new Map([
    ['db/process/door.ts', ['Door', 'openDoor']],
    ['local/place.ts', ['Place', 'requireFree']],
    ['db/talk/messages.ts', ['Message']],
    ['workflows/trade/messages.ts', ['rule']],
  ]);
  const means = 'but a place is where money of a process lies: escrow, fee, a wallet, a hold';
  expect(complaintsOfWords(exported)).toEqual([`local/place.ts: place, ${means}`]);
});

test('an export that nobody imports is found out, whatever way it could be taken', () => {
  const sources = new Map([
    [
      'db/a.ts',
      'export const dead = 1; export const taken = 1; export type Lone = 1; export type Of = 1; export function of(x: Of) {}',
    ],
    [
      'db/b.ts',
      "import { taken, of } from './a.ts'; export * from './c.ts'; const w = new URL('./run.ts', import.meta.url);",
    ],
    ['db/c.ts', 'export const passedOn = 1;'],
    ['db/run.ts', 'export function workflow() {}'],
    ['db/d.ts', "export { taken as again } from '#db/a.ts'; export default 1;"],
  ]);
  expect(deadExports(sources, new Map())).toEqual(['db/a.ts: dead', 'db/a.ts: Lone', 'db/d.ts: default']);
});

test('a function is measured without what functions inside it take', () => {
  const source = 'function outer() {\n  const a = 1;\n  function inner() {\n    a;\n    a;\n  }\n  return inner;\n}';
  expect(functionsOf('db/a.ts', source)).toEqual([
    { name: 'inner', line: 3, lines: 4 },
    { name: 'outer', line: 1, lines: 5 },
  ]);
});

test('a README that leaves a file out, or names one that is gone, is found out', () => {
  const files = [
    'db/README.md',
    'db/pool.ts',
    'db/pool.test.ts',
    'db/talk/a.ts',
    'db/deal/a.ts',
    'db/deal/b.ts',
    'db/x.sql',
  ];
  const table =
    '| file | what |\n| --- | --- |\n| `pool.ts`, `old.ts` | |\n| `talk/` | |\n| `deal/a.ts` | |\n\n| other |\n| `no.ts` |';
  expect(complaintsOfReadmes(files, new Map([['db', table]]))).toEqual([
    'db/README.md names old.ts, which is not there',
    'db/README.md does not name deal/b.ts',
    'db/README.md does not name x.sql',
  ]);
  expect(complaintsOfReadmes(['db/README.md', 'db/talk/a.ts'], new Map([['db', 'words']]))).toEqual([
    'db/README.md has no table of files, and talk/ no README',
  ]);
});
