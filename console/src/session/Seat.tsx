import { Badge, Button, Group, Menu, Tabs, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DealList } from '../deal/DealList.tsx';
import { DealView } from '../deal/DealView.tsx';
import { useOpenDeal } from '../deal/openDeal.ts';
import { balancesQuery, conversationsQuery } from '../deal/queries.ts';
import { formatAmount } from '../ledger/amounts.ts';
import { Market } from '../market/Market.tsx';
import type { Status } from '../socket/connection.ts';
import classes from './Seat.module.css';
import { SignIn } from './SignIn.tsx';
import { SEAT_TITLES, type Side, useSeats } from './seats.tsx';
import type { Session } from './session.ts';
import { SignedInProvider, useSignedIn } from './signedIn.tsx';
import { useConnection } from './useConnection.ts';

/** One side of the table: signing in, and then what that side sees and does. */
export function Seat({ side, shown }: { side: Side; shown: boolean }) {
  const session = useSeats().sessions[side];
  return (
    <>
      {session ? (
        <Taken key={session.user.id} side={side} session={session} shown={shown} />
      ) : (
        <>
          <header className={classes.head}>
            <Title order={2} fz="md">
              {SEAT_TITLES[side]}
            </Title>
          </header>
          <div className={classes.scroll}>
            <SignIn seat={side} />
          </div>
        </>
      )}
    </>
  );
}

function Taken({ side, session, shown }: { side: Side; session: Session; shown: boolean }) {
  const live = useConnection(session);
  const deal = useOpenDeal();
  return (
    <SignedInProvider value={{ ...live, seat: side, session }}>
      <Head status={live.status} side={side} />
      {deal ? <DealView key={deal} id={deal} shown={shown} otherwise={<Lists elsewhere />} /> : <Lists />}
    </SignedInProvider>
  );
}

const STATUS_WORDS: Record<Status, string> = {
  connecting: 'Connecting',
  live: 'Live',
  waiting: 'Reconnecting',
  over: 'Not live',
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

function Lists({ elsewhere = false }: { elsewhere?: boolean }) {
  const { session } = useSignedIn();
  const { data } = useQuery(conversationsQuery(session));
  const unread = data?.reduce((all, { unread_count }) => all + unread_count, 0) ?? 0;
  const [tab, setTab] = useState<string | null>(null);
  // Whoever has no deals yet begins in the market.
  const value = tab ?? (data && data.length > 0 ? 'deals' : 'market');
  return (
    <Tabs value={value} onChange={setTab} className={classes.lists} keepMounted={false}>
      <Tabs.List px="sm">
        <Tabs.Tab value="deals">
          Deals
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
            The deal that is open is not this account’s.
          </Text>
        )}
        <Tabs.Panel value="deals">
          <DealList />
        </Tabs.Panel>
        <Tabs.Panel value="market">
          <Market />
        </Tabs.Panel>
      </div>
    </Tabs>
  );
}
