import type { z } from 'zod';
import { findOpenOrder } from '#db/payment/orders.ts';
import type { Executor } from '#db/pool.ts';
import { type Case, findCase, readAbouts } from '#db/process/cases.ts';
import { listOpenPromises, listSteps } from '#db/process/processes.ts';
import { findConversation } from '#db/talk/conversations.ts';
import { caseOf } from '#workflows/cases.ts';
import { Failure } from '#workflows/failures.ts';
import { workflowIdOf } from '#workflows/ids.ts';
import { machineOf } from '#workflows/kinds.ts';
import { type Asset, formatDecimal } from '#workflows/money.ts';
import type { OpenPromise } from '#workflows/process/activities.ts';
import { type About, actionsFor, saidOf, standingOf } from '#workflows/process/case.ts';
import type { Circumstances, Process, Step } from '#workflows/process/machine.ts';
import type { Config } from '../config.ts';
import { feeBpsOf } from '../deal/commission.ts';
import { viewOrder } from '../payment/order.ts';
import type { Account } from '../people/account.ts';
import type { listed, process } from './shapes.ts';

type Listed = z.infer<typeof listed>;
export type ProcessView = z.infer<typeof process>;

/** Steps that are shown; the rest are read as a deal's steps are. */
const HISTORY_AT_MOST = 500;
const NOTHING: About = { title: null, text: null };

export type Looking = {
  account: Pick<Account, 'id' | 'roles'>;
  now: string;
  config: Pick<Config, 'PLATFORM_FEE_BPS' | 'TEMPORAL_UI_URL' | 'TEMPORAL_NAMESPACE' | 'NODE_ENV'>;
};

/** A process as its caller may see it. NOT_FOUND for strangers, who may not know that it exists. */
export async function getVisibleCase(executor: Executor, id: string, { account }: Looking): Promise<Case> {
  const found = await findCase(executor, id, account.id);
  if (!found || (found.role === null && !account.roles.includes('admin'))) {
    throw new Failure('NOT_FOUND', 'There is no such process.');
  }
  return found;
}

/** Of a list. */
export function viewListed(found: Case, about: About = NOTHING): Listed {
  const { process: stored, parties } = found;
  const words = caseOf(stored.kind);
  const machine = machineOf(stored.kind);
  const { value, held, ...standing } = standingOf(machine, words, stored);
  const viewer = found.role ?? 'admin';
  return {
    id: stored.id,
    kind: stored.kind,
    kind_label: words.label,
    title: words.titleOf(stored, about),
    ...standing,
    parties: parties.map((each) => ({ ...each, role_label: words.parties[each.role] ?? each.role })),
    my_role: viewer,
    // An administrator's turn is not that they could do something, which they always can: a task has to ask for it.
    needs_me: !standing.ended && (found.role === null ? found.hasTask : standing.awaiting === found.role),
    value: value && decimal(value),
    held: held.map(decimal),
    opened_at: found.openedAt,
    updated_at: stored.stepped_at,
  };
}

function decimal({ asset, amount }: { asset: Asset; amount: string }) {
  return { asset, amount: formatDecimal(BigInt(amount), asset) };
}

/** What would be reckoned with if something were agreed on now. */
export async function circumstancesOf(
  executor: Executor,
  { id, kind }: Pick<Process, 'id' | 'kind'>,
  { now, config }: Looking,
): Promise<Circumstances> {
  const feeBps = kind === 'deal' ? await feeBpsOf(executor, id, now, config.PLATFORM_FEE_BPS) : config.PLATFORM_FEE_BPS;
  return { now, feeBps };
}

/** Everything there is to see and to do. */
export async function viewCase(executor: Executor, found: Case, looking: Looking): Promise<ProcessView> {
  const { process: stored } = found;
  const { id, kind } = stored;
  const [machine, words, viewer] = [machineOf(kind), caseOf(kind), found.role ?? 'admin'];
  const [at, abouts, steps, promises, order, talks] = await Promise.all([
    circumstancesOf(executor, stored, looking),
    readAbouts(executor, [found]),
    listSteps(executor, id, Math.max(0, stored.version - HISTORY_AT_MOST), HISTORY_AT_MOST),
    listOpenPromises(executor, id),
    findOpenOrder(executor, id),
    findConversation(executor, id),
  ]);
  const about = abouts.get(id) ?? NOTHING;
  const mayPay = order?.provider_order_id && (viewer === 'admin' || order.payer_id === looking.account.id);
  return {
    ...viewListed(found, about),
    ask: words.askOf(stored, viewer),
    actions: actionsFor(machine, words, stored, viewer, at).map((each) => ({
      ...each,
      input: each.input && [...each.input],
    })),
    silence: words.silenceOf(stored, viewer, at),
    instants: [...words.instantsOf(stored)],
    entered_at: stored.entered_at,
    facts: [...words.factsFor(stored, viewer, about, looking.now)],
    on_its_way: promises.map(viewPromise),
    history: steps.map((step) => viewStep(step, kind, viewer)),
    ...(mayPay && { payment_order: viewOrder(order) }),
    links: linksOf(kind, id, talks !== null, viewer, looking.config),
  };
}

function viewPromise({ kind, asset, amount, call, held_up, moved }: OpenPromise) {
  const status = call?.status ?? (held_up ? 'held_up' : moved ? 'moving' : 'promised');
  return { kind, status, ...decimal({ asset: asset as Asset, amount }) };
}

function viewStep(step: Step, kind: string, viewer: string): ProcessView['history'][number] {
  const { sentence, text, links } = saidOf(caseOf(kind), step, viewer);
  const { n, on, by, at, from, to } = step;
  return { n, command: on, by, at, from, to, sentence, text, links: [...links] };
}

function linksOf(kind: string, id: string, talks: boolean, viewer: string, config: Looking['config']) {
  const self = `/api/processes/${id}`;
  const mayOperate = viewer === 'admin' || config.NODE_ENV !== 'production';
  const ui = mayOperate ? config.TEMPORAL_UI_URL : undefined;
  return {
    self,
    entries: `${self}/entries`,
    conversation: talks ? `/api/messages/conversations/${id}` : null,
    workflow: ui ? `${ui}/namespaces/${config.TEMPORAL_NAMESPACE}/workflows/${workflowIdOf(kind, id)}` : null,
  };
}
