// Written by console/write.ts. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The first frame. */
        hello: {
            /** @constant */
            type: "hello";
            /** @constant */
            protocol: 1;
            /** @description A `ping` comes this often */
            heartbeat_ms: number;
            auth_within_ms: number;
            limits: {
                frame_bytes: number;
                commands_per_minute: number;
                connections_per_user: number;
                resume_events: number;
            };
        };
        /** @description Signed in; commands are taken and events follow. */
        ready: {
            /** @constant */
            type: "ready";
            /** Format: uuid */
            user_id: string;
            /** @description Number of the last event there is */
            seq: number;
            /** @description True: all after `resume` follows. False: events after `seq` follow; read older ones over GET /api/events */
            resumed: boolean;
            /**
             * Format: date-time
             * @description When the token ends
             */
            expires_at: string;
        };
        /** @description A frame was refused, or a close with 41xx follows. */
        error: {
            /** @constant */
            type: "error";
            /** @constant */
            success: false;
            message: string;
            /** @enum {string} */
            error_code: "VALIDATION_FAILED" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT" | "FLOW_STATE_INVALID" | "OFFER_STALE" | "LIMIT_REACHED" | "INSUFFICIENT_FUNDS" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "IDEMPOTENCY_MISMATCH" | "RATE_LIMITED" | "INTERNAL" | "UNAVAILABLE";
            details: {
                [key: string]: unknown;
            };
        };
        /** @description Answer with `pong`, or let your WebSocket answer its own ping. */
        ping: {
            /** @constant */
            type: "ping";
        };
        /** @description The token ends soon: send `auth` with a fresh one, or be closed with 4001 then. */
        reauth: {
            /** @constant */
            type: "reauth";
            /** Format: date-time */
            expires_at: string;
        };
        /** @description The fresh token was taken. */
        renewed: {
            /** @constant */
            type: "renewed";
            /** Format: date-time */
            expires_at: string;
        };
        /** @description This process stops and closes with 4000; come back after that time, resuming. */
        drain: {
            /** @constant */
            type: "drain";
            /** @description ms */
            reconnect_after: number;
        };
        "durable.new_message": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "new_message";
            /** @description A message was written in one of your conversations */
            data: {
                /** Format: uuid */
                conversation_id: string;
                message: {
                    /** Format: uuid */
                    id: string;
                    /** Format: uuid */
                    conversation_id: string;
                    /** Format: uuid */
                    sender_id: string;
                    /** Format: uuid */
                    receiver_id: string;
                    message: string;
                    media_url: string | null;
                    /** @enum {string} */
                    message_type: "user_input" | "system" | "automated" | "audit";
                    action_required: boolean;
                    action_data: {
                        title: string;
                        subtitle: string;
                        buttons?: {
                            id: string;
                            text: string;
                            /** @enum {string} */
                            style: "success" | "danger" | "warning" | "primary" | "secondary";
                            action: string;
                            data?: {
                                [key: string]: unknown;
                            };
                        }[];
                        input_field?: {
                            id: string;
                            /** @enum {string} */
                            type: "text" | "number" | "textarea" | "email";
                            placeholder: string;
                            required: boolean;
                            min?: number;
                            maxLength?: number;
                        };
                        submit_button?: {
                            text: string;
                            style: string;
                        };
                        /** @enum {string} */
                        flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                        message_type: string;
                        /** @enum {string} */
                        visible_to: "influencer" | "brand_owner";
                    } | null;
                    is_automated: boolean;
                    action_completed: boolean;
                    seen: boolean;
                    /** Format: date-time */
                    created_at: string;
                };
                conversation_context: {
                    /** Format: uuid */
                    conversation_id: string;
                    /** @enum {string} */
                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                    awaiting_role: ("influencer" | "brand_owner") | null;
                    /** @enum {string} */
                    chat_status: "automated" | "real_time" | "closed";
                    deadline: string | null;
                } | null;
            };
            /** Format: date-time */
            at: string;
        };
        "durable.notification": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "notification";
            /** @description Something waits for you */
            data: {
                type: string;
                data: {
                    /** Format: uuid */
                    conversation_id: string;
                    message: string;
                    /** Format: uuid */
                    sender_id: string;
                } & {
                    [key: string]: unknown;
                };
            };
            /** Format: date-time */
            at: string;
        };
        "durable.message_seen": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "message_seen";
            /** @description The other side has seen your messages */
            data: {
                messageId: string | null;
                /** Format: uuid */
                userId: string;
                /** Format: uuid */
                conversationId: string;
            };
            /** Format: date-time */
            at: string;
        };
        "durable.conversation_state_changed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "conversation_state_changed";
            /** @description A deal moved on */
            data: {
                /** Format: uuid */
                conversation_id: string;
                /** @enum {string} */
                previous_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                /** @enum {string} */
                new_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                reason: string;
                /** Format: date-time */
                timestamp: string;
            };
            /** Format: date-time */
            at: string;
        };
        "durable.button_action": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "button_action";
            /** @description A button was pressed, by you or the other side */
            data: {
                button_id: string;
                message: string;
                flow_update: {
                    /** @enum {string} */
                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                    awaiting_role: ("influencer" | "brand_owner") | null;
                    /** @enum {string} */
                    chat_status: "automated" | "real_time" | "closed";
                    /** @enum {string} */
                    previous_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                };
                /** Format: uuid */
                conversationId: string;
                conversation_context: {
                    /** Format: uuid */
                    conversation_id: string;
                    /** @enum {string} */
                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                    awaiting_role: ("influencer" | "brand_owner") | null;
                    /** @enum {string} */
                    chat_status: "automated" | "real_time" | "closed";
                    deadline: string | null;
                    current_action_data: {
                        title: string;
                        subtitle: string;
                        buttons?: {
                            id: string;
                            text: string;
                            /** @enum {string} */
                            style: "success" | "danger" | "warning" | "primary" | "secondary";
                            action: string;
                            data?: {
                                [key: string]: unknown;
                            };
                        }[];
                        input_field?: {
                            id: string;
                            /** @enum {string} */
                            type: "text" | "number" | "textarea" | "email";
                            placeholder: string;
                            required: boolean;
                            min?: number;
                            maxLength?: number;
                        };
                        submit_button?: {
                            text: string;
                            style: string;
                        };
                        /** @enum {string} */
                        flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                        message_type: string;
                        /** @enum {string} */
                        visible_to: "influencer" | "brand_owner";
                    } | null;
                };
            };
            /** Format: date-time */
            at: string;
        };
        "durable.text_input": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "text_input";
            /** @description A text input was answered, by you or the other side */
            data: {
                input_type: string;
                message: string;
                flow_update: {
                    /** @enum {string} */
                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                    awaiting_role: ("influencer" | "brand_owner") | null;
                    /** @enum {string} */
                    chat_status: "automated" | "real_time" | "closed";
                    /** @enum {string} */
                    previous_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                };
                /** Format: uuid */
                conversationId: string;
                conversation_context: {
                    /** Format: uuid */
                    conversation_id: string;
                    /** @enum {string} */
                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                    awaiting_role: ("influencer" | "brand_owner") | null;
                    /** @enum {string} */
                    chat_status: "automated" | "real_time" | "closed";
                    deadline: string | null;
                    current_action_data: {
                        title: string;
                        subtitle: string;
                        buttons?: {
                            id: string;
                            text: string;
                            /** @enum {string} */
                            style: "success" | "danger" | "warning" | "primary" | "secondary";
                            action: string;
                            data?: {
                                [key: string]: unknown;
                            };
                        }[];
                        input_field?: {
                            id: string;
                            /** @enum {string} */
                            type: "text" | "number" | "textarea" | "email";
                            placeholder: string;
                            required: boolean;
                            min?: number;
                            maxLength?: number;
                        };
                        submit_button?: {
                            text: string;
                            style: string;
                        };
                        /** @enum {string} */
                        flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                        message_type: string;
                        /** @enum {string} */
                        visible_to: "influencer" | "brand_owner";
                    } | null;
                };
            };
            /** Format: date-time */
            at: string;
        };
        "live.user_typing": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_typing";
            /** @description The other side began or ended typing in a conversation you have joined */
            data: {
                /** Format: uuid */
                conversationId: string;
                /** Format: uuid */
                userId: string;
                isTyping: boolean;
            };
            room?: string;
        };
        "live.user_status_change": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_status_change";
            /** @description Somebody you talk with came online, or says how they are */
            data: {
                /** Format: uuid */
                userId: string;
                status: string;
            };
            room?: string;
        };
        "live.user_offline": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_offline";
            /** @description Somebody you talk with has closed their last connection */
            data: {
                /** Format: uuid */
                userId: string;
            };
            room?: string;
        };
        "ack.refused": {
            /** @constant */
            type: "ack";
            id: string | number;
            /** @constant */
            success: false;
            message: string;
            /** @enum {string} */
            error_code: "VALIDATION_FAILED" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT" | "FLOW_STATE_INVALID" | "OFFER_STALE" | "LIMIT_REACHED" | "INSUFFICIENT_FUNDS" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "IDEMPOTENCY_MISMATCH" | "RATE_LIMITED" | "INTERNAL" | "UNAVAILABLE";
            details: {
                [key: string]: unknown;
            };
        };
        /** @description First of all: who you are. Sent again with a fresh token when `reauth` asks for it. */
        auth: {
            /** @constant */
            type: "auth";
            /** @description An access token */
            token: string;
            /** @description The `seq` of the last event you have; what came after it is sent again */
            resume?: number;
        };
        /** @description The answer to `ping`. */
        pong: {
            /** @constant */
            type: "pong";
        };
        "command.join": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join";
            /** @description The id alone as a string, or { userId } */
            data: string | {
                /** Format: uuid */
                userId: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                room: string;
            };
        };
        "command.join_conversation": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_conversation";
            /** @description The id alone as a string, or { conversationId } */
            data: string | {
                /** Format: uuid */
                conversationId: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_conversation": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                room: string;
            };
        };
        "command.leave_conversation": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "leave_conversation";
            /** @description The id alone as a string, or { conversationId } */
            data: string | {
                /** Format: uuid */
                conversationId: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.leave_conversation": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                room: string;
            };
        };
        "command.join_bid_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_bid_room";
            /** @description The id alone as a string, or { bidId } */
            data: string | {
                /** Format: uuid */
                bidId: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_bid_room": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                room: string;
            };
        };
        "command.join_campaign_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_campaign_room";
            /** @description The id alone as a string, or { campaignId } */
            data: string | {
                /** Format: uuid */
                campaignId: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_campaign_room": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                room: string;
            };
        };
        "command.send_message": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "send_message";
            data: {
                conversationId?: string | null;
                /** @description Needed without conversationId; else it has to be the other side */
                receiverId?: string | null;
                /**
                 * Format: uuid
                 * @description Your own id, or left out
                 */
                senderId?: string;
                message: string;
                mediaUrl?: string | null;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.send_message": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                message: {
                    /** Format: uuid */
                    id: string;
                    /** Format: uuid */
                    conversation_id: string;
                    /** Format: uuid */
                    sender_id: string;
                    /** Format: uuid */
                    receiver_id: string;
                    message: string;
                    media_url: string | null;
                    /** @enum {string} */
                    message_type: "user_input" | "system" | "automated" | "audit";
                    action_required: boolean;
                    action_data: {
                        title: string;
                        subtitle: string;
                        buttons?: {
                            id: string;
                            text: string;
                            /** @enum {string} */
                            style: "success" | "danger" | "warning" | "primary" | "secondary";
                            action: string;
                            data?: {
                                [key: string]: unknown;
                            };
                        }[];
                        input_field?: {
                            id: string;
                            /** @enum {string} */
                            type: "text" | "number" | "textarea" | "email";
                            placeholder: string;
                            required: boolean;
                            min?: number;
                            maxLength?: number;
                        };
                        submit_button?: {
                            text: string;
                            style: string;
                        };
                        /** @enum {string} */
                        flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                        message_type: string;
                        /** @enum {string} */
                        visible_to: "influencer" | "brand_owner";
                    } | null;
                    is_automated: boolean;
                    action_completed: boolean;
                    seen: boolean;
                    /** Format: date-time */
                    created_at: string;
                };
            };
        };
        "command.typing_start": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "typing_start";
            data: {
                /** Format: uuid */
                conversationId: string;
                /**
                 * Format: uuid
                 * @description Your own id, or left out
                 */
                userId?: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.typing_start": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.typing_stop": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "typing_stop";
            data: {
                /** Format: uuid */
                conversationId: string;
                /**
                 * Format: uuid
                 * @description Your own id, or left out
                 */
                userId?: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.typing_stop": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.mark_seen": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "mark_seen";
            data: {
                /** Format: uuid */
                conversationId: string;
                /** @description Left out: all messages to you in this conversation */
                messageId?: string | null;
                /**
                 * Format: uuid
                 * @description Your own id, or left out
                 */
                userId?: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.mark_seen": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                seen: number;
            };
        };
        "command.user_status": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "user_status";
            data: {
                /**
                 * Format: uuid
                 * @description Your own id, or left out
                 */
                userId?: string;
                status: string;
            };
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.user_status": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
