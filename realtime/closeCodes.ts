/** Why a connection was closed by us, and so what a client is to do: 40xx come back, 41xx stay away. */
export const CLOSE_CODES = {
  drain: { code: 4000, meaning: 'This process stops; come back after `reconnect_after` ms, resuming.' },
  token_expired: { code: 4001, meaning: 'The access token ended; come back with a fresh one, resuming.' },
  auth_timeout: { code: 4002, meaning: 'No `auth` came in time; come back and send it first.' },
  heartbeat_missed: { code: 4003, meaning: 'Nothing was heard for two heartbeats; come back, resuming.' },
  too_slow: { code: 4004, meaning: 'The client did not read what was sent; come back, resuming.' },
  unavailable: { code: 4005, meaning: 'A part we depend on is down; come back with growing pauses, resuming.' },
  resync: {
    code: 4006,
    meaning: 'An event to be sent next is no longer kept; come back, and read what there is over GET /api/events.',
  },
  unauthenticated: { code: 4100, meaning: 'The token was refused; stay away until there is another one.' },
  session_ended: { code: 4101, meaning: 'Signed out or revoked; stay away until somebody signs in again.' },
  protocol_error: { code: 4102, meaning: 'Frames that are not of this protocol, or far too many; mend the client.' },
  too_many_connections: { code: 4103, meaning: 'This user has too many connections; close another one first.' },
} as const;

export type CloseReason = keyof typeof CLOSE_CODES;

/** Whether a client should connect again by itself. 1009 (frame too large) and 41xx say no; a lost line says yes. */
export function comeBack(code: number): boolean {
  return code !== 1009 && !(code >= 4100 && code < 4200);
}
