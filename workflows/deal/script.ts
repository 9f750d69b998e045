/** What each step says in the conversation: who reads which sentence, and which of them asks for an answer. */
import { awaitedAction } from './actions.ts';
import type { ActionData } from './contract.ts';
import { isParty, NAMES, OTHER, type Party } from './parties.ts';
import { entryOf } from './table.ts';
import type { Deal, DealStep } from './terms.ts';

export type Line = {
  type: 'user_input' | 'system' | 'automated' | 'audit';
  /** Who says it: the actor in their own words, or the system. */
  from: 'actor' | 'system';
  /** Whom it is addressed to. Everything but audit is read by both. */
  to: Party;
  text: string;
  action: ActionData | null;
};

/** The lines of a newly opened deal: what the opener wrote, and the question to the other side. */
export function openingLines(deal: Deal, words: string | null): Line[] {
  const opener: Party = deal.variant === 'campaign' ? 'influencer' : 'brand_owner';
  const asked = OTHER[opener];
  const lines: Line[] = [];
  if (words) lines.push({ type: 'user_input', from: 'actor', to: asked, text: words, action: null });
  const action = awaitedAction(deal);
  lines.push({ type: 'automated', from: 'system', to: asked, text: action?.subtitle ?? '', action });
  return lines;
}

/** The lines a step adds, given the deal before and after it. */
export function linesOf(before: Deal, step: DealStep, deal: Deal): Line[] {
  const entry = entryOf(step.on);
  if (!entry) return [];
  const { own, audit, news, concerns } = entry.says;
  const actor = isParty(step.by) ? step.by : null;
  const lines: Line[] = [];
  if (actor) {
    const words = own?.(step.data);
    if (words) lines.push({ type: 'user_input', from: 'actor', to: OTHER[actor], text: words, action: null });
    if (audit) lines.push({ type: 'audit', from: 'system', to: actor, text: audit(before, step.data), action: null });
  }
  if (!news) return lines;
  const text = news({ before, step, deal, who: actor ? NAMES[actor] : '' });
  const question = answersQuestion(before, deal, step) ? awaitedAction(deal) : null;
  lines.push(
    question
      ? { type: 'automated', from: 'system', to: question.visible_to, text, action: question }
      : { type: 'system', from: 'system', to: actor ? OTHER[actor] : concerns, text, action: null },
  );
  return lines;
}

/** Whether a step answers what was asked: then the open question is marked as completed. */
export function answersQuestion(before: Deal, deal: Deal, step: DealStep): boolean {
  return deal.entry !== before.entry || entryOf(step.on)?.asksAgain === true;
}
