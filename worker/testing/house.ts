/** Who may import whom: the house of this repository as a table, and how its files are read against it. */
import { posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

export type Ring = {
  /** Rings that its files may import beside their own. */
  rings: readonly string[];
  /** Packages from the registry; a name that ends with * is a beginning. */
  packages: readonly string[] | 'any';
  /** Whether it may use what Node offers. */
  node: boolean;
  /** Of these rings only types, which are gone when the code runs. */
  typesOf?: readonly string[];
};

const INNER_RINGS = ['workflows', 'db', 'payments', 'push', 'prices', 'activities', 'realtime', 'program'];
const EVERY_RING = [...INNER_RINGS, 'api', 'worker', 'client', 'local', 'journeys'];

export const HOUSE: Record<string, Ring> = {
  workflows: {
    rings: [],
    packages: ['@temporalio/workflow', '@temporalio/common', 'zod', 'ml-matrix'],
    node: false,
    typesOf: ['activities'],
  },
  db: { rings: ['workflows', 'program'], packages: ['slonik', 'zod', 'uuid', 'node-pg-migrate'], node: true },
  payments: { rings: ['workflows'], packages: ['stripe', 'zod', 'uuid'], node: true },
  push: { rings: ['workflows'], packages: ['google-auth-library', 'web-push', 'zod'], node: true },
  prices: { rings: ['workflows'], packages: ['zod'], node: true },
  activities: {
    rings: ['workflows', 'db', 'payments', 'push'],
    packages: ['@temporalio/activity', '@temporalio/common', 'pino', 'uuid', 'zod'],
    node: true,
  },
  realtime: {
    rings: ['workflows', 'db', 'program'],
    packages: [
      ...['ws', 'fastify', '@fastify/websocket', 'socket.io', 'rate-limiter-flexible'],
      ...['ioredis', 'zod', 'uuid', 'pino', 'prom-client'],
    ],
    node: true,
  },
  // Nobody's rules: what every process has, and so any ring that runs in one may import it.
  program: { rings: [], packages: ['pino', 'zod', '@opentelemetry/*'], node: true },
  api: {
    rings: ['workflows', 'db', 'payments', 'realtime', 'program'],
    packages: [
      ...['fastify', 'fastify-plugin', 'fastify-type-provider-zod', '@fastify/*', 'openapi-types', 'zod', 'uuid'],
      ...['ioredis', 'rate-limiter-flexible', 'jose', '@node-rs/argon2', 'pino', 'prom-client'],
      ...['ipaddr.js', 'lru-cache', 'csv-stringify', 'livekit-server-sdk', '@scure/*', '@noble/*'],
    ],
    node: true,
  },
  worker: {
    rings: INNER_RINGS,
    packages: [
      '@temporalio/*',
      'ioredis',
      'pino',
      'prom-client',
      'zod',
      'uuid',
      'rabbitmq-client',
      'ipaddr.js',
      'standardwebhooks',
    ],
    node: true,
  },
  // For others' machines: it knows the API's documents and nothing of ours.
  client: { rings: [], packages: ['openapi-fetch'], node: false },
  // Everything that runs on one machine, and every part of it played together: they may import all.
  local: { rings: EVERY_RING, packages: 'any', node: true },
  journeys: { rings: EVERY_RING, packages: 'any', node: true },
};

/** Rings that nobody imports, but tests, which may use what starts servers for them. */
const ENDS = ['local', 'journeys'];

/** In `workflows/`, zod is for what travels. */
const ZOD_IN_WORKFLOWS = /^workflows\/[a-zA-Z]+\/contract\.ts$/;

/** Folders that gather what has no owner. */
export const FORBIDDEN_FOLDERS = ['utils', 'util', 'common', 'shared', 'helpers', 'lib', 'types', 'constants', 'misc'];

export type Import = { to: string; typeOnly: boolean };

/** Every import and re-export of a source, static and dynamic. Throws where it cannot be parsed. */
export function importsOf(file: string, source: string): Import[] {
  const { errors, program } = parseSync(file, source);
  const [error] = errors;
  if (error) throw new Error(`${file}: ${error.message}`);
  const found: Import[] = [];
  const add = (to: string, typeOnly: boolean) => found.push({ to, typeOnly });
  new Visitor({
    ImportDeclaration(node) {
      // `import { type A }` without a value stays as an import for its effect (verbatimModuleSyntax): it counts.
      add(node.source.value, node.importKind === 'type');
    },
    ExportNamedDeclaration(node) {
      if (node.source) add(node.source.value, node.exportKind === 'type');
    },
    ExportAllDeclaration(node) {
      add(node.source.value, node.exportKind === 'type');
    },
    ImportExpression(node) {
      add(node.source.type === 'Literal' ? String(node.source.value) : '?', false);
    },
    TSImportType(node) {
      add(node.source.value, true);
    },
  }).visit(program);
  return found;
}

export const ringOf = (file: string): string => file.split('/')[0] as string;

export const isTest = (file: string): boolean => /\.test\.ts$|(^|\/)testing\//.test(file);

/** Where an import of ours leads, as a path from the root; null for packages and Node's own. */
export function targetOf(file: string, to: string): string | null {
  if (to.startsWith('#')) return to.slice(1);
  return to.startsWith('.') ? posix.join(posix.dirname(file), to) : null;
}

const packageOf = (to: string): string => to.split('/', to.startsWith('@') ? 2 : 1).join('/');

function allows(packages: Ring['packages'], name: string): boolean {
  if (packages === 'any') return true;
  return packages.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name));
}

/** What is wrong with one import, in a sentence; null where nothing is. */
/** Packages that one file of a ring uses: whoever migrates holds a lock on a connection of its own, as no pool gives it. */
const ALONE: Readonly<Record<string, string>> = { pg: 'db/migrate.ts' };

export function complaintOf(file: string, { to, typeOnly }: Import): string | null {
  const name = ringOf(file);
  const ring = HOUSE[name];
  if (!ring) return `${name}/ is no ring`;
  const test = isTest(file);
  if (to === '?') return 'imports what cannot be read here';
  if (to.startsWith('node:')) {
    return ring.node || test || typeOnly ? null : `${name}/ may not use ${to}`;
  }
  const target = targetOf(file, to);
  if (target === null) {
    if (test) return null;
    const wanted = packageOf(to);
    if (!allows(ring.packages, wanted) && ALONE[wanted] !== file) return `${name}/ may not use the package ${wanted}`;
    const misplaced = name === 'workflows' && wanted === 'zod' && !ZOD_IN_WORKFLOWS.test(file);
    return misplaced ? 'zod belongs in contract.ts' : null;
  }
  return complaintOfOwn(file, to, target, typeOnly);
}

function complaintOfOwn(file: string, to: string, target: string, typeOnly: boolean): string | null {
  const [name, other] = [ringOf(file), ringOf(target)];
  const ring = HOUSE[name] as Ring;
  const test = isTest(file);
  if (!/\.(ts|mjs|json)$/.test(target)) return `${to} lacks its ending`;
  if (isTest(target) && !test && !ENDS.includes(name)) return `${to} is for tests`;
  if (other === name) return to.startsWith('#') ? `${to} is in its own ring: import it relatively` : null;
  if (!HOUSE[other]) return `${to} is in no ring`;
  if (!to.startsWith('#')) return `${to} leaves its ring: import it as #${target}`;
  if (ring.rings.includes(other)) return null;
  if (typeOnly && ring.typesOf?.includes(other)) return null;
  if (test && other === 'local') return null;
  return `${name}/ may not import ${other}/`;
}

/** Files that a file's values come from, itself included, given what each file imports. */
export function reachableFrom(file: string, imports: ReadonlyMap<string, readonly Import[]>): Set<string> {
  const reached = new Set<string>();
  const open = [file];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    for (const { to, typeOnly } of imports.get(at) ?? []) {
      const target = targetOf(at, to);
      if (target && !typeOnly) open.push(target);
    }
  }
  return reached;
}

/** Of Node's own process what it is asked for: a machine's process has a state and a version of its own. */
const IMPURE =
  /^(Date\.now|Math\.random|performance\.\w+|crypto\.\w+|process\.(env|hrtime|uptime|p?pid|argv|cwd|nextTick|memoryUsage|cpuUsage|exit|on))$/;

/** Calls that give another answer each time: a pure file is told the time and draws no lots. */
export function impureCallsOf(file: string, source: string): string[] {
  const found: string[] = [];
  new Visitor({
    NewExpression(node) {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0) {
        found.push('new Date()');
      }
    },
    MemberExpression(node) {
      if (node.object.type !== 'Identifier' || node.property.type !== 'Identifier') return;
      const call = `${node.object.name}.${node.property.name}`;
      if (IMPURE.test(call)) found.push(call);
    },
  }).visit(parseSync(file, source).program);
  return found;
}
