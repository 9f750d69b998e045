import { z } from 'zod';
import { caseOf, SHOWN_KINDS } from '#workflows/cases.ts';
import { machineOf } from '#workflows/kinds.ts';
import { phaseOf } from '#workflows/process/case.ts';
import { asSentence } from '#workflows/text.ts';
import { answers, success } from '../answer.ts';
import type { App } from '../app.ts';
import { machine } from './shapes.ts';

/** The machines of all kinds, for whoever wants to draw them. For everybody: they say nothing about anybody. */
export function machineRoutes(app: App): void {
  const answer = { success: true as const, data: SHOWN_KINDS.map(describeMachine) };
  app.get(
    '/api/machines',
    {
      schema: {
        operationId: 'machines.list',
        tags: ['Processes'],
        summary: 'The states of each kind of process and what leads from one to the other',
        response: answers({ 200: success(z.array(machine)) }),
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return answer;
    },
  );
}

function describeMachine(kind: string): z.infer<typeof machine> {
  const { table } = machineOf(kind);
  const words = caseOf(kind);
  return {
    kind,
    label: words.label,
    parties: Object.entries(words.parties).map(([role, label]) => ({ role, label })),
    phases: words.phases.map(({ name, label, states }) => ({ name, label, states: [...states] })),
    states: Object.entries(table.states).map(([name, { awaits, ends }]) => ({
      name,
      label: words.states[name] ?? asSentence(name),
      awaiting: awaits,
      phase: phaseOf(words, name).name,
      ends: ends === true,
    })),
    transitions: table.rows.flatMap(({ from, to, on, by, variant }) =>
      from.map((state) => ({
        from: state,
        to: to === 'same' || to === 'again' ? state : to,
        command: on,
        label: asSentence(on),
        by: [...by],
        variant: variant ?? null,
      })),
    ),
    variants: words.opens.map(({ variant, state }) => ({ name: variant, opens: state })),
  };
}
