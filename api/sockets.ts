import { maySeeBattle, noBattle } from '#db/battle/battles.ts';
import { voteInBattle } from '#db/battle/counting.ts';
import type { Gave } from '#db/gift/giving.ts';
import { markNotification } from '#db/notification/inbox.ts';
import type { Executor, Transaction } from '#db/pool.ts';
import { answerOnce } from '#db/process/answers.ts';
import { isStorable } from '#db/storable.ts';
import { watchStream } from '#db/stream/streams.ts';
import type { Spoken } from '#db/talk/speaking.ts';
import type { Limits } from '#realtime/limits.ts';
import { moodsOf } from '#realtime/moods.ts';
import { attachRealtime, type Realtime } from '#realtime/realtime.ts';
import { Failure } from '#workflows/failures.ts';
import type { App } from './app.ts';
import type { Deps } from './deps.ts';
import { type FailureBody, failureBody, invalidField } from './failure.ts';
import { giveAs, giveOnceTogether, giveTogether, tellOfGift, viewGave } from './gift/service.ts';
import { bodyHash } from './idempotency.ts';
import { voteAs } from './poll/service.ts';
import { NOT_STORABLE } from './storable.ts';
import { paceChat, sayInStream, writeInStream } from './stream/service.ts';
import { createStanding } from './stream/standing.ts';
import { seeMessages, sendMessage } from './talk/service.ts';

/** Where commands' answers are remembered: beside those of the routes, under paths that no route has. */
const SEND_COMMAND = 'ws:send_message';
const GIVE_COMMAND = 'ws:gift:send';

/** Opens the sockets' doors on a listening app: their commands do what the routes do. */
export function attachSockets(app: App, deps: Deps, limits: Partial<Limits> = {}): Realtime {
  const { pool } = deps;
  const standing = createStanding(pool);
  return attachRealtime({
    server: app.server,
    pool,
    bus: deps.bus,
    log: deps.log,
    metrics: deps.metrics.registry,
    origins: deps.config.CORS_ORIGIN,
    limits,
    now: deps.now,
    async verify(token) {
      const account = await app.auth.verify(token);
      const { id: userId, handle, sessionId, expiresAt } = account;
      return { userId, handle, sessionId, expiresAt };
    },
    deps: {
      async sendMessage({ userId }, { idempotencyKey, ...input }) {
        requireStorable(idempotencyKey);
        // An administrator reads conversations over REST; on a socket everybody is just a person.
        const sender = { id: userId, roles: [] };
        await app.pace.take(userId, 'messages');
        let spoken: Spoken | null = null;
        const write = async (executor: Executor) => {
          spoken = await sendMessage(executor, sender, input, deps.now().toISOString());
          return spoken.message;
        };
        const message =
          idempotencyKey === null ? await write(pool) : await once(userId, SEND_COMMAND, idempotencyKey, input, write);
        if (spoken) app.speech.said(spoken);
        return message;
      },
      async markSeen({ userId }, { conversationId, messageId }) {
        const { seen } = await pool.transaction((transaction) =>
          seeMessages(transaction, { id: userId, roles: [] }, conversationId, messageId, deps.now().toISOString()),
        );
        return seen;
      },
      async writeInStream({ userId }, input) {
        const reader = { id: userId, isAdmin: false };
        const heard = await paceChat(app.pace, { userId, streamId: input.streamId }, async (written) => {
          const line = await pool.transaction((transaction) =>
            writeInStream(transaction, reader, input, deps.now().toISOString()),
          );
          written();
          return line;
        });
        sayInStream(deps, heard);
        return heard;
      },
      async reactInStream({ userId }, { streamId, mood, isIn }) {
        await app.pace.take(userId, 'reactions');
        // Whoever is in the room may watch: they are put out of it when they may not any more.
        const status = isIn
          ? await standing.statusOf(streamId)
          : (await watchStream(pool, streamId, { id: userId, isAdmin: false })).status;
        if (status !== 'live') {
          throw new Failure('FLOW_STATE_INVALID', 'One reacts while the stream is live.', {
            details: { current_state: status, required_state: 'live', required_states: ['live'] },
          });
        }
        moodsOf(deps.bus).react(streamId, mood);
      },
      async voteInBattle({ userId: voterId }, { battleId, participantId }) {
        if (!(await maySeeBattle(pool, battleId, voterId))) throw noBattle();
        await voteInBattle(pool, { battleId, voterId, participantId, now: deps.now().toISOString() });
      },
      async voteInPoll({ userId }, input) {
        await voteAs(deps, app.pace, { id: userId, isAdmin: false }, { ...input, streamId: null });
      },
      async giveGift({ userId }, { idempotencyKey, ...input }) {
        requireStorable(idempotencyKey);
        const reader = { id: userId, isAdmin: false };
        if (idempotencyKey === null) {
          const alone = await giveTogether(deps, reader, input);
          tellOfGift(deps, alone);
          return viewGave(alone);
        }
        const key = { accountId: userId, path: GIVE_COMMAND, key: idempotencyKey, bodyHash: bodyHash(input) };
        const together = await giveOnceTogether(deps, reader, input, { key, body: (view) => view });
        if (together) {
          tellOfGift(deps, together);
          return viewGave(together);
        }
        let gave: Gave | null = null;
        const write = async (transaction: Transaction) => {
          gave = await giveAs(deps, transaction, reader, input, deps.now().toISOString());
          return viewGave(gave);
        };
        const answer = await once(userId, GIVE_COMMAND, idempotencyKey, input, write);
        if (gave) tellOfGift(deps, gave);
        return answer;
      },
      async markNotificationRead({ userId }, notificationId) {
        const at = deps.now().toISOString();
        if (await markNotification(pool, userId, notificationId, 'read', at)) return;
        throw new Failure('NOT_FOUND', 'There is no such notification.');
      },
    },
  });

  async function once<Body extends object>(
    accountId: string,
    path: string,
    key: string,
    input: unknown,
    write: (transaction: Transaction) => Promise<Body>,
  ): Promise<Body> {
    const answer = await answerOnce(
      pool,
      { accountId, path, key, bodyHash: bodyHash(input) },
      async (transaction) => ({ status: 201, body: await write(transaction) }),
      (failure) => ({ status: failure.status, body: failureBody(failure) }),
    );
    if (answer.status >= 400) throw refusalOf(answer.body);
    return answer.body as Body;
  }
}

/** What a command says was judged when it was read; its key comes beside that. */
function requireStorable(key: string | null): void {
  if (key !== null && !isStorable(key)) throw invalidField('idempotency_key', NOT_STORABLE);
}

/** A remembered refusal, said again. */
function refusalOf(body: unknown): Failure {
  const { error_code, message, details } = body as FailureBody;
  return new Failure(error_code, message, { details });
}
