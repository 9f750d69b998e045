import { types } from 'pg';
import { stepWithAll } from '#db/steps.ts';
import { flowUpdateOf } from '#workflows/collaboration/announcements.ts';
import { type Deal, decide } from '#workflows/collaboration/flow.ts';
import { contextFor } from '#workflows/collaboration/view.ts';
import { openPool } from '../peers/work.ts';
import { DATA } from './click.ts';
import { CLICKS_OF_DEAL, type ClickedDeal } from './deals.ts';
import { takeOrders } from './driver.ts';

/**
 * What the same rows cost when they are written by hand: Tandem's decision, words and events, in its tables, by one
 * transaction of prepared statements with `pg` and nothing around it. Fifteen round trips.
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
        const { asked_message_id: asked, brand_owner_id, influencer_id, ...stored } = rows[0];
        const facts = await run('facts', FACTS, [id]);
        if (facts.rows.length > 0) throw new Error('a fact waits');
        const before: Deal = { ...stored, terms: stored.flow_data, state: stored.flow_state };
        const asking = { on: command, by, actor: person.id, data: DATA[command], correlationId: key } as const;
        const decision = decide(before, asking, { now: new Date().toISOString(), feeBps: 0 });
        if (!('step' in decision)) throw new Error(`${command} is refused`);
        const { step } = decision;
        const via = { button_id: command };
        const { taken, answer, input } = stepWithAll(
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
            answer: ({ deal, messages }) => ({
              status: 200,
              body: {
                success: true,
                data: {
                  ...via,
                  message: messages[0]?.message ?? '',
                  flow_update: flowUpdateOf(before, deal),
                  conversation_context: contextFor(by, deal),
                },
              },
            }),
          },
        );
        const { deal } = input;
        const path = `/api/messages/conversations/${id}/button-click`;
        await run('answer', ANSWER, [
          person.id,
          path,
          key,
          Buffer.alloc(32),
          answer?.status,
          JSON.stringify(answer?.body),
        ]);
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
        ]);
        await run('move', MOVE, [
          id,
          deal.flow_state,
          deal.awaiting_role,
          deal.chat_status,
          deal.current_action_data,
          deal.flow_data,
          deal.work_submission,
          deal.work_submitted,
          deal.work_status,
          deal.submission_date,
          step.n,
          deal.entry,
          deal.entered_at,
          step.at,
          deal.deadline,
          input.asked_message_id,
        ]);
        await run('relay', RELAY, [id, step.n, deal.deadline]);
        await run('answered', ANSWERED, [asked]);
        await run('messages', MESSAGES, [JSON.stringify(input.messages)]);
        for (const { user_id, events } of input.events) {
          const counted = await run('count', COUNT, [user_id, events.length]);
          await run('events', EVENTS, [user_id, counted.rows[0].before, JSON.stringify(events)]);
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
  influencer_id, asked_message_id FROM conversations WHERE id = $1 FOR NO KEY UPDATE`;
const FACTS = 'SELECT id FROM inbox WHERE conversation_id = $1 AND booked_at IS NULL LIMIT 1';
const ANSWER = `INSERT INTO answers (account_id, path, key, body_hash, status, answer) VALUES ($1, $2, $3, $4, $5, $6)`;
const STEP = `INSERT INTO steps (conversation_id, n, command, by_role, actor_id, from_state, to_state, data, at,
  correlation_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const MOVE = `UPDATE conversations SET flow_state = $2, awaiting_role = $3, chat_status = $4, current_action_data = $5,
  flow_data = $6, work_submission = $7, work_submitted = $8, work_status = $9, submission_date = $10, version = $11,
  entry = $12, entered_at = $13, stepped_at = $14, deadline = $15, asked_message_id = $16, updated_at = $14
  WHERE id = $1`;
const RELAY = `UPDATE relays SET version = $2, deadline = $3, tries = 0, ring_after = '-infinity'
  WHERE conversation_id = $1`;
const ANSWERED = 'UPDATE messages SET action_completed = true WHERE id = $1';
const MESSAGES = `INSERT INTO messages (id, conversation_id, sender_id, receiver_id, message, message_type,
    action_required, action_data, is_automated, seen, created_at)
  SELECT id, conversation_id, sender_id, receiver_id, message, message_type, action_required, action_data,
    is_automated, seen, created_at FROM jsonb_populate_recordset(NULL::messages, $1)`;
const COUNT = `UPDATE user_sequences SET last_seq = last_seq + $2 WHERE user_id = $1
  RETURNING (last_seq - $2)::integer AS before`;
const EVENTS = `INSERT INTO events (user_id, seq, name, data)
  SELECT $1, $2::integer + place, event ->> 'name', event -> 'data'
  FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS element (event, place)`;
