import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { CaseRoom } from '../case/CaseList.tsx';
import { AtTheDoor, DeskShell, Many } from '../door/DeskShell.tsx';
import { useTitle } from '../door/useTitle.ts';
import { useSeats } from '../session/seats.tsx';
import type { Session } from '../session/session.ts';
import { SignedInProvider, useSignedIn } from '../session/signedIn.tsx';
import { tasksQuery } from './queries.ts';

const CasePage = lazy(() => import('../case/CasePage.tsx'));
const Tasks = lazy(() => import('./Tasks.tsx'));
const Health = lazy(() => import('./Health.tsx'));
const StaffMoney = lazy(() => import('./StaffMoney.tsx'));
const People = lazy(() => import('./People.tsx'));
const PersonPage = lazy(() => import('./PersonPage.tsx'));
const Found = lazy(() => import('./Found.tsx'));

/** The staff's place: what is wrong, what waits for them, and everything that goes on. */
export default function Operations() {
  const session = useSeats().sessions.operator;
  useTitle(session ? null : 'Operations');
  if (session) return <Taken session={session} />;
  return <AtTheDoor door="ops" seat="operator" title="Sign in as an administrator" />;
}

function Taken({ session }: { session: Session }) {
  // Staff is told nothing by socket: what it looks at is read anew all the while.
  return (
    <SignedInProvider value={{ status: 'over', seat: 'operator', session }}>
      <Rooms />
    </SignedInProvider>
  );
}

function Rooms() {
  const { session } = useSignedIn();
  const open = useQuery(tasksQuery(session, 'open')).data?.length ?? 0;
  return (
    <DeskShell
      door="ops"
      seat="operator"
      placeholder="Any id, handle, order or payment"
      rooms={[
        { href: '/ops/health', label: 'Health' },
        {
          href: '/ops/tasks',
          label: 'Tasks',
          badge: <Many of={open} what="open tasks" />,
        },
        { href: '/ops/cases', label: 'Cases' },
        { href: '/ops/money', label: 'Money' },
        { href: '/ops/people', label: 'People' },
      ]}
    >
      <Switch>
        <Route path="/ops/health" component={Health} />
        <Route path="/ops/tasks" component={Tasks} />
        <Route path="/ops/cases" component={Cases} />
        <Route path="/ops/cases/:id" component={CasePage} />
        <Route path="/ops/money" component={StaffMoney} />
        <Route path="/ops/people" component={People} />
        <Route path="/ops/people/:id" component={PersonPage} />
        <Route path="/ops/search" component={Found} />
        <Route>
          <Redirect to="/ops/health" replace />
        </Route>
      </Switch>
    </DeskShell>
  );
}

function Cases() {
  return <CaseRoom session={useSignedIn().session} title="Cases" />;
}
