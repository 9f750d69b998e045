import type { CreditOrBoostEvent } from '#workflows/boost/contract.ts';

/** Of every event the same: which system it comes from. With an event's id it says which event that is. */
const SOURCE = 'urn:tandem:credits';

/** Raised when an event's form changes: the two then go side by side. */
const VERSION = 1;

/**
 * The CloudEvents 1.0 attributes of an event, which travel as headers beside its body. The binding for AMQP is of AMQP
 * 1.0 and RabbitMQ's wire is 0-9-1: the names are that binding's, so that a bridge finds them.
 */
export function cloudEventHeaders(event: CreditOrBoostEvent, about: string): Record<string, string> {
  return {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': event.eventId,
    'cloudEvents:source': SOURCE,
    'cloudEvents:type': event.type,
    'cloudEvents:subject': about,
    'cloudEvents:time': event.timestamp,
    'cloudEvents:dataschema': `urn:tandem:schema:${event.type}:${VERSION}`,
  };
}
