import { expect, test } from 'vitest';
import { lookupIn } from '../process/table.ts';
import { arrows, diagram, loops, statesIn } from './diagram.ts';
import { DEAL_TABLE, STATES, TRANSITIONS } from './table.ts';

const text = diagram();

test('every row of the table is drawn from every state it leaves to where it leads, or listed where it leaves none', () => {
  for (const row of TRANSITIONS) {
    const listed = loops().filter(
      ({ on, in: where }) => on === row.on && (where === 'anywhere' || where === row.from.join(', ')),
    );
    expect(listed.length, row.on).toBe(row.to === 'same' ? 1 : 0);
    for (const from of row.to === 'same' ? [] : row.from) {
      const drawn = arrows().filter(
        (arrow) =>
          (statesIn(arrow.from) as readonly string[]).includes(from) &&
          arrow.to === row.to &&
          arrow.rows.some(({ on }) => on === row.on),
      );
      expect(drawn.length, `${row.on} from ${from}`).toBe(1);
    }
  }
});

test('nothing is drawn that the table does not say', () => {
  for (const { from, to, rows } of arrows()) {
    for (const state of statesIn(from)) {
      for (const { on, variant = 'campaign' } of rows) {
        const row = lookupIn(DEAL_TABLE).findRow(state, on, variant);
        expect(row?.to, `${on} from ${state}`).toBe(to);
      }
    }
  }
});

test('every state can be come to and left, and every arrow has a label that Mermaid can read', () => {
  for (const state of STATES) expect(text).toMatch(new RegExp(`--> ${state} :`));
  for (const line of text.split('\n').filter((each) => each.includes('-->'))) {
    expect(line).toMatch(
      /^ {2}(\[\*\]|\w+) --> (\[\*\]|\w+)( : [\w,() ]+( - [\w,() ]+)?(<br\/>[\w ]+ - [\w,() ]+)*)?$/,
    );
  }
});
