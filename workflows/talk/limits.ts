/** Every limit of messages and rooms, with its reason. */
export const TALK_LIMITS = {
  /** Characters as a reader counts them. */
  text: 4_000,
  /** Of a preview in a list. */
  preview: 50,
  roomName: 100,
  /** Of a room. One message to so many is some 4 MB of events. */
  members: 5_000,
  /** Rooms of more are told by a job, and not by the sender's own transaction: 32 counters are locked for 5 ms. */
  toldAtOnce: 32,
  /** Members in one transaction of that job: some 50 ms, for which nobody else can be told anything. */
  chunk: 250,
  /** Messages that are told in one walk over a room's members. */
  walk: 64,
  /** In rooms of more, nobody is told who has read: 5,000 readers of 5,000 writers would be 25 million events. */
  receipts: 100,
  /** For so long may be edited and deleted. */
  editMs: 15 * 60_000,
  /** Different emoji of one person on one message, and kinds of emoji on one message. */
  reactionsEach: 6,
  reactionsKinds: 20,
  mediaUrl: 2_048,
  /** Written to somebody who never answered, within a day. */
  unanswered: 50,
} as const;
