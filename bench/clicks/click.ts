/** A click as a client gives it: on a deal, with a key of its own that makes repeating it harmless. */
export type Click = { deal: number; command: Command; key: string };
export type Command = 'submit_work' | 'request_revision';

/** What clicks bring along, the same for Tandem and for every peer. */
export const DATA: Record<Command, Record<string, string>> = {
  submit_work: {
    deliverables: 'https://drive.example/reels',
    description: 'Three reels',
    submission_notes: 'With captions',
  },
  request_revision: { feedback: 'A little brighter, please' },
};
