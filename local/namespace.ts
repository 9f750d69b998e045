import { setTimeout } from 'node:timers/promises';
import { connect, type Way } from '#worker/cluster.ts';
import { registerSearchAttributes } from './searchAttributes.ts';

/** How long the namespace is asked for: a server forgets for a few seconds that it was told of a new one. */
const PATIENCE_MS = 60_000;

/** The gRPC status. */
const ALREADY_EXISTS = 6;

/** Makes a namespace and our search attributes in it, on any server; what is there already stays as it is. */
export async function prepareNamespace(to: Way, retentionDays: number): Promise<void> {
  const { namespace } = to;
  const connection = await patiently(() => connect(to, 5_000));
  try {
    await patiently(() =>
      connection.workflowService.registerNamespace({
        namespace,
        workflowExecutionRetentionPeriod: { seconds: (retentionDays * 86_400) as unknown as Long },
      }),
    );
  } catch (error) {
    if ((error as { code?: number }).code !== ALREADY_EXISTS) throw error;
  } finally {
    await connection.close();
  }
  await patiently(() => registerSearchAttributes(to));
}

/** Again and again while the server is not ready; an answer that will not change is thrown at once. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { code?: number }).code === ALREADY_EXISTS || Date.now() > deadline) throw error;
      await setTimeout(500);
    }
  }
}
