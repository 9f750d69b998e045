/**
 * The one transition table of a collaboration. The TypeScript types, the SQL checks, the diagram in the README and the
 * exhaustive state × command × role test are all made from it.
 */

export const STATES = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'brand_owner_negotiation',
  'influencer_final_response',
  'negotiation_input',
  'payment_pending',
  'payment_completed',
  'work_in_progress',
  'work_submitted',
  'work_approved',
  'disputed',
  'real_time',
  'chat_closed',
] as const;
export type State = (typeof STATES)[number];

export const PARTIES = ['influencer', 'brand_owner'] as const;
export type Party = (typeof PARTIES)[number];
export const ROLES = [...PARTIES, 'admin', 'provider', 'system'] as const;
export type Role = (typeof ROLES)[number];

export type ChatStatus = 'automated' | 'real_time' | 'closed';
export type DealKind = 'campaign' | 'bid';

type Row = {
  /** Where the command is accepted. */
  from: readonly State[];
  by: readonly Role[];
  on: string;
  /** Where it leads; 'same' stays, without entering the state anew. */
  to: State | 'same';
  /** Only in deals of this kind. */
  kind?: DealKind;
};

export const ANSWERING = [
  'initial',
  'influencer_responding',
  'brand_owner_details',
  'influencer_reviewing',
  'brand_owner_pricing',
  'influencer_price_response',
  'brand_owner_negotiation',
  'influencer_final_response',
  'negotiation_input',
] as const satisfies readonly State[];

export const AFTER_PAYMENT = [
  'payment_completed',
  'work_in_progress',
  'work_submitted',
] as const satisfies readonly State[];

/** Order matters where one command stands in several rows: the first row's state is the button's own state. */
export const TRANSITIONS = [
  { from: ['initial'], by: ['brand_owner'], on: 'accept_application', to: 'brand_owner_pricing', kind: 'campaign' },
  { from: ['initial'], by: ['brand_owner'], on: 'reject_application', to: 'chat_closed', kind: 'campaign' },
  {
    from: ['influencer_responding'],
    by: ['influencer'],
    on: 'accept_connection',
    to: 'brand_owner_details',
    kind: 'bid',
  },
  { from: ['influencer_responding'], by: ['influencer'], on: 'reject_connection', to: 'chat_closed', kind: 'bid' },
  { from: ['brand_owner_details'], by: ['brand_owner'], on: 'send_project_details', to: 'influencer_reviewing' },
  { from: ['influencer_reviewing'], by: ['influencer'], on: 'accept_project', to: 'brand_owner_pricing' },
  { from: ['influencer_reviewing'], by: ['influencer'], on: 'reject_project', to: 'chat_closed' },
  { from: ['brand_owner_pricing'], by: ['brand_owner'], on: 'send_price_offer', to: 'influencer_price_response' },
  {
    from: ['brand_owner_pricing'],
    by: ['brand_owner'],
    on: 'accept_proposed_price',
    to: 'payment_pending',
    kind: 'campaign',
  },
  { from: ['influencer_price_response'], by: ['influencer'], on: 'accept_price', to: 'payment_pending' },
  {
    from: ['influencer_price_response', 'negotiation_input'],
    by: ['influencer'],
    on: 'reject_price',
    to: 'chat_closed',
  },
  {
    from: ['influencer_price_response', 'influencer_final_response'],
    by: ['influencer'],
    on: 'negotiate_price',
    to: 'negotiation_input',
  },
  { from: ['negotiation_input'], by: ['influencer'], on: 'negotiation', to: 'brand_owner_negotiation' },
  { from: ['brand_owner_negotiation'], by: ['brand_owner'], on: 'accept_negotiation', to: 'payment_pending' },
  { from: ['brand_owner_negotiation'], by: ['brand_owner'], on: 'send_final_offer', to: 'influencer_final_response' },
  { from: ['brand_owner_negotiation'], by: ['brand_owner'], on: 'reject_negotiation', to: 'influencer_final_response' },
  { from: ['influencer_final_response'], by: ['influencer'], on: 'accept_final_offer', to: 'payment_pending' },
  { from: ['influencer_final_response'], by: ['influencer'], on: 'reject_final_offer', to: 'chat_closed' },
  { from: ['payment_pending'], by: ['brand_owner'], on: 'proceed_to_payment', to: 'same' },
  { from: [...ANSWERING, 'payment_pending'], by: PARTIES, on: 'withdraw', to: 'chat_closed' },
  { from: ['payment_completed'], by: ['influencer'], on: 'start_work', to: 'work_in_progress' },
  { from: ['payment_completed', 'work_in_progress'], by: ['influencer'], on: 'decline_work', to: 'chat_closed' },
  { from: ['work_in_progress'], by: ['influencer'], on: 'submit_work', to: 'work_submitted' },
  { from: ['work_in_progress'], by: ['brand_owner'], on: 'cancel_late_work', to: 'chat_closed' },
  { from: ['work_submitted'], by: ['brand_owner'], on: 'approve_work', to: 'work_approved' },
  { from: ['work_submitted'], by: ['brand_owner'], on: 'request_revision', to: 'work_in_progress' },
  { from: AFTER_PAYMENT, by: PARTIES, on: 'open_dispute', to: 'disputed' },
  { from: ['disputed'], by: PARTIES, on: 'dispute_statement', to: 'same' },
  { from: ['disputed'], by: PARTIES, on: 'concede_dispute', to: 'real_time' },
  { from: ['disputed'], by: ['admin'], on: 'resolve_dispute', to: 'real_time' },
  { from: ['real_time'], by: PARTIES, on: 'close_chat', to: 'chat_closed' },

  // What a provider tells. A capture that is late or second changes no state: it is returned.
  { from: ['payment_pending'], by: ['provider'], on: 'payment_captured', to: 'payment_completed' },
  { from: ['payment_pending'], by: ['provider'], on: 'payment_failed', to: 'same' },
  { from: STATES, by: ['provider'], on: 'payment_returned', to: 'same' },

  // What time does, when nobody else did anything.
  {
    from: [...ANSWERING, 'payment_pending', 'payment_completed', 'work_in_progress'],
    by: ['system'],
    on: 'expire',
    to: 'chat_closed',
  },
  { from: ['work_submitted'], by: ['system'], on: 'expire', to: 'work_approved' },
  { from: ['disputed'], by: ['system'], on: 'expire', to: 'real_time' },

  // What the workflow carried out.
  { from: ['work_approved'], by: ['system'], on: 'money_released', to: 'real_time' },
  { from: ['real_time', 'chat_closed'], by: ['system'], on: 'money_released', to: 'same' },
  { from: STATES, by: ['system'], on: 'refund_started', to: 'same' },
  { from: STATES, by: ['provider'], on: 'refund_settled', to: 'same' },
  { from: STATES, by: ['provider'], on: 'refund_failed', to: 'same' },
] as const satisfies readonly Row[];

export type CommandName = (typeof TRANSITIONS)[number]['on'];

const COMMANDS = [...new Set(TRANSITIONS.map((row) => row.on))];

function rowsFor(kind: DealKind): Map<State, ReadonlyMap<CommandName, Row>> {
  const rows = (TRANSITIONS as readonly Row[]).filter((row) => row.kind === undefined || row.kind === kind);
  const find = (state: State, on: CommandName) => rows.find((row) => row.on === on && row.from.includes(state));
  const inState = (state: State) =>
    new Map(
      COMMANDS.flatMap((on) => {
        const row = find(state, on);
        return row ? [[on, row]] : [];
      }),
    );
  return new Map(STATES.map((state) => [state, inState(state)]));
}

// Made once: every click looks up a few dozen.
const ROWS_IN: Record<DealKind, Map<State, ReadonlyMap<CommandName, Row>>> = {
  campaign: rowsFor('campaign'),
  bid: rowsFor('bid'),
};

/** The rows of a state by their command, in the table's order; a state has at most one for each. */
export function rowsIn(state: State, kind: DealKind): ReadonlyMap<CommandName, Row> {
  return ROWS_IN[kind].get(state) ?? new Map();
}

/** The row for a command in a state, or null. */
export function findRow(state: State, on: CommandName, kind: DealKind): Row | null {
  return rowsIn(state, kind).get(on) ?? null;
}

const ROWS_OF = new Map<string, Row[]>();
for (const row of TRANSITIONS as readonly Row[]) ROWS_OF.set(row.on, [...(ROWS_OF.get(row.on) ?? []), row]);

export function isCommandName(name: string): name is CommandName {
  return ROWS_OF.has(name);
}

/** Every state a command belongs to, its own first. */
export function statesOf(on: CommandName): State[] {
  return [...new Set((ROWS_OF.get(on) ?? []).flatMap((row) => row.from))];
}

const ROLES_OF = new Map([...ROWS_OF].map(([on, rows]) => [on, [...new Set(rows.flatMap((row) => row.by))]]));

/** Who may ever give a command. */
export function rolesOf(on: CommandName): readonly Role[] {
  return ROLES_OF.get(on) ?? [];
}

const AWAITS: Partial<Record<State, Party>> = {
  initial: 'brand_owner',
  influencer_responding: 'influencer',
  brand_owner_details: 'brand_owner',
  influencer_reviewing: 'influencer',
  brand_owner_pricing: 'brand_owner',
  influencer_price_response: 'influencer',
  brand_owner_negotiation: 'brand_owner',
  influencer_final_response: 'influencer',
  negotiation_input: 'influencer',
  payment_pending: 'brand_owner',
  payment_completed: 'influencer',
  work_in_progress: 'influencer',
  work_submitted: 'brand_owner',
};

/** Whose turn it is; null where nobody's, or both's. */
export function awaitingRole(state: State): Party | null {
  return AWAITS[state] ?? null;
}

export function chatStatus(state: State): ChatStatus {
  if (state === 'real_time') return 'real_time';
  return state === 'chat_closed' ? 'closed' : 'automated';
}

/** The buttons people press: what a click may name. The rest of the commands are inputs, providers' facts and effects. */
export const BUTTONS = TRANSITIONS.filter((row) =>
  (row.by as readonly Role[]).some((role) => role !== 'provider' && role !== 'system'),
)
  .map((row) => row.on)
  .filter((on, index, all) => on !== 'negotiation' && on !== 'dispute_statement' && all.indexOf(on) === index);

/** What a text input of a type says, as a command. */
export const INPUTS = {
  project_details: 'send_project_details',
  price_offer: 'send_price_offer',
  negotiation: 'negotiation',
  final_offer: 'send_final_offer',
  revision_feedback: 'request_revision',
  dispute_statement: 'dispute_statement',
} as const satisfies Record<string, CommandName>;
export type InputType = keyof typeof INPUTS;
