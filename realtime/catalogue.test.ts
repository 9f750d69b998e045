import { expect, test } from 'vitest';
import { COMMANDS, EVENTS, type EventDeclaration } from './catalogue.ts';

/** What the five applications' frontends, and those of Tandem, are promised: by these names. */
const DURABLE = [
  ...['new_message', 'notification', 'message_seen', 'conversation_state_changed', 'button_action', 'text_input'],
  ...['points_earned', 'points_deducted', 'wallet_update', 'message_preview', 'message_read', 'profile_followed'],
  ...['video_comment', 'video_like', 'follow_request', 'live_stream_started', 'new_notification', 'order_update'],
  ...['balance_update', 'transaction_complete', 'reward_earned', 'profile_boost', 'gig_boost', 'clan_boost'],
  ...['credit_purchase', 'credit_spent', 'credit_earned', 'gig_payment', 'clan_contribution', 'gift:received'],
  ...['poll:create', 'poll:closed', 'challenge:start', 'challenge:update', 'challenge:end', 'level_up'],
  ...['badge_awarded', 'battle_invite', 'battle_start', 'battle_end', 'subscription:started', 'subscription:renewed'],
  ...['subscription:renewal_failed', 'subscription:cancelled', 'subscription:lapsed', 'ticket:issued', 'ticket:sold'],
  ...['ticket:refunded', 'event:cancelled'],
];
const LIVE = [
  ...['user_typing', 'user_status_change', 'user_offline', 'message_received', 'typing_indicator', 'user_joined'],
  ...['price_update', 'user_online', 'viewer_count_update', 'battle_update', 'chat:message', 'gift:send', 'poll:vote'],
  ...['mood:state', 'overlay:trigger', 'segment:play', 'segment:end'],
  ...['question:new', 'question:upvote', 'question:answered', 'question:dismissed'],
];
const COMMANDED = [
  ...['join', 'join_conversation', 'leave_conversation', 'send_message', 'typing_start', 'typing_stop', 'mark_seen'],
  ...['user_status', 'join_bid_room', 'join_campaign_room', 'join_room', 'leave_room', 'start_typing', 'stop_typing'],
  ...['join_trading_room', 'subscribe_prices', 'mark_notification_read', 'update_presence', 'join_battle'],
  ...['battle_vote', 'gift:send', 'poll:vote', 'mood:react', 'chat:message', 'join_stream'],
];

test('every event and command that a frontend is promised is declared, in its class', () => {
  const classOf = (name: string) => (EVENTS as Record<string, EventDeclaration>)[name]?.class;
  expect(DURABLE.filter((name) => classOf(name) !== 'durable')).toEqual([]);
  expect(LIVE.filter((name) => classOf(name) !== 'live')).toEqual([]);
  expect(COMMANDED.filter((name) => !Object.hasOwn(COMMANDS, name))).toEqual([]);
});
