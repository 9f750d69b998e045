import { answerOnce } from '#db/answers.ts';
import type { Transaction } from '#db/pool.ts';
import { isStorable } from '#db/storable.ts';
import { attachRealtime, type Realtime } from '#realtime/realtime.ts';
import type { MessageView } from '#workflows/collaboration/contract.ts';
import { Failure } from '#workflows/failures.ts';
import type { App } from './app.ts';
import type { Deps } from './deps.ts';
import { type FailureBody, failureBody, invalidField } from './failure.ts';
import { bodyHash } from './idempotency.ts';
import { seeMessages, sendMessage } from './messages/service.ts';
import { NOT_STORABLE } from './storable.ts';

/** Where a command's answer is remembered: beside those of the routes, under a path that no route has. */
const SEND_COMMAND = 'ws:send_message';

/** Opens the sockets' door on a listening app: its commands do what the routes do. */
export function attachSockets(app: App, deps: Deps): Realtime {
  const { pool } = deps;
  return attachRealtime({
    server: app.server,
    pool,
    bus: deps.bus,
    log: deps.log,
    metrics: deps.metrics.registry,
    origins: deps.config.CORS_ORIGIN,
    async verify(token) {
      const account = await app.auth.verify(token);
      return { userId: account.id, sessionId: account.sessionId, expiresAt: account.expiresAt };
    },
    deps: {
      async sendMessage({ userId }, { idempotencyKey, ...input }) {
        // What a command says was judged when it was read; its key comes beside that.
        if (idempotencyKey !== null && !isStorable(idempotencyKey)) {
          throw invalidField('idempotency_key', NOT_STORABLE);
        }
        // An administrator reads conversations over REST; on a socket everybody is just a person.
        const sender = { id: userId, roles: [] };
        const write = (transaction: Transaction) => sendMessage(transaction, sender, input, deps.now().toISOString());
        const message =
          idempotencyKey === null
            ? (await pool.transaction(write)).message
            : await once(userId, idempotencyKey, input, write);
        deps.metrics.messages.inc();
        deps.ringUsers([message.sender_id, message.receiver_id]);
        return message;
      },
      async markSeen({ userId }, { conversationId, messageId }) {
        const { seen, otherId } = await pool.transaction((transaction) =>
          seeMessages(transaction, { id: userId, roles: [] }, conversationId, messageId),
        );
        if (seen > 0) deps.ringUsers([otherId]);
        return seen;
      },
    },
  });

  async function once(
    accountId: string,
    key: string,
    input: unknown,
    write: (transaction: Transaction) => Promise<{ message: MessageView }>,
  ): Promise<MessageView> {
    const answer = await answerOnce(
      pool,
      { accountId, path: SEND_COMMAND, key, bodyHash: bodyHash(input) },
      async (transaction) => ({ status: 201, body: (await write(transaction)).message }),
      (failure) => ({ status: failure.status, body: failureBody(failure) }),
    );
    if (answer.status >= 400) throw refusalOf(answer.body);
    return answer.body as MessageView;
  }
}

/** A remembered refusal, said again. */
function refusalOf(body: unknown): Failure {
  const { error_code, message, details } = body as FailureBody;
  return new Failure(error_code, message, { details });
}
