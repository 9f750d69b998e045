import { ask } from '../asking.ts';
import type { Player } from '../pace.ts';
import { inTurn, type World } from '../world.ts';

/** Messages in rooms, and lines in the chats of streams. */
export function talkPlayers({ url, people, rooms, lines }: World): Record<'message' | 'line', Player> {
  const room = inTurn(rooms);
  const member = inTurn([0, 1, 2, 3]);
  const viewer = inTurn(people);
  return {
    async message() {
      const { id, members } = room();
      const { token } = members[member()] as (typeof members)[number];
      const body = { content: 'The raincoats are here, and the light is good until five.' };
      await ask(url, 'POST', `/api/conversations/${id}/messages`, { token, body });
    },
    async line() {
      const { id, stream } = viewer();
      const line = lines.get(id);
      if (!line) throw new Error('somebody has no line');
      await line.command('chat:message', { streamId: stream, text: 'How do you keep it so crisp?' });
    },
  };
}
