import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KINDS, type Kind } from '#workflows/kinds.ts';

// The mechanism is one for every kind: none of its files imports one, or names one, or one of its states or commands.

const root = new URL('../../', import.meta.url);
const folder = (path: string, pattern: RegExp) =>
  readdirSync(new URL(path, root))
    .filter((name) => pattern.test(name) && !/\.test\.ts$/.test(name))
    .map((name) => `${path}${name}`);

const MECHANISM = [
  ...folder('db/process/', /\.(ts|sql)$/),
  ...folder('db/payment/', /\.ts$/),
  ...folder('workflows/process/', /\.ts$/),
  'db/migrations/0050_process.sql',
  'db/migrations/0060_event.sql',
  'db/migrations/0070_payment.sql',
];

/** What a kind is called, as a word of its own; in plurals too. */
// `payout` is also what any kind may have a provider do, as a refund is; a charge-back is also an account of the ledger.
const OWN = [
  ...KINDS.filter((kind) => kind !== 'payout' && kind !== 'chargeBack'),
  'brand_owner',
  'influencer',
  'payment_pending',
];
const NAMED = new RegExp(`\\b(?:${OWN.join('|')})s?\\b`, 'i');

test.each(MECHANISM)('%s names no kind', (file) => {
  const text = readFileSync(new URL(file, root), 'utf8');
  const complaints = text
    .split('\n')
    .map((line, place) => ({ line, place: place + 1 }))
    .filter(({ line }) => NAMED.test(line))
    .map(({ line, place }) => `${place}: ${line.trim()}`);
  expect(complaints).toEqual([]);
});

test('every kind is in the records that are made over kinds, by type and under its own name', () => {
  const registry = readFileSync(new URL('db/kinds.ts', root), 'utf8');
  expect(registry).toMatch(/Record<Kind, KindRows>/);
  for (const kind of KINDS) expect(registry).toContain(`${kind}:`);
});

/** What every kind is held to. Where one is by tests of its own, because the kit asks for what it does not have, they are named. */
const KITS: Record<string, Partial<Record<Kind, string>>> = {
  describeMachine: {},
  // Its provider says everything, in every order, and operators decide.
  describeProcess: { deal: 'db/deal/dealing.int.test.ts' },
  // No command of a person's promises money: a provider's fact does. What is live moves none at all.
  describeRaces: {
    ...{ topUp: 'journeys/topUp.int.test.ts', stream: 'journeys/stream.int.test.ts' },
    ...{ poll: 'journeys/stream.int.test.ts', challenge: 'journeys/battle.int.test.ts' },
  },
  describeEndings: {},
};

const tests = ['workflows/', 'db/', 'journeys/'].flatMap((ring) =>
  readdirSync(new URL(ring, root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && file !== 'process/guard.test.ts')
    .map((file) => ({ file: ring + file, text: readFileSync(new URL(ring + file, root), 'utf8') })),
);

/** Kinds that a kit is called with: by the first field of what it is given, or the room that the machine is in. */
function heldTo(kit: string): string[] {
  return tests.flatMap(({ file, text }) => {
    if (kit === 'describeMachine') return text.includes(`${kit}({`) ? [file.split('/')[1] as string] : [];
    return [...text.matchAll(new RegExp(`${kit}(?:<\\w+>)?\\(\\s*\\{\\s*kind: '(\\w+)'`, 'g'))].map(
      ([, kind = '']) => kind,
    );
  });
}

test.each(Object.keys(KITS))('every kind is held to what %s promises', (kit) => {
  const own = KITS[kit] ?? {};
  expect([...new Set([...heldTo(kit), ...Object.keys(own)])].sort()).toEqual([...KINDS].sort());
  for (const file of Object.values(own)) expect(existsSync(new URL(file, root)), file).toBe(true);
});

const readme = readFileSync(new URL('db/process/README.md', root), 'utf8');
const rules = [...readme.matchAll(/^\| (\d)\. .*$/gm)].map(([line, number = '']) => {
  const [, , where = '', proven = ''] = line.split('|');
  const named = (text: string) => [...text.matchAll(/`([\w./]+)`/g)].map(([, name = '']) => name);
  return {
    number,
    functions: named(where),
    files: named(proven),
    titles: [...proven.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  };
});

test('the page of the eight rules names a function and a test for each, and all of them are there', () => {
  expect(rules.map(({ number }) => number)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  const code = [
    ...['db/process/', 'db/payment/'].flatMap((path) => folder(path, /\.ts$/)),
    'db/migrations/0050_process.sql',
  ].map((file) => readFileSync(new URL(file, root), 'utf8'));
  const kit = readFileSync(new URL('db/process/testing/describeProcess.ts', root), 'utf8');
  for (const { number, functions, files, titles } of rules) {
    expect(functions.length * (files.length + titles.length), `rule ${number}`).toBeGreaterThan(0);
    for (const name of functions) {
      const is = name.endsWith('.ts')
        ? existsSync(new URL(`db/process/${name}`, root))
        : code.some((text) => new RegExp(`FUNCTION ${name}\\b|function ${name}\\b`).test(text));
      expect(is, `rule ${number}: ${name}`).toBe(true);
    }
    for (const file of files) {
      const path = file.includes('/') ? file : `db/process/${file}`;
      expect(existsSync(new URL(path, root)), `rule ${number}: ${file}`).toBe(true);
    }
    for (const title of titles) {
      expect(
        [kit, ...tests.map(({ text }) => text)].some((text) => text.includes(title)),
        `rule ${number}: ${title}`,
      ).toBe(true);
    }
  }
});

test('the page names the order of locks as the code has it', () => {
  const locks = readFileSync(new URL('db/process/locks.ts', root), 'utf8');
  const [, order = ''] = /always in this order: ([\s\S]*?); within one of them by id/.exec(locks) ?? [];
  const tables = order.replaceAll(/\s*\n \* /g, ' ').split(', ');
  expect(tables.length).toBeGreaterThan(10);
  expect(readme).toContain(tables.map((table) => `\`${table}\``).join(', '));
});
