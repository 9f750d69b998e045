import { parseArgs } from 'node:util';
import { Runtime } from '@temporalio/worker';
import { askForNamespace, createClient, readCluster } from '#worker/cluster.ts';
import { replaySampled } from '#worker/sampled.ts';
import { runningTemporal } from './running.ts';

/**
 * `npm run replay`: takes runs of every type from the Temporal server, as the worker's settings name it or as `npm start`
 * runs it, and replays them against this checkout. Changes nothing there. Ends with 1 where one does not replay: at a
 * release of this code it would be begun anew.
 */

const { values } = parseArgs({ options: { each: { type: 'string', default: '50' } } });
const each = Number(values.each);
if (!Number.isInteger(each) || each < 1) {
  console.error('--each takes how many runs of each type are replayed.');
  process.exit(1);
}
Runtime.install({
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  // A run that is in the middle of something goes on with it at its end, and has nobody here who would do it.
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});
const { env } = process;
const cluster = readCluster(
  {
    TEMPORAL_ADDRESS: runningTemporal(),
    TEMPORAL_NAMESPACE: env.TEMPORAL_NAMESPACE || 'default',
    TEMPORAL_TASK_QUEUE: '',
    TEMPORAL_CODEC_KEY: env.TEMPORAL_CODEC_KEY || undefined,
  },
  env,
);
try {
  await askForNamespace(cluster);
} catch (error) {
  console.error(`Temporal at ${cluster.address} cannot be asked: ${(error as Error).message}`);
  process.exit(1);
}
const sampled = await replaySampled(createClient(cluster), { each, dataConverter: cluster.dataConverter });
for (const { type, standing, replayed, failed } of sampled) {
  console.log(`${type}, ${standing}: ${replayed} replay${failed.length > 0 ? `, ${failed.length} do not` : ''}`);
  for (const { workflowId, runId, why } of failed) console.log(`  ${workflowId} (${runId}): ${why}`);
}
if (sampled.length === 0) console.log('There are no runs to replay.');
process.exit(sampled.some(({ failed }) => failed.length > 0) ? 1 : 0);
