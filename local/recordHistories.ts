import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { askForNamespace, createClient, readCluster } from '#worker/cluster.ts';
import { sampleRuns } from '#worker/sampled.ts';
import { roomOf, WORKFLOW_TYPES } from '#workflows/kinds.ts';
import { runningTemporal } from './running.ts';

/**
 * `npm run histories:record`: keeps the histories of runs of every type, as the Temporal server has them, in the type's
 * room, `workflows/<room>/histories/` (or under `--into`), where `npm test` replays them against the code of every later day.
 * A history holds ids, instants and amounts, and neither texts nor names.
 */

const ROOMS = fileURLToPath(new URL('../workflows', import.meta.url));
const { values } = parseArgs({
  options: { each: { type: 'string', default: '1' }, into: { type: 'string', default: ROOMS } },
});
const each = Number(values.each);
if (!Number.isInteger(each) || each < 1) stop('--each takes how many runs of each type are recorded.');
const { env } = process;
if (env.TEMPORAL_CODEC_KEY)
  stop(
    'What is encrypted would be kept as it is, and replays nowhere: record from a server without TEMPORAL_CODEC_KEY.',
  );
const cluster = readCluster(
  {
    TEMPORAL_ADDRESS: runningTemporal(),
    TEMPORAL_NAMESPACE: env.TEMPORAL_NAMESPACE || 'default',
    TEMPORAL_TASK_QUEUE: '',
  },
  env,
);
await askForNamespace(cluster).catch((error: Error) =>
  stop(`Temporal at ${cluster.address} cannot be asked: ${error.message}`),
);
const client = createClient(cluster);
let recorded = 0;
for (const type of WORKFLOW_TYPES) {
  for (const { workflowId, runId } of await sampleRuns(client, type, each)) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const name = `a ${type} of a running system, ${runId}`;
    const folder = join(values.into, roomOf(type), 'histories');
    mkdirSync(folder, { recursive: true });
    const kept = { name, workflowId, history: JSON.parse(historyToJSON(history)) };
    writeFileSync(join(folder, `${name.replaceAll(/\W+/g, '-')}.json`), `${JSON.stringify(kept, null, 1)}\n`);
    recorded += 1;
  }
}
console.log(`${recorded} histories are in ${values.into}.`);
process.exit(0);

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
