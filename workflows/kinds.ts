/** Every kind of process there is. Whatever is done for each of them reads this. */
import { battleMachine } from './battle/machine.ts';
import { boostMachine } from './boost/machine.ts';
import { challengeMachine } from './challenge/machine.ts';
import { chargeBackMachine } from './chargeBack/machine.ts';
import { dealMachine } from './deal/machine.ts';
import { errandMachine } from './errand/machine.ts';
import { payoutMachine } from './payout/machine.ts';
import { pollMachine } from './poll/machine.ts';
import type { Machine } from './process/machine.ts';
import { streamMachine } from './stream/machine.ts';
import { subscriptionMachine } from './subscription/machine.ts';
import { ticketEventMachine } from './ticketEvent/machine.ts';
import { topUpMachine } from './topUp/machine.ts';
import { tradeMachine } from './trade/machine.ts';

export const MACHINES = {
  battle: battleMachine as Machine,
  boost: boostMachine as Machine,
  challenge: challengeMachine as Machine,
  chargeBack: chargeBackMachine as Machine,
  deal: dealMachine as Machine,
  errand: errandMachine as Machine,
  payout: payoutMachine as Machine,
  poll: pollMachine as Machine,
  stream: streamMachine as Machine,
  subscription: subscriptionMachine as Machine,
  ticketEvent: ticketEventMachine as Machine,
  topUp: topUpMachine as Machine,
  trade: tradeMachine as Machine,
} as const satisfies Record<string, Machine>;

export type Kind = keyof typeof MACHINES;
export const KINDS = Object.keys(MACHINES) as Kind[];

/** Every type of workflow: of the kinds, and what is no process. */
export const WORKFLOW_TYPES = [...KINDS, 'refund', 'push', 'broadcast', 'job'] as const;

const ROOMS: Readonly<Record<string, string>> = { push: 'notification', broadcast: 'notification', job: 'operation' };

/** The room that a type of workflow lies in, with the histories that were recorded of it. */
export function roomOf(type: string): string {
  return ROOMS[type] ?? type;
}

function isKind(name: string): name is Kind {
  return Object.hasOwn(MACHINES, name);
}

/** The machine of a kind. Throws RangeError for a name that is none. */
export function machineOf(kind: string): Machine {
  if (!isKind(kind)) throw new RangeError(`there is no kind of process called ${kind}`);
  return MACHINES[kind];
}
