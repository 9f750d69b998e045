import { dealMachine } from '#workflows/deal/machine.ts';
import { processOf } from '#workflows/process/workflow.ts';

/** A release whose deals are agreed on in another way: nobody accepts a price there, so no step that did makes sense. */
const { table } = dealMachine;
export const deal = processOf({
  ...dealMachine,
  table: { ...table, rows: table.rows.filter(({ on }) => on !== 'accept_price') },
});
