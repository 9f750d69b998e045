/** A process's world as a workflow sees it, in memory: what the activities do is what a test says. */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createTestNamespace, testTemporalAddress } from '#local/testStack.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { machineOf } from '#workflows/kinds.ts';
import type { News, OpenPromise, ProcessActivities, ProviderActivities } from '#workflows/process/activities.ts';
import { decide, evolve, outlined, type Process, type Step, toldStep } from '#workflows/process/machine.ts';
import type { Patience } from '#workflows/process/patience.ts';
import { providerQueue } from '#workflows/process/queues.ts';
import type { ProcessInput } from '#workflows/process/workflow.ts';
import { workflowBundle } from '../bundle.ts';

/** What is stored of a process, and what its activities were asked. */
export type Stored = {
  process: Process;
  steps: Step[];
  promises: OpenPromise[];
  order: News['order'];
  asked: string[];
};

/** What goes wrong: asked before an activity does its work, and after; what it throws is a failure there. */
export type Mishap = (name: string, processId: string) => void | Promise<void>;

export type StandIn = {
  environment: TestWorkflowEnvironment;
  taskQueue: string;
  stored: Map<string, Stored>;
  before: Mishap;
  askOrder: (processId: string) => Promise<void>;
  /** Stores a process and answers its id. */
  open(process: Process): string;
  /** Takes a step at the door: what `told` answers is for a Signal. */
  take(id: string, on: string, by: string, data?: Record<string, unknown>): Step;
  start(id: string, patience?: Partial<Patience>): Promise<void>;
  handleOf(id: string): ReturnType<TestWorkflowEnvironment['client']['workflow']['getHandle']>;
  attention(id: string): Promise<string | undefined>;
  /** How often an activity was asked for, for a process or for all. */
  count(name: string, id?: string): number;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
};

export async function openStandIn(slots = 40): Promise<StandIn> {
  const environment = await TestWorkflowEnvironment.createFromExistingServer({
    address: testTemporalAddress(),
    namespace: await createTestNamespace(),
  });
  const taskQueue = `queue-${randomUUID()}`;
  const stored = new Map<string, Stored>();
  const bundle = await workflowBundle();
  let running: { end(): Promise<void> } | null = null;

  const of = (id: string): Stored => {
    const found = stored.get(id);
    if (!found) throw ApplicationFailure.nonRetryable('no such process', 'NOT_FOUND');
    return found;
  };
  const news = (id: string, known: number): News => {
    const { process, steps, promises, order } = of(id);
    const machine = machineOf(process.kind);
    return {
      steps: steps.filter(({ n }) => n > known).map((step) => toldStep(machine, step)),
      promises: promises.map((each) => ({ ...each })),
      version: process.version,
      order,
    };
  };
  const entered = async (name: string, id: string) => {
    of(id).asked.push(name);
    await standIn.before(name, id);
  };

  const own: ProcessActivities = {
    async readProcess({ processId }) {
      await entered('readProcess', processId);
      const { process } = of(processId);
      return outlined(machineOf(process.kind), process);
    },
    async readNews({ processId, known }) {
      await entered('readNews', processId);
      return news(processId, known);
    },
    async bookFacts({ processId, known }) {
      await entered('bookFacts', processId);
      return news(processId, known);
    },
    async expire({ processId, known, entry, now }) {
      await entered('expire', processId);
      const { process } = of(processId);
      const deadline = machineOf(process.kind).deadlineOf(process);
      const notBefore = process.entry === entry && deadline !== null && now < deadline ? deadline : null;
      if (process.entry === entry && notBefore === null) standIn.take(processId, 'expire', 'system');
      return { ...news(processId, known), notBefore };
    },
    async carryPromise({ processId, known, promiseId }) {
      await entered('carryPromise', processId);
      const state = of(processId);
      const promise = state.promises.find(({ id }) => id === promiseId);
      if (promise) {
        state.promises = state.promises.filter(({ id }) => id !== promiseId);
        const on = state.process.kind === 'errand' ? 'money_moved' : 'money_released';
        standIn.take(processId, on, 'system', { amount: promise.amount });
      }
      return news(processId, known);
    },
    async remind({ processId }) {
      await entered('remind', processId);
    },
    async command({ processId, known, on, data }) {
      await entered('command', processId);
      standIn.take(processId, on, 'admin', data);
      return news(processId, known);
    },
    async retryCalls({ processId, known }) {
      await entered('retryCalls', processId);
      return { ...news(processId, known), retried: 0 };
    },
    async report({ processId, what }) {
      await entered(`report ${what}`, processId);
    },
    async heal({ processId, what }) {
      await entered(`heal ${what}`, processId);
    },
  };
  const providers: ProviderActivities = {
    async askCall({ processId, known, call }) {
      await entered('askCall', processId);
      const state = of(processId);
      state.promises = state.promises.filter((promise) => promise.call?.id !== call.id);
      return news(processId, known);
    },
    async askOrder({ processId, known }) {
      await entered('askOrder', processId);
      await standIn.askOrder(processId);
      return news(processId, known);
    },
  };

  const standIn: StandIn = {
    environment,
    taskQueue,
    stored,
    before: () => {},
    askOrder: async () => {},
    open(process) {
      const id = randomUUID();
      stored.set(id, { process: { ...process, id }, steps: [], promises: [], order: null, asked: [] });
      return id;
    },
    take(id, on, by, data = {}) {
      const state = of(id);
      const machine = machineOf(state.process.kind);
      const now = new Date().toISOString();
      const decision = decide(machine, state.process, { on, by, actor: null, data }, { now, feeBps: 0 });
      if (!('step' in decision)) throw new Error(`${on} was refused: ${JSON.stringify(decision)}`);
      const { step } = decision;
      for (const { kind, amount } of machine.promisesOf(state.process, step)) {
        const { asset } = state.process;
        state.promises.push({ id: randomUUID(), kind, amount, asset, moved: false, held_up: false, call: null });
      }
      state.process = evolve(machine, state.process, step);
      state.steps.push(step);
      return toldStep(machine, step);
    },
    async start(id, patience) {
      const { kind } = of(id).process;
      const input: ProcessInput = { processId: id, ...(patience && { patience }) };
      await environment.client.workflow.start(kind, { taskQueue, workflowId: workflowIdOf(kind, id), args: [input] });
    },
    handleOf: (id) => environment.client.workflow.getHandle(workflowIdOf(of(id).process.kind, id)),
    async attention(id) {
      const { searchAttributes } = await standIn.handleOf(id).describe();
      return searchAttributes.TandemAttention?.[0] as string | undefined;
    },
    count: (name, id) =>
      [...stored]
        .filter(([each]) => id === undefined || each === id)
        .flatMap(([, { asked }]) => asked.filter((each) => each === name)).length,
    async startWorker() {
      const common = { connection: environment.nativeConnection, namespace: environment.namespace as string };
      const workers = [
        await Worker.create({
          ...common,
          taskQueue,
          workflowBundle: bundle,
          activities: own,
          maxConcurrentWorkflowTaskExecutions: slots,
          sinks: { process: { evolved: { fn() {} } } },
        }),
        await Worker.create({ ...common, taskQueue: providerQueue(taskQueue, 'sandbox'), activities: providers }),
      ];
      const runs = workers.map((worker) => worker.run());
      running = {
        async end() {
          for (const worker of workers) worker.shutdown();
          await Promise.all(runs);
        },
      };
    },
    async stopWorker() {
      await running?.end();
      running = null;
    },
    async close() {
      await standIn.stopWorker();
      await environment.teardown();
    },
  };
  return standIn;
}
