// Written by client/write.ts. Do not edit.
import type { Body, CallOptions, Data, KeyedOptions, Query } from './method.ts';

/** Every operation of the API, by its name. */
export interface Methods {
  auth: {
    /**
     * Make an account
     * A new account is given 100 TOKEN. `admin` cannot be asked for; the default role is `viewer`.
     * `POST /api/auth/register`
     */
    register(body: Body<'auth.register'>, options?: CallOptions): Promise<Data<'auth.register'>>;
    /**
     * Sign in
     * An unknown handle and a wrong password are answered alike. After 10 failures of an account or 100 of an address within 15 minutes, further attempts are refused until those have passed.
     * `POST /api/auth/login`
     */
    login(body: Body<'auth.login'>, options?: CallOptions): Promise<Data<'auth.login'>>;
    /**
     * The next pair of tokens
     * Uses the refresh token up. Sent again within 10 s by the same client (address and `User-Agent`), as by two tabs at once, it is answered with the same pair. Used again later, or by another, it answers 401 and ends its whole family: the session with all its tokens.
     * `POST /api/auth/refresh`
     */
    refresh(body: Body<'auth.refresh'>, options?: CallOptions): Promise<Data<'auth.refresh'>>;
    /**
     * Sign out
     * Ends the session of the access token, of the refresh token in the body, or of both. Its tokens are refused from then on and its sockets close.
     * `POST /api/auth/logout`
     */
    logout(body?: Body<'auth.logout'>, options?: CallOptions): Promise<Data<'auth.logout'>>;
    /**
     * The public keys of access tokens
     * A JSON Web Key Set (RFC 7517), without the envelope of other answers.
     * `GET /.well-known/jwks.json`
     */
    listKeys(options?: CallOptions): Promise<Data<'auth.listKeys'>>;
  };
  probes: {
    /**
     * Whether this process works
     * `GET /livez`
     */
    live(options?: CallOptions): Promise<Data<'probes.live'>>;
    /**
     * Whether requests should be sent here
     * 503 without Postgres, with `details.missing`. Otherwise 200: without Redis, the worker, its relay, Temporal or (where there is one) RabbitMQ clicks and messages are answered, and what has to happen because of them waits; those are named as `degraded`.
     * `GET /readyz`
     */
    ready(options?: CallOptions): Promise<Data<'probes.ready'>>;
  };
  metrics: {
    /**
     * Numbers for Prometheus
     * `GET /metrics`
     */
    read(options?: CallOptions): Promise<Data<'metrics.read'>>;
  };
  flows: {
    /**
     * The states of a deal and what leads from one to the other
     * `GET /api/flow`
     */
    get(options?: CallOptions): Promise<Data<'flows.get'>>;
  };
  machines: {
    /**
     * The states of each kind of process and what leads from one to the other
     * `GET /api/machines`
     */
    list(options?: CallOptions): Promise<Data<'machines.list'>>;
  };
  leaderboard: {
    /**
     * Who gave or was given most
     * Of all time, since Monday 00:00 UTC, in this season (a quarter of a year) or in a stream. Of two alike who was first is before the other.
     * `GET /api/leaderboard/gifts`
     */
    gifts(query?: Query<'leaderboard.gifts'>, options?: CallOptions): Promise<Data<'leaderboard.gifts'>>;
    /**
     * Seasons that are over, with their first places
     * `GET /api/leaderboard/gifts/seasons`
     */
    seasons(query?: Query<'leaderboard.seasons'>, options?: CallOptions): Promise<Data<'leaderboard.seasons'>>;
  };
  demoAccounts: {
    /**
     * Accounts for trying things out
     * Those that `npm start` makes on one machine. Everywhere else the list is empty.
     * `GET /api/demo`
     */
    list(options?: CallOptions): Promise<Data<'demoAccounts.list'>>;
  };
  scenarios: {
    /**
     * Where a process can be brought to
     * `GET /api/sandbox/scenarios`
     */
    list(options?: CallOptions): Promise<Data<'scenarios.list'>>;
    /**
     * Bring a new process to where you want to see it
     * Plays it as its clients would, request by request, with new accounts or those whose tokens are sent. Answers with the accounts and the process. Never in production.
     * `POST /api/sandbox/scenarios/{name}`
     */
    play(name: string, body?: Body<'scenarios.play'>, options?: CallOptions): Promise<Data<'scenarios.play'>>;
  };
  parts: {
    /**
     * Parts that can be broken, and how each is
     * Those that `npm start` keeps running. Empty where something else runs this. Never in production.
     * `GET /api/sandbox/parts`
     */
    list(options?: CallOptions): Promise<Data<'parts.list'>>;
    /**
     * Have a part die, to see what becomes of it
     * It is killed without a word as soon as this is answered, and started again by `npm start`. CONFLICT where it is away already, NOT_FOUND where it is not one of those that run here. Never in production.
     * `POST /api/sandbox/parts/{name}/break`
     */
    break(name: string, options?: CallOptions): Promise<Data<'parts.break'>>;
  };
  accounts: {
    /**
     * The account of the access token
     * `GET /api/me`
     */
    getMe(options?: CallOptions): Promise<Data<'accounts.getMe'>>;
  };
  people: {
    /**
     * Say who you are
     * What is left out stays, and null takes it away.
     * `PATCH /api/me`
     */
    change(body: Body<'people.change'>, options?: CallOptions): Promise<Data<'people.change'>>;
    /**
     * Delete your account
     * Your name, texts, details, links and logins go, for good, and what you offer is ended. Refused with what it is, while money or an open process is yours; points (TOKEN, CREDIT, LYK) are given back. What was said in a deal, and the books, stay without a name. A wrong password counts as one at signing in. Where accounts are an outside issuer’s, no password is asked, and the token has to be of who signed in within the last five minutes (`auth_time`, else `iat`).
     * `DELETE /api/me`
     */
    leave(body: Body<'people.leave'>, options?: CallOptions): Promise<Data<'people.leave'>>;
    /**
     * Who somebody is
     * NOT_FOUND to whom they have blocked.
     * `GET /api/users/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'people.get'>>;
    /**
     * Follow somebody
     * A private account is asked (`requested`). Following who one follows changes nothing.
     * `POST /api/users/{id}/follow`
     */
    follow(id: string, body?: Body<'people.follow'>, options?: CallOptions): Promise<Data<'people.follow'>>;
    /**
     * No longer follow somebody, or ask to
     * `DELETE /api/users/{id}/follow`
     */
    unfollow(id: string, options?: CallOptions): Promise<Data<'people.unfollow'>>;
    /**
     * Let somebody follow you who asked to
     * `id` is your own.
     * `POST /api/users/{id}/follow-requests/{requesterId}/accept`
     */
    accept(id: string, requesterId: string, body?: Body<'people.accept'>, options?: CallOptions): Promise<Data<'people.accept'>>;
    /**
     * Do not let them; they are not told
     * `id` is your own.
     * `POST /api/users/{id}/follow-requests/{requesterId}/decline`
     */
    decline(id: string, requesterId: string, body?: Body<'people.decline'>, options?: CallOptions): Promise<Data<'people.decline'>>;
    /**
     * Who asks to follow you, latest first
     * `id` is your own.
     * `GET /api/users/{id}/follow-requests`
     */
    listRequests(id: string, query?: Query<'people.listRequests'>, options?: CallOptions): Promise<Data<'people.listRequests'>>;
    /**
     * Who follows somebody, latest first
     * Of a private account for itself and who follows it. Nobody is in it whom you cannot see.
     * `GET /api/users/{id}/followers`
     */
    listFollowers(id: string, query?: Query<'people.listFollowers'>, options?: CallOptions): Promise<Data<'people.listFollowers'>>;
    /**
     * Whom somebody follows, latest first
     * Of a private account for itself and who follows it. Nobody is in it whom you cannot see.
     * `GET /api/users/{id}/following`
     */
    listFollowing(id: string, query?: Query<'people.listFollowing'>, options?: CallOptions): Promise<Data<'people.listFollowing'>>;
    /**
     * Have nothing to do with somebody
     * Neither can follow, write to or give to the other, nor do they find you; following ends on both sides. They are not told. Deals that are under way go on: they are about money.
     * `POST /api/users/{id}/block`
     */
    block(id: string, body?: Body<'people.block'>, options?: CallOptions): Promise<Data<'people.block'>>;
    /**
     * Have to do with somebody again
     * Who followed whom before stays ended.
     * `DELETE /api/users/{id}/block`
     */
    unblock(id: string, options?: CallOptions): Promise<Data<'people.unblock'>>;
    /**
     * Say what the deal’s other side was like
     * Once, within P14D after its money was released. It is shown when both are in or that time is over, so that nobody writes having read the other’s.
     * `POST /api/messages/conversations/{id}/review`
     */
    review(id: string, body: Body<'people.review'>, options?: KeyedOptions): Promise<Data<'people.review'>>;
    /**
     * What was said of somebody, latest first
     * `GET /api/users/{id}/reviews`
     */
    listReviews(id: string, query?: Query<'people.listReviews'>, options?: CallOptions): Promise<Data<'people.listReviews'>>;
    /**
     * All that is kept of you
     * By kind, as plain JSON. Amounts are in minor units of their asset.
     * `GET /api/me/export`
     */
    export(options?: CallOptions): Promise<Data<'people.export'>>;
    /**
     * People, by id or by how their handle begins, newest first
     * `GET /api/admin/people`
     */
    find(query?: Query<'people.find'>, options?: CallOptions): Promise<Data<'people.find'>>;
    /**
     * Somebody, with what staff wrote down about them
     * `GET /api/admin/people/{id}`
     */
    look(id: string, options?: CallOptions): Promise<Data<'people.look'>>;
    /**
     * Delete somebody’s account
     * As they would themselves (`DELETE /api/me`), for who asks and cannot sign in: refused while money or an open process is theirs. What was written down about them goes as well; the reason is kept as a note.
     * `DELETE /api/admin/people/{id}`
     */
    remove(id: string, body: Body<'people.remove'>, options?: KeyedOptions): Promise<Data<'people.remove'>>;
    /**
     * Let somebody not sign in any more, and sign them out everywhere
     * What they have under way goes on. The reason is kept as a note.
     * `POST /api/admin/people/{id}/block`
     */
    bar(id: string, body: Body<'people.bar'>, options?: KeyedOptions): Promise<Data<'people.bar'>>;
    /**
     * Let somebody sign in again
     * What they have under way goes on. The reason is kept as a note.
     * `POST /api/admin/people/{id}/unblock`
     */
    unbar(id: string, body: Body<'people.unbar'>, options?: KeyedOptions): Promise<Data<'people.unbar'>>;
    /**
     * Sign somebody out everywhere
     * What they have under way goes on. The reason is kept as a note.
     * `POST /api/admin/people/{id}/sign-out`
     */
    signOut(id: string, body: Body<'people.signOut'>, options?: KeyedOptions): Promise<Data<'people.signOut'>>;
    /**
     * Write down something about somebody, for staff alone
     * `POST /api/admin/people/{id}/notes`
     */
    addNote(id: string, body: Body<'people.addNote'>, options?: KeyedOptions): Promise<Data<'people.addNote'>>;
  };
  books: {
    /**
     * Accounts of the ledger, by their codes
     * `GET /api/admin/ledger/accounts`
     */
    listAccounts(query?: Query<'books.listAccounts'>, options?: CallOptions): Promise<Data<'books.listAccounts'>>;
    /**
     * Transfers with all their legs, newest first
     * `GET /api/admin/ledger/transfers`
     */
    listTransfers(query?: Query<'books.listTransfers'>, options?: CallOptions): Promise<Data<'books.listTransfers'>>;
    /**
     * What accounts of each kind hold of each asset
     * Of an asset they sum to zero: what came from outside is below zero there.
     * `GET /api/admin/ledger/balances`
     */
    listBalances(options?: CallOptions): Promise<Data<'books.listBalances'>>;
    /**
     * What payment providers told, newest first, and what became of it
     * `GET /api/admin/provider-events`
     */
    listProviderEvents(query?: Query<'books.listProviderEvents'>, options?: CallOptions): Promise<Data<'books.listProviderEvents'>>;
    /**
     * Whether the books agree with themselves
     * Every invariant as a query that finds what breaks it. Money in suspense, open tasks and refunds on their way are reported too, and are no failures. Of transfers that were found in order before, the last hundred thousand are looked through again; `whole=true` looks through all of them. One look is taken at a time: who asks meanwhile has part in it. Where it takes longer than 20 s the answer is `UNAVAILABLE`, the look goes on, and whoever asks next after it is given what was found, with the instant it is of.
     * `GET /api/admin/reconciliation`
     */
    reconcile(query?: Query<'books.reconcile'>, options?: CallOptions): Promise<Data<'books.reconcile'>>;
  };
  campaigns: {
    /**
     * Post a campaign
     * For brand owners. `policy` holds the deadlines and limits of every deal that begins here.
     * `POST /api/campaigns`
     */
    create(body: Body<'campaigns.create'>, options?: KeyedOptions): Promise<Data<'campaigns.create'>>;
    /**
     * Campaigns, newest first
     * `GET /api/campaigns`
     */
    list(query?: Query<'campaigns.list'>, options?: CallOptions): Promise<Data<'campaigns.list'>>;
    /**
     * One campaign
     * `GET /api/campaigns/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'campaigns.get'>>;
    /**
     * Apply to a campaign
     * For influencers. Opens the deal, or answers with the one that is open between you two about it.
     * `POST /api/campaigns/{id}/apply`
     */
    apply(id: string, body: Body<'campaigns.apply'>, options?: KeyedOptions): Promise<Data<'campaigns.apply'>>;
  };
  bids: {
    /**
     * Post a bid
     * For influencers: what you offer, and from which price on.
     * `POST /api/bids`
     */
    create(body: Body<'bids.create'>, options?: KeyedOptions): Promise<Data<'bids.create'>>;
    /**
     * Bids, newest first
     * `GET /api/bids`
     */
    list(query?: Query<'bids.list'>, options?: CallOptions): Promise<Data<'bids.list'>>;
    /**
     * One bid
     * `GET /api/bids/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'bids.get'>>;
    /**
     * Connect to a bid
     * For brand owners. Opens the deal, or answers with the one that is open between you two about it.
     * `POST /api/bids/{id}/connect`
     */
    connect(id: string, body: Body<'bids.connect'>, options?: KeyedOptions): Promise<Data<'bids.connect'>>;
  };
  conversations: {
    /**
     * Your conversations, last changed first
     * `GET /api/messages/conversations`
     */
    list(query?: Query<'conversations.list'>, options?: CallOptions): Promise<Data<'conversations.list'>>;
    /**
     * Your direct conversations, last changed first
     * `GET /api/messages/direct-connections`
     */
    listDirect(query?: Query<'conversations.listDirect'>, options?: CallOptions): Promise<Data<'conversations.listDirect'>>;
    /**
     * Where a conversation stands and what you may do
     * `GET /api/messages/conversations/{id}/context`
     */
    getContext(id: string, options?: CallOptions): Promise<Data<'conversations.getContext'>>;
    /**
     * Begin a direct conversation
     * Answers with the one you have where there is one; the message is sent in either case.
     * `POST /api/messages/direct-connect`
     */
    connect(body: Body<'conversations.connect'>, options?: KeyedOptions): Promise<Data<'conversations.connect'>>;
  };
  messages: {
    /**
     * What was said, newest first
     * `GET /api/messages/conversations/{id}/messages`
     */
    list(id: string, query?: Query<'messages.list'>, options?: CallOptions): Promise<Data<'messages.list'>>;
    /**
     * Say something
     * In a conversation that is in real time, or to somebody: then a direct conversation is opened.
     * `POST /api/messages/send`
     */
    send(body: Body<'messages.send'>, options?: KeyedOptions): Promise<Data<'messages.send'>>;
    /**
     * Mark what you received as seen
     * `POST /api/messages/conversations/{id}/seen`
     */
    markSeen(id: string, body?: Body<'messages.markSeen'>, options?: CallOptions): Promise<Data<'messages.markSeen'>>;
    /**
     * How many messages you have not seen
     * `GET /api/messages/unread-count`
     */
    countUnread(options?: CallOptions): Promise<Data<'messages.countUnread'>>;
  };
  deals: {
    /**
     * Every entry that a deal made in the ledger, oldest first
     * `GET /api/messages/conversations/{id}/ledger`
     */
    listEntries(id: string, options?: CallOptions): Promise<Data<'deals.listEntries'>>;
    /**
     * Press a button
     * One of `allowed_actions`. A button that needs something more is answered with the `input_field` to fill, and nothing changes; send it in `additional_data`, or by text input.
     * `POST /api/messages/conversations/{id}/button-click`
     */
    click(id: string, body: Body<'deals.click'>, options?: KeyedOptions): Promise<Data<'deals.click'>>;
    /**
     * Answer an input field
     * `POST /api/messages/conversations/{id}/text-input`
     */
    input(id: string, body: Body<'deals.input'>, options?: KeyedOptions): Promise<Data<'deals.input'>>;
    /**
     * Submit work
     * Does what the button `submit_work` does.
     * `POST /api/messages/conversations/{id}/work`
     */
    submitWork(id: string, body: Body<'deals.submitWork'>, options?: KeyedOptions): Promise<Data<'deals.submitWork'>>;
    /**
     * Approve work, or ask for a revision
     * Does what the buttons `approve_work` and `request_revision` do.
     * `POST /api/messages/conversations/{id}/work/review`
     */
    reviewWork(id: string, body: Body<'deals.reviewWork'>, options?: KeyedOptions): Promise<Data<'deals.reviewWork'>>;
    /**
     * Every step a deal took, oldest first
     * Who did what, and where it led. Empty for direct conversations.
     * `GET /api/messages/conversations/{id}/steps`
     */
    listSteps(id: string, query?: Query<'deals.listSteps'>, options?: CallOptions): Promise<Data<'deals.listSteps'>>;
  };
  rooms: {
    /**
     * Make a room
     * A group is for who is named, a public room for everybody; at most 5000 members. Who is added hears of it by `notification` (`room_joined`) where there are at most 32, and by the first message where there are more.
     * `POST /api/chat/rooms`
     */
    create(body: Body<'rooms.create'>, options?: KeyedOptions): Promise<Data<'rooms.create'>>;
    /**
     * Your conversations in one form, last changed first
     * Rooms, and conversations between two. `scope=public` lists the public rooms there are instead, the newest first, whether you are in them or not.
     * `GET /api/chat/rooms`
     */
    list(query?: Query<'rooms.list'>, options?: CallOptions): Promise<Data<'rooms.list'>>;
    /**
     * A room
     * `GET /api/chat/rooms/{roomId}`
     */
    get(roomId: string, options?: CallOptions): Promise<Data<'rooms.get'>>;
    /**
     * Call a room something else
     * Its owner may.
     * `PATCH /api/chat/rooms/{roomId}`
     */
    rename(roomId: string, body: Body<'rooms.rename'>, options?: CallOptions): Promise<Data<'rooms.rename'>>;
    /**
     * Add somebody to a room, or join it
     * Whoever is in a room may add others; everybody may join a public one. What was said before is not unread; in a group it is not shown either. Adding who is in it changes nothing.
     * `POST /api/chat/rooms/{roomId}/members/{userId}`
     */
    addMember(roomId: string, userId: string, body?: Body<'rooms.addMember'>, options?: CallOptions): Promise<Data<'rooms.addMember'>>;
    /**
     * Leave a room, or take somebody out of it
     * Its owner may take others out. When the owner leaves, who has been in it longest is the next.
     * `DELETE /api/chat/rooms/{roomId}/members/{userId}`
     */
    removeMember(roomId: string, userId: string, options?: CallOptions): Promise<Data<'rooms.removeMember'>>;
    /**
     * What was said, newest first
     * `GET /api/chat/rooms/{roomId}/messages`
     */
    listMessages(roomId: string, query?: Query<'rooms.listMessages'>, options?: CallOptions): Promise<Data<'rooms.listMessages'>>;
    /**
     * Say something in a room
     * Answered when it is written. All others have `message_preview`, all `new_message`; who has the room open has `message_received` at once. In rooms of more than 32 the durable events follow in chunks, each member’s in order.
     * `POST /api/chat/rooms/{roomId}/messages`
     */
    send(roomId: string, body: Body<'rooms.send'>, options?: KeyedOptions): Promise<Data<'rooms.send'>>;
    /**
     * Mark what was said as seen, up to a message or all of it
     * Who wrote it hears of it by `message_read`, in rooms of up to 100 members.
     * `POST /api/chat/rooms/{roomId}/seen`
     */
    markSeen(roomId: string, body?: Body<'rooms.markSeen'>, options?: CallOptions): Promise<Data<'rooms.markSeen'>>;
    /**
     * Who is in a room
     * `GET /api/chat/rooms/{roomId}/users`
     */
    listUsers(roomId: string, query?: Query<'rooms.listUsers'>, options?: CallOptions): Promise<Data<'rooms.listUsers'>>;
    /**
     * Tell who has a room open that you are typing, or no longer
     * For pages without a socket. It ends by itself after 3 s: say it again while you do.
     * `PUT /api/chat/rooms/{roomId}/users/{userId}/typing`
     */
    type(roomId: string, userId: string, body: Body<'rooms.type'>, options?: CallOptions): Promise<Data<'rooms.type'>>;
  };
  chat: {
    /**
     * Say something in a conversation
     * All others have `message_preview`; who has it open has `message_received`.
     * `POST /api/conversations/{id}/messages`
     */
    send(id: string, body: Body<'chat.send'>, options?: KeyedOptions): Promise<Data<'chat.send'>>;
    /**
     * What was said before or after a message
     * Without either the latest; newest first, but `after` oldest first. `next_cursor` goes on in the same direction.
     * `GET /api/conversations/{id}/messages`
     */
    list(id: string, query?: Query<'chat.list'>, options?: CallOptions): Promise<Data<'chat.list'>>;
    /**
     * Change what you said
     * Within 15 minutes. It is shown as changed, and who has it open hears of it.
     * `PUT /api/conversations/{id}/messages/{messageId}`
     */
    edit(id: string, messageId: string, body: Body<'chat.edit'>, options?: CallOptions): Promise<Data<'chat.edit'>>;
    /**
     * Take back what you said
     * Within 15 minutes. Its words are gone; that there was something is shown.
     * `DELETE /api/conversations/{id}/messages/{messageId}`
     */
    delete(id: string, messageId: string, options?: CallOptions): Promise<Data<'chat.delete'>>;
    /**
     * Put an emoji to a message
     * At most 6 of one person and 20 kinds in all.
     * `POST /api/conversations/{id}/messages/{messageId}/reactions`
     */
    react(id: string, messageId: string, body: Body<'chat.react'>, options?: CallOptions): Promise<Data<'chat.react'>>;
    /**
     * Take an emoji back
     * `DELETE /api/conversations/{id}/messages/{messageId}/reactions`
     */
    unreact(id: string, messageId: string, body: Body<'chat.unreact'>, options?: CallOptions): Promise<Data<'chat.unreact'>>;
    /**
     * Say something in a conversation
     * All others have `message_preview`; who has it open has `message_received`.
     * `POST /conversations/{id}/messages`
     */
    sendAtRoot(id: string, body: Body<'chat.sendAtRoot'>, options?: KeyedOptions): Promise<Data<'chat.sendAtRoot'>>;
    /**
     * What was said before or after a message
     * Without either the latest; newest first, but `after` oldest first. `next_cursor` goes on in the same direction.
     * `GET /conversations/{id}/messages`
     */
    listAtRoot(id: string, query?: Query<'chat.listAtRoot'>, options?: CallOptions): Promise<Data<'chat.listAtRoot'>>;
    /**
     * Change what you said
     * Within 15 minutes. It is shown as changed, and who has it open hears of it.
     * `PUT /conversations/{id}/messages/{messageId}`
     */
    editAtRoot(id: string, messageId: string, body: Body<'chat.editAtRoot'>, options?: CallOptions): Promise<Data<'chat.editAtRoot'>>;
    /**
     * Take back what you said
     * Within 15 minutes. Its words are gone; that there was something is shown.
     * `DELETE /conversations/{id}/messages/{messageId}`
     */
    deleteAtRoot(id: string, messageId: string, options?: CallOptions): Promise<Data<'chat.deleteAtRoot'>>;
    /**
     * Put an emoji to a message
     * At most 6 of one person and 20 kinds in all.
     * `POST /conversations/{id}/messages/{messageId}/reactions`
     */
    reactAtRoot(id: string, messageId: string, body: Body<'chat.reactAtRoot'>, options?: CallOptions): Promise<Data<'chat.reactAtRoot'>>;
    /**
     * Take an emoji back
     * `DELETE /conversations/{id}/messages/{messageId}/reactions`
     */
    unreactAtRoot(id: string, messageId: string, body: Body<'chat.unreactAtRoot'>, options?: CallOptions): Promise<Data<'chat.unreactAtRoot'>>;
  };
  eventReplays: {
    /**
     * Have what happened in a time sent once more, into one queue
     * In its order, with the ids it had, past the exchange, and marked by `x-replayed-at`: no other queue hears of it. At most 100000 events. It is carried out by the worker: ask how far it is.
     * `POST /api/admin/event-replays`
     */
    ask(body: Body<'eventReplays.ask'>, options?: KeyedOptions): Promise<Data<'eventReplays.ask'>>;
    /**
     * What was sent once more, the newest first
     * `GET /api/admin/event-replays`
     */
    list(query?: Query<'eventReplays.list'>, options?: CallOptions): Promise<Data<'eventReplays.list'>>;
    /**
     * How far one is
     * `GET /api/admin/event-replays/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'eventReplays.get'>>;
  };
  events: {
    /**
     * Your events after a number, oldest first
     * What came after the last event you have. `next_cursor` is the number to go on from while there is more; on the last page it is null. A socket sends the same events by itself, and replays up to 10000 of them.
     * Without `after` this is what tickets are sold for, as `GET /api/ticket-events` has it.
     * `GET /api/events`
     */
    list(query?: Query<'events.list'>, options?: CallOptions): Promise<Data<'events.list'>>;
  };
  ticketEvents: {
    /**
     * Announce an event and sell tickets for it
     * What is paid for tickets is held until a day after it began, and your share is paid out then. A stream that is announced and named here is from then on for those who have a ticket.
     * `POST /api/events`
     */
    create(body: Body<'ticketEvents.create'>, options?: KeyedOptions): Promise<Data<'ticketEvents.create'>>;
    /**
     * Events that tickets are sold for, latest announced first
     * The same as `GET /api/events` without `after`.
     * `GET /api/ticket-events`
     */
    list(query?: Query<'ticketEvents.list'>, options?: CallOptions): Promise<Data<'ticketEvents.list'>>;
    /**
     * An event that tickets are sold for
     * `GET /api/events/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'ticketEvents.get'>>;
    /**
     * Cancel an event
     * By its creator or an administrator, until it is paid out. Everybody who has a ticket is refunded, a hundred at a time, and told so.
     * `POST /api/events/{id}/cancel`
     */
    cancel(id: string, body?: Body<'ticketEvents.cancel'>, options?: KeyedOptions): Promise<Data<'ticketEvents.cancel'>>;
    /**
     * Buy a ticket
     * From your wallet, one each: who has one has that one, and pays nothing again. Where the last was sold a moment before, this is `LIMIT_REACHED` and nothing is paid.
     * `POST /api/events/{id}/tickets`
     */
    buy(id: string, body?: Body<'ticketEvents.buy'>, options?: KeyedOptions): Promise<Data<'ticketEvents.buy'>>;
    /**
     * Who has tickets to your event, latest first
     * `GET /api/events/{id}/tickets`
     */
    tickets(id: string, query?: Query<'ticketEvents.tickets'>, options?: CallOptions): Promise<Data<'ticketEvents.tickets'>>;
    /**
     * Your ticket
     * The valid one, or the last that was refunded.
     * `GET /api/events/{id}/tickets/me`
     */
    myTicket(id: string, options?: CallOptions): Promise<Data<'ticketEvents.myTicket'>>;
    /**
     * Give a ticket back
     * All that was paid for it is in its holder’s wallet again. By its holder until a day before the event begins; by the event’s creator or an administrator until it is paid out.
     * `DELETE /api/events/{id}/tickets/{ticketId}`
     */
    takeBack(id: string, ticketId: string, options?: CallOptions): Promise<Data<'ticketEvents.takeBack'>>;
  };
  wallets: {
    /**
     * What you have, per asset
     * `GET /api/wallet/{userId}/balance`
     */
    getBalances(userId: string, query?: Query<'wallets.getBalances'>, options?: CallOptions): Promise<Data<'wallets.getBalances'>>;
    /**
     * What of it ends when, soonest first
     * `GET /api/wallet/{userId}/expiries`
     */
    listExpiries(userId: string, query?: Query<'wallets.listExpiries'>, options?: CallOptions): Promise<Data<'wallets.listExpiries'>>;
    /**
     * What came and went, newest first
     * With `Accept: text/csv` or `?format=csv` it is a file of up to 10000 lines for spreadsheets; where there are more, `x-next-cursor` is the `cursor` of the next.
     * `GET /api/wallet/{userId}/transactions`
     */
    listTransactions(userId: string, query?: Query<'wallets.listTransactions'>, options?: CallOptions): Promise<Data<'wallets.listTransactions'>>;
    /**
     * Send to another wallet
     * At most so much a day, by the age of the account, and less within a day of the first transfer to somebody: `LIMIT_REACHED` names the limit, what is left of it, when there is more and what raises it.
     * `POST /api/wallet/{userId}/transfer`
     */
    transfer(userId: string, body: Body<'wallets.transfer'>, options?: KeyedOptions): Promise<Data<'wallets.transfer'>>;
    /**
     * Give points to somebody
     * LYK; within the limits of transfers.
     * `POST /api/wallet/{userId}/gift`
     */
    gift(userId: string, body: Body<'wallets.gift'>, options?: KeyedOptions): Promise<Data<'wallets.gift'>>;
    /**
     * Pay points for something
     * `POST /api/wallet/{userId}/spend`
     */
    spend(userId: string, body: Body<'wallets.spend'>, options?: KeyedOptions): Promise<Data<'wallets.spend'>>;
    /**
     * Put somebody's balance right
     * Gives (or, with a minus, takes) an amount, against the account of adjustments. `corrects` names the `transaction_id` it puts right, where there is one.
     * `POST /api/admin/adjustments`
     */
    adjust(body: Body<'wallets.adjust'>, options?: KeyedOptions): Promise<Data<'wallets.adjust'>>;
    /**
     * Where your wallet is paid from outside, per asset
     * Derived from an extended public key that the deployment has, or given by a source of its own: Tandem has no key that could spend. Empty, with a sentence, where none is configured.
     * `GET /api/wallet/{userId}/addresses`
     */
    listAddresses(userId: string, options?: CallOptions): Promise<Data<'wallets.listAddresses'>>;
    /**
     * Buy tokens or credits, or pay money or coins in
     * Answers with the order to pay; what was bought arrives by the provider’s webhook.
     * `POST /api/wallet/topup`
     */
    topUp(body: Body<'wallets.topUp'>, options?: KeyedOptions): Promise<Data<'wallets.topUp'>>;
    /**
     * Your top-ups, newest first
     * `GET /api/wallet/topups`
     */
    listTopUps(query?: Query<'wallets.listTopUps'>, options?: CallOptions): Promise<Data<'wallets.listTopUps'>>;
    /**
     * One top-up, with its order while it is to be paid
     * `GET /api/wallet/topups/{id}`
     */
    getTopUp(id: string, options?: CallOptions): Promise<Data<'wallets.getTopUp'>>;
    /**
     * Do not pay after all
     * `POST /api/wallet/topups/{id}/cancel`
     */
    cancelTopUp(id: string, body?: Body<'wallets.cancelTopUp'>, options?: KeyedOptions): Promise<Data<'wallets.cancelTopUp'>>;
    /**
     * What you owe of payments that were charged back, the oldest first
     * It is taken from what comes into the wallet, and nothing is paid out of that asset meanwhile.
     * `GET /api/wallet/{userId}/debts`
     */
    listDebts(userId: string, options?: CallOptions): Promise<Data<'wallets.listDebts'>>;
  };
  trades: {
    /**
     * Open a trade
     * By the seller. What is sold is held from now on, or the trade is refused.
     * `POST /api/crypto/p2p/escrow`
     */
    open(body: Body<'trades.open'>, options?: KeyedOptions): Promise<Data<'trades.open'>>;
    /**
     * Your trades, newest first
     * `GET /api/crypto/p2p/escrow`
     */
    list(query?: Query<'trades.list'>, options?: CallOptions): Promise<Data<'trades.list'>>;
    /**
     * One trade
     * `GET /api/crypto/p2p/escrow/{transactionId}`
     */
    get(transactionId: string, options?: CallOptions): Promise<Data<'trades.get'>>;
    /**
     * Say that you have paid (buyer)
     * `POST /api/crypto/p2p/escrow/{transactionId}/confirm`
     */
    confirm(transactionId: string, body?: Body<'trades.confirm'>, options?: KeyedOptions): Promise<Data<'trades.confirm'>>;
    /**
     * Take that back, once (buyer)
     * `POST /api/crypto/p2p/escrow/{transactionId}/unconfirm`
     */
    unconfirm(transactionId: string, body?: Body<'trades.unconfirm'>, options?: KeyedOptions): Promise<Data<'trades.unconfirm'>>;
    /**
     * Release what is held (seller)
     * `POST /api/crypto/p2p/escrow/{transactionId}/release`
     */
    release(transactionId: string, body?: Body<'trades.release'>, options?: KeyedOptions): Promise<Data<'trades.release'>>;
    /**
     * Cancel before you have paid (buyer)
     * `POST /api/crypto/p2p/escrow/{transactionId}/cancel`
     */
    cancel(transactionId: string, body?: Body<'trades.cancel'>, options?: KeyedOptions): Promise<Data<'trades.cancel'>>;
    /**
     * Ask to call it off
     * `POST /api/crypto/p2p/escrow/{transactionId}/request-cancel`
     */
    requestCancel(transactionId: string, body?: Body<'trades.requestCancel'>, options?: KeyedOptions): Promise<Data<'trades.requestCancel'>>;
    /**
     * Take back that you asked to call it off
     * `DELETE /api/crypto/p2p/escrow/{transactionId}/request-cancel`
     */
    withdrawCancel(transactionId: string, query?: Query<'trades.withdrawCancel'>, options?: KeyedOptions): Promise<Data<'trades.withdrawCancel'>>;
    /**
     * Agree to call it off
     * `POST /api/crypto/p2p/escrow/{transactionId}/agree-cancel`
     */
    agreeCancel(transactionId: string, body?: Body<'trades.agreeCancel'>, options?: KeyedOptions): Promise<Data<'trades.agreeCancel'>>;
    /**
     * Open a dispute
     * `POST /api/crypto/p2p/escrow/{transactionId}/dispute`
     */
    dispute(transactionId: string, body: Body<'trades.dispute'>, options?: KeyedOptions): Promise<Data<'trades.dispute'>>;
    /**
     * Add evidence to a dispute
     * `POST /api/crypto/p2p/escrow/{transactionId}/evidence`
     */
    addEvidence(transactionId: string, body: Body<'trades.addEvidence'>, options?: KeyedOptions): Promise<Data<'trades.addEvidence'>>;
    /**
     * Write your statement in a dispute
     * `POST /api/crypto/p2p/escrow/{transactionId}/statement`
     */
    addStatement(transactionId: string, body: Body<'trades.addStatement'>, options?: KeyedOptions): Promise<Data<'trades.addStatement'>>;
    /**
     * Rule on a dispute (administrator)
     * `POST /api/crypto/p2p/escrow/{transactionId}/resolve`
     */
    resolve(transactionId: string, body: Body<'trades.resolve'>, options?: KeyedOptions): Promise<Data<'trades.resolve'>>;
  };
  recommendations: {
    /**
     * What you may like
     * By what you and others watched, liked, followed and tipped, up to this moment; nothing that was taken away or that you have seen, and nobody blocked. Of one creator there are 3 at most in any 20. Pages of one list repeat nothing; the same cursor gives the same page, without what may not be shown any more. A list has 500 at most and is kept for a day: its cursor is refused after that. `source` says what newcomers get (`popular`, `latest`).
     * `GET /api/recommendations`
     */
    list(query?: Query<'recommendations.list'>, options?: CallOptions): Promise<Data<'recommendations.list'>>;
  };
  prices: {
    /**
     * What a coin costs
     * In dollars, or in another currency: by `?currency=INR`, or as the symbol `BTC-INR`.
     * `GET /api/crypto/prices/{symbol}`
     */
    get(symbol: string, query?: Query<'prices.get'>, options?: CallOptions): Promise<Data<'prices.get'>>;
  };
  pairs: {
    /**
     * All pairs with their tickers
     * `GET /api/crypto/trading/pairs`
     */
    list(options?: CallOptions): Promise<Data<'pairs.list'>>;
    /**
     * One pair with its ticker
     * `GET /api/crypto/trading/pairs/{pairId}`
     */
    get(pairId: string, options?: CallOptions): Promise<Data<'pairs.get'>>;
    /**
     * What is offered in a pair
     * Join the room first, then read this: apply each `book_update` whose `seq` is above the one here. Where a number is missing, read it again.
     * `GET /api/crypto/orderbook/{pairId}`
     */
    book(pairId: string, query?: Query<'pairs.book'>, options?: CallOptions): Promise<Data<'pairs.book'>>;
    /**
     * What was traded in a pair, newest first
     * `GET /api/crypto/orderbook/{pairId}/trades`
     */
    trades(pairId: string, query?: Query<'pairs.trades'>, options?: CallOptions): Promise<Data<'pairs.trades'>>;
    /**
     * Prices of a pair by stretches of time, newest first
     * Stretches in which nothing was traded are left out.
     * `GET /api/crypto/orderbook/{pairId}/candles`
     */
    candles(pairId: string, query?: Query<'pairs.candles'>, options?: CallOptions): Promise<Data<'pairs.candles'>>;
  };
  orders: {
    /**
     * Place an order
     * What it may need is set aside, what matches is traded, and it is answered when both are written. Prices are multiples of the pair’s tick, amounts of its lot.
     * `POST /api/trading/orders`
     */
    place(body: Body<'orders.place'>, options?: KeyedOptions): Promise<Data<'orders.place'>>;
    /**
     * Your orders, newest first
     * `GET /api/trading/orders`
     */
    list(query?: Query<'orders.list'>, options?: CallOptions): Promise<Data<'orders.list'>>;
    /**
     * Cancel all your orders, or those of a pair or a side
     * `DELETE /api/trading/orders`
     */
    cancelAll(query?: Query<'orders.cancelAll'>, options?: KeyedOptions): Promise<Data<'orders.cancelAll'>>;
    /**
     * One order
     * `GET /api/trading/orders/{orderId}`
     */
    get(orderId: string, options?: CallOptions): Promise<Data<'orders.get'>>;
    /**
     * Change or cancel an order
     * Less of it keeps its place among others of its price; anything else loses it.
     * `PUT /api/trading/orders/{orderId}`
     */
    amend(orderId: string, body: Body<'orders.amend'>, options?: KeyedOptions): Promise<Data<'orders.amend'>>;
    /**
     * Cancel an order
     * `DELETE /api/trading/orders/{orderId}`
     */
    cancel(orderId: string, options?: KeyedOptions): Promise<Data<'orders.cancel'>>;
  };
  offers: {
    /**
     * What is offered to be paid for outside of Tandem, newest first
     * `GET /api/crypto/p2p/offers`
     */
    list(query?: Query<'offers.list'>, options?: CallOptions): Promise<Data<'offers.list'>>;
    /**
     * Take a part of an offer
     * Opens a trade in escrow for it: the seller’s asset is held from now on. The part is off the book until the trade ends; released, it is gone, given back it is there again.
     * `POST /api/trading/orders/{orderId}/take`
     */
    take(orderId: string, body: Body<'offers.take'>, options?: KeyedOptions): Promise<Data<'offers.take'>>;
  };
  admin: {
    /**
     * Open, restrict or halt a pair, and bound its prices
     * `PATCH /api/admin/trading/pairs/{pairId}`
     */
    setPair(pairId: string, body: Body<'admin.setPair'>, options?: KeyedOptions): Promise<Data<'admin.setPair'>>;
    /**
     * Cancel all orders of a pair, of one side or of one account
     * `POST /api/admin/trading/pairs/{pairId}/cancel-all`
     */
    cancelOrders(pairId: string, body: Body<'admin.cancelOrders'>, options?: KeyedOptions): Promise<Data<'admin.cancelOrders'>>;
  };
  penalties: {
    /**
     * Take points for a violation
     * Down to zero at most: `missing` is what was not there, which is recorded and is no debt.
     * `POST /api/admin/penalties`
     */
    give(body: Body<'penalties.give'>, options?: KeyedOptions): Promise<Data<'penalties.give'>>;
  };
  processes: {
    /**
     * Everything that goes on, by its age
     * Your own; an administrator’s are all. `view`: `needs_me` (it is your turn; for an administrator who takes no part, a task is open), `waiting` (somebody else’s, or time’s), `at_risk` (it ends by itself within a day, or calls for an operator), `done`. `q` finds ids (of the process, its people, its order, its payment or what it is about), the beginning of a handle, and titles.
     * `GET /api/processes`
     */
    list(query?: Query<'processes.list'>, options?: CallOptions): Promise<Data<'processes.list'>>;
    /**
     * One process, and what you may do with it
     * `GET /api/processes/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'processes.get'>>;
    /**
     * Every entry that it made in the ledger, oldest first
     * `GET /api/processes/{id}/entries`
     */
    listEntries(id: string, options?: CallOptions): Promise<Data<'processes.listEntries'>>;
    /**
     * Do one of a process’s actions
     * `POST /api/processes/{id}/actions/{name}`
     */
    act(id: string, name: string, body?: Body<'processes.act'>, options?: KeyedOptions): Promise<Data<'processes.act'>>;
    /**
     * What an action would do with money
     * With what is filled in so far. Nothing is changed by asking.
     * `POST /api/processes/{id}/actions/{name}/consequence`
     */
    foresee(id: string, name: string, body?: Body<'processes.foresee'>, options?: CallOptions): Promise<Data<'processes.foresee'>>;
  };
  faucet: {
    /**
     * Money to try things with, to your wallet
     * At most 1000000 a call, and never in production.
     * `POST /api/sandbox/faucet`
     */
    pour(body: Body<'faucet.pour'>, options?: KeyedOptions): Promise<Data<'faucet.pour'>>;
  };
  sandbox: {
    /**
     * Move time on for one process
     * By a party or an administrator. The state it is in counts as entered that much earlier, and what falls due by that happens within a second; what follows begins at that instant. It is a step like any other, and stands in the history as what it is. Never in production.
     * `POST /api/sandbox/processes/{id}/clock`
     */
    moveClock(id: string, body: Body<'sandbox.moveClock'>, options?: KeyedOptions): Promise<Data<'sandbox.moveClock'>>;
  };
  profiles: {
    /**
     * Boost a profile
     * The credits are held from now on, and used up when the time is over. A boost lifts its target by the credits that it spends a day; boosts of one target run side by side, each for its own time, and add up.
     * `POST /api/credits/boost/profile`
     */
    boost(body: Body<'profiles.boost'>, options?: KeyedOptions): Promise<Data<'profiles.boost'>>;
    /**
     * Profiles, newest first or by their boosts
     * `GET /api/profiles`
     */
    list(query?: Query<'profiles.list'>, options?: CallOptions): Promise<Data<'profiles.list'>>;
    /**
     * One profile, with its score
     * `GET /api/profiles/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'profiles.get'>>;
    /**
     * Say that you look at a profile
     * Counted once a person and hour; looking at your own counts for nothing.
     * `POST /api/profiles/{id}/view`
     */
    view(id: string, options?: CallOptions): Promise<Data<'profiles.view'>>;
  };
  gigs: {
    /**
     * Boost a gig
     * The credits are held from now on, and used up when the time is over. A boost lifts its target by the credits that it spends a day; boosts of one target run side by side, each for its own time, and add up.
     * `POST /api/credits/boost/gig`
     */
    boost(body: Body<'gigs.boost'>, options?: KeyedOptions): Promise<Data<'gigs.boost'>>;
    /**
     * Pay whoever did a gig of yours
     * `POST /api/gigs/{id}/payments`
     */
    pay(id: string, body: Body<'gigs.pay'>, options?: KeyedOptions): Promise<Data<'gigs.pay'>>;
    /**
     * Gigs, newest first or by their boosts
     * `GET /api/gigs`
     */
    list(query?: Query<'gigs.list'>, options?: CallOptions): Promise<Data<'gigs.list'>>;
    /**
     * Post a gig
     * `POST /api/gigs`
     */
    create(body: Body<'gigs.create'>, options?: KeyedOptions): Promise<Data<'gigs.create'>>;
    /**
     * One gig, with its score
     * `GET /api/gigs/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'gigs.get'>>;
    /**
     * Say that you look at a gig
     * Counted once a person and hour; looking at your own counts for nothing.
     * `POST /api/gigs/{id}/view`
     */
    view(id: string, options?: CallOptions): Promise<Data<'gigs.view'>>;
  };
  clans: {
    /**
     * Boost a clan
     * The credits are held from now on, and used up when the time is over. A boost lifts its target by the credits that it spends a day; boosts of one target run side by side, each for its own time, and add up.
     * `POST /api/credits/boost/clan`
     */
    boost(body: Body<'clans.boost'>, options?: KeyedOptions): Promise<Data<'clans.boost'>>;
    /**
     * Clans, newest first or by their boosts
     * `GET /api/clans`
     */
    list(query?: Query<'clans.list'>, options?: CallOptions): Promise<Data<'clans.list'>>;
    /**
     * Make a clan
     * `POST /api/clans`
     */
    create(body: Body<'clans.create'>, options?: KeyedOptions): Promise<Data<'clans.create'>>;
    /**
     * One clan, with its score
     * `GET /api/clans/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'clans.get'>>;
    /**
     * Give credits to a clan, which keeps them
     * `POST /api/clans/{id}/contribute`
     */
    contribute(id: string, body: Body<'clans.contribute'>, options?: KeyedOptions): Promise<Data<'clans.contribute'>>;
    /**
     * Say that you look at a clan
     * Counted once a person and hour; looking at your own counts for nothing.
     * `POST /api/clans/{id}/view`
     */
    view(id: string, options?: CallOptions): Promise<Data<'clans.view'>>;
  };
  boosts: {
    /**
     * Your boosts, newest first
     * `GET /api/credits/boosts`
     */
    list(query?: Query<'boosts.list'>, options?: CallOptions): Promise<Data<'boosts.list'>>;
    /**
     * One boost of yours, with all that happened to it and its credits
     * `GET /api/credits/boosts/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'boosts.get'>>;
    /**
     * Cancel a boost
     * What is left of its time is given back, rounded down to a whole credit.
     * `DELETE /api/credits/boosts/{id}`
     */
    cancel(id: string, query?: Query<'boosts.cancel'>, options?: KeyedOptions): Promise<Data<'boosts.cancel'>>;
    /**
     * What a boost did: views and deals before, during and after it
     * `GET /api/credits/boosts/{id}/analytics`
     */
    analytics(id: string, options?: CallOptions): Promise<Data<'boosts.analytics'>>;
  };
  credits: {
    /**
     * Spend credits
     * `POST /api/credits/spend`
     */
    spend(body: Body<'credits.spend'>, options?: KeyedOptions): Promise<Data<'credits.spend'>>;
    /**
     * Give somebody credits for something they did (administrator)
     * `POST /api/credits/earn`
     */
    earn(body: Body<'credits.earn'>, options?: KeyedOptions): Promise<Data<'credits.earn'>>;
    /**
     * Buy credits
     * A top-up in credits: answers with the order to pay; they arrive, and `credit_purchase` is told, by the provider’s webhook.
     * `POST /api/credits/purchase`
     */
    purchase(body: Body<'credits.purchase'>, options?: KeyedOptions): Promise<Data<'credits.purchase'>>;
  };
  chargeBacks: {
    /**
     * Charge-backs of payments of yours, newest first
     * `GET /api/charge-backs`
     */
    list(query?: Query<'chargeBacks.list'>, options?: CallOptions): Promise<Data<'chargeBacks.list'>>;
    /**
     * All charge-backs, newest first
     * `GET /api/admin/charge-backs`
     */
    listAll(query?: Query<'chargeBacks.listAll'>, options?: CallOptions): Promise<Data<'chargeBacks.listAll'>>;
    /**
     * One charge-back
     * `GET /api/charge-backs/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'chargeBacks.get'>>;
    /**
     * Add a file that speaks for you
     * A PDF, PNG or JPEG: three of the payee, two of the payer, one of an administrator. Handed in with what was said, where the provider takes files: Stripe, Razorpay and PayPal do.
     * `POST /api/charge-backs/{id}/files`
     */
    addFile(id: string, body: Body<'chargeBacks.addFile'>, options?: KeyedOptions): Promise<Data<'chargeBacks.addFile'>>;
    /**
     * Your files of a charge-back, and for an administrator all of them
     * `GET /api/charge-backs/{id}/files`
     */
    listFiles(id: string, options?: CallOptions): Promise<Data<'chargeBacks.listFiles'>>;
    /**
     * One of these files, with what is in it
     * `GET /api/charge-backs/{id}/files/{fileId}`
     */
    getFile(id: string, fileId: string, options?: CallOptions): Promise<Data<'chargeBacks.getFile'>>;
    /**
     * Say what speaks for you
     * `POST /api/charge-backs/{id}/evidence`
     */
    addEvidence(id: string, body: Body<'chargeBacks.addEvidence'>, options?: KeyedOptions): Promise<Data<'chargeBacks.addEvidence'>>;
    /**
     * Hand in the evidence before its date
     * `POST /api/admin/charge-backs/{id}/submit`
     */
    submit(id: string, body?: Body<'chargeBacks.submit'>, options?: KeyedOptions): Promise<Data<'chargeBacks.submit'>>;
    /**
     * Do not contest a charge-back
     * `POST /api/admin/charge-backs/{id}/concede`
     */
    concede(id: string, body: Body<'chargeBacks.concede'>, options?: KeyedOptions): Promise<Data<'chargeBacks.concede'>>;
  };
  invoices: {
    /**
     * Invoices that you issued or were billed for, newest first
     * `GET /api/invoices`
     */
    list(query?: Query<'invoices.list'>, options?: CallOptions): Promise<Data<'invoices.list'>>;
    /**
     * One invoice
     * With `?format=html` it is a page to be printed.
     * `GET /api/invoices/{id}`
     */
    get(id: string, query?: Query<'invoices.get'>, options?: CallOptions): Promise<Data<'invoices.get'>>;
  };
  payouts: {
    /**
     * Whether you may be paid, and what is missing
     * `GET /api/wallet/{userId}/kyc`
     */
    getKyc(userId: string, options?: CallOptions): Promise<Data<'payouts.getKyc'>>;
    /**
     * Show your papers, or go on
     * They are shown to the provider on its page (`url`) and never to us. The sandbox's are in order at once.
     * `POST /api/wallet/{userId}/kyc`
     */
    startKyc(userId: string, body: Body<'payouts.startKyc'>, options?: KeyedOptions): Promise<Data<'payouts.startKyc'>>;
    /**
     * Add where you are paid
     * It is checked with its provider, which names whose it is: compare, before you have money sent there.
     * `POST /api/wallet/{userId}/destinations`
     */
    addDestination(userId: string, body: Body<'payouts.addDestination'>, options?: KeyedOptions): Promise<Data<'payouts.addDestination'>>;
    /**
     * Where you are paid, newest first
     * `GET /api/wallet/{userId}/destinations`
     */
    listDestinations(userId: string, query?: Query<'payouts.listDestinations'>, options?: CallOptions): Promise<Data<'payouts.listDestinations'>>;
    /**
     * Check a destination again
     * After it refused a payout, or while its check is pending.
     * `POST /api/wallet/{userId}/destinations/{id}/check`
     */
    checkDestination(userId: string, id: string, body?: Body<'payouts.checkDestination'>, options?: CallOptions): Promise<Data<'payouts.checkDestination'>>;
    /**
     * Your payouts, newest first
     * `GET /api/wallet/{userId}/payouts`
     */
    list(userId: string, query?: Query<'payouts.list'>, options?: CallOptions): Promise<Data<'payouts.list'>>;
    /**
     * Have money paid out
     * What it is of is set aside from now on, or it is refused. It may be taken back until it leaves.
     * `POST /api/wallet/{userId}/payouts`
     */
    request(userId: string, body: Body<'payouts.request'>, options?: KeyedOptions): Promise<Data<'payouts.request'>>;
    /**
     * One payout
     * `GET /api/wallet/{userId}/payouts/{id}`
     */
    get(userId: string, id: string, options?: CallOptions): Promise<Data<'payouts.get'>>;
    /**
     * Take a payout back before it leaves
     * `POST /api/wallet/{userId}/payouts/{id}/cancel`
     */
    cancel(userId: string, id: string, body?: Body<'payouts.cancel'>, options?: KeyedOptions): Promise<Data<'payouts.cancel'>>;
    /**
     * What a payout came to, and what it was earned from
     * Kept when it is paid, and never changed. What came into the wallet first is what left it first. Should the payout come back, `?kind=came_back` is another, which takes this one back. With `?format=html` it is a page to be printed.
     * `GET /api/payouts/{id}/statement`
     */
    getStatement(id: string, query?: Query<'payouts.getStatement'>, options?: CallOptions): Promise<Data<'payouts.getStatement'>>;
    /**
     * What a payout would book, and when it would leave
     * `POST /api/wallet/{userId}/payouts/estimate`
     */
    estimate(userId: string, body: Body<'payouts.estimate'>, options?: CallOptions): Promise<Data<'payouts.estimate'>>;
    /**
     * Whether payouts leave
     * `GET /api/admin/payouts/pause`
     */
    getPause(options?: CallOptions): Promise<Data<'payouts.getPause'>>;
    /**
     * Let no payout leave
     * Whatever has not left waits; what may have left is asked about all the same.
     * `POST /api/admin/payouts/pause`
     */
    pause(body: Body<'payouts.pause'>, options?: KeyedOptions): Promise<Data<'payouts.pause'>>;
    /**
     * Let payouts leave again
     * `POST /api/admin/payouts/resume`
     */
    resume(body?: Body<'payouts.resume'>, options?: KeyedOptions): Promise<Data<'payouts.resume'>>;
    /**
     * Approve a payout
     * By an administrator who is not whoever is paid; by no other where one has taken its task up.
     * `POST /api/admin/payouts/{id}/approve`
     */
    approve(id: string, body?: Body<'payouts.approve'>, options?: KeyedOptions): Promise<Data<'payouts.approve'>>;
    /**
     * Reject a payout
     * By an administrator who is not whoever is paid; by no other where one has taken its task up.
     * `POST /api/admin/payouts/{id}/reject`
     */
    reject(id: string, body: Body<'payouts.reject'>, options?: KeyedOptions): Promise<Data<'payouts.reject'>>;
  };
  commissions: {
    /**
     * Say what we take, from when on
     * For everybody or one user. What was agreed on before keeps the rule of that day.
     * `POST /api/admin/commission-rules`
     */
    addRule(body: Body<'commissions.addRule'>, options?: KeyedOptions): Promise<Data<'commissions.addRule'>>;
    /**
     * What we take, the newest rule first
     * `GET /api/admin/commission-rules`
     */
    listRules(query?: Query<'commissions.listRules'>, options?: CallOptions): Promise<Data<'commissions.listRules'>>;
  };
  payments: {
    /**
     * What became of an order
     * `GET /api/payments/{orderId}`
     */
    getOrder(orderId: string, options?: CallOptions): Promise<Data<'payments.getOrder'>>;
  };
  notifications: {
    /**
     * Your notifications, newest first
     * Those that are snoozed, put away or taken back are not among them.
     * `GET /api/notifications/{userId}`
     */
    list(userId: string, query?: Query<'notifications.list'>, options?: CallOptions): Promise<Data<'notifications.list'>>;
    /**
     * How many you have not read, and of those not seen
     * Always as many as the list has.
     * `GET /api/notifications/{userId}/unread-count`
     */
    counts(userId: string, options?: CallOptions): Promise<Data<'notifications.counts'>>;
    /**
     * Mark one as read, or all of yours
     * The id is a notification’s, or your own: then all are marked, or all up to one. What came after that one stays as it is.
     * `PUT /api/notifications/{id}/read`
     */
    read(id: string, body?: Body<'notifications.read'>, options?: CallOptions): Promise<Data<'notifications.read'>>;
    /**
     * Say that one was on your screen, or all of them
     * Seen is not read: it takes the number from the bell and leaves the notification unread.
     * `PUT /api/notifications/{id}/seen`
     */
    see(id: string, body?: Body<'notifications.see'>, options?: CallOptions): Promise<Data<'notifications.see'>>;
    /**
     * Put one away: it leaves the list and the counts
     * `PUT /api/notifications/{id}/archive`
     */
    archive(id: string, options?: CallOptions): Promise<Data<'notifications.archive'>>;
    /**
     * Mark one as not read after all
     * `PUT /api/notifications/{id}/unread`
     */
    unread(id: string, options?: CallOptions): Promise<Data<'notifications.unread'>>;
    /**
     * Hide one until later
     * It leaves the list, and is back then: unread, above all others, and told anew.
     * `PUT /api/notifications/{id}/snooze`
     */
    snooze(id: string, body: Body<'notifications.snooze'>, options?: CallOptions): Promise<Data<'notifications.snooze'>>;
    /**
     * Where a notification went, and why not elsewhere
     * Answers “why did I not get it?”: the inbox first, then each push and what the push services said of each device. For its reader and for administrators.
     * `GET /api/notifications/{id}/deliveries`
     */
    deliveries(id: string, options?: CallOptions): Promise<Data<'notifications.deliveries'>>;
    /**
     * What you are told of, and where
     * `GET /api/notifications/{userId}/preferences`
     */
    preferences(userId: string, options?: CallOptions): Promise<Data<'notifications.preferences'>>;
    /**
     * Choose what you are told of, and where
     * What is left out stays as it was. A channel that is off in `global` is off for every kind; what a kind does not offer cannot be chosen.
     * `PUT /api/notifications/{userId}/preferences`
     */
    setPreferences(userId: string, body: Body<'notifications.setPreferences'>, options?: CallOptions): Promise<Data<'notifications.setPreferences'>>;
    /**
     * Write to some, to a role, or to everybody
     * Some have it with the answer. To a role or to all it is a process that goes through the accounts page by page: `broadcast` says how far it is, and it can be stopped. Administrators only.
     * `POST /api/notifications/send`
     */
    send(body: Body<'notifications.send'>, options?: KeyedOptions): Promise<Data<'notifications.send'>>;
  };
  devices: {
    /**
     * Register a device for pushes
     * Again with each start of the app: a device that is known keeps its id, and one that somebody else was signed in on is yours from then on. Twenty are kept, and nothing is pushed to one that you signed out on.
     * `POST /api/devices`
     */
    register(body: Body<'devices.register'>, options?: CallOptions): Promise<Data<'devices.register'>>;
    /**
     * Your devices
     * `GET /api/devices`
     */
    list(options?: CallOptions): Promise<Data<'devices.list'>>;
    /**
     * What this deployment can push to, and the key that browsers subscribe with
     * `GET /api/devices/platforms`
     */
    platforms(options?: CallOptions): Promise<Data<'devices.platforms'>>;
    /**
     * Forget a device
     * `DELETE /api/devices/{id}`
     */
    remove(id: string, options?: CallOptions): Promise<Data<'devices.remove'>>;
  };
  broadcasts: {
    /**
     * Announcements to many, newest first
     * `GET /api/notifications/broadcasts`
     */
    list(query?: Query<'broadcasts.list'>, options?: CallOptions): Promise<Data<'broadcasts.list'>>;
    /**
     * How far an announcement is
     * `GET /api/notifications/broadcasts/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'broadcasts.get'>>;
    /**
     * Stop an announcement; whom it has reached has it
     * `POST /api/notifications/broadcasts/{id}/stop`
     */
    stop(id: string, options?: CallOptions): Promise<Data<'broadcasts.stop'>>;
  };
  tasks: {
    /**
     * One task, with all that was said and decided about it
     * `GET /api/admin/tasks/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'tasks.get'>>;
    /**
     * Take a task up: nobody else decides meanwhile
     * `POST /api/admin/tasks/{id}/claim`
     */
    claim(id: string, options?: KeyedOptions): Promise<Data<'tasks.claim'>>;
    /**
     * Lay a task down
     * `DELETE /api/admin/tasks/{id}/claim`
     */
    unclaim(id: string, options?: KeyedOptions): Promise<Data<'tasks.unclaim'>>;
    /**
     * Say something about a task
     * `POST /api/admin/tasks/{id}/notes`
     */
    addNote(id: string, body: Body<'tasks.addNote'>, options?: KeyedOptions): Promise<Data<'tasks.addNote'>>;
    /**
     * What waits for an operator, newest first
     * `GET /api/admin/tasks`
     */
    list(query?: Query<'tasks.list'>, options?: CallOptions): Promise<Data<'tasks.list'>>;
    /**
     * Decide about a task
     * A dispute is ruled on (`release_percent`, `reason`); a payout is approved or rejected; an unmatched capture is refunded to whoever paid; a stuck refund is tried again, or settled after you have paid it another way; what waits for a dispute at a bank goes on; the rest is dismissed once you have looked at it. Each with a reason.
     * `POST /api/admin/tasks/{id}/decision`
     */
    decide(id: string, body: Body<'tasks.decide'>, options?: KeyedOptions): Promise<Data<'tasks.decide'>>;
  };
  videos: {
    /**
     * Post a video
     * Media stays where it is: a video is its link, which is https, and what you say of it.
     * `POST /api/videos`
     */
    create(body: Body<'videos.create'>, options?: KeyedOptions): Promise<Data<'videos.create'>>;
    /**
     * Videos, latest first
     * None of whom you have blocked or who has blocked you, nor of private accounts you do not follow.
     * `GET /api/videos`
     */
    list(query?: Query<'videos.list'>, options?: CallOptions): Promise<Data<'videos.list'>>;
    /**
     * A video, with its ads and what may be earned by watching
     * `GET /api/videos/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'videos.get'>>;
    /**
     * Take a video of yours away
     * What was earned by it stays.
     * `DELETE /api/videos/{id}`
     */
    delete(id: string, options?: CallOptions): Promise<Data<'videos.delete'>>;
    /**
     * Like a video
     * Liking what one likes changes nothing. What is earned by it comes by the socket, within seconds.
     * `POST /api/videos/{id}/like`
     */
    like(id: string, body?: Body<'videos.like'>, options?: CallOptions): Promise<Data<'videos.like'>>;
    /**
     * Like a video no longer
     * Liking it again earns nothing that was earned before.
     * `DELETE /api/videos/{id}/like`
     */
    unlike(id: string, options?: CallOptions): Promise<Data<'videos.unlike'>>;
    /**
     * Begin to watch a video
     * It counts as a view after 5 s or 30 % of the video by our clock, whichever is sooner, and is timed by the beats of your player. A watch of the same video that you began before is over.
     * `POST /api/videos/{id}/view`
     */
    view(id: string, body?: Body<'videos.view'>, options?: KeyedOptions): Promise<Data<'videos.view'>>;
    /**
     * Say how far your player is
     * Every 5 s or somewhat more: one that comes sooner is not counted, and of a longer silence 15 s are given. Nobody has watched more than passed by our clock.
     * `POST /api/videos/{id}/watch/{watchId}/beat`
     */
    beat(id: string, watchId: string, body: Body<'videos.beat'>, options?: CallOptions): Promise<Data<'videos.beat'>>;
    /**
     * Say that you passed a video on
     * `POST /api/videos/{id}/share`
     */
    share(id: string, body: Body<'videos.share'>, options?: KeyedOptions): Promise<Data<'videos.share'>>;
    /**
     * Comment on a video
     * Its creator is told; what is earned by it is earned once a video.
     * `POST /api/videos/{id}/comments`
     */
    comment(id: string, body: Body<'videos.comment'>, options?: KeyedOptions): Promise<Data<'videos.comment'>>;
    /**
     * Comments of a video, latest first; or the answers to one, oldest first
     * `GET /api/videos/{id}/comments`
     */
    listComments(id: string, query?: Query<'videos.listComments'>, options?: CallOptions): Promise<Data<'videos.listComments'>>;
    /**
     * Comment on a video, by its other name
     * Its creator is told; what is earned by it is earned once a video.
     * `POST /api/videos/{id}/comment`
     */
    commentOnce(id: string, body: Body<'videos.commentOnce'>, options?: KeyedOptions): Promise<Data<'videos.commentOnce'>>;
    /**
     * Take a comment away
     * Yours, or any of a video of yours.
     * `DELETE /api/videos/{id}/comments/{commentId}`
     */
    deleteComment(id: string, commentId: string, options?: CallOptions): Promise<Data<'videos.deleteComment'>>;
    /**
     * How a video of yours does
     * `GET /api/videos/{id}/analytics`
     */
    getAnalytics(id: string, options?: CallOptions): Promise<Data<'videos.getAnalytics'>>;
  };
  rewards: {
    /**
     * What somebody earned
     * Yours; administrators see anybody’s. Days are UTC’s, but for the streak, which is of your own zone.
     * `GET /api/rewards/user/{userId}`
     */
    getUser(userId: string, query?: Query<'rewards.getUser'>, options?: CallOptions): Promise<Data<'rewards.getUser'>>;
    /**
     * Why something earned you points, or none
     * By the id that an event names (`metadata.rewardId` of `points_earned`, `reward.id` of `reward_earned`), or by what was done with what. What waits is posted within seconds.
     * `GET /api/rewards/why`
     */
    why(query?: Query<'rewards.why'>, options?: CallOptions): Promise<Data<'rewards.why'>>;
    /**
     * Say that you watched so much of a video
     * Paid once a viewer, video and milestone, for time that passed by our clock: CONFLICT, with what is missing, before it has. Of what was earned before, or is not earned, `reward` says why.
     * `POST /api/rewards/watch-milestone`
     */
    earnMilestone(body: Body<'rewards.earnMilestone'>, options?: KeyedOptions): Promise<Data<'rewards.earnMilestone'>>;
    /**
     * Say that an ad was shown to its end
     * Paid once a viewer, video and ad, when the time it takes has passed by our clock.
     * `POST /api/rewards/ad-view`
     */
    earnAdView(body: Body<'rewards.earnAdView'>, options?: KeyedOptions): Promise<Data<'rewards.earnAdView'>>;
    /**
     * Say that you did something that is rewarded
     * For actions whose rule says `client`, such as `daily_login`: others are FORBIDDEN. A day is your own: `time_zone` of your profile. Seven days in a row are rewarded beside.
     * `POST /api/rewards/trigger`
     */
    trigger(body: Body<'rewards.trigger'>, options?: KeyedOptions): Promise<Data<'rewards.trigger'>>;
    /**
     * The rules in force
     * `GET /api/admin/rewards/rules`
     */
    listRules(options?: CallOptions): Promise<Data<'rewards.listRules'>>;
    /**
     * Every version of a rule, with who made it and why
     * `GET /api/admin/rewards/rules/{action}`
     */
    listVersions(action: string, options?: CallOptions): Promise<Data<'rewards.listVersions'>>;
    /**
     * Change a rule
     * A new version, in force from now on: what was done before is judged by the one before it.
     * `PATCH /api/admin/rewards/rules/{action}`
     */
    changeRule(action: string, body: Body<'rewards.changeRule'>, options?: CallOptions): Promise<Data<'rewards.changeRule'>>;
    /**
     * What all rewards come to
     * For administrators. Days are UTC’s, both of them in it; the last 30 where nothing is said.
     * `GET /api/rewards/analytics`
     */
    getAnalytics(query?: Query<'rewards.getAnalytics'>, options?: CallOptions): Promise<Data<'rewards.getAnalytics'>>;
    /**
     * Change what may be minted a day
     * From the first day on that nothing was minted on yet.
     * `PATCH /api/admin/rewards/budget`
     */
    changeBudget(body: Body<'rewards.changeBudget'>, options?: CallOptions): Promise<Data<'rewards.changeBudget'>>;
    /**
     * Take back what somebody earned wrongly
     * What is there goes back at once; what was spent is a debt, which the next awards pay. Each reward once.
     * `POST /api/admin/rewards/corrections`
     */
    correct(body: Body<'rewards.correct'>, options?: KeyedOptions): Promise<Data<'rewards.correct'>>;
  };
  creators: {
    /**
     * How a creator does
     * Yours; administrators see anybody’s. A period is so many days of UTC, today’s included, and a change is against the same length before it. Earnings are the ledger’s.
     * `GET /api/creator/stats/{creatorId}`
     */
    getStats(creatorId: string, query?: Query<'creators.getStats'>, options?: CallOptions): Promise<Data<'creators.getStats'>>;
    /**
     * The videos that come to most
     * `GET /api/creator/{creatorId}/content/top`
     */
    listTop(creatorId: string, query?: Query<'creators.listTop'>, options?: CallOptions): Promise<Data<'creators.listTop'>>;
    /**
     * What a creator has reached, and what is next
     * Reaching one is told once, by `milestone_reached`, and paid once.
     * `GET /api/creator/{creatorId}/milestones`
     */
    listMilestones(creatorId: string, options?: CallOptions): Promise<Data<'creators.listMilestones'>>;
    /**
     * Give a creator something
     * From your wallet, within the limits of transfers; it is on their socket at once, as `tip_received`.
     * `POST /api/creator/{creatorId}/tips`
     */
    tip(creatorId: string, body: Body<'creators.tip'>, options?: KeyedOptions): Promise<Data<'creators.tip'>>;
    /**
     * What a creator was given, latest first
     * `GET /api/creator/{creatorId}/tips`
     */
    listTips(creatorId: string, query?: Query<'creators.listTips'>, options?: CallOptions): Promise<Data<'creators.listTips'>>;
  };
  webhookEndpoints: {
    /**
     * Have events posted to an address
     * Signed as Standard Webhooks says. Whether the address may be asked is looked up with every try.
     * `POST /api/admin/webhook-endpoints`
     */
    create(body: Body<'webhookEndpoints.create'>, options?: KeyedOptions): Promise<Data<'webhookEndpoints.create'>>;
    /**
     * Addresses that events are posted to, newest first
     * `GET /api/admin/webhook-endpoints`
     */
    list(query?: Query<'webhookEndpoints.list'>, options?: CallOptions): Promise<Data<'webhookEndpoints.list'>>;
    /**
     * One address
     * `GET /api/admin/webhook-endpoints/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'webhookEndpoints.get'>>;
    /**
     * Change an address, disable it, or enable it again
     * `PATCH /api/admin/webhook-endpoints/{id}`
     */
    change(id: string, body: Body<'webhookEndpoints.change'>, options?: CallOptions): Promise<Data<'webhookEndpoints.change'>>;
    /**
     * Post nothing more to an address
     * `DELETE /api/admin/webhook-endpoints/{id}`
     */
    delete(id: string, options?: CallOptions): Promise<Data<'webhookEndpoints.delete'>>;
    /**
     * Sign with a new secret, and for 24 h with the old one beside it
     * `POST /api/admin/webhook-endpoints/{id}/rotate-secret`
     */
    rotateSecret(id: string, options?: KeyedOptions): Promise<Data<'webhookEndpoints.rotateSecret'>>;
    /**
     * Send a test event there
     * `POST /api/admin/webhook-endpoints/{id}/test`
     */
    test(id: string, options?: KeyedOptions): Promise<Data<'webhookEndpoints.test'>>;
    /**
     * Send again what did not arrive since an instant
     * What failed, and what happened while nothing was sent there; 10000 of the latter at once.
     * `POST /api/admin/webhook-endpoints/{id}/recover`
     */
    recover(id: string, body: Body<'webhookEndpoints.recover'>, options?: KeyedOptions): Promise<Data<'webhookEndpoints.recover'>>;
  };
  webhookDeliveries: {
    /**
     * What was and is to be posted there, newest first
     * `GET /api/admin/webhook-endpoints/{id}/deliveries`
     */
    list(id: string, query?: Query<'webhookDeliveries.list'>, options?: CallOptions): Promise<Data<'webhookDeliveries.list'>>;
    /**
     * One delivery, with every try and what was answered
     * `GET /api/admin/webhook-endpoints/{id}/deliveries/{deliveryId}`
     */
    get(id: string, deliveryId: string, options?: CallOptions): Promise<Data<'webhookDeliveries.get'>>;
    /**
     * Send one again, with the id it had
     * `POST /api/admin/webhook-endpoints/{id}/deliveries/{deliveryId}/resend`
     */
    resend(id: string, deliveryId: string, options?: KeyedOptions): Promise<Data<'webhookDeliveries.resend'>>;
  };
  streams: {
    /**
     * Announce a stream
     * It goes on air by `start`, and is cancelled by itself where that does not happen within a day. Those who follow you are reminded ten minutes before `scheduled_at`, and told when it begins.
     * `POST /api/streams`
     */
    create(body: Body<'streams.create'>, options?: KeyedOptions): Promise<Data<'streams.create'>>;
    /**
     * Streams, latest first
     * None of whom you have blocked or who has blocked you, nor of private accounts you do not follow.
     * `GET /api/streams`
     */
    list(query?: Query<'streams.list'>, options?: CallOptions): Promise<Data<'streams.list'>>;
    /**
     * A stream
     * `GET /api/streams/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'streams.get'>>;
    /**
     * Change what is said of a stream of yours, and its rules
     * What is left out stays as it is. `scheduled_at` may be changed until it begins.
     * `PATCH /api/streams/{id}`
     */
    change(id: string, body: Body<'streams.change'>, options?: CallOptions): Promise<Data<'streams.change'>>;
    /**
     * What goes on in a stream now
     * `GET /api/streams/{id}/state`
     */
    state(id: string, options?: CallOptions): Promise<Data<'streams.state'>>;
    /**
     * How a stream of yours does
     * `GET /api/streams/{id}/analytics`
     */
    analytics(id: string, options?: CallOptions): Promise<Data<'streams.analytics'>>;
    /**
     * Go on air
     * Those who follow you are told. Where a media server is configured, send pictures within two minutes.
     * `POST /api/streams/{id}/start`
     */
    start(id: string, body?: Body<'streams.start'>, options?: KeyedOptions): Promise<Data<'streams.start'>>;
    /**
     * End a stream
     * What is open in it ends with it; an hour later it is put away.
     * `POST /api/streams/{id}/end`
     */
    end(id: string, body?: Body<'streams.end'>, options?: KeyedOptions): Promise<Data<'streams.end'>>;
    /**
     * Put away a stream that is over
     * It happens by itself an hour after the end.
     * `POST /api/streams/{id}/archive`
     */
    archive(id: string, body?: Body<'streams.archive'>, options?: KeyedOptions): Promise<Data<'streams.archive'>>;
    /**
     * Cancel a stream that has not begun
     * By its creator or an administrator.
     * `POST /api/streams/{id}/cancel`
     */
    cancel(id: string, body?: Body<'streams.cancel'>, options?: KeyedOptions): Promise<Data<'streams.cancel'>>;
    /**
     * What was written in a stream’s chat, latest first
     * `GET /api/streams/{id}/chat`
     */
    chat(id: string, query?: Query<'streams.chat'>, options?: CallOptions): Promise<Data<'streams.chat'>>;
    /**
     * Write in a stream’s chat
     * By its rules: slow mode, followers only, subscribers only. It is heard in the room at once.
     * `POST /api/streams/{id}/chat`
     */
    write(id: string, body: Body<'streams.write'>, options?: KeyedOptions): Promise<Data<'streams.write'>>;
    /**
     * Take a message out of a stream’s chat
     * It goes from every page at once, by `chat:removed`.
     * `DELETE /api/streams/{id}/chat/{messageId}`
     */
    removeMessage(id: string, messageId: string, options?: CallOptions): Promise<Data<'streams.removeMessage'>>;
    /**
     * Remove somebody from a stream
     * With `seconds` they may watch and not write for so long; without, they leave the stream on every socket. What they wrote goes from every page.
     * `POST /api/streams/{id}/removals`
     */
    removePerson(id: string, body: Body<'streams.removePerson'>, options?: CallOptions): Promise<Data<'streams.removePerson'>>;
    /**
     * Let somebody be in a stream and write again
     * `DELETE /api/streams/{id}/removals/{userId}`
     */
    readmit(id: string, userId: string, options?: CallOptions): Promise<Data<'streams.readmit'>>;
    /**
     * A token for the media server
     * With it a stream’s creator sends pictures, and whoever may watch sees them. It lasts for ten minutes; ask for another before that. 503 where no media server is configured: everything else works without.
     * `POST /api/streams/{id}/token`
     */
    token(id: string, body?: Body<'streams.token'>, options?: CallOptions): Promise<Data<'streams.token'>>;
    /**
     * Lay a recorded segment in a stream of yours
     * `POST /api/streams/{id}/segments`
     */
    addSegment(id: string, body: Body<'streams.addSegment'>, options?: KeyedOptions): Promise<Data<'streams.addSegment'>>;
    /**
     * A stream’s segments, in their order
     * `GET /api/streams/{id}/segments`
     */
    segments(id: string, options?: CallOptions): Promise<Data<'streams.segments'>>;
    /**
     * Take a segment out
     * `DELETE /api/streams/{id}/segments/{segmentId}`
     */
    deleteSegment(id: string, segmentId: string, options?: CallOptions): Promise<Data<'streams.deleteSegment'>>;
    /**
     * Show a segment now
     * Everybody in the room hears `segment:play`, and `segment:end` when it is over.
     * `POST /api/streams/{id}/segments/{segmentId}/play`
     */
    playSegment(id: string, segmentId: string, body?: Body<'streams.playSegment'>, options?: CallOptions): Promise<Data<'streams.playSegment'>>;
    /**
     * Begin a challenge in a stream of yours
     * One at once. It is won as soon as the target is reached, lost when its time is up or the stream ends before that. A gift that boosts lifts the gifts and reactions that follow it by its per cent for its time. Everybody in the room hears how far it is, at most twice a second; you hear of each quarter for good. Where it is won, you and those who gave or voted in it gain experience.
     * `POST /api/streams/{id}/challenges`
     */
    challenge(id: string, body: Body<'streams.challenge'>, options?: KeyedOptions): Promise<Data<'streams.challenge'>>;
    /**
     * A stream’s challenges, latest first
     * `GET /api/streams/{id}/challenges`
     */
    challenges(id: string, query?: Query<'streams.challenges'>, options?: CallOptions): Promise<Data<'streams.challenges'>>;
    /**
     * Stop a challenge of yours
     * By its creator or an administrator. One that has come to its target is won and not stopped.
     * `POST /api/streams/{id}/challenges/{challengeId}/stop`
     */
    stopChallenge(id: string, challengeId: string, body?: Body<'streams.stopChallenge'>, options?: KeyedOptions): Promise<Data<'streams.stopChallenge'>>;
    /**
     * Give a gift in a stream
     * Its tokens leave your wallet, and the creator has their share, in the moment that it is answered. Equal gifts within five seconds of each other are one combo, which counts on. At most 120 gifts and 100,000 tokens a minute.
     * `POST /api/streams/{id}/gifts`
     */
    give(id: string, body: Body<'streams.give'>, options?: KeyedOptions): Promise<Data<'streams.give'>>;
  };
  battles: {
    /**
     * Challenge somebody to a battle
     * They have a minute to accept. Votes and the tokens of gifts to one of the two while it runs are points, one each; whoever has more when its time is up has won, and is paid what both put up. Of a tie, and of a battle that is declined, called off or not answered, each has theirs back. Fought in a stream of yours it ends with that, and you have lost. Nobody is in two battles at once.
     * `POST /api/battles`
     */
    create(body: Body<'battles.create'>, options?: KeyedOptions): Promise<Data<'battles.create'>>;
    /**
     * Your battles, newest first
     * `GET /api/battles`
     */
    list(query?: Query<'battles.list'>, options?: CallOptions): Promise<Data<'battles.list'>>;
    /**
     * A battle
     * Until it has begun, and where it never does, the two alone know of it.
     * `GET /api/battles/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'battles.get'>>;
    /**
     * Vote for one of the two
     * One vote of everybody who may see it but the two, while it runs. It is not changed: the same again is answered alike, for the other one it is refused.
     * `POST /api/battles/{id}/vote`
     */
    vote(id: string, body: Body<'battles.vote'>, options?: KeyedOptions): Promise<Data<'battles.vote'>>;
    /**
     * Accept a battle
     * It begins now. What you put up is held from now on, or it is refused.
     * `POST /api/battles/{id}/accept`
     */
    accept(id: string, body?: Body<'battles.accept'>, options?: KeyedOptions): Promise<Data<'battles.accept'>>;
    /**
     * Decline a battle
     * What the challenger put up is given back.
     * `POST /api/battles/{id}/decline`
     */
    decline(id: string, body?: Body<'battles.decline'>, options?: KeyedOptions): Promise<Data<'battles.decline'>>;
    /**
     * Call a battle off
     * By the challenger until it is accepted, by an administrator until it is over. Each has theirs back.
     * `POST /api/battles/{id}/cancel`
     */
    cancel(id: string, body?: Body<'battles.cancel'>, options?: KeyedOptions): Promise<Data<'battles.cancel'>>;
  };
  polls: {
    /**
     * Begin a poll in a stream of yours
     * One at a time, while the stream is live. It closes by its time, by `close`, or with the stream. Whoever is in the stream while it is open is told by `poll:create`, and of its tally by `poll:closed`.
     * `POST /api/streams/{id}/polls`
     */
    open(id: string, body: Body<'polls.open'>, options?: KeyedOptions): Promise<Data<'polls.open'>>;
    /**
     * A stream’s polls, latest first
     * `GET /api/streams/{id}/polls`
     */
    list(id: string, query?: Query<'polls.list'>, options?: CallOptions): Promise<Data<'polls.list'>>;
    /**
     * A poll, as it stands
     * `GET /api/streams/{id}/polls/{pollId}`
     */
    get(id: string, pollId: string, options?: CallOptions): Promise<Data<'polls.get'>>;
    /**
     * Vote in a poll, or change your vote
     * While it is open, and as often as you like: your last vote counts. Everybody in the stream hears how the poll stands by `poll:vote`, at most twice a second. The sockets’ `poll:vote` does the same.
     * `POST /api/streams/{id}/polls/{pollId}/votes`
     */
    vote(id: string, pollId: string, body: Body<'polls.vote'>, options?: CallOptions): Promise<Data<'polls.vote'>>;
    /**
     * End a poll of yours before its time
     * Every vote that was answered until then is in its tally.
     * `POST /api/streams/{id}/polls/{pollId}/close`
     */
    close(id: string, pollId: string, body?: Body<'polls.close'>, options?: KeyedOptions): Promise<Data<'polls.close'>>;
  };
  questions: {
    /**
     * Ask something in a stream
     * By the rules of its chat: in slow mode a question is a message. At most five of yours wait at once. It is heard in the room by `question:new`.
     * `POST /api/streams/{id}/questions`
     */
    ask(id: string, body: Body<'questions.ask'>, options?: KeyedOptions): Promise<Data<'questions.ask'>>;
    /**
     * A stream’s questions, what most want answered first
     * What was put aside is for the stream’s creator alone.
     * `GET /api/streams/{id}/questions`
     */
    list(id: string, query?: Query<'questions.list'>, options?: CallOptions): Promise<Data<'questions.list'>>;
    /**
     * Want a question answered
     * Once a person: again changes nothing. Everybody in the stream hears how many do, by `question:upvote`.
     * `POST /api/streams/{id}/questions/{questionId}/upvote`
     */
    upvote(id: string, questionId: string, body?: Body<'questions.upvote'>, options?: CallOptions): Promise<Data<'questions.upvote'>>;
    /**
     * Say that a question was answered
     * By the stream’s creator or an administrator. It is heard in the room by `question:answered`.
     * `POST /api/streams/{id}/questions/{questionId}/answer`
     */
    answer(id: string, questionId: string, body?: Body<'questions.answer'>, options?: CallOptions): Promise<Data<'questions.answer'>>;
    /**
     * Put a question aside
     * By the stream’s creator or an administrator. It goes from every page at once, by `question:dismissed`.
     * `POST /api/streams/{id}/questions/{questionId}/dismiss`
     */
    dismiss(id: string, questionId: string, body?: Body<'questions.dismiss'>, options?: CallOptions): Promise<Data<'questions.dismiss'>>;
  };
  gifts: {
    /**
     * What may be given, the cheapest first
     * `GET /api/gifts`
     */
    list(options?: CallOptions): Promise<Data<'gifts.list'>>;
    /**
     * Have another gift (administrator)
     * `POST /api/admin/gifts`
     */
    create(body: Body<'gifts.create'>, options?: CallOptions): Promise<Data<'gifts.create'>>;
    /**
     * Change a gift (administrator)
     * `PATCH /api/admin/gifts/{code}`
     */
    change(code: string, body: Body<'gifts.change'>, options?: CallOptions): Promise<Data<'gifts.change'>>;
  };
  users: {
    /**
     * Experience, level and badges of somebody
     * `GET /api/users/{id}/xp`
     */
    xp(id: string, options?: CallOptions): Promise<Data<'users.xp'>>;
  };
  xp: {
    /**
     * Every version of every rule, latest first (administrator)
     * `GET /api/admin/xp/rules`
     */
    rules(options?: CallOptions): Promise<Data<'xp.rules'>>;
    /**
     * Make a new version of a rule (administrator)
     * In force from now on; what was gained before stays.
     * `PATCH /api/admin/xp/rules/{action}`
     */
    changeRule(action: string, body: Body<'xp.changeRule'>, options?: CallOptions): Promise<Data<'xp.changeRule'>>;
  };
  subscriptions: {
    /**
     * What a creator sells by the month
     * `GET /api/creator/{creatorId}/tiers`
     */
    tiers(creatorId: string, options?: CallOptions): Promise<Data<'subscriptions.tiers'>>;
    /**
     * Say what you sell by the month
     * These and no others, in this order. A price is for what is bought from now on, and for renewals that are announced from now on: whoever subscribes is told it a week before they pay it. A tier that is left out is sold and renewed no more; who has it keeps it for as long as it is paid for.
     * `PUT /api/creator/{creatorId}/tiers`
     */
    setTiers(creatorId: string, body: Body<'subscriptions.setTiers'>, options?: CallOptions): Promise<Data<'subscriptions.setTiers'>>;
    /**
     * Subscribe to a creator, or give somebody a month
     * Paid in tokens at once, or by an order whose first month begins when it is paid. It is renewed in tokens on the day of the month it began (of the 31st: on the last there is); a week before you are told the price. Where there are not so many tokens it is tried for three days, and then lapses. A gift is not renewed.
     * `POST /api/subscriptions`
     */
    create(body: Body<'subscriptions.create'>, options?: KeyedOptions): Promise<Data<'subscriptions.create'>>;
    /**
     * Your subscriptions, latest first
     * `GET /api/subscriptions`
     */
    list(query?: Query<'subscriptions.list'>, options?: CallOptions): Promise<Data<'subscriptions.list'>>;
    /**
     * One subscription, with its order while it is to be paid
     * `GET /api/subscriptions/{id}`
     */
    get(id: string, options?: CallOptions): Promise<Data<'subscriptions.get'>>;
    /**
     * Do not have it renewed
     * What is paid for is kept until its end. One that was not paid for yet, or not again, ends at once.
     * `DELETE /api/subscriptions/{id}`
     */
    cancel(id: string, options?: KeyedOptions): Promise<Data<'subscriptions.cancel'>>;
    /**
     * Have it renewed after all
     * `POST /api/subscriptions/{id}/resume`
     */
    resume(id: string, body?: Body<'subscriptions.resume'>, options?: KeyedOptions): Promise<Data<'subscriptions.resume'>>;
  };
  webhooks: {
    /**
     * What the media server tells us
     * Called by LiveKit, signed with the token in `authorization`. It has the stream’s room looked at.
     * `POST /api/webhooks/livekit`
     */
    livekit(options?: CallOptions): Promise<Data<'webhooks.livekit'>>;
  };
}
