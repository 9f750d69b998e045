import { asBattle, type Battle, type Party } from '#workflows/battle/terms.ts';
import { endOf, startOf, viewStanding } from '#workflows/battle/view.ts';
import { type Announced, announced, inOrder } from '../event/announce.ts';
import type { KindRows } from '../process/kind.ts';
import { acceptBattle } from './accepting.ts';
import { countOut, hostOf } from './counting.ts';

/**
 * What a battle's steps write beside themselves: that it begins and that it is over, to the two. Its row and who is in it
 * are written by `follow_battle` in the same transaction, and its room is told by the worker.
 */
export const battleRows: KindRows = {
  besideOf({ process: before, seats }, _step, process) {
    const events = before.state === process.state ? [] : heardBy(seats, asBattle(process));
    return { speech: null, events, told: false, orders: [], tasks: [], closes: null };
  },

  tells: { pay: 'stakes_paid', give_back: 'stakes_returned' },
  tellsWallets: true,
  rules: null,

  prepares: {
    accept: acceptBattle,
    async cancel(transaction, { process }, { now }) {
      return process.state === 'running' ? { tallies: await countOut(transaction, process.id, now) } : {};
    },
    // Whoever ends their stream has left it.
    async close(transaction, { process }, { now }) {
      if (process.state !== 'running') return {};
      const tallies = await countOut(transaction, process.id, now);
      return { tallies, forfeited_by: await hostOf(transaction, process.id) };
    },
  },

  async atDeadline(executor, { process }, now) {
    if (process.state !== 'running') return 'expire';
    return { on: 'expire', data: { tallies: await countOut(executor, process.id, now) } };
  },

  answerOf: ({ process }) => answer(asBattle(process)),
  unchangedOf: (process) => answer(asBattle(process)),

  // Whoever is asked has been told, and no provider's payment is behind a battle.
  remindOf: () => ({ messages: [], events: [] }),
  heldUpOf: () => ({ messages: [], events: [] }),
  differsOf: () => ({ messages: [], events: [] }),
};

function heardBy(seats: Readonly<Record<string, string>>, battle: Battle): Announced[] {
  const two = seats as Record<Party, string>;
  const event =
    battle.state === 'running'
      ? { name: 'battle_start', data: startOf(battle, two) }
      : { name: 'battle_end', data: endOf(battle, two) };
  return inOrder(Object.values(two).map((userId) => announced(userId, [event])));
}

function answer(battle: Battle) {
  return { status: 200, body: { success: true, data: { battle: viewStanding(battle) } } };
}
