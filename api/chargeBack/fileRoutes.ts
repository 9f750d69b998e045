import { z } from 'zod';
import {
  findFile,
  insertFile,
  type ListedFile,
  listFiles,
  MEDIA_TYPES,
  type MediaType,
  type Side,
} from '#db/chargeBack/files.ts';
import type { Transaction } from '#db/pool.ts';
import { roleIn } from '#db/process/door.ts';
import { findProcess, lockProcess } from '#db/process/processes.ts';
import type { StoredProcess } from '#db/process/stored.ts';
import { chargeBackMachine } from '#workflows/chargeBack/machine.ts';
import { Failure } from '#workflows/failures.ts';
import { allowedCommands } from '#workflows/process/machine.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { invalidField } from '../failure.ts';
import { answerOnce, idempotencyHeaders } from '../idempotency.ts';
import type { Account } from '../people/account.ts';

const tags = ['Charge-backs'];
const id = z.uuid().toLowerCase();
const params = z.strictObject({ id });
/** Six of them are within what Stripe takes in all (4.5 MB), and each within a body. */
const BYTES_AT_MOST = 700_000;

const file = z
  .object({
    id,
    by: z.enum(['payee', 'payer', 'admin']),
    name: z.string(),
    media_type: z.enum(MEDIA_TYPES),
    size: z.int().describe('Bytes'),
    added_at: z.iso.datetime(),
  })
  .meta({ id: 'ChargeBackFile' });

const wholeFile = file.extend({ data: z.base64() }).meta({ id: 'ChargeBackFileWhole' });

const newFile = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w][\w .-]{0,99}$/)
      .describe('As the bank reads it; no folders'),
    media_type: z.enum(MEDIA_TYPES),
    data: z.base64().min(1).describe(`At most ${BYTES_AT_MOST} bytes, as Base64`),
  })
  .meta({
    id: 'NewChargeBackFile',
    examples: [{ name: 'delivered.png', media_type: 'image/png', data: 'iVBORw0KGgo=' }],
  });

/** Files that speak for a side. */
export function chargeBackFileRoutes(app: App, deps: Deps): void {
  addRoute(app, deps);
  const { pool } = deps;

  app.get(
    '/api/charge-backs/:id/files',
    {
      schema: {
        operationId: 'chargeBacks.listFiles',
        tags,
        summary: 'Your files of a charge-back, and for an administrator all of them',
        params,
        response: answers({ 200: success(z.array(file)) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ params: { id: processId }, account }) => {
      const by = seat(await findProcess(pool, processId), account);
      const files = await listFiles(pool, processId, by === 'admin' ? null : by);
      return { success: true as const, data: files.map(view) };
    },
  );

  app.get(
    '/api/charge-backs/:id/files/:fileId',
    {
      schema: {
        operationId: 'chargeBacks.getFile',
        tags,
        summary: 'One of these files, with what is in it',
        params: z.strictObject({ id, fileId: id }),
        response: answers({ 200: success(wholeFile) }, 'UNAUTHENTICATED', 'NOT_FOUND'),
      },
    },
    async ({ params: { id: processId, fileId }, account }) => {
      const by = seat(await findProcess(pool, processId), account);
      const found = await findFile(pool, processId, fileId);
      if (!found || (by !== 'admin' && found.by_role !== by)) throw new Failure('NOT_FOUND', 'There is no such file.');
      const { bytes, ...rest } = found;
      return { success: true as const, data: { ...view(rest), data: bytes.toString('base64') } };
    },
  );
}

function addRoute(app: App, { pool, now }: Deps): void {
  app.post(
    '/api/charge-backs/:id/files',
    {
      bodyLimit: 1024 * 1024,
      schema: {
        operationId: 'chargeBacks.addFile',
        tags,
        summary: 'Add a file that speaks for you',
        description:
          'A PDF, PNG or JPEG: three of the payee, two of the payer, one of an administrator. Handed in with what was ' +
          'said, where the provider takes files: Stripe, Razorpay and PayPal do.',
        params,
        headers: idempotencyHeaders,
        body: newFile,
        response: answers(
          { 201: success(file) },
          'UNAUTHENTICATED',
          'NOT_FOUND',
          'FLOW_STATE_INVALID',
          'LIMIT_REACHED',
          'IDEMPOTENCY_MISMATCH',
        ),
      },
    },
    async (request, reply) => {
      const { account, params: where, body } = request;
      const processId = where.id;
      // Before anything is written, so that a stranger's key is not remembered.
      seat(await findProcess(pool, processId), account);
      const { name, media_type: mediaType } = body;
      const bytes = readFile(body.data, mediaType);
      return answerOnce(pool, request, reply, async (transaction) => {
        const by = await lockOpen(transaction, processId, account, now().toISOString());
        const added = { processId, by, userId: account.id, name, mediaType, bytes, now: now().toISOString() };
        return { status: 201, body: { success: true as const, data: view(await insertFile(transaction, added)) } };
      });
    },
  );
}

/** Locks it while it takes evidence. FLOW_STATE_INVALID. */
async function lockOpen(transaction: Transaction, processId: string, account: Account, now: string): Promise<Side> {
  const stored = await lockProcess(transaction, processId);
  const by = seat(stored, account);
  // Whom the machine lets add evidence is one of its sides.
  if (stored && allowedCommands(chargeBackMachine, stored.process, by, now).includes('add_evidence')) return by as Side;
  throw new Failure('FLOW_STATE_INVALID', 'No more evidence is taken.');
}

/** Whom somebody is in it; NOT_FOUND for strangers, and where it is none. */
function seat(stored: StoredProcess | null, account: Account): string {
  if (stored?.process.kind !== 'chargeBack') throw new Failure('NOT_FOUND', 'There is no such charge-back.');
  return roleIn(stored, { accountId: account.id, roles: account.roles });
}

const BEGINS: Record<MediaType, string> = {
  'application/pdf': '255044462d',
  'image/png': '89504e470d0a1a0a',
  'image/jpeg': 'ffd8ff',
};

function readFile(data: string, mediaType: MediaType): Buffer {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length > BYTES_AT_MOST) throw invalidField('data', `has more than ${BYTES_AT_MOST} bytes`);
  if (!bytes.toString('hex', 0, 8).startsWith(BEGINS[mediaType])) throw invalidField('data', `is no ${mediaType}`);
  return bytes;
}

function view({ by_role: by, ...row }: ListedFile): z.infer<typeof file> {
  return { ...row, by: by as 'payee' };
}
