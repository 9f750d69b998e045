import { z } from 'zod';
import { id } from '#workflows/deal/contract.ts';
import { command, type Domain, event, joins, NOTHING } from './declaration.ts';

const IN = { from: ['Softchat'], rooms: ['battle'], built: false, hears: 'who is in the battle’s room' } as const;

/** Two creators against each other. */
export const battle = {
  name: 'battle',
  rooms: {
    battle: {
      ...{ summary: 'A battle.', mayJoin: null, strangers: true },
      missing: 'There is no such battle.',
    },
  },
  events: {
    battle_invite: event({
      ...{
        ...IN,
        from: ['Tandem'],
        class: 'durable',
        rooms: ['user'],
        hears: 'the opponent',
        summary: 'Somebody wants a battle with you',
      },
      schema: z.object({ battleId: id, challengerId: id, durationSeconds: z.int() }),
    }),
    battle_start: event({
      ...{
        ...IN,
        from: ['Tandem'],
        class: 'durable',
        rooms: ['user'],
        hears: 'the two',
        summary: 'A battle has begun',
      },
      schema: z.object({ battleId: id, participantIds: z.array(id), endsAt: z.iso.datetime() }),
    }),
    battle_update: event({
      ...{ ...IN, class: 'live', summary: 'How a battle stands' },
      schema: z.object({ battleId: id, tallies: z.record(z.string(), z.int()), endsAt: z.iso.datetime() }),
    }),
    battle_end: event({
      ...{ ...IN, class: 'durable', rooms: ['user'], hears: 'the two', summary: 'A battle has ended' },
      schema: z.object({ battleId: id, winnerId: id.nullable(), tallies: z.record(z.string(), z.int()) }),
    }),
  },
  commands: {
    join_battle: joins({
      ...{ kind: 'battle', key: 'battleId', from: ['Softchat'], may: 'who may see it', built: false },
      summary: 'Watch a battle.',
    }),
    battle_vote: command({
      from: ['Softchat'],
      data: z.strictObject({ battleId: id, participantId: id }),
      args: ['battleId', 'participantId'],
      answer: NOTHING,
      summary: 'Vote for one of the two.',
      may: 'who may see it',
      handle: null,
    }),
  },
} satisfies Domain;
