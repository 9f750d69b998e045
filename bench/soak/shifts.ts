import { type Company, openCompany } from '../../journeys/company.ts';

/** People who talk at every door, in shifts: each is over before the tokens end that its people came with. */

export type Shifts = {
  /** Where a shift has lasted: says what was wrong in it, and begins the next. Nothing may be killed meanwhile. */
  relieve(): Promise<void>;
  /** Ends the last one. Answers how much was said in all, and what was not heard as the database has it. */
  end(): Promise<{ said: number; wrong: string[] }>;
};

const TALKERS = 6;
const TALK_EVERY_MS = 2_000;
const LASTS_MS = 480_000;
/** A machine that is busy may have to be asked again. */
const TRIES = 3;

type Shift = { company: Company; silence: () => Promise<void>; since: number };

export async function openShifts(url: string): Promise<Shifts> {
  let said = 0;
  const wrong: string[] = [];
  let shift = await begin();

  async function begin(): Promise<Shift> {
    const company = await trying(() => openCompany(url, TALKERS));
    return { company, silence: company.talk(TALK_EVERY_MS), since: performance.now() };
  }

  async function over({ company, silence }: Shift): Promise<void> {
    await silence().catch((error: Error) => void wrong.push(`somebody was refused: ${error.message}`));
    wrong.push(...(await trying(() => company.whatIsWrong()).catch((error: Error) => [error.message])));
    said += company.said();
    await company.close().catch(() => {});
  }

  return {
    async relieve() {
      if (performance.now() - shift.since < LASTS_MS) return;
      await over(shift);
      shift = await begin();
    },
    async end() {
      await over(shift);
      return { said, wrong };
    },
  };
}

async function trying<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}
