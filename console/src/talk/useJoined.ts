import { useEffect } from 'react';
import { useSignedIn } from '../session/signedIn.tsx';

/** Hears typing and presence in a conversation for as long as it is shown. Staff, who has no socket, hears none. */
export function useJoined(conversationId: string): void {
  const { session, seat } = useSignedIn();
  const { tandem } = session;
  useEffect(() => {
    if (seat === 'operator') return;
    // The page is as good without: what is refused, or comes too late, is nobody's trouble.
    const nothing = () => {};
    tandem.send('join_conversation', { conversationId }).catch(nothing);
    return () => void tandem.send('leave_conversation', { conversationId }).catch(nothing);
  }, [tandem, seat, conversationId]);
}
