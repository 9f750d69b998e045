import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
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

const root = fileURLToPath(new URL('..', import.meta.url));
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
const ours = [...imports].filter(([file]) => !file.startsWith('console/'));

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

test('every package that is imported is named in package.json', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(`${root}package.json`, 'utf8'),
  );
  const named = new Set(Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }));
  const missing = new Set<string>();
  for (const [file, found] of ours) {
    for (const { to } of found) {
      if (targetOf(file, to) !== null || to.startsWith('node:')) continue;
      const name = to.split('/', to.startsWith('@') ? 2 : 1).join('/');
      const runs = isTest(file) || ['local', 'journeys'].includes(ringOf(file));
      if (!named.has(name) || (!runs && !(name in dependencies))) missing.add(`${file}: ${name}`);
    }
  }
  expect([...missing]).toEqual([]);
});

test.each([
  ['workflows/collaboration/flow.ts', "import { readFileSync } from 'node:fs';", 'may not use node:fs'],
  ['workflows/collaboration/flow.ts', "import { z } from 'zod';", 'zod belongs in contract.ts'],
  ['workflows/collaboration/flow.ts', "import { sql } from '#db/pool.ts';", 'may not import db/'],
  ['workflows/collaboration/workflow.ts', "import { a } from '#activities/index.ts';", 'may not import activities/'],
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
  ['workflows/collaboration/workflow.ts', "import type { A } from '#activities/index.ts';"],
  ['workflows/collaboration/contract.ts', "import { z } from 'zod';"],
  ['workflows/collaboration/flow.test.ts', "import { readFileSync } from 'node:fs';"],
  ['db/steps.int.test.ts', "import { createTestDatabase } from '#local/testStack.ts';"],
  ['api/app.ts', "import cors from '@fastify/cors';"],
  ['journeys/deal.int.test.ts', "import { startRelay } from '#worker/relay.ts';"],
])('%s may say %s', (file, source) => {
  const [found] = importsOf(file, source);
  expect(found && complaintOf(file, found)).toBeNull();
});

test('a pure file that asks for the time is found out', () => {
  expect(
    impureCallsOf('workflows/a.ts', 'const a = Date.now() + new Date().getTime() + Math.random();').sort(),
  ).toEqual(['Date.now', 'Math.random', 'new Date()']);
  expect(impureCallsOf('workflows/a.ts', 'new Date(at).toISOString()')).toEqual([]);
});
