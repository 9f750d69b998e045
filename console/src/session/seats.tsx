import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { Refusal } from 'tandem-client';
import { Session } from './session.ts';

/** Where somebody may sit: at either side of the table, at a desk of one's own, or with the staff. */
export const SIDES = ['brand_owner', 'influencer'] as const;
const SEATS = [...SIDES, 'desk', 'operator'] as const;
export type SeatName = (typeof SEATS)[number];
export type Side = (typeof SIDES)[number];

export const SEAT_TITLES: Record<SeatName, string> = {
  brand_owner: 'Brand owner',
  influencer: 'Influencer',
  desk: 'You',
  operator: 'Operator',
};

export type NewRole = 'brand_owner' | 'influencer' | 'viewer' | 'creator';

type Seats = {
  sessions: Record<SeatName, Session | null>;
  /** Why a seat was left without its doing; null where it was not. */
  notices: Record<SeatName, string | null>;
  /** Throw a Refusal. */
  signIn(seat: SeatName, handle: string, password: string): Promise<void>;
  register(seat: Exclude<SeatName, 'operator'>, handle: string, password: string, role: NewRole): Promise<void>;
  signOut(seat: SeatName): void;
};

const SeatsContext = createContext<Seats | null>(null);

/** What an account has to be to sit somewhere. */
const ROLES = { brand_owner: 'brand_owner', influencer: 'influencer', operator: 'admin', desk: null } as const;
const SITS: Record<SeatName, string> = {
  desk: 'anybody',
  brand_owner: 'a brand owner',
  influencer: 'an influencer',
  operator: 'an administrator',
};
const WHOSE: Record<string, string> = {
  brand_owner: 'a brand owner’s, who sits on the left',
  influencer: 'an influencer’s, who sits on the right',
  admin: 'an administrator’s, who sits in Operations',
};

/** The session where its account may sit here; ends it and throws a Refusal where it may not. */
function fitting(seat: SeatName, session: Session): Session {
  const { roles, handle } = session.user;
  if (ROLES[seat] === null || roles.some((role) => role === ROLES[seat])) return session;
  session.end();
  const whose = roles.map((role) => WHOSE[role] ?? role).join(' and ');
  throw new Refusal(
    `The account ${handle} is ${whose || 'nobody’s here'}. Here sits ${SITS[seat]}: sign in with such an account.`,
    'FORBIDDEN',
    403,
  );
}

const NOBODY = { brand_owner: null, influencer: null, desk: null, operator: null };
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
        seatAs(seat, fitting(seat, await Session.signIn(placeOf(seat), { handle, password })));
      },
      async register(seat, handle, password, role) {
        seatAs(seat, await Session.register(placeOf(seat), { handle, password, roles: [role] }));
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
