import { types } from 'pg';
import { rowsOf } from '#db/kinds.ts';
import { stepWithAll } from '#db/process/step.ts';
import { machineOf } from '#workflows/kinds.ts';
import { decide, type Process } from '#workflows/process/machine.ts';
import { openPool } from '../peers/work.ts';
import { DATA } from './click.ts';
import { CLICKS_OF_DEAL, type ClickedDeal } from './deals.ts';
import { takeOrders } from './driver.ts';

/**
 * What the same rows cost when they are written by hand: Tandem's decision, words and events, in its tables, by one
 * transaction of prepared statements with `pg` and nothing around it. Seventeen round trips.
 */
takeOrders(async ({ url, deals }: { url: string; deals: ClickedDeal[] }) => {
  types.setTypeParser(types.builtins.TIMESTAMPTZ, (text) => new Date(text).toISOString());
  const pool = openPool(url);
  return {
    budget: CLICKS_OF_DEAL,
    async click({ deal: number, command, key }) {
      const { id, brand, influencer } = deals[number] as ClickedDeal;
      const by = command === 'submit_work' ? 'influencer' : 'brand_owner';
      const person = command === 'submit_work' ? influencer : brand;
      const client = await pool.connect();
      const run = (name: string, text: string, values: unknown[]) => client.query({ name, text, values });
      try {
        await client.query('BEGIN');
        const { rows } = await run('lock', LOCK, [id]);
        const { brand_owner, influencer: runner, ...before } = rows[0] as Process & Record<string, string>;
        const facts = await run('facts', FACTS, [id]);
        if (facts.rows.length > 0) throw new Error('a fact waits');
        const asking = { on: command, by, actor: person.id, data: DATA[command], correlationId: key } as const;
        const at = { now: new Date().toISOString(), feeBps: 0 };
        const decision = decide(machineOf('deal'), before, asking, at);
        if (!('step' in decision)) throw new Error(`${command} is refused`);
        const { step } = decision;
        const via = { button_id: command };
        const { taken, deadline, beside } = stepWithAll(
          {
            process: before,
            seats: { brand_owner: brand_owner as string, influencer: runner as string },
            captureId: null,
            factsWait: false,
          },
          step,
          { systemUserId: SYSTEM, via, factsFirst: true },
        );
        const { process: deal, messages } = taken;
        const { asks = 0, action = null, chat } = beside.speech ?? {};
        const path = `/api/messages/conversations/${id}/button-click`;
        const { body } = rowsOf('deal').answerOf(taken, by, via);
        await run('answer', ANSWER, [person.id, path, key, Buffer.alloc(32), 200, body]);
        const speech = await run('speech', SPEECH, [id, chat, messages.length, asks, step.at]);
        const said = speech.rows[0].said - messages.length;
        await run('step', STEP, [
          id,
          step.n,
          step.on,
          step.by,
          step.actor,
          step.from,
          step.to,
          step.data,
          step.at,
          key,
          deadline,
          deal.entry,
          said,
          said + messages.length,
        ]);
        const asked = said + (asks ?? 0);
        const moved = [id, deal.state, deal.terms, step.n, deal.entry, deal.entered_at, step.at, deadline, deal.held];
        await run('move', MOVE, moved);
        await run('relay', RELAY, [id, step.n, deadline]);
        for (const [place, { id: messageId, sender_id, receiver_id, message, message_type }] of messages.entries()) {
          const position = said + place + 1;
          const question = position === asked ? JSON.stringify(action) : null;
          const words = [messageId, sender_id, receiver_id, message, message_type, question, step.at];
          await run('message', MESSAGE, [id, position, ...words]);
        }
        for (const { userId, many, text } of beside.events) {
          const counted = await run('count', COUNT, [userId, many]);
          await run('events', EVENTS, [userId, counted.rows[0].last, many, text, id, step.n]);
        }
        await client.query('COMMIT');
        return deal.state;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
});

const SYSTEM = '00000000-0000-0000-0000-000000000000';
const LOCK = `SELECT id, kind, variant, state, version, entry, entered_at, stepped_at, terms, held, asset,
  (SELECT user_id FROM seats WHERE process_id = processes.id AND role = 'brand_owner') AS brand_owner,
  (SELECT user_id FROM seats WHERE process_id = processes.id AND role = 'influencer') AS influencer
  FROM processes WHERE id = $1 FOR NO KEY UPDATE`;
const FACTS = 'SELECT id FROM inbox WHERE process_id = $1 AND booked_at IS NULL LIMIT 1';
const ANSWER = `INSERT INTO answers (account_id, path, key, body_hash, status, answer) VALUES ($1, $2, $3, $4, $5, $6)`;
const SPEECH = `UPDATE conversations SET chat = $2, said = said + $3, asked_position = said + $4, updated_at = $5
  WHERE id = $1 RETURNING said`;
const STEP = `INSERT INTO steps (process_id, n, command, by_role, actor_id, from_state, to_state, data, at,
  correlation_id, deadline, entry, said_before, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const MOVE = `UPDATE processes SET state = $2, terms = $3, version = $4, entry = $5, entered_at = $6,
  stepped_at = $7, deadline = $8, held = $9 WHERE id = $1`;
const RELAY = `UPDATE relays SET version = $2, deadline = $3, behind = true, look_at = LEAST(look_at, $3), tries = 0,
  ring_after = LEAST(ring_after, '2000-01-01') WHERE process_id = $1`;
const MESSAGE = `INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type,
  action_data, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const COUNT = `UPDATE user_sequences SET last_seq = last_seq + $2 WHERE user_id = $1 RETURNING last_seq::integer AS last`;
const EVENTS = `INSERT INTO outbox (user_id, last_seq, first_seq, events, process_id, step_n)
  VALUES ($1, $2::integer, $2::integer - $3::integer + 1, $4, $5, $6)`;
