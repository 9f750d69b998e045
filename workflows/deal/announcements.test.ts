import { describe, expect, test } from 'vitest';
import { dataOf, eventsFor, type Parties, type StepEvent, type Via } from './announcements.ts';
import { DEAL_EVENTS, type MessageView, message } from './contract.ts';
import { deadlineOf } from './deadline.ts';
import { linesOf } from './script.ts';
import { awaitingRole, BUTTONS, OTHER, PARTIES, type Party, type State } from './table.ts';
import { ACTORS, everyStep, type TakenOfDeal as Taken } from './testing/deals.ts';
import { contextFor } from './view.ts';

const PARTY_IDS: Parties = { brand_owner: ACTORS.brand_owner as string, influencer: ACTORS.influencer as string };
const SYSTEM = '00000000-0000-0000-0000-000000000000';
const STEPS = everyStep();

/** A step's messages as they are written beside it. */
function messagesOf({ before, step, deal }: Taken): MessageView[] {
  return linesOf(before, step, deal).map((line, index) => ({
    id: `0190f3a2-0000-7000-8000-${String(index).padStart(12, '0')}`,
    conversation_id: deal.id,
    sender_id: line.from === 'actor' && step.actor ? step.actor : SYSTEM,
    receiver_id: PARTY_IDS[line.to],
    message: line.text,
    media_url: null,
    message_type: line.type,
    action_required: line.action !== null,
    action_data: line.action,
    is_automated: line.from === 'system',
    action_completed: false,
    seen: line.type === 'audit',
    created_at: step.at,
  }));
}

function viaOf({ step }: Taken): Via {
  if (step.on === 'negotiation' || step.on === 'dispute_statement') return { input_type: step.on };
  return (BUTTONS as readonly string[]).includes(step.on) ? { button_id: step.on } : null;
}

type Announcement = { user_id: string; name: string; data: Record<string, unknown> };

/** Everything both sides hear of a step, read again from what is kept of it: as text, and without terms. */
function announcementsOf({ before: _, step, deal }: Taken, messages: MessageView[], via: Via): Announcement[] {
  const { on, from, to, at } = step;
  const kept = {
    conversationId: deal.id,
    step: { on, from: from as State, to: to as State, at },
    deadline: deadlineOf(deal),
    messages,
  };
  return PARTIES.flatMap((side) => {
    const user_id = PARTY_IDS[side];
    const events = eventsFor(side, user_id, step, deal, messages, via);
    const read: StepEvent[] = JSON.parse(JSON.stringify(events));
    return read.map((event) => ({ user_id, name: event.name, data: dataOf(event, side, kept) }));
  });
}

type Told = { taken: Taken; messages: MessageView[]; via: Via; events: Announcement[] };
const TOLD: Told[] = STEPS.map((taken) => {
  const [messages, via] = [messagesOf(taken), viaOf(taken)];
  return { taken, messages, via, events: announcementsOf(taken, messages, via) };
});

// Nothing beside what is declared. Made once: a schema is compiled when it is first used.
const strictMessage = message.strict();
const strictEvents = Object.fromEntries(Object.entries(DEAL_EVENTS).map(([name, schema]) => [name, schema.strict()]));

const actorOf = ({ step }: Taken): Party | null => PARTIES.find((party) => party === step.by) ?? null;
const of = (events: Announcement[], party: Party, name?: string) =>
  events.filter((event) => event.user_id === PARTY_IDS[party] && (!name || event.name === name));

describe('every step there is', () => {
  test('writes messages and announces events of their declared shape, and nothing beside it', () => {
    for (const { messages, events } of TOLD) {
      for (const each of messages) expect(strictMessage.parse(each)).toEqual(each);
      for (const { name, data, user_id } of events) {
        expect(strictEvents[name]?.parse(data), name).toEqual(data);
        expect(Object.values(PARTY_IDS)).toContain(user_id);
        expect(JSON.parse(JSON.stringify(data))).toStrictEqual(data);
      }
    }
  });

  test('is announced to nobody but its two sides, and to both where the deal moved on', () => {
    for (const { taken, events } of TOLD) {
      const moved = taken.step.from !== taken.step.to;
      for (const party of PARTIES) {
        const changes = of(events, party, 'conversation_state_changed');
        expect(changes).toHaveLength(moved ? 1 : 0);
        if (moved) {
          const { from: previous_state, to: new_state, on: reason } = taken.step;
          expect(changes[0]?.data).toMatchObject({ previous_state, new_state, reason });
        }
      }
    }
  });

  test('shows a confirmation to whoever it is for, and in no event to the other side', () => {
    for (const { messages, events } of TOLD) {
      for (const audit of messages.filter(({ message_type }) => message_type === 'audit')) {
        const [actor] = PARTIES.filter((party) => PARTY_IDS[party] === audit.receiver_id) as [Party];
        const others = JSON.stringify(of(events, OTHER[actor]));
        expect(others).not.toContain(audit.id);
        expect(others).not.toContain(JSON.stringify(audit.message).slice(1, -1));
        expect(of(events, actor, 'new_message').some(({ data }) => (data.message as MessageView).id === audit.id)).toBe(
          true,
        );
      }
    }
  });

  test('lets every other message be read by both, and its question be seen only by the side it asks', () => {
    for (const { taken, messages, events } of TOLD) {
      for (const each of messages.filter(({ message_type }) => message_type !== 'audit')) {
        for (const party of PARTIES) {
          const heard = of(events, party, 'new_message').find(
            ({ data }) => (data.message as MessageView).id === each.id,
          );
          const shown = heard?.data.message as MessageView | undefined;
          expect(shown?.action_data).toEqual(each.action_data?.visible_to === party ? each.action_data : null);
        }
      }
      for (const { data, user_id } of events) {
        const context = data.conversation_context as { current_action_data: { visible_to: Party } | null } | undefined;
        const sees = context?.current_action_data?.visible_to;
        if (sees) expect(PARTY_IDS[sees]).toBe(user_id);
        if (sees) expect(sees).toBe(awaitingRole(taken.deal.state));
      }
    }
  });

  test('tells both sides which button was pressed or what was put in, and nothing of the kind where nobody did', () => {
    for (const { taken, via, events } of TOLD) {
      for (const party of PARTIES) {
        const pressed = of(events, party, 'button_action');
        const put = of(events, party, 'text_input');
        expect(pressed).toHaveLength(via && 'button_id' in via ? 1 : 0);
        expect(put).toHaveLength(via && 'input_type' in via ? 1 : 0);
        for (const { data } of [...pressed, ...put]) {
          expect(data).toMatchObject({
            ...via,
            flow_update: { flow_state: taken.step.to, previous_state: taken.step.from },
          });
          expect(data.message).not.toBe('');
          expect(data.conversation_context).toEqual(contextFor(party, taken.deal));
        }
      }
    }
  });

  test('notifies the side that did not do it of every move, and the side that is awaited of all that is said', () => {
    for (const { taken, messages, events } of TOLD) {
      const moved = taken.step.from !== taken.step.to;
      for (const party of PARTIES) {
        const concerned = moved || awaitingRole(taken.deal.state) === party;
        const due = party !== actorOf(taken) && concerned && messages.length > 0;
        expect(of(events, party, 'notification'), `${taken.step.on} to ${party}`).toHaveLength(due ? 1 : 0);
      }
    }
  });

  test('announces its messages first: what moved is understood by those who have read them', () => {
    for (const { events } of TOLD) {
      for (const party of PARTIES) {
        const names = of(events, party).map(({ name }) => name);
        const messages = names.filter((name) => name === 'new_message');
        expect(names.slice(0, messages.length)).toEqual(messages);
      }
    }
  });
});
