import type { KindRows } from '../process/kind.ts';

/** An errand says nothing and announces nothing: it moves what is held. */
export const errandRows: KindRows = {
  besideOf: () => ({ speech: null, events: [], told: false, orders: [], tasks: [], closes: null }),
  tells: { reward: 'money_moved', give_back: 'money_moved' },
  rules: null,
  answerOf: ({ step }) => ({ status: 200, body: { success: true, data: { n: step.n, state: step.to } } }),
  unchangedOf: ({ version, state }) => ({ status: 200, body: { success: true, data: { n: version, state } } }),
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};
