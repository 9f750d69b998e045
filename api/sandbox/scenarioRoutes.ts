import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { followDisputes } from '#db/chargeBack/following.ts';
import { bookWaitingFacts } from '#db/payment/bookings.ts';
import { findProcess, listOpenPromises } from '#db/process/processes.ts';
import type { Origin } from '#db/process/stored.ts';
import { Failure, type FailureCode } from '#workflows/failures.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { SCENARIO_NAMES, SCENARIOS, type ScenarioName } from './scenarios.ts';
import type { Call, Player, World } from './world.ts';

const played = z
  .object({
    process_id: z.uuid(),
    kind: z.string(),
    players: z.array(
      z.object({
        role: z.string(),
        user_id: z.uuid(),
        handle: z.string(),
        password: z
          .string()
          .nullable()
          .describe('Of an account that was made for this; null of one that was handed in'),
      }),
    ),
  })
  .meta({ id: 'PlayedScenario' });

const request = z
  .strictObject({
    as: z
      .record(z.string().max(40), z.string().max(4_096))
      .optional()
      .describe('Access tokens of those who play, by role; whoever is left out is a new account'),
  })
  .nullish()
  .meta({ examples: [{}] });

/** Processes brought to where one wants to see them. For everybody, and not to be registered in production. */
export function scenarioRoutes(app: App, deps: Deps): void {
  const tags = ['Sandbox'];
  app.get(
    '/api/sandbox/scenarios',
    {
      schema: {
        operationId: 'scenarios.list',
        tags,
        summary: 'Where a process can be brought to',
        response: answers({ 200: success(z.array(z.object({ name: z.string(), summary: z.string() }))) }),
      },
    },
    async () => ({
      success: true as const,
      data: SCENARIO_NAMES.map((name) => ({ name, summary: SCENARIOS[name].summary })),
    }),
  );

  app.post(
    '/api/sandbox/scenarios/:name',
    {
      schema: {
        operationId: 'scenarios.play',
        tags,
        summary: 'Bring a new process to where you want to see it',
        description:
          'Plays it as its clients would, request by request, with new accounts or those whose tokens are sent. Answers ' +
          'with the accounts and the process. Never in production.',
        params: z.strictObject({ name: z.enum(SCENARIO_NAMES) }),
        body: request,
        response: answers(
          { 201: success(played) },
          'UNAUTHENTICATED',
          'FORBIDDEN',
          'CONFLICT',
          'INSUFFICIENT_FUNDS',
          'RATE_LIMITED',
        ),
      },
    },
    async ({ params, body }, reply) => {
      const { world, passwords } = createWorld(app, deps, body?.as ?? {});
      const { processId, players } = await SCENARIOS[params.name].play(world);
      const data = {
        process_id: processId,
        kind: kindOf(params.name),
        players: Object.entries(players).map(([role, { id, handle }]) => ({
          role,
          user_id: id,
          handle,
          password: passwords.get(id) ?? null,
        })),
      };
      return reply.status(201).send({ success: true as const, data });
    },
  );
}

function kindOf(name: ScenarioName): string {
  return name.split(':')[0] as string;
}

/** Requests go through the same routes as everybody's, without a line between. */
function createWorld(
  app: App,
  deps: Deps,
  tokens: Record<string, string>,
): { world: World; passwords: Map<string, string> } {
  const passwords = new Map<string, string>();
  const call: Call = async (method, path, by, body) => {
    const headers = by ? { authorization: `Bearer ${by.access}` } : {};
    const answer = await app.inject({ method, url: path, headers, ...(body && { payload: body }) });
    const said = answer.json();
    if (!said.success) throw new Failure(said.error_code as FailureCode, said.message, { details: said.details });
    return said.data;
  };

  async function known(role: string, access: string): Promise<Player> {
    const { user } = await call('GET', '/api/me', { id: '', handle: '', access });
    if (!user) throw invalidField(`as.${role}`, 'is no access token');
    return { id: user.id, handle: user.handle, access };
  }

  async function made(role: string, roles: readonly string[]): Promise<Player> {
    const password = randomBytes(12).toString('base64url');
    const handle = `${role}_${randomBytes(5).toString('hex')}`;
    const { user, access } = await call('POST', '/api/auth/register', null, { handle, password, roles });
    passwords.set(user.id, password);
    return { id: user.id, handle, access };
  }

  const pressAt = (orderId: string, button: string) =>
    app.inject({
      method: 'POST',
      url: `/sandbox/checkout/${orderId}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `button=${button}`,
    });

  const world: World = {
    call,
    player: (role, roles) => (tokens[role] ? known(role, tokens[role]) : made(role, roles)),
    async pay(orderId, button, processId) {
      const version = async () => (await findProcess(deps.pool, processId))?.process.version ?? 0;
      const before = await version();
      await pressAt(orderId, button);
      await heard(deps, { processId, what: 'The payment' }, async () => (await version()) > before || undefined);
    },
    async chargeBack(orderId, by, processId) {
      await carriedOut(deps, processId);
      const before = new Set<string>((await call('GET', '/api/charge-backs', by)).map(idOf));
      await pressAt(orderId, 'charge_back');
      return heard<string>(deps, { processId, what: 'The charge-back' }, async (origin) => {
        await followDisputes(deps.pool, origin);
        return (await call('GET', '/api/charge-backs', by)).map(idOf).find((id: string) => !before.has(id));
      });
    },
  };
  return { world, passwords };
}

const idOf = ({ id }: { id: string }) => id;

const BOOKED_WITHIN_MS = 10_000;
const CARRIED_OUT_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 30;

/**
 * Until what a webhook tells of a process has come, was applied by its worker or by us, whoever is first, and `find` has
 * what came of it. UNAVAILABLE, with `what` was not heard of, after ten seconds.
 */
async function heard<Found>(
  { pool, config, now }: Deps,
  { processId, what }: { processId: string; what: string },
  find: (origin: Origin) => Promise<Found | undefined>,
): Promise<Found> {
  const giveUp = performance.now() + BOOKED_WITHIN_MS;
  while (performance.now() < giveUp) {
    const origin = { now: now().toISOString(), systemUserId: config.SYSTEM_USER_ID, correlationId: null };
    if ((await findProcess(pool, processId))?.factsWait) await bookWaitingFacts(pool, processId, origin);
    const found = await find(origin);
    if (found !== undefined) return found;
    await wait(LOOK_AGAIN_MS);
  }
  throw new Failure('UNAVAILABLE', `${what} was not heard of in time.`, { retryAfter: 2 });
}

/**
 * Until what a process has promised is done, so that what was paid lies where it was paid to. Where no worker runs nothing
 * is carried out, and after five seconds it is gone on without.
 */
async function carriedOut({ pool }: Deps, processId: string): Promise<void> {
  const giveUp = performance.now() + CARRIED_OUT_WITHIN_MS;
  while (performance.now() < giveUp && (await listOpenPromises(pool, processId)).length > 0) await wait(LOOK_AGAIN_MS);
}
