import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { Session } from './session.ts';

/** Where somebody may sit: at either side of a deal, or above it. */
export const SEATS = ['brand_owner', 'influencer', 'operator'] as const;
export type SeatName = (typeof SEATS)[number];
export type Side = Exclude<SeatName, 'operator'>;

export const SEAT_TITLES: Record<SeatName, string> = {
  brand_owner: 'Brand owner',
  influencer: 'Influencer',
  operator: 'Operator',
};

type Seats = {
  sessions: Record<SeatName, Session | null>;
  /** Why a seat was left without its doing; null where it was not. */
  notices: Record<SeatName, string | null>;
  /** Throw a Refusal. */
  signIn(seat: SeatName, handle: string, password: string): Promise<void>;
  register(seat: Side, handle: string, password: string): Promise<void>;
  signOut(seat: SeatName): void;
};

const SeatsContext = createContext<Seats | null>(null);

const NOBODY = { brand_owner: null, influencer: null, operator: null };
const placeOf = (seat: SeatName) => `tandem.session.${seat}`;

export function SeatsProvider({ children }: { children: ReactNode }) {
  const [sessions, setSessions] = useState<Seats['sessions']>(NOBODY);
  const [notices, setNotices] = useState<Seats['notices']>(NOBODY);

  const seatAs = useCallback((seat: SeatName, session: Session | null, notice: string | null = null) => {
    if (session) session.onEnd = (why) => seatAs(seat, null, why);
    setSessions((before) => ({ ...before, [seat]: session }));
    setNotices((before) => ({ ...before, [seat]: notice }));
  }, []);

  const [restored, setRestored] = useState(false);
  if (!restored) {
    setRestored(true);
    for (const seat of SEATS) {
      const session = Session.kept(placeOf(seat));
      if (session) seatAs(seat, session);
    }
  }

  const seats = useMemo<Seats>(
    () => ({
      sessions,
      notices,
      async signIn(seat, handle, password) {
        seatAs(seat, await Session.signIn(placeOf(seat), { handle, password }));
      },
      async register(seat, handle, password) {
        seatAs(seat, await Session.register(placeOf(seat), { handle, password, roles: [seat] }));
      },
      signOut(seat) {
        sessions[seat]?.end();
        seatAs(seat, null);
      },
    }),
    [sessions, notices, seatAs],
  );
  return <SeatsContext value={seats}>{children}</SeatsContext>;
}

export function useSeats(): Seats {
  const seats = use(SeatsContext);
  if (!seats) throw new Error('useSeats is for what is inside SeatsProvider');
  return seats;
}
