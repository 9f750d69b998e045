import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '#local/ports.ts';
import { startTemporal } from '#local/temporal.ts';
import { findTemporal } from '#local/temporalProgram.ts';
import type { Closing } from './closing.ts';
import { requireSyncedPostgres, requireSyncedRestate, requireSyncedTemporal } from './durability.ts';
import { peerScript } from './peers.ts';
import { DEALS, type Place } from './place.ts';
import { startRestate } from './restateServer.ts';
import { Variant, type VariantSpec } from './variant.ts';

/** The ways in which a click is worked on, by the names they have in the tables. */
export const OURS = 'Tandem';
export const ALONE = 'Tandem, nothing else running';
export const ROUTE = 'Tandem over HTTP';
export const LIMIT = 'hand-rolled';
export const BY_HAND = 'hand-rolled, the same rows';
/** Those that promise to be durable beyond one transaction. */
export const PEERS = [
  'DBOS Transact',
  'Restate, row in Postgres',
  'Restate, row in its own state',
  'Temporal Update',
] as const;
const [DBOS, RESTATE_POSTGRES, RESTATE_OWN, TEMPORAL] = PEERS;

const ourScript = (name: string) => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/**
 * Starts the peers' servers and a process for every variant, after a look whether all of them sync. All share one
 * Postgres, each with databases of its own. What is idle is left running: all of it together takes 5 % of the machine,
 * from each alike.
 */
export async function openVariants(
  place: Place,
  dir: string,
  closing: Closing,
  say: (line: string) => void,
): Promise<{ variants: Variant[]; durability: string[] }> {
  say("Starting the peers' servers");
  const { postgres, redis, pids: ours } = place;
  const peerFile = join(dir, 'temporal-peer', 'temporal.db');
  const temporal = await startTemporal({
    program: await findTemporal(say),
    port: await freePort(),
    dbFile: peerFile,
    log: join(dir, 'temporal-peer.log'),
  });
  closing.add(() => temporal.stop());
  const restate = await startRestate(join(dir, 'restate'), join(dir, 'restate.log'));
  closing.add(() => restate.stop());
  const durability = [
    await requireSyncedPostgres(postgres.url),
    requireSyncedTemporal(place.temporal.pid, join(place.dir, 'temporal', 'temporal.db')),
    requireSyncedTemporal(temporal.pid, peerFile),
    requireSyncedRestate(restate.config),
  ];

  const others = [place.api.pid, place.worker.pid, place.temporal.pid];
  const settle = () => place.behind.settle();
  const ourOptions = { redisUrl: redis.url, deals: place.deals };
  const restateOptions = { ingress: restate.ingress, admin: restate.admin };
  const specs: (Omit<VariantSpec, 'deals' | 'pids'> & { pids?: Record<string, number> })[] = [
    {
      name: LIMIT,
      script: peerScript('handRolled'),
      options: { url: await place.createDatabase('hand_rolled') },
      without: others,
    },
    {
      name: BY_HAND,
      script: ourScript('byHand'),
      options: { url: await place.createDatabase('tandem_by_hand', 'tandem_alone'), deals: place.deals },
      without: others,
    },
    {
      name: ALONE,
      script: ourScript('ours'),
      options: { ...ourOptions, url: place.alone },
      pids: { redis: redis.pid },
      without: others,
    },
    { name: OURS, script: ourScript('ours'), options: { ...ourOptions, url: postgres.url }, pids: ours, settle },
    {
      name: ROUTE,
      script: ourScript('http'),
      options: { url: place.api.url, deals: place.routeDeals },
      pids: { ...ours, api: place.api.pid },
      settle,
    },
    {
      name: DBOS,
      script: peerScript('dbos'),
      options: { url: await place.createDatabase('dbos'), systemUrl: await place.createDatabase('dbos_system') },
    },
    {
      name: RESTATE_POSTGRES,
      script: peerScript('restate'),
      options: { ...restateOptions, url: await place.createDatabase('restate'), port: await freePort() },
      pids: { restate: restate.pid },
    },
    {
      name: RESTATE_OWN,
      script: peerScript('restate'),
      options: { ...restateOptions, port: await freePort() },
      pids: { restate: restate.pid },
    },
    {
      name: TEMPORAL,
      script: peerScript('temporal'),
      options: { url: await place.createDatabase('temporal'), address: temporal.address, namespace: 'default' },
      pids: { temporal: temporal.pid },
    },
  ];
  const variants: Variant[] = [];
  for (const spec of specs) {
    const variant = await Variant.open({ ...spec, deals: DEALS, pids: { postgres: postgres.pid, ...spec.pids } });
    closing.add(() => variant.close());
    variants.push(variant);
  }
  return { variants, durability };
}
