import { readFileSync } from 'node:fs';
import type { OpenAPIV3_1 } from 'openapi-types';
import { expect, test } from 'vitest';
import { breaksOf, messageBreaksOf } from './breaks.ts';

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const openapi: OpenAPIV3_1.Document = read('../openapi.json');
const asyncapi = read('../../realtime/asyncapi.json');

test('a client of the last released API goes on working with this one', () => {
  expect(breaksOf(read('released/openapi.json'), openapi)).toEqual([]);
});

test('a client of the last released sockets goes on working with these', () => {
  expect(messageBreaksOf(read('released/asyncapi.json'), asyncapi)).toEqual([]);
});

// biome-ignore lint/suspicious/noExplicitAny: a document is changed as somebody with an editor would.
type Any = any;
const changed = (document: object, change: (copy: Any) => void) => {
  const copy = structuredClone(document);
  change(copy);
  return copy as Any;
};
const answer = (copy: Any, path: string, method = 'get', status = '200') =>
  copy.paths[path][method].responses[status].content['application/json'].schema;
const CLICK = '/api/messages/conversations/{id}/button-click';

test.each<[string, (copy: Any) => void, string]>([
  ['an operation goes', (copy) => delete copy.paths['/api/bids'].post, 'POST /api/bids was removed'],
  [
    'a method is renamed',
    (copy) => {
      copy.paths['/api/bids'].post.operationId = 'bids.post';
    },
    'POST /api/bids is called bids.post and was called bids.create',
  ],
  [
    'what was for everybody needs a token',
    (copy) => {
      copy.paths['/api/flow'].get.security = [{ bearer: [] }];
    },
    'GET /api/flow now needs a token',
  ],
  [
    'a parameter goes',
    (copy) => {
      copy.paths['/api/events'].get.parameters = copy.paths['/api/events'].get.parameters.filter(
        (one: Any) => one.name !== 'after',
      );
    },
    'GET /api/events no longer takes query after',
  ],
  [
    'a parameter comes that has to be sent',
    (copy) => copy.paths['/api/bids'].get.parameters.push({ name: 'kind', in: 'query', required: true, schema: {} }),
    'GET /api/bids now needs query kind',
  ],
  [
    'a page gets smaller',
    (copy) => {
      copy.components.parameters.Limit.schema.maximum = 50;
    },
    'GET /api/bids query limit has maximum 50 and had 100',
  ],
  [
    'a field of a body goes',
    (copy) => delete copy.components.schemas.CampaignRequest.properties.policy,
    'POST /api/campaigns body.policy is no longer taken',
  ],
  [
    'a field of a body has to be sent',
    (copy) => copy.components.schemas.CampaignRequest.required.push('policy'),
    'POST /api/campaigns body.policy is now needed',
  ],
  [
    'a new field of a body has to be sent',
    (copy) => {
      copy.components.schemas.CampaignRequest.properties.city = { type: 'string' };
      copy.components.schemas.CampaignRequest.required.push('city');
    },
    'POST /api/campaigns body.city is now needed',
  ],
  [
    'a text may be less long',
    (copy) => {
      copy.components.schemas.CampaignRequest.properties.title['x-max-characters'] = 100;
    },
    'POST /api/campaigns body.title has x-max-characters 100 and had 200',
  ],
  [
    'a value is no longer taken',
    (copy) => copy.components.schemas.TasksDecideRequest.properties.decision.enum.pop(),
    'POST /api/admin/tasks/{id}/decision body.decision can no longer be dismiss',
  ],
  [
    'a number of a choice is no longer taken',
    (copy) => copy.components.schemas.CampaignRequest.properties.budget.anyOf.pop(),
    'POST /api/campaigns body.budget can no longer be number',
  ],
  [
    'a body that could be left out has to be sent',
    (copy) => {
      copy.paths['/api/auth/logout'].post.requestBody.required = true;
    },
    'POST /api/auth/logout now needs a body',
  ],
  [
    'a status goes',
    (copy) => delete copy.paths['/api/bids/{id}/connect'].post.responses['201'],
    'POST /api/bids/{id}/connect no longer answers 201',
  ],
  [
    'a field of an answer goes',
    (copy) => delete copy.components.schemas.Campaign.properties.budget,
    'GET /api/campaigns 200.data[].budget is gone',
  ],
  [
    'a field of an answer may be missing',
    (copy) => copy.components.schemas.Campaign.required.pop(),
    'GET /api/campaigns/{id} 200.data.created_at may now be missing',
  ],
  [
    'a field of an answer may be null',
    (copy) => {
      const { properties } = copy.components.schemas.Campaign;
      properties.title = { anyOf: [properties.title, { type: 'null' }] };
    },
    'GET /api/campaigns 200.data[].title may now be null',
  ],
  [
    'a field of an answer is of another type',
    (copy) => {
      copy.components.schemas.Page.properties.limit.type = 'string';
    },
    'GET /api/campaigns 200.page.limit is string and was integer',
  ],
  [
    'an answer is no list any more',
    (copy) => {
      answer(copy, '/api/bids').properties.data = { $ref: '#/components/schemas/Bid' };
    },
    'GET /api/bids 200.data is object and was array',
  ],
  [
    'a header goes',
    (copy) => delete copy.paths[CLICK].post.responses['200'].headers['idempotency-replayed'],
    `POST ${CLICK} 200 no longer has the header idempotency-replayed`,
  ],
  [
    'an event goes',
    (copy) => copy.components.schemas.Event.oneOf.shift(),
    'GET /api/events 200.data[] is never new_message any more',
  ],
  [
    'a field of an event goes',
    (copy) => delete copy.components.schemas.MessageSeenEvent.properties.data.properties.userId,
    'GET /api/events 200.data[] message_seen.data.userId is gone',
  ],
  [
    'a detail of a failure goes',
    (copy) => delete copy.components.schemas.OfferStaleFailure.properties.details.properties.standing_price_minor,
    `POST ${CLICK} 409 OFFER_STALE.details.standing_price_minor is gone`,
  ],
])('a client breaks, and is told where, when %s', (_, change, complaint) => {
  expect(breaksOf(openapi, changed(openapi, change))).toContain(complaint);
});

test.each<[string, (copy: Any) => void]>([
  [
    'an operation comes',
    (copy) => {
      copy.paths['/api/new'] = copy.paths['/api/bids'];
    },
  ],
  [
    'a field of an answer comes',
    (copy) => {
      copy.components.schemas.Campaign.properties.city = { type: 'string' };
      copy.components.schemas.Campaign.required.push('city');
    },
  ],
  [
    'a field of a body comes that may be left out',
    (copy) => {
      copy.components.schemas.CampaignRequest.properties.city = { type: 'string' };
    },
  ],
  [
    'a body may be left out',
    (copy) => {
      copy.paths['/api/bids'].post.requestBody.required = false;
    },
  ],
  [
    'a limit is raised',
    (copy) => {
      copy.components.parameters.Limit.schema.maximum = 500;
      copy.components.schemas.CampaignRequest.properties.title['x-max-characters'] = 300;
    },
  ],
  ['an answer gets a further value', (copy) => copy.components.schemas.FlowState.enum.push('on_hold')],
  [
    'an event comes',
    (copy) => {
      const { NewMessageEvent: one, Event } = copy.components.schemas;
      copy.components.schemas.NewEvent = structuredClone(one);
      copy.components.schemas.NewEvent.properties.name = { type: 'string', const: 'new_thing' };
      Event.oneOf.push({ $ref: '#/components/schemas/NewEvent' });
    },
  ],
  [
    'a failure comes, and another goes',
    (copy) => {
      const { responses } = copy.paths[CLICK].post;
      responses['409'] = { $ref: '#/components/responses/CONFLICT' };
      copy.paths['/api/bids/{id}'].get.responses['409'] = { $ref: '#/components/responses/CONFLICT' };
    },
  ],
  [
    'a failure comes beside another',
    (copy) => {
      const { responses } = copy.components;
      responses.CONFLICT = responses['CONFLICT.FLOW_STATE_INVALID'];
    },
  ],
  [
    'what is null no longer is',
    (copy) => {
      copy.components.schemas.Conversation.properties.deadline = { type: 'string', format: 'date-time' };
    },
  ],
  [
    'a schema is written in another place',
    (copy) => {
      copy.components.schemas.Deal = copy.components.schemas.Campaign;
      answer(copy, '/api/campaigns/{id}').properties.data.$ref = '#/components/schemas/Deal';
    },
  ],
  [
    'what needed a token is for everybody',
    (copy) => {
      copy.paths['/api/bids'].get.security = [];
    },
  ],
])('no client breaks when %s', (_, change) => {
  expect(breaksOf(openapi, changed(openapi, change))).toEqual([]);
});

const ref = (name: string) => ({ $ref: `#/channels/socket/messages/${name}` });
const object = (properties: object, required: string[]) => ({ payload: { type: 'object', properties, required } });
const id = { $ref: '#/components/schemas/Id' };

/** A small door: an event, a command and its acknowledgement. */
const SOCKETS: Any = {
  asyncapi: '3.0.0',
  channels: {
    socket: {
      address: '/ws',
      messages: {
        seen: { $ref: '#/components/messages/seen' },
        'command.type': { $ref: '#/components/messages/command.type' },
        'ack.type': { $ref: '#/components/messages/ack.type' },
      },
    },
  },
  operations: {
    hear: { action: 'send', channel: { $ref: '#/channels/socket' }, messages: [ref('seen')] },
    type: {
      action: 'receive',
      channel: { $ref: '#/channels/socket' },
      messages: [ref('command.type')],
      reply: { messages: [ref('ack.type')] },
    },
  },
  components: {
    schemas: { Id: { type: 'string', format: 'uuid' } },
    messages: {
      seen: object({ seq: { type: 'integer' }, userId: id }, ['seq', 'userId']),
      'command.type': object({ conversationId: id, at: { type: 'string' } }, ['conversationId']),
      'ack.type': object({ typed: { type: 'boolean' } }, ['typed']),
    },
  },
};

test.each<[string, (copy: Any) => void, string]>([
  ['an event goes', (copy) => copy.operations.hear.messages.pop(), 'seen was removed'],
  ['a command goes', (copy) => delete copy.operations.type, 'command.type was removed'],
  [
    'a command needs more',
    (copy) => copy.components.messages['command.type'].payload.required.push('at'),
    'command.type.at is now needed',
  ],
  [
    'a command no longer takes a field',
    (copy) => delete copy.components.messages['command.type'].payload.properties.at,
    'command.type.at is no longer taken',
  ],
  ['an event has less', (copy) => delete copy.components.messages.seen.payload.properties.seq, 'seen.seq is gone'],
  [
    'an acknowledgement has less',
    (copy) => copy.components.messages['ack.type'].payload.required.pop(),
    'ack.type.typed may now be missing',
  ],
  [
    'what an event has is of another type',
    (copy) => {
      copy.components.schemas.Id = { type: 'integer' };
    },
    'seen.userId is integer and was string',
  ],
  [
    'what was heard is to be said',
    (copy) => {
      copy.operations.hear.action = 'receive';
    },
    'seen is sent by clients and was received',
  ],
])('a client of sockets breaks, and is told where, when %s', (_, change, complaint) => {
  expect(messageBreaksOf(SOCKETS, changed(SOCKETS, change))).toContain(complaint);
});

test('no client of sockets breaks when a message comes, or one has more', () => {
  const more = changed(SOCKETS, (copy) => {
    copy.components.messages.seen.payload.properties.more = { type: 'string' };
    copy.components.messages['command.type'].payload.properties.more = { type: 'string' };
    copy.components.messages.new = copy.components.messages.seen;
    copy.channels.socket.messages.new = { $ref: '#/components/messages/new' };
    copy.operations.hear.messages.push(ref('new'));
  });
  expect(messageBreaksOf(SOCKETS, more)).toEqual([]);
  expect(messageBreaksOf(asyncapi, asyncapi)).toEqual([]);
});
