import { createContext, type ReactNode, use } from 'react';
import type { SeatName } from './seats.tsx';
import type { Session } from './session.ts';
import type { useConnection } from './useConnection.ts';

export type SignedIn = ReturnType<typeof useConnection> & { seat: SeatName; session: Session };

const SignedInContext = createContext<SignedIn | null>(null);

export function SignedInProvider({ value, children }: { value: SignedIn; children: ReactNode }) {
  return <SignedInContext value={value}>{children}</SignedInContext>;
}

/** Whoever sits where this is shown. */
export function useSignedIn(): SignedIn {
  const signedIn = use(SignedInContext);
  if (!signedIn) throw new Error('useSignedIn is for what is shown to somebody who is signed in');
  return signedIn;
}
