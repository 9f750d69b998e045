import { Badge, Button, Group, Loader, Menu, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { Status } from 'tandem-client';
import { TurnFirst } from '../case/CaseList.tsx';
import { useOpenCase } from '../door/where.ts';
import { formatAmount } from '../money/amounts.ts';
import { SEAT_TITLES, type Side, useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { SignedInProvider, useSignedIn } from '../session/signedIn.tsx';
import { useConnection } from '../session/useConnection.ts';
import { balancesQuery, conversationsQuery } from '../talk/queries.ts';
import classes from './Seat.module.css';

/** What is open, and what could be, come when they are looked at. */
const CaseSide = lazy(() => import('../case/CaseSide.tsx').then((file) => ({ default: file.CaseSide })));
const Market = lazy(() => import('../market/Market.tsx').then((file) => ({ default: file.Market })));

/** A side with somebody at it: who they are, and the case that is open or what there is. */
export default function Taken({ side, session, shown }: { side: Side; session: Session; shown: boolean }) {
  const live = useConnection(session);
  const open = useOpenCase();
  return (
    <SignedInProvider value={{ ...live, seat: side, session }}>
      <Head status={live.status} side={side} />
      <Suspense fallback={<Loader m="auto" aria-label="Reading this side" />}>
        {open ? <CaseSide key={open} id={open} shown={shown} otherwise={<Lists elsewhere />} /> : <Lists />}
      </Suspense>
    </SignedInProvider>
  );
}

const STATUS_WORDS: Record<Status, string> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  over: 'Not live',
  closed: 'Not live',
};

function Head({ status, side }: { status: Status; side: Side }) {
  const { session } = useSignedIn();
  const { signOut } = useSeats();
  const { data: balances } = useQuery(balancesQuery(session));
  const rupees = balances?.find(({ asset }) => asset === 'INR');
  return (
    <header className={classes.head}>
      <div className={classes.who}>
        <Title order={2} fz="md" lh={1.2}>
          {SEAT_TITLES[side]}
        </Title>
        <Group gap={6} wrap="nowrap">
          <Text size="xs" c="dimmed" truncate>
            {session.user.handle}
          </Text>
          <span className={classes.status} data-status={status} role="status">
            {STATUS_WORDS[status]}
          </span>
        </Group>
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="compact-md" data-balance={rupees?.available ?? '0.00'}>
            {formatAmount(rupees?.available ?? '0.00', 'INR')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Wallet</Menu.Label>
          {(balances ?? []).map(({ asset, available, held }) => (
            <Menu.Item key={asset} closeMenuOnClick={false} component="div">
              {formatAmount(available, asset)}
              {Number(held) > 0 && `, and ${formatAmount(held, asset)} held`}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={() => signOut(side)}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}

const NOTHING = 'No deals yet. They begin in the market.';

function Lists({ elsewhere = false }: { elsewhere?: boolean }) {
  const { session } = useSignedIn();
  const { data } = useQuery(conversationsQuery(session));
  const unread = data?.reduce((all, { unread_count }) => all + unread_count, 0) ?? 0;
  const [tab, setTab] = useState<string | null>(null);
  // Whoever has nothing yet begins in the market.
  const value = tab ?? (data && data.length > 0 ? 'cases' : 'market');
  return (
    <Tabs value={value} onChange={setTab} className={classes.lists} keepMounted={false}>
      <Tabs.List px="sm">
        <Tabs.Tab value="cases">
          Cases
          {unread > 0 && (
            <Badge size="xs" ml={6} aria-label={`${unread} messages not seen`}>
              {unread}
            </Badge>
          )}
        </Tabs.Tab>
        <Tabs.Tab value="market">Market</Tabs.Tab>
      </Tabs.List>
      <div className={classes.scroll}>
        {elsewhere && (
          <Text size="sm" c="dimmed" mb="sm">
            What is open is not this account’s.
          </Text>
        )}
        <Tabs.Panel value="cases">
          <TurnFirst session={session} asked={{ view: '', kind: '', q: '' }} nothing={NOTHING} />
        </Tabs.Panel>
        <Tabs.Panel value="market">
          <Suspense>
            <Market />
          </Suspense>
        </Tabs.Panel>
      </div>
    </Tabs>
  );
}
