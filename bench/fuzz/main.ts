import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forgetOtherPostgres } from '#local/environment.ts';
import { fuzz } from '../../journeys/fuzzing/fuzz.ts';
import { openStack } from '../../journeys/stack.ts';
import { writeWhole } from '../reliability/whole.ts';
import { watchMemory } from './memory.ts';
import { keep, linesOf } from './report.ts';

/**
 * `npm run fuzz:documents -- [--requests 50000] [--frames 10000] [--seed 1] [--at-once 12]`: requests and frames made from
 * api/openapi.json and realtime/asyncapi.json against what `npm start` runs. Keeps what came out in `results.md`, and ends
 * with 1 where anything is not as it has to be. The same seed asks the same, as far as answers let it. Ctrl-C ends it
 * early, and keeps what it has come to. With `--only`, a part of a route's name, it looks for the cause of something, and
 * keeps nothing.
 */

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '50000' },
    frames: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '12' },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const asked = {
  requests: Number(values.requests),
  frames: Number(values.frames),
  seed: Number(values.seed),
  atOnce: Number(values['at-once']),
};
if (Object.values(asked).some((each) => !Number.isInteger(each) || each < 0)) {
  console.error('--requests, --frames, --seed and --at-once take whole numbers.');
  process.exit(1);
}

forgetOtherPostgres();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
const stack = await openStack();
let isWell = false;
try {
  const began = performance.now();
  const memory = watchMemory(stack, ['api', 'worker']);
  const report = await fuzz(stack, { ...asked, only: values.only, stopping: stopping.signal });
  const found = { asked, report, memory: memory.end(), seconds: (performance.now() - began) / 1_000 };
  console.log([...linesOf(found), ...errorsIn(join(stack.home, 'logs', 'api.log'))].join('\n'));
  if (values.only.length === 0) {
    keep(found);
    writeWhole();
  }
  isWell = report.faults().length === 0 && report.missed().length === 0 && found.memory.every(({ isFlat }) => isFlat);
} finally {
  await stack.close();
}
process.exit(isWell ? 0 : 1);

/** What the API says of faults of its own, each sort once. */
function errorsIn(log: string): string[] {
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /"level":(50|"error")/.test(line));
  const sorts = new Map(
    lines.map((line) => [line.replace(/[\d]+|[0-9a-f]{8}-[0-9a-f-]{27}/g, '').slice(0, 400), line]),
  );
  return [...sorts.values()].slice(0, 20).map((line) => line.slice(0, 3_000));
}
