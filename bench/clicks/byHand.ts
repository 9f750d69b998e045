import { types } from 'pg';
import { answerOf } from '#api/messages/door.ts';
import { stepWithAll } from '#db/steps.ts';
import { type Deal, deadlineOf, decide } from '#workflows/collaboration/flow.ts';
import { openPool } from '../peers/work.ts';
import { DATA } from './click.ts';
import { CLICKS_OF_DEAL, type ClickedDeal } from './deals.ts';
import { takeOrders } from './driver.ts';

/**
 * What the same rows cost when they are written by hand: Tandem's decision, words and events, in its tables, by one
 * transaction of prepared statements with `pg` and nothing around it. Sixteen round trips.
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
        const { said, brand_owner_id, influencer_id, ...stored } = rows[0];
        const facts = await run('facts', FACTS, [id]);
        if (facts.rows.length > 0) throw new Error('a fact waits');
        const before: Deal = { ...stored, terms: stored.flow_data, state: stored.flow_state };
        const asking = { on: command, by, actor: person.id, data: DATA[command], correlationId: key } as const;
        const decision = decide(before, asking, { now: new Date().toISOString(), feeBps: 0 });
        if (!('step' in decision)) throw new Error(`${command} is refused`);
        const { step } = decision;
        const via = { button_id: command };
        const { taken, asks, action, events } = stepWithAll(
          {
            deal: before,
            parties: { brand_owner: brand_owner_id, influencer: influencer_id },
            captureId: null,
            factsWait: false,
          },
          step,
          {
            systemUserId: SYSTEM,
            via,
            factsFirst: true,
          },
        );
        const { deal, messages } = taken;
        const path = `/api/messages/conversations/${id}/button-click`;
        const body = answerOf(taken, by, via);
        await run('answer', ANSWER, [person.id, path, key, Buffer.alloc(32), 200, body]);
        const deadline = deadlineOf(deal);
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
          said,
          said + messages.length,
        ]);
        const asked = said + asks;
        const moved = [id, deal.state, deal.terms, step.n, deal.entry, deal.entered_at, step.at, deadline];
        await run('move', MOVE, [...moved, messages.length, asked]);
        await run('relay', RELAY, [id, step.n, deadline]);
        for (const [
          place,
          { id: messageId, sender_id, receiver_id, message, message_type, seen },
        ] of messages.entries()) {
          const position = said + place + 1;
          const question = position === asked ? JSON.stringify(action) : null;
          const words = [messageId, sender_id, receiver_id, message, message_type, question, seen, step.at];
          await run('message', MESSAGE, [id, position, ...words]);
        }
        for (const { userId, many, text } of events) {
          const counted = await run('count', COUNT, [userId, many]);
          await run('events', EVENTS, [userId, counted.rows[0].last, many, text, id, step.n]);
        }
        await client.query('COMMIT');
        return taken.deal.state;
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
const LOCK = `SELECT id, kind, flow_state, version, entry, entered_at, stepped_at, flow_data, brand_owner_id,
  influencer_id, said FROM conversations WHERE id = $1 FOR NO KEY UPDATE`;
const FACTS = 'SELECT id FROM inbox WHERE conversation_id = $1 AND booked_at IS NULL LIMIT 1';
const ANSWER = `INSERT INTO answers (account_id, path, key, body_hash, status, answer) VALUES ($1, $2, $3, $4, $5, $6)`;
const STEP = `INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at,
  correlation_id, deadline, said_before, said) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;
const MOVE = `UPDATE conversations SET flow_state = $2, flow_data = $3, version = $4, entry = $5, entered_at = $6,
  stepped_at = $7, deadline = $8, said = said + $9, asked_position = $10, updated_at = $7 WHERE id = $1`;
const RELAY = `UPDATE relays SET version = $2, deadline = $3, behind = true, look_at = LEAST(look_at, $3), tries = 0,
  ring_after = '-infinity'
  WHERE conversation_id = $1`;
const MESSAGE = `INSERT INTO messages (conversation_id, position, id, sender_id, receiver_id, message, message_type,
  action_data, seen, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const COUNT = `UPDATE user_sequences SET last_seq = last_seq + $2 WHERE user_id = $1 RETURNING last_seq::integer AS last`;
const EVENTS = `INSERT INTO outbox (user_id, last_seq, first_seq, events, conversation_id, step_n)
  VALUES ($1, $2::integer, $2::integer - $3::integer + 1, $4, $5, $6)`;
