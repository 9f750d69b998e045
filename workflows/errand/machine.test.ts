import fc from 'fast-check';
import { describeMachine } from '../process/testing/describeMachine.ts';
import { ERRANDS, errandIn } from './testing/errands.ts';

describeMachine({
  ...ERRANDS,
  twin: [
    { from: ['open'], by: ['runner', 'admin'], on: 'finish', to: 'done' },
    { from: ['open'], by: ['system'], on: 'expire', to: 'expired' },
    { from: ['done', 'expired'], by: ['system'], on: 'money_moved', to: 'same' },
  ],
  processIn: (state) => errandIn(state),
  opens: () => fc.constantFrom('0', '1', '700', '1000000000000000').map((held) => errandIn('open', { held })),
  never: () => [],
  late: '2027-01-01T00:00:00.000Z',
  keys: ['amount'],
});
