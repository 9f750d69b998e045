/** The frames of GET /ws, both ways: one JSON object each, told apart by `type`. */
import { z } from 'zod';
import { FAILURES, Failure, type FailureCode } from '#workflows/failures.ts';

export const PROTOCOL_VERSION = 1;

const instant = z.iso.datetime();
const seq = z.int().nonnegative();
const commandId = z.union([z.string().min(1).max(64), z.int().nonnegative()]);

/** From the client. An unknown field is refused. */
export const CLIENT_FRAMES = {
  auth: z
    .strictObject({
      type: z.literal('auth'),
      token: z.string().min(1).max(8_192).describe('An access token'),
      resume: seq.optional().describe('The `seq` of the last event you have; what came after it is sent again'),
    })
    .describe('First of all: who you are. Sent again with a fresh token when `reauth` asks for it.'),
  command: z
    .strictObject({
      type: z.literal('command'),
      id: commandId.describe('Yours to choose; the `ack` carries it'),
      name: z.string().max(64),
      data: z.unknown(),
      idempotency_key: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .describe('As the header Idempotency-Key over REST: repeated under the same key, it is done once'),
    })
    .describe('Do something. Commands of one connection are worked on one after the other.'),
  pong: z.strictObject({ type: z.literal('pong') }).describe('The answer to `ping`.'),
} as const;

const clientFrame = z.discriminatedUnion('type', [CLIENT_FRAMES.auth, CLIENT_FRAMES.command, CLIENT_FRAMES.pong]);
export type ClientFrame = z.infer<typeof clientFrame>;

const failure = {
  success: z.literal(false),
  message: z.string(),
  error_code: z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]),
  details: z.record(z.string(), z.unknown()),
};

/** To the client. Fields may be added; a client passes over what it does not know. */
export const SERVER_FRAMES = {
  hello: z
    .object({
      type: z.literal('hello'),
      protocol: z.literal(PROTOCOL_VERSION),
      heartbeat_ms: z.int().describe('A `ping` comes this often'),
      auth_within_ms: z.int(),
      limits: z.object({
        frame_bytes: z.int(),
        commands_per_minute: z.int(),
        connections_per_user: z.int(),
        resume_events: z.int(),
      }),
    })
    .describe('The first frame.'),
  ready: z
    .object({
      type: z.literal('ready'),
      user_id: z.uuid(),
      seq: seq.describe('Number of the last event there is'),
      resumed: z
        .boolean()
        .describe(
          'True: all after `resume` follows. False: events after `seq` follow; read older ones over GET /api/events',
        ),
      expires_at: instant.describe('When the token ends'),
    })
    .describe('Signed in; commands are taken and events follow.'),
  event: z
    .object({ type: z.literal('event'), seq, name: z.string(), data: z.unknown(), at: instant })
    .describe('A durable event. Numbers follow each other without a gap.'),
  live: z
    .object({ type: z.literal('live'), name: z.string(), data: z.unknown(), room: z.string().optional() })
    .describe('A live event; never repeated, dropped for a slow reader.'),
  ack: z
    .discriminatedUnion('success', [
      z.object({ type: z.literal('ack'), id: commandId, success: z.literal(true), data: z.unknown() }),
      z.object({ type: z.literal('ack'), id: commandId, ...failure }),
    ])
    .describe('What became of a command.'),
  error: z
    .object({ type: z.literal('error'), ...failure })
    .describe('A frame was refused, or a close with 41xx follows.'),
  ping: z
    .object({ type: z.literal('ping') })
    .describe('Answer with `pong`, or let your WebSocket answer its own ping.'),
  reauth: z
    .object({ type: z.literal('reauth'), expires_at: instant })
    .describe('The token ends soon: send `auth` with a fresh one, or be closed with 4001 then.'),
  renewed: z.object({ type: z.literal('renewed'), expires_at: instant }).describe('The fresh token was taken.'),
  drain: z
    .object({ type: z.literal('drain'), reconnect_after: z.int().describe('ms') })
    .describe('This process stops and closes with 4000; come back after that time, resuming.'),
} as const;

export type ServerFrameType = keyof typeof SERVER_FRAMES;
export type ServerFrame = z.infer<(typeof SERVER_FRAMES)[ServerFrameType]>;
export type ReadyFrame = z.infer<typeof SERVER_FRAMES.ready>;
export type AckFrame = z.infer<typeof SERVER_FRAMES.ack>;

/** Reads a frame. Throws VALIDATION_FAILED with the fields at fault. */
export function readClientFrame(text: string): ClientFrame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Failure('VALIDATION_FAILED', 'A frame is one JSON object, sent as text.');
  }
  return readOrRefuse(clientFrame, json, 'frame');
}

/** The id of a command whose frame was refused, so that it is answered all the same; null when it cannot be read. */
export function commandIdOf(text: string): string | number | null {
  try {
    const result = z.object({ type: z.literal('command'), id: commandId }).safeParse(JSON.parse(text));
    return result.success ? result.data.id : null;
  } catch {
    return null;
  }
}

/** Parses, or throws VALIDATION_FAILED whose details name the fields; `whole` is what the value itself is called. */
export function readOrRefuse<Schema extends z.ZodType>(schema: Schema, value: unknown, whole: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.flatMap((issue) => problems(issue, whole));
  const others = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  const message = `${fields[0]?.field} ${fields[0]?.problem}${others}.`;
  throw new Failure('VALIDATION_FAILED', message, { details: { fields } });
}

function problems(issue: z.core.$ZodIssue, whole: string): { field: string; problem: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), problem: 'is not a known field' }));
  }
  const field = issue.path.join('.') || whole;
  if (/received undefined$/.test(issue.message)) return [{ field, problem: 'is required' }];
  return [{ field, problem: `is not valid: ${issue.message.replace(/^Invalid input: /, '')}` }];
}

/** The one failure format, as in every other answer of Tandem. */
export function failureBody(reason: Failure) {
  return {
    success: false as const,
    message: reason.message,
    error_code: reason.code,
    details: reason.retryAfter === undefined ? reason.details : { ...reason.details, retry_after: reason.retryAfter },
  };
}
