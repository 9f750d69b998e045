import { z } from 'zod';
import { maySeeBattle } from '#db/battle/battles.ts';
import { BATTLE_EVENTS, battleUpdate } from '#workflows/battle/contract.ts';
import { id } from '#workflows/deal/contract.ts';
import { command, type Domain, event, joins, NOTHING, PERSONS } from './declaration.ts';

const OWN = { class: 'durable', from: ['Tandem'], built: true } as const;
const IN_ROOM = 'the two; live: who is in the battle’s room, or in its stream’s';
const TALLIES = { [PERSONS.asha]: 12, [PERSONS.ben]: 7 };

/** Two creators against each other. */
export const battle = {
  name: 'battle',
  rooms: {
    battle: {
      ...{ summary: 'A battle.', mayJoin: maySeeBattle, strangers: true, id },
      missing: 'There is no such battle.',
    },
  },
  events: {
    battle_invite: event({
      ...{ ...OWN, rooms: ['user'], hears: 'the opponent', summary: 'Somebody wants a battle with you' },
      schema: BATTLE_EVENTS.battle_invite,
      example: {
        ...{ battleId: PERSONS.thing, challengerId: PERSONS.asha, challengerHandle: 'asha', streamId: null },
        ...{ durationSeconds: 300, stake: '50', answerBy: PERSONS.at },
      },
    }),
    battle_start: event({
      ...{ ...OWN, rooms: ['user', 'battle', 'stream'], hears: IN_ROOM, summary: 'A battle has begun' },
      schema: BATTLE_EVENTS.battle_start,
      example: {
        ...{ battleId: PERSONS.thing, participantIds: [PERSONS.asha, PERSONS.ben], streamId: null },
        endsAt: PERSONS.at,
      },
    }),
    battle_update: event({
      ...{ class: 'live', from: ['Softchat'], rooms: ['battle', 'stream'], built: true },
      ...{ hears: 'who is in the battle’s room, or in its stream’s', schema: battleUpdate },
      summary: 'How a battle stands, where that has changed, at most twice a second',
      example: { battleId: PERSONS.thing, tallies: TALLIES, endsAt: PERSONS.at },
    }),
    battle_end: event({
      ...{ ...OWN, rooms: ['user', 'battle', 'stream'], hears: IN_ROOM, summary: 'A battle is over' },
      schema: BATTLE_EVENTS.battle_end,
      example: { battleId: PERSONS.thing, status: 'ended', winnerId: PERSONS.asha, tallies: TALLIES },
    }),
  },
  commands: {
    join_battle: joins({
      ...{ kind: 'battle', key: 'battleId', from: ['Softchat'], may: 'who may see it' },
      summary: 'Watch a battle.',
    }),
    battle_vote: command({
      from: ['Softchat'],
      data: z.strictObject({ battleId: id, participantId: id }),
      args: ['battleId', 'participantId'],
      answer: NOTHING,
      summary: 'Vote for one of the two, once, while it runs.',
      may: 'who may see it, and is none of the two',
      example: { data: { battleId: PERSONS.thing, participantId: PERSONS.asha }, answer: {} },
      async handle(act, input) {
        await act.deps.voteInBattle(act.caller, input);
        return {};
      },
    }),
  },
} satisfies Domain;
