import { CREDIT_AND_BOOST_EVENTS, type CreditOrBoostEvent } from './contract.ts';

/**
 * An event as other services and customers get it: its JSON, fields in their schema's order, since Postgres keeps them in
 * another. Throws where it has not the form that its type has.
 */
export function bodyOf(event: CreditOrBoostEvent): string {
  return JSON.stringify(CREDIT_AND_BOOST_EVENTS[event.type].parse(event));
}
