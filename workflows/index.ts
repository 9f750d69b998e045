/** Every workflow, as the worker bundles them. An export's name is its workflow's type; each kind of process has one. */
import { MACHINES } from './kinds.ts';
import { processOf } from './process/workflow.ts';

export { broadcast } from './notification/broadcastWorkflow.ts';
export const battle = processOf(MACHINES.battle);
export const boost = processOf(MACHINES.boost);
export const challenge = processOf(MACHINES.challenge);
export const chargeBack = processOf(MACHINES.chargeBack);
export const deal = processOf(MACHINES.deal);
export const errand = processOf(MACHINES.errand);
export const payout = processOf(MACHINES.payout);
export const poll = processOf(MACHINES.poll);
export const stream = processOf(MACHINES.stream);
export const subscription = processOf(MACHINES.subscription);
export const ticketEvent = processOf(MACHINES.ticketEvent);
export const topUp = processOf(MACHINES.topUp);
export const trade = processOf(MACHINES.trade);
export { push } from './notification/workflow.ts';
export { job } from './operation/workflow.ts';
export { refund } from './refund/workflow.ts';
