import { Loader, Stack, Tabs } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'wouter';
import { useTitle } from '../door/useTitle.ts';
import { Accounts } from './Accounts.tsx';
import { Books } from './Books.tsx';
import { Payouts } from './Payouts.tsx';
import { ProviderEvents } from './ProviderEvents.tsx';
import { Transfers } from './Transfers.tsx';

const Rules = lazy(() => import('../reward/Rules.tsx').then((file) => ({ default: file.Rules })));

const PARTS = {
  books: { label: 'Reconciliation', show: Books },
  accounts: { label: 'Accounts', show: Accounts },
  payouts: { label: 'Payouts', show: Payouts },
  transfers: { label: 'Transfers', show: Transfers },
  events: { label: 'Provider events', show: ProviderEvents },
  points: { label: 'Points', show: Rules },
} as const;
type Part = keyof typeof PARTS;

/** The money of all: whether the books are right, what is where, what moved it, what providers told, what is
 * given in points. */
export default function StaffMoney() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('part') ?? 'books';
  const part: Part = Object.hasOwn(PARTS, asked) ? (asked as Part) : 'books';
  useTitle(`Money: ${PARTS[part].label}`);
  return (
    <Stack gap="md">
      <Tabs
        value={part}
        onChange={(next) => setParams(next && next !== 'books' ? { part: next } : {})}
        keepMounted={false}
      >
        <Tabs.List>
          {Object.entries(PARTS).map(([name, { label }]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {Object.entries(PARTS).map(([name, { show: Show }]) => (
          <Tabs.Panel key={name} value={name} pt="md">
            <Suspense fallback={<Loader m="auto" aria-label="Reading the part" />}>
              <Show />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
