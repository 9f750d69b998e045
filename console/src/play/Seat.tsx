import { Loader, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { SignIn } from '../session/SignIn.tsx';
import { SEAT_TITLES, type Side, useSeats } from '../session/seats.tsx';
import classes from './Seat.module.css';

/** What somebody sees comes once somebody is there. */
const Taken = lazy(() => import('./Taken.tsx'));

/** One side of the table: signing in, and then what that side sees and does. */
export function Seat({ side, shown }: { side: Side; shown: boolean }) {
  const session = useSeats().sessions[side];
  if (session) {
    return (
      <Suspense fallback={<Loader m="auto" aria-label="Reading this side" />}>
        <Taken key={session.user.id} side={side} session={session} shown={shown} />
      </Suspense>
    );
  }
  return (
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
  );
}
