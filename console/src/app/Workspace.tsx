import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { CaseRoom } from '../case/CaseList.tsx';
import { AtTheDoor, DeskShell, Many } from '../door/DeskShell.tsx';
import { useTitle } from '../door/useTitle.ts';
import { inboxQuery } from '../inbox/queries.ts';
import { useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { SignedInProvider, useSignedIn } from '../session/signedIn.tsx';
import { useConnection } from '../session/useConnection.ts';
import { isUnread, roomsQuery } from '../talk/rooms.ts';

const CasePage = lazy(() => import('../case/CasePage.tsx'));
const MoneyRoom = lazy(() => import('../money/MoneyRoom.tsx'));
const InvoicePage = lazy(() => import('../money/InvoicePage.tsx'));
const PayoutPaper = lazy(() => import('../money/PayoutPaper.tsx'));
const Inbox = lazy(() => import('../inbox/Inbox.tsx'));
const Messages = lazy(() => import('./Messages.tsx'));
const Found = lazy(() => import('./Found.tsx'));
const Discover = lazy(() => import('./Discover.tsx'));

/** One person's own place: what a marketplace's own page would show. */
export default function Workspace() {
  const session = useSeats().sessions.desk;
  useTitle(session ? null : 'Workspace');
  if (session) return <Taken key={session.user.id} session={session} />;
  return <AtTheDoor door="app" seat="desk" title="Sign in to your workspace" />;
}

function Taken({ session }: { session: Session }) {
  const live = useConnection(session);
  return (
    <SignedInProvider value={{ ...live, seat: 'desk', session }}>
      <Rooms />
    </SignedInProvider>
  );
}

function Rooms() {
  const { session, status } = useSignedIn();
  const told = useQuery(inboxQuery(session)).data?.filter(({ read_at }) => read_at === null).length ?? 0;
  const said = useQuery(roomsQuery(session)).data?.filter(isUnread).length ?? 0;
  return (
    <DeskShell
      door="app"
      seat="desk"
      status={status}
      placeholder="Id, handle, order or title"
      rooms={[
        { href: '/app/work', label: 'Work', holds: '/app/cases' },
        {
          href: '/app/inbox',
          label: 'Inbox',
          badge: <Many of={told + said} what="not read" />,
        },
        { href: '/app/messages', label: 'Messages', badge: <Many of={said} what="not read" /> },
        { href: '/app/money', label: 'Money' },
        { href: '/app/discover', label: 'Discover' },
      ]}
    >
      <Switch>
        <Route path="/app/work" component={Work} />
        <Route path="/app/cases/:id" component={CasePage} />
        <Route path="/app/inbox" component={Inbox} />
        <Route path="/app/messages" component={Messages} />
        <Route path="/app/messages/:id" component={Messages} />
        <Route path="/app/search" component={Found} />
        <Route path="/app/money" component={MoneyRoom} />
        <Route path="/app/money/invoices/:id" component={InvoicePage} />
        <Route path="/app/money/payouts/:id" component={PayoutPaper} />
        <Route path="/app/discover/*?" component={Discover} />
        <Route>
          <Redirect to="/app/work" replace />
        </Route>
      </Switch>
    </DeskShell>
  );
}

function Work() {
  return <CaseRoom session={useSignedIn().session} title="Work" />;
}
