import { createTestDatabase } from '#local/testStack.ts';
import { newUser, SYSTEM } from '../deal/testing/dealing.ts';
import { describeProcess } from '../process/testing/describeProcess.ts';
import { withTokens } from '../stream/testing/live.ts';
import { openedTicketEvent } from './testing/ticketEvents.ts';
import { sellTicket } from './tickets.ts';

describeProcess({
  kind: 'ticketEvent',
  databaseUrl: createTestDatabase,
  systemUserId: SYSTEM,
  complete: {},
  adminId: (pool) => newUser(pool, 'admin'),
  /** With two tickets sold. */
  async open(pool, now) {
    const { id } = await openedTicketEvent(pool, { now, price: '30' });
    for (let each = 0; each < 2; each += 1) {
      const buyer = { id: (await withTokens(pool, 30n, now)).id, isAdmin: false };
      const origin = { now, systemUserId: SYSTEM, correlationId: null };
      await pool.transaction((transaction) => sellTicket(transaction, { eventId: id, buyer }, origin));
    }
    return id;
  },
});
