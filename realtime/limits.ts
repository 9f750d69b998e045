/** Everything here has a limit; these are they. A test may set its own. */
export const LIMITS = {
  /** Bytes of one frame from a client; a larger one closes the connection with 1009. */
  frameBytes: 16 * 1024,
  /** Time to send `auth` after connecting, in ms. */
  authWithinMs: 10_000,
  /** Commands of one connection in any minute; further ones are answered RATE_LIMITED. */
  commandsPerMinute: 100,
  /** Commands of one user in a minute, over all connections and processes. */
  commandsPerUserMinute: 600,
  /** Frames of any kind of one connection in a minute; one more closes it: whoever sends these does not listen. */
  framesPerMinute: 600,
  /** Frames of one connection that may wait to be worked on; with more waiting it is not read from. */
  waitingFrames: 32,
  /** Connections of one user to one process. */
  connectionsPerUser: 20,
  /** Connections to one process, signed in or not. */
  connections: 20_000,
  /** Rooms a connection may be in, its own not counted. */
  roomsPerConnection: 100,
  /** Every so often it is asked again who may be in the rooms they are in, for losses that nobody announced, in ms. */
  roomSweepMs: 10_000,
  /** Members asked about in one such sweep; the next one goes on where it ended. */
  roomSweepMembers: 200,
  /** A live event goes to so many members in one turn of the event loop, so that a popular room holds no other up. */
  fanOut: 250,
  /** How often it is told how many watch, where that has changed, in ms. */
  viewersMs: 1_000,
  /** Who is typing has stopped when nothing more is heard for this long, in ms. */
  typingMs: 3_000,
  /** How long the rooms of a /socket.io/ connection are remembered after it has gone, for one that recovers, in ms. */
  recoverMs: 120_000,
  /** A ping goes out this often, in ms; a connection silent for two of them is closed. */
  heartbeatMs: 25_000,
  /** A client is asked for a fresh token this long before its token ends, in ms. */
  reauthAheadMs: 60_000,
  /** With more than this waiting in a connection's buffer, live events are dropped and durable ones stay in Postgres. */
  laggingBytes: 64 * 1024,
  /** A connection that takes nothing for this long while that much waits is closed, in ms. */
  stalledMs: 20_000,
  /** With more than this in its buffer a connection is closed at once. */
  overflowBytes: 1024 * 1024,
  /** How far behind a client may be to have everything replayed here; further back it reads GET /api/events. */
  resumeEvents: 10_000,
  /** Durable events of one reader in one query. */
  pageEvents: 100,
  /** Readers in one query. */
  pageReaders: 500,
  /** Durable events in one query: some megabytes when many resume at once. */
  fetchEvents: 2_000,
  /** Every so often the counters of all connected users are compared, so that a lost bell costs no more, in ms. */
  sweepMs: 1_000,
  /** Every so often ended sessions are looked for, for announcements that were lost, in ms. */
  sessionSweepMs: 5_000,
  /** People told of a user's presence beside those in a room with them. */
  presenceAudience: 100,
  /** How long a user may be away before others are told, in ms: a page that is loaded anew is no absence. */
  presenceGraceMs: 3_000,
  /** Clients are told to come back after a random time up to this when a process stops, in ms. */
  reconnectSpreadMs: 3_000,
  /** How often a door looks at its connections' deadlines, in ms. */
  tickMs: 1_000,
  /** How long a client may take to answer our close, in ms. */
  closeWithinMs: 10_000,
  /** How long a stopping process waits for commands under way and for clients to close, in ms each. */
  drainMs: 1_500,
} as const;

export type Limits = { readonly [Name in keyof typeof LIMITS]: number };
