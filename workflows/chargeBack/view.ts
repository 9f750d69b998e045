/** How a charge-back is seen by its sides, or by an administrator. */
import { type Asset, formatDecimal, isAsset } from '../money.ts';
import { allowedCommands } from '../process/machine.ts';
import { COMMANDS, type CommandName, entryOf } from './commands.ts';
import type { ChargeBackView } from './contract.ts';
import { chargeBackMachine } from './machine.ts';
import type { ChargeBack, ChargeBackStep } from './terms.ts';

export type Viewer = ChargeBackView['my_role'];

/** Everything that follows from the charge-back itself. */
export type ChargeBackStanding = Pick<
  ChargeBackView,
  | 'status'
  | 'my_role'
  | 'provider'
  | 'amount'
  | 'currency'
  | 'respond_by'
  | 'contested'
  | 'lost'
  | 'frozen'
  | 'owed'
  | 'deadline'
  | 'allowed_actions'
  | 'updated_at'
>;

/** Minor units of a currency that may be none of our assets. */
export function textIn(units: string, currency: string): string {
  return isAsset(currency) ? formatDecimal(BigInt(units), currency) : units;
}

export function standingFor(viewer: Viewer, chargeBack: ChargeBack): ChargeBackStanding {
  const { terms, asset, held, state } = chargeBack;
  // What somebody has, or owes, is nobody's business but theirs.
  const some = (units: string) =>
    viewer === 'payer' || units === '0' ? null : { asset, amount: formatDecimal(BigInt(units), asset as Asset) };
  return {
    status: state,
    my_role: viewer,
    provider: terms.provider,
    amount: textIn(terms.amount, terms.currency),
    currency: terms.currency,
    respond_by: terms.respond_by,
    contested: terms.contested,
    lost: terms.lost && textIn(terms.lost, terms.currency),
    frozen: some(held),
    owed: some(terms.owed),
    deadline: chargeBackMachine.deadlineOf(chargeBack),
    allowed_actions: allowedCommands(chargeBackMachine, chargeBack, viewer, chargeBack.stepped_at).flatMap((name) => {
      const { label } = COMMANDS[name as CommandName];
      return label ? [{ name, label: label.text, style: label.style }] : [];
    }),
    updated_at: chargeBack.stepped_at,
  };
}

/** A step as it is read in the history. */
export function historyOf({ n, on, by, at, from, to }: ChargeBackStep): ChargeBackView['history'][number] {
  return {
    n,
    action: on,
    by: by as 'payee',
    at,
    from: from as ChargeBack['state'],
    to: to as ChargeBack['state'],
    sentence: entryOf(on)?.sentence ?? '',
  };
}

/** What was said for the bank: one's own, and all of it for an administrator. */
export function evidenceFor(viewer: Viewer, steps: readonly ChargeBackStep[]): ChargeBackView['evidence'] {
  return steps.flatMap(({ on, by, at, data }) =>
    on === 'add_evidence' && data.text !== undefined && (viewer === 'admin' || viewer === by)
      ? [{ by: by as Viewer, at, text: data.text }]
      : [],
  );
}

/** What a step announces to one of its sides. */
export function announcementOf(viewer: Viewer, chargeBack: ChargeBack, action: string) {
  const { status, amount, currency, respond_by: respondBy, frozen, owed } = standingFor(viewer, chargeBack);
  const { about: processId } = chargeBack.terms;
  return { chargeBackId: chargeBack.id, processId, status, action, amount, currency, respondBy, frozen, owed };
}
