import { z } from 'zod';
import { ASSETS, type Asset } from '#workflows/money.ts';
import { paymentOrder } from '../payment/order.ts';

const id = z.uuid();
const instant = z.iso.datetime();
const amount = z.string().describe('Decimal text');

const money = z.object({ asset: z.enum(Object.keys(ASSETS) as [Asset, ...Asset[]]), amount }).meta({ id: 'Money' });

const field = z
  .object({
    id: z.string(),
    label: z.string(),
    type: z
      .enum(['text', 'textarea', 'amount', 'percent', 'links'])
      .describe(
        '`amount` is text as people write money, `percent` a whole number from 0 to 100, `links` a list of texts',
      ),
    required: z.boolean(),
    max_length: z.int().nullable(),
  })
  .meta({ id: 'ProcessField' });

const action = z
  .object({
    name: z.string(),
    label: z.string(),
    style: z.enum(['success', 'danger', 'primary', 'secondary', 'warning']),
    input: z.array(field).nullable().describe('What has to be filled in; null where nothing has'),
    data: z.record(z.string(), z.string()).describe('To be sent along as it is: what was seen when it was pressed'),
    aside: z.boolean().describe('It answers nothing that is asked: show it beside the rest'),
    consequence: z
      .string()
      .nullable()
      .describe('Who gets what, net of fees; null where it moves and promises no money'),
  })
  .meta({ id: 'ProcessAction' });

const outcome = z
  .object({ name: z.string(), label: z.string(), tone: z.enum(['good', 'neutral', 'bad']) })
  .meta({ id: 'ProcessOutcome' });

const party = z
  .object({ role: z.string(), role_label: z.string(), user_id: id, handle: z.string() })
  .meta({ id: 'ProcessParty' });

const listedShape = {
  id,
  kind: z.string(),
  kind_label: z.string(),
  title: z.string(),
  state: z.string(),
  state_label: z.string(),
  phase: z.string().describe('One of its kind’s, see `GET /api/machines`'),
  outcome: outcome.nullable().describe('How it came out; null while it goes on'),
  ended: z.boolean(),
  parties: z.array(party),
  my_role: z.string().describe('A party’s, or admin'),
  awaiting: z.string().nullable().describe('Whose turn it is; null where nobody’s, or everybody’s'),
  needs_me: z.boolean().describe('Whether it is your turn; an administrator’s where one of its tasks is open'),
  deadline: instant.nullable().describe('When its state ends by itself'),
  value: money.nullable().describe('What it is worth'),
  held: z.array(money).describe('What is held for it and not promised to anybody'),
  opened_at: instant,
  updated_at: instant,
};

/** A process in a list. */
export const listed = z.object(listedShape).meta({ id: 'ProcessListed' });

const entry = z
  .object({
    n: z.int().describe('Numbered from 1, without gaps'),
    command: z.string(),
    by: z.string().describe('A party’s role, admin, provider or system'),
    at: instant,
    from: z.string(),
    to: z.string(),
    sentence: z.string(),
    text: z.string().nullable().describe('What was written with it'),
    links: z.array(z.string()),
  })
  .meta({ id: 'ProcessHistoryEntry' });

/** A process as one of its parties, or an administrator, sees it. */
export const process = z
  .object({
    ...listedShape,
    ask: z.object({ title: z.string(), subtitle: z.string() }).nullable().describe('What you are asked'),
    actions: z.array(action).describe('Everything you may do now'),
    silence: z.string().nullable().describe('What happens to money where everybody is silent'),
    instants: z.array(z.object({ name: z.string(), label: z.string(), at: instant })),
    entered_at: instant.describe('When its state was entered'),
    facts: z.array(z.object({ label: z.string(), text: z.string() })),
    on_its_way: z.array(
      money.extend({
        kind: z.string(),
        status: z.string().describe('promised, held_up, moving, or what the provider last said'),
      }),
    ),
    history: z.array(entry).describe('Oldest first; the last 500'),
    payment_order: paymentOrder.optional(),
    links: z.object({
      self: z.string(),
      entries: z.string(),
      conversation: z.string().nullable(),
      workflow: z
        .string()
        .nullable()
        .describe('In the operators’ Web UI; for administrators, and where things are tried out'),
    }),
  })
  .meta({ id: 'Process' });

export const machine = z
  .object({
    kind: z.string(),
    label: z.string(),
    parties: z.array(z.object({ role: z.string(), label: z.string() })),
    phases: z.array(z.object({ name: z.string(), label: z.string(), states: z.array(z.string()) })),
    states: z.array(
      z.object({
        name: z.string(),
        label: z.string(),
        awaiting: z.string().nullable(),
        phase: z.string(),
        ends: z.boolean(),
      }),
    ),
    transitions: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        command: z.string(),
        label: z.string(),
        by: z.array(z.string()),
        variant: z.string().nullable().describe('Only in those that go this way; null in all'),
      }),
    ),
    variants: z.array(z.object({ name: z.string().nullable(), opens: z.string().describe('The state it begins in') })),
  })
  .meta({ id: 'Machine' });
