// Written by client/write.ts. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        ActionData: {
            title: string;
            subtitle: string;
            buttons?: components["schemas"]["Button"][];
            input_field?: components["schemas"]["InputField"];
            submit_button?: components["schemas"]["SubmitButton"];
            flow_state: components["schemas"]["FlowState"];
            message_type: string;
            visible_to: components["schemas"]["Party"];
        };
        /** @enum {string} */
        Asset: "INR" | "USD" | "CREDIT" | "TOKEN" | "LYK" | "BTC" | "ETH" | "USDT";
        /**
         * @description A badge was awarded
         * @example {
         *       "userId": "0190a000-0000-7000-8000-00000000000a",
         *       "code": "first_gift",
         *       "name": "First gift given",
         *       "awarded_at": "2026-11-28T12:00:00.000Z"
         *     }
         */
        BadgeAwarded: {
            /** Format: uuid */
            userId: string;
            /** @enum {string} */
            code: "first_gift" | "first_gift_received" | "first_stream" | "level_5" | "level_10" | "level_25";
            name: string;
            /** Format: date-time */
            awarded_at: string;
        };
        Balance: {
            asset: string;
            available: string;
            held: string;
            total: string;
        };
        /** @description What you have of an asset has changed */
        BalanceUpdateEvent: {
            /** Format: uuid */
            userId: string;
            balance: components["schemas"]["Balance"];
        };
        /**
         * @description A battle is over: fought, declined, called off or not answered
         * @example {
         *       "battleId": "0190a000-0000-7000-8000-000000000001",
         *       "status": "ended",
         *       "winnerId": "0190a000-0000-7000-8000-00000000000a",
         *       "tallies": {
         *         "0190a000-0000-7000-8000-00000000000a": 12,
         *         "0190a000-0000-7000-8000-00000000000b": 7
         *       }
         *     }
         */
        BattleEnd: {
            /** Format: uuid */
            battleId: string;
            status: components["schemas"]["BattleStatus"];
            /** @description Null: a tie, or it was not fought to its end */
            winnerId: string | null;
            /** @description Points by participant */
            tallies: {
                [key: string]: number;
            };
        };
        /**
         * @description Somebody wants a battle with you
         * @example {
         *       "battleId": "0190a000-0000-7000-8000-000000000001",
         *       "challengerId": "0190a000-0000-7000-8000-00000000000a",
         *       "challengerHandle": "asha",
         *       "streamId": null,
         *       "durationSeconds": 300,
         *       "stake": "50",
         *       "answerBy": "2026-11-28T12:00:00.000Z"
         *     }
         */
        BattleInvite: {
            /** Format: uuid */
            battleId: string;
            /** Format: uuid */
            challengerId: string;
            challengerHandle: string;
            streamId: string | null;
            durationSeconds: number;
            /** @description TOKEN that each puts up */
            stake: string | null;
            /** Format: date-time */
            answerBy: string;
        };
        /**
         * @description A battle has begun
         * @example {
         *       "battleId": "0190a000-0000-7000-8000-000000000001",
         *       "participantIds": [
         *         "0190a000-0000-7000-8000-00000000000a",
         *         "0190a000-0000-7000-8000-00000000000b"
         *       ],
         *       "streamId": null,
         *       "endsAt": "2026-11-28T12:00:00.000Z"
         *     }
         */
        BattleStart: {
            /** Format: uuid */
            battleId: string;
            participantIds: string[];
            streamId: string | null;
            /** Format: date-time */
            endsAt: string;
        };
        /** @enum {string} */
        BattleStatus: "invited" | "running" | "ended" | "declined" | "cancelled" | "expired";
        /**
         * @example {
         *       "battleId": "0190a000-0000-7000-8000-000000000001",
         *       "tallies": {
         *         "0190a000-0000-7000-8000-00000000000a": 12,
         *         "0190a000-0000-7000-8000-00000000000b": 7
         *       },
         *       "endsAt": "2026-11-28T12:00:00.000Z"
         *     }
         */
        BattleUpdate: {
            /** Format: uuid */
            battleId: string;
            /** @description Points by participant */
            tallies: {
                [key: string]: number;
            };
            /** Format: date-time */
            endsAt: string;
        };
        BattleVoteData: {
            /** Format: uuid */
            battleId: string;
            /** Format: uuid */
            participantId: string;
        };
        BookUpdateEvent: {
            pairId: string;
            seq: number;
            bids: string[][];
            asks: string[][];
            trades: components["schemas"]["TradeView"][];
        };
        Button: {
            id: string;
            text: string;
            /** @enum {string} */
            style: "success" | "danger" | "warning" | "primary" | "secondary";
            action: string;
            data?: {
                [key: string]: unknown;
            };
        };
        /** @description A button was pressed, by you or the other side */
        ButtonActionEvent: {
            button_id: string;
            message: string;
            flow_update: components["schemas"]["FlowUpdate"];
            /** Format: uuid */
            conversationId: string;
            conversation_context: components["schemas"]["ConversationContext"];
        };
        /**
         * @description A challenge is over
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000002",
         *       "challengeId": "0190a000-0000-7000-8000-000000000001",
         *       "status": "won",
         *       "progress": 510,
         *       "target": 500,
         *       "reached": true
         *     }
         */
        ChallengeEnd: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            challengeId: string;
            status: components["schemas"]["ChallengeStatus"];
            progress: number;
            target: number;
            reached: boolean;
        };
        /**
         * @description A challenge has begun
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000002",
         *       "challengeId": "0190a000-0000-7000-8000-000000000001",
         *       "type": "gifts",
         *       "target": 500,
         *       "reward": null,
         *       "endsAt": "2026-11-28T12:00:00.000Z"
         *     }
         */
        ChallengeStart: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            challengeId: string;
            type: components["schemas"]["ChallengeType"];
            target: number;
            reward: string | null;
            /** Format: date-time */
            endsAt: string;
        };
        /** @enum {string} */
        ChallengeStatus: "open" | "won" | "lost" | "stopped";
        /**
         * @description `gifts`: tokens that are given; `likes`: reactions; `viewers`: how many watch at once; `votes`: in polls
         * @enum {string}
         */
        ChallengeType: "gifts" | "likes" | "viewers" | "votes";
        /**
         * @description A challenge has progressed
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000002",
         *       "challengeId": "0190a000-0000-7000-8000-000000000001",
         *       "progress": 120,
         *       "target": 500
         *     }
         */
        ChallengeUpdate: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            challengeId: string;
            progress: number;
            target: number;
        };
        /** @description A payment of yours is charged back, or what became of that */
        ChargeBackUpdateEvent: {
            /** Format: uuid */
            chargeBackId: string;
            processId: string | null;
            /** @enum {string} */
            status: "open" | "submitted" | "undecided" | "won" | "lost" | "settled";
            action: string;
            /** @example 5000.00 */
            amount: string;
            currency: string;
            /** Format: date-time */
            respondBy: string;
            frozen: {
                asset: string;
                /** @example 5000.00 */
                amount: string;
            } | null;
            owed: {
                asset: string;
                /** @example 5000.00 */
                amount: string;
            } | null;
        };
        ChatClearedEvent: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            userId: string;
            /** @description Null: from the stream */
            until: string | null;
        };
        ChatMessageData: {
            /** Format: uuid */
            streamId: string;
            text: string;
        };
        ChatRemovedEvent: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            messageId: string;
        };
        /** @enum {string} */
        ChatStatus: "automated" | "real_time" | "closed";
        /** @description A boost of a clan was cancelled */
        ClanBoostCancelledEvent: {
            /** @constant */
            type: "clan_boost_cancelled";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        /** @description A clan is boosted */
        ClanBoostEvent: {
            /** @constant */
            type: "clan_boost";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A boost of a clan has run its time */
        ClanBoostExpiredEvent: {
            /** @constant */
            type: "clan_boost_expired";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        /** @description A member contributed to a clan */
        ClanContributionData: {
            /** @constant */
            type: "clan_contribution";
            /** Format: uuid */
            userId: string;
            amount: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /**
             * Format: uuid
             * @description The clan
             */
            targetId: string;
        };
        ConversationContext: {
            /** Format: uuid */
            conversation_id: string;
            flow_state: components["schemas"]["FlowState"];
            awaiting_role: components["schemas"]["Party"] | null;
            chat_status: components["schemas"]["ChatStatus"];
            deadline: string | null;
            current_action_data: components["schemas"]["ActionData"] | null;
        };
        ConversationStanding: {
            /** Format: uuid */
            conversation_id: string;
            flow_state: components["schemas"]["FlowState"];
            awaiting_role: components["schemas"]["Party"] | null;
            chat_status: components["schemas"]["ChatStatus"];
            deadline: string | null;
        };
        /** @description A deal moved on */
        ConversationStateChangedEvent: {
            /** Format: uuid */
            conversation_id: string;
            previous_state: components["schemas"]["FlowState"];
            new_state: components["schemas"]["FlowState"];
            reason: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description Credits were earned */
        CreditEarnedData: {
            /** @constant */
            type: "credit_earned";
            /** Format: uuid */
            userId: string;
            amount: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            reason: string;
        };
        /** @description Credits were bought */
        CreditPurchaseData: {
            /** @constant */
            type: "credit_purchase";
            /** Format: uuid */
            userId: string;
            amount: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description What it was paid with */
            paymentId: string;
        };
        /** @description Credits were spent */
        CreditSpentData: {
            /** @constant */
            type: "credit_spent";
            /** Format: uuid */
            userId: string;
            amount: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @enum {string} */
            targetType?: "gig" | "clan";
            /** Format: uuid */
            targetId?: string;
            description?: string;
        };
        EscrowUpdate: {
            /** @constant */
            kind: "escrow";
            action: string;
            /** @enum {string} */
            by: "buyer" | "seller" | "admin" | "provider" | "system";
            deadline: string | null;
            asset: components["schemas"]["Asset"];
            /** @description What is still in escrow */
            held: string;
            /**
             * Format: uuid
             * @description The offer that it was taken from, where it was
             */
            offerId?: string;
        };
        EventCancelledEvent: {
            /** Format: uuid */
            eventId: string;
            title: string;
        };
        Fill: {
            /** @description Its number among the trades of the pair */
            trade: number;
            /** @example 0.05 */
            price: string;
            /** @example 0.05 */
            amount: string;
            /** @example 0.05 */
            cost: string;
            /** @example 0.05 */
            fee: string;
            /** @enum {string} */
            role: "maker" | "taker";
            /** Format: date-time */
            at: string;
        };
        /** @enum {string} */
        FlowState: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
        FlowUpdate: {
            flow_state: components["schemas"]["FlowState"];
            awaiting_role: components["schemas"]["Party"] | null;
            chat_status: components["schemas"]["ChatStatus"];
            previous_state: components["schemas"]["FlowState"];
        };
        FollowRequestEvent: {
            /** @constant */
            type: "follow_request";
            /** @constant */
            eventType: "notification:follow_request";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                actorId: string;
                actorUsername: string;
                /**
                 * Format: uuid
                 * @description Who asks: the `requesterId` of accept and decline
                 */
                requestId: string;
            } & {
                [key: string]: unknown;
            };
        };
        /**
         * @example {
         *       "gift": {
         *         "giftId": "0190a000-0000-7000-8000-000000000001",
         *         "code": "ROSE",
         *         "quantity": 2,
         *         "tokens": 10,
         *         "fromUserId": "0190a000-0000-7000-8000-00000000000b",
         *         "fromHandle": "ben",
         *         "streamId": "0190a000-0000-7000-8000-000000000001",
         *         "toCreatorId": "0190a000-0000-7000-8000-00000000000a",
         *         "message": "Well sung",
         *         "combo": {
         *           "id": "0190a000-0000-7000-8000-000000000001",
         *           "count": 4
         *         },
         *         "at": "2026-11-28T12:00:00.000Z"
         *       },
         *       "balance": "90"
         *     }
         */
        GiftAnswer: {
            gift: components["schemas"]["GiftGiven"];
            /** @description TOKEN that are left */
            balance: string;
        };
        /**
         * @example {
         *       "giftId": "0190a000-0000-7000-8000-000000000001",
         *       "code": "ROSE",
         *       "quantity": 2,
         *       "tokens": 10,
         *       "fromUserId": "0190a000-0000-7000-8000-00000000000b",
         *       "fromHandle": "ben",
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "toCreatorId": "0190a000-0000-7000-8000-00000000000a",
         *       "message": "Well sung",
         *       "combo": {
         *         "id": "0190a000-0000-7000-8000-000000000001",
         *         "count": 4
         *       },
         *       "at": "2026-11-28T12:00:00.000Z"
         *     }
         */
        GiftGiven: {
            /** Format: uuid */
            giftId: string;
            code: string;
            quantity: number;
            /** @description TOKEN */
            tokens: number;
            /** Format: uuid */
            fromUserId: string;
            fromHandle: string;
            streamId: string | null;
            toCreatorId: string | null;
            message: string | null;
            /** @description Equal gifts of one person within five seconds of each other: show one, with the count */
            combo: {
                /** Format: uuid */
                id: string;
                /** @description How many of it followed each other, with this */
                count: number;
            };
            /** Format: date-time */
            at: string;
        };
        /**
         * @description You were given a gift
         * @example {
         *       "giftId": "0190a000-0000-7000-8000-000000000001",
         *       "code": "ROSE",
         *       "quantity": 2,
         *       "tokens": 10,
         *       "fromUserId": "0190a000-0000-7000-8000-00000000000b",
         *       "fromHandle": "ben",
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "toCreatorId": "0190a000-0000-7000-8000-00000000000a",
         *       "message": "Well sung",
         *       "combo": {
         *         "id": "0190a000-0000-7000-8000-000000000001",
         *         "count": 4
         *       },
         *       "at": "2026-11-28T12:00:00.000Z",
         *       "share": 7
         *     }
         */
        GiftReceived: {
            /** Format: uuid */
            giftId: string;
            code: string;
            quantity: number;
            /** @description TOKEN */
            tokens: number;
            /** Format: uuid */
            fromUserId: string;
            fromHandle: string;
            streamId: string | null;
            toCreatorId: string | null;
            message: string | null;
            /** @description Equal gifts of one person within five seconds of each other: show one, with the count */
            combo: {
                /** Format: uuid */
                id: string;
                /** @description How many of it followed each other, with this */
                count: number;
            };
            /** Format: date-time */
            at: string;
            /** @description TOKEN that are yours of it */
            share: number;
        };
        GiftSendData: {
            code: string;
            streamId?: string | null;
            message?: string | null;
            quantity?: number;
        };
        /** @description A boost of a gig was cancelled */
        GigBoostCancelledEvent: {
            /** @constant */
            type: "gig_boost_cancelled";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        /** @description A gig is boosted */
        GigBoostEvent: {
            /** @constant */
            type: "gig_boost";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A boost of a gig has run its time */
        GigBoostExpiredEvent: {
            /** @constant */
            type: "gig_boost_expired";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        /** @description A gig was paid for */
        GigPaymentData: {
            /** @constant */
            type: "gig_payment";
            /** Format: uuid */
            userId: string;
            amount: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /**
             * Format: uuid
             * @description The gig
             */
            targetId: string;
            /**
             * Format: uuid
             * @description Who did the work
             */
            workerId: string;
        };
        InputField: {
            id: string;
            /** @enum {string} */
            type: "text" | "number" | "textarea" | "email";
            placeholder: string;
            required: boolean;
            min?: number;
            maxLength?: number;
        };
        JoinBattleData: {
            /** Format: uuid */
            battleId: string;
        };
        JoinBidRoomData: {
            /** Format: uuid */
            bidId: string;
        };
        JoinCampaignRoomData: {
            /** Format: uuid */
            campaignId: string;
        };
        JoinConversationData: {
            /** Format: uuid */
            conversationId: string;
        };
        JoinData: {
            /** Format: uuid */
            userId: string;
        };
        JoinStreamData: {
            /** Format: uuid */
            streamId: string;
        };
        JoinTradingRoomData: {
            tradingPairId: string;
        };
        LeaveConversationData: {
            /** Format: uuid */
            conversationId: string;
        };
        LeaveRoomData: {
            /** @description A room’s or conversation’s id, or a room’s name such as `bid_…` or `user:…` */
            roomId: string;
        };
        LeaveStreamData: {
            /** Format: uuid */
            streamId: string;
        };
        LeftRoomEvent: {
            room: string;
        };
        /**
         * @description A level was reached
         * @example {
         *       "userId": "0190a000-0000-7000-8000-00000000000a",
         *       "level": 2,
         *       "xp": 120
         *     }
         */
        LevelUp: {
            /** Format: uuid */
            userId: string;
            level: number;
            xp: number;
        };
        LiveStreamStartedEvent: {
            /** @constant */
            type: "live_stream_started";
            /** @constant */
            eventType: "notification:live_stream_started";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                actorId: string;
                actorUsername: string;
                /** Format: uuid */
                streamId: string;
                title: string;
            } & {
                [key: string]: unknown;
            };
        };
        MarkNotificationReadData: {
            /** Format: uuid */
            notificationId: string;
        };
        MarkSeenData: {
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
        Message: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            conversation_id: string;
            /** Format: uuid */
            sender_id: string;
            /** @description Null in a room: it is for everybody there */
            receiver_id: string | null;
            message: string;
            media_url: string | null;
            /** @enum {string} */
            message_type: "user_input" | "system" | "automated" | "audit";
            action_required: boolean;
            action_data: components["schemas"]["ActionData"] | null;
            is_automated: boolean;
            action_completed: boolean;
            seen: boolean;
            /** Format: date-time */
            created_at: string;
            /** @description When its writer changed it */
            edited_at?: string | null;
            /** @description When its writer deleted it; its words are gone */
            deleted_at?: string | null;
        };
        /** @description A message was written: how your list of conversations shows it */
        MessagePreviewEvent: {
            /** @constant */
            type: "message_preview";
            /** @constant */
            eventType: "chat:message:sent";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                conversationId: string;
                /** Format: uuid */
                senderId: string;
                senderUsername: string;
                senderProfilePic: string | null;
                /**
                 * @description What it is: a text, or what its link leads to
                 * @enum {string}
                 */
                messageType: "text" | "image" | "video" | "audio" | "gif" | "sticker";
                /** Format: date-time */
                timestamp: string;
                lastMessage: string;
                /** Format: uuid */
                lastMessageId: string;
                unreadCount: number;
            };
        };
        /** @description A reader’s mark has moved past your messages */
        MessageReadEvent: {
            /** @constant */
            type: "message_read";
            /** @constant */
            eventType: "chat:message:read";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                conversationId: string;
                /** Format: uuid */
                userId: string;
                /** Format: uuid */
                lastReadMessageId: string;
                /** Format: date-time */
                timestamp: string;
            };
        };
        /** @description A message was written in a conversation that is open */
        MessageReceivedEvent: {
            /** Format: uuid */
            conversationId: string;
            /**
             * Format: uuid
             * @description The same as `id`
             */
            messageId: string;
            /** Format: uuid */
            senderId: string;
            senderUsername: string;
            senderProfilePic: string | null;
            content: string;
            /**
             * @description What it is: a text, or what its link leads to
             * @enum {string}
             */
            messageType: "text" | "image" | "video" | "audio" | "gif" | "sticker";
            mediaUrl: string | null;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description The other side has seen your messages */
        MessageSeenEvent: {
            messageId: string | null;
            /** Format: uuid */
            userId: string;
            /** Format: uuid */
            conversationId: string;
        };
        /** @description A message was edited, deleted or reacted to */
        MessageUpdatedEvent: {
            /** Format: uuid */
            conversationId: string;
            message: {
                /** Format: uuid */
                id: string;
                /**
                 * Format: uuid
                 * @description The same as `id`
                 */
                messageId: string;
                /** Format: uuid */
                conversationId: string;
                /** Format: uuid */
                senderId: string;
                senderUsername: string;
                senderProfilePic: string | null;
                content: string;
                /**
                 * @description What it is: a text, or what its link leads to
                 * @enum {string}
                 */
                messageType: "text" | "image" | "video" | "audio" | "gif" | "sticker";
                mediaUrl: string | null;
                /** Format: date-time */
                timestamp: string;
                editedAt: string | null;
                deletedAt: string | null;
            };
            reactions: {
                emoji: string;
                count: number;
            }[];
        };
        /** @description You have reached a milestone */
        MilestoneReachedEvent: {
            /** Format: uuid */
            creatorId: string;
            milestone: {
                id: string;
                title: string;
                /** @enum {string} */
                metric: "followers" | "views" | "likes" | "videos";
                target: number;
                progress: number;
                /** Format: date-time */
                reached_at: string;
                /** @description Paid when it is reached */
                reward: {
                    asset: string;
                    /** @description Decimal text in the asset */
                    amount: string;
                };
            };
        };
        /** @enum {string} */
        Mood: "love" | "happy" | "laugh" | "wow" | "hype" | "calm" | "sad" | "angry";
        MoodReactData: {
            /** Format: uuid */
            streamId: string;
            mood: components["schemas"]["Mood"];
        };
        MoodStateEvent: {
            /** @description Of most; null where nobody reacted */
            mood: components["schemas"]["Mood"] | null;
            counts: {
                [key: string]: number;
            };
            total: number;
            /** Format: uuid */
            streamId: string;
        };
        /** @description A message was written in one of your conversations */
        NewMessageEvent: {
            /** Format: uuid */
            conversation_id: string;
            message: components["schemas"]["Message"];
            conversation_context: components["schemas"]["ConversationStanding"] | null;
        };
        /** @description You have a notification, or more were folded into one that you have */
        NewNotificationEvent: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "profile_followed" | "follow_request" | "video_like" | "video_comment" | "live_stream_started" | "live_stream_soon" | "battle_challenged" | "battle_accepted" | "battle_ended" | "message" | "mention" | "deal_moved" | "wallet_credited" | "wallet_debited" | "points_expiring" | "payout_changed" | "tip" | "creator_milestone" | "announcement" | "security";
            title: string;
            body: string;
            /** @description What it is about, as its kind says */
            data: {
                [key: string]: unknown;
            };
            /** @description Who did it last */
            actor: {
                /** Format: uuid */
                id: string;
                handle: string;
            } | null;
            target: {
                type: string;
                id: string;
            } | null;
            /** @description So many of a kind about one target are folded into it */
            count: number;
            /** @description Its place in your inbox, newer above older; changes when another is folded into it */
            position: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description When it was on your screen */
            seen_at: string | null;
            read_at: string | null;
            archived_at: string | null;
            snoozed_until: string | null;
        };
        /** @description Something waits for you */
        NotificationEvent: {
            /** @description The kind, or what moved the deal */
            type: string;
            recipientIds?: string[];
            data: {
                [key: string]: unknown;
            };
        };
        /** @description What a notification was about was taken back; show it no more */
        NotificationWithdrawnEvent: {
            /** Format: uuid */
            id: string;
        };
        OfferUpdate: {
            /** @constant */
            kind: "p2p";
            pairId: string;
            /** @enum {string} */
            action: "placed" | "amended" | "paused" | "resumed" | "taken" | "cancelled";
            side: components["schemas"]["OrderSide"];
            price: string | null;
            /** @example 0.05 */
            amount: string;
            /** @example 0.05 */
            remaining: string;
            /** @example 0.05 */
            released: string;
            /** @description Where a part was taken: the trade that holds it, whose own updates tell its end */
            tradeId: string | null;
        };
        /** @enum {string} */
        OrderSide: "buy" | "sell";
        /** @description An order, an offer or a trade of yours moved on */
        OrderUpdateEvent: {
            /** Format: uuid */
            orderId: string;
            status: string;
            data: components["schemas"]["EscrowUpdate"] | components["schemas"]["SpotOrderUpdate"] | components["schemas"]["OfferUpdate"];
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "giftId": "0190a000-0000-7000-8000-000000000001",
         *       "action": "confetti",
         *       "payload": {
         *         "pieces": 100,
         *         "colour": "#ffaa00",
         *         "seconds": 4
         *       }
         *     }
         */
        OverlayTrigger: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            giftId: string;
            /** @enum {string} */
            action: "confetti" | "spin_wheel" | "background" | "sound" | "challenge_boost";
            /** @description Made by us, of our own words and numbers */
            payload: {
                [key: string]: string | number;
            };
        };
        /** @enum {string} */
        Party: "influencer" | "brand_owner";
        /** @description A payout of yours moved on */
        PayoutUpdateEvent: {
            /** Format: uuid */
            payoutId: string;
            /** @enum {string} */
            status: "requested" | "held" | "processing" | "paid" | "cancelled" | "failed" | "reversed";
            action: string;
            asset: string;
            /** @example 4950.00 */
            amount: string;
            /** @example 4950.00 */
            fee: string;
            /** @example 4950.00 */
            net: string;
            reason: string | null;
            deadline: string | null;
        };
        /** @description Points left your wallet */
        PointsDeductedEvent: {
            /** @constant */
            type: "points_deducted";
            /** @constant */
            eventType: "wallet:points:deducted";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                userId: string;
                /** @enum {string} */
                action: "purchase" | "withdrawal" | "penalty" | "gift_sent" | "boost_post";
                points: number;
                newBalance: number;
                previousBalance: number;
                reason: string;
                /** Format: date-time */
                timestamp: string;
                metadata: {
                    itemId?: string;
                    itemName?: string;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        /** @description LykCoins were earned */
        PointsEarnedEvent: {
            /** @constant */
            type: "points_earned";
            /** @constant */
            eventType: "wallet:points:earned";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                userId: string;
                /** @enum {string} */
                action: "video_liked" | "video_viewed" | "video_shared" | "comment_posted" | "video_uploaded" | "like_received" | "view_received" | "share_received";
                /** @description LYK */
                points: number;
                newBalance: number;
                previousBalance: number;
                reason: string;
                /** Format: date-time */
                timestamp: string;
                metadata: {
                    /** @enum {string} */
                    userType: "viewer" | "creator";
                    /** Format: uuid */
                    videoId: string;
                    videoTitle: string;
                    rewardId: string;
                    totalLikes?: number;
                    totalViews?: number;
                    totalShares?: number;
                } & {
                    [key: string]: unknown;
                };
            };
        };
        /**
         * @description A poll has ended, and these are all its votes
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "pollId": "0190a000-0000-7000-8000-000000000002",
         *       "counts": [
         *         3,
         *         5
         *       ],
         *       "total": 8
         *     }
         */
        PollClosed: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            pollId: string;
            /** @description Votes by option, in their order */
            counts: number[];
            total: number;
        };
        /**
         * @description A poll has begun
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "pollId": "0190a000-0000-7000-8000-000000000002",
         *       "question": "What is next?",
         *       "options": [
         *         "Rice",
         *         "Noodles"
         *       ],
         *       "closesAt": "2026-11-28T12:00:00.000Z"
         *     }
         */
        PollCreated: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            pollId: string;
            question: string;
            options: string[];
            /** Format: date-time */
            closesAt: string;
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "pollId": "0190a000-0000-7000-8000-000000000002",
         *       "counts": [
         *         3,
         *         5
         *       ],
         *       "total": 8
         *     }
         */
        PollTally: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            pollId: string;
            /** @description Votes by option, in their order */
            counts: number[];
            total: number;
        };
        PollVoteData: {
            /** Format: uuid */
            pollId: string;
            /** @description Which of the options, counted from 0 */
            option: number;
        };
        PriceUpdateEvent: {
            symbol: string;
            price: string;
            change: string;
        };
        /** @description A boost of a profile was cancelled */
        ProfileBoostCancelledEvent: {
            /** @constant */
            type: "profile_boost_cancelled";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        /** @description A profile is boosted */
        ProfileBoostEvent: {
            /** @constant */
            type: "profile_boost";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
        };
        /** @description A boost of a profile has run its time */
        ProfileBoostExpiredEvent: {
            /** @constant */
            type: "profile_boost_expired";
            /**
             * Format: uuid
             * @description Who boosts
             */
            userId: string;
            /** Format: uuid */
            targetId: string;
            amount: number;
            /** @description Hours */
            duration: number;
            eventId: string;
            /** Format: date-time */
            timestamp: string;
            /** @description Of the event that began it */
            boostEventId: string;
            /** @description Given back to who boosted */
            refunded: number;
        };
        ProfileFollowedEvent: {
            /** @constant */
            type: "profile_followed";
            /** @constant */
            eventType: "notification:profile_followed";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                actorId: string;
                actorUsername: string;
            } & {
                [key: string]: unknown;
            };
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "questionId": "0190a000-0000-7000-8000-000000000002",
         *       "at": "2026-11-28T12:00:00.000Z"
         *     }
         */
        QuestionAnswered: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            questionId: string;
            /** Format: date-time */
            at: string;
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "questionId": "0190a000-0000-7000-8000-000000000002",
         *       "userId": "0190a000-0000-7000-8000-00000000000b",
         *       "handle": "ben",
         *       "text": "Which rice do you take?",
         *       "at": "2026-11-28T12:00:00.000Z"
         *     }
         */
        QuestionAsked: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            questionId: string;
            /** Format: uuid */
            userId: string;
            handle: string;
            text: string;
            /** Format: date-time */
            at: string;
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "questionId": "0190a000-0000-7000-8000-000000000002"
         *     }
         */
        QuestionDismissed: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            questionId: string;
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "questionId": "0190a000-0000-7000-8000-000000000002",
         *       "upvotes": 4
         *     }
         */
        QuestionUpvotes: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            questionId: string;
            upvotes: number;
        };
        /** @description A reward was earned */
        RewardEarnedEvent: {
            /** Format: uuid */
            userId: string;
            reward: {
                id: string;
                /** @enum {string} */
                action: "video_liked" | "video_viewed" | "video_shared" | "comment_posted" | "video_uploaded" | "like_received" | "view_received" | "share_received" | "watch_milestone" | "ad_view" | "daily_login" | "streak_week" | "profile_completed" | "post_shared";
                /** @description LYK */
                points: number;
                reason: string;
                targetId: string;
                newBalance: number;
                /** Format: date-time */
                timestamp: string;
            } & {
                [key: string]: unknown;
            };
        };
        SegmentEndEvent: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            segmentId: string;
        };
        SegmentPlayEvent: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            segmentId: string;
            mediaUrl: string;
            title: string;
            /** Format: date-time */
            endsAt: string;
        };
        SendMessageData: {
            conversationId?: string | null;
            /** @description Softchat’s name for conversationId */
            roomId?: string | null;
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
        SpotOrderUpdate: {
            /** @constant */
            kind: "spot";
            pairId: string;
            /** @enum {string} */
            action: "placed" | "amended" | "traded" | "ended";
            side: components["schemas"]["OrderSide"];
            /** @enum {string} */
            type: "limit" | "market";
            price: string | null;
            /** @example 0.05 */
            amount: string;
            /** @example 0.05 */
            filled: string;
            /** @example 0.05 */
            remaining: string;
            reason: ("asked" | "operator" | "time" | "no_liquidity" | "fill_or_kill" | "budget" | "self_trade") | null;
            /** @description What was traded of it now */
            fills: components["schemas"]["Fill"][];
        };
        StopTypingData: {
            /** Format: uuid */
            roomId: string;
        };
        /**
         * @example {
         *       "streamId": "0190a000-0000-7000-8000-000000000001",
         *       "id": "0190a000-0000-7000-8000-000000000001",
         *       "userId": "0190a000-0000-7000-8000-00000000000b",
         *       "handle": "ben",
         *       "text": "Hello everybody",
         *       "at": "2026-11-28T12:00:00.000Z"
         *     }
         */
        StreamChatMessage: {
            /** Format: uuid */
            streamId: string;
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            userId: string;
            handle: string;
            text: string;
            /** Format: date-time */
            at: string;
        };
        StreamStateEvent: {
            /** Format: uuid */
            streamId: string;
            status: components["schemas"]["StreamStatus"];
        };
        /** @enum {string} */
        StreamStatus: "scheduled" | "live" | "ended" | "archived" | "cancelled";
        SubmitButton: {
            text: string;
            style: string;
        };
        SubscribePricesData: {
            symbols: string[];
        };
        SubscriptionLapsedEvent: {
            /** Format: uuid */
            subscriptionId: string;
            /** Format: uuid */
            creatorId: string;
            /** Format: uuid */
            subscriberId: string;
            tier: string;
            /** Format: date-time */
            at: string;
        };
        SubscriptionRenewalFailedEvent: {
            /** Format: uuid */
            subscriptionId: string;
            /** Format: uuid */
            creatorId: string;
            /** Format: uuid */
            subscriberId: string;
            tier: string;
            /** Format: date-time */
            until: string;
            /** Format: date-time */
            lapsesAt: string;
        };
        SubscriptionRenewsSoonEvent: {
            /** Format: uuid */
            subscriptionId: string;
            /** Format: uuid */
            creatorId: string;
            /** Format: uuid */
            subscriberId: string;
            tier: string;
            /** Format: date-time */
            at: string;
            /** @description TOKEN */
            price: number;
            /** @description What the last month cost */
            before: number;
        };
        SubscriptionStartedEvent: {
            /** Format: uuid */
            subscriptionId: string;
            /** Format: uuid */
            creatorId: string;
            /** Format: uuid */
            subscriberId: string;
            tier: string;
            giftedBy: string | null;
            /** Format: date-time */
            until: string;
        };
        /**
         * @example {
         *       "subscriptionId": "0190a000-0000-7000-8000-000000000001",
         *       "creatorId": "0190a000-0000-7000-8000-00000000000a",
         *       "subscriberId": "0190a000-0000-7000-8000-00000000000b",
         *       "tier": "gold",
         *       "until": "2026-11-28T12:00:00.000Z"
         *     }
         */
        SubscriptionUntil: {
            /** Format: uuid */
            subscriptionId: string;
            /** Format: uuid */
            creatorId: string;
            /** Format: uuid */
            subscriberId: string;
            tier: string;
            /** Format: date-time */
            until: string;
        };
        /** @description A text input was answered, by you or the other side */
        TextInputEvent: {
            input_type: string;
            message: string;
            flow_update: components["schemas"]["FlowUpdate"];
            /** Format: uuid */
            conversationId: string;
            conversation_context: components["schemas"]["ConversationContext"];
        };
        TicketIssuedEvent: {
            /** Format: uuid */
            eventId: string;
            /** Format: uuid */
            ticketId: string;
            title: string;
            /** Format: date-time */
            startsAt: string;
            streamId: string | null;
        };
        TicketRefundedEvent: {
            /** Format: uuid */
            eventId: string;
            /** Format: uuid */
            ticketId: string;
            asset: string;
            amount: string;
        };
        TicketSoldEvent: {
            /** Format: uuid */
            eventId: string;
            /** Format: uuid */
            ticketId: string;
            sold: number;
            capacity: number;
        };
        Tip: {
            /** Format: uuid */
            id: string;
            sender: {
                /** Format: uuid */
                id: string;
                handle: string;
            };
            asset: string;
            /** @description Decimal text in the asset */
            amount: string;
            message: string | null;
            /** Format: date-time */
            created_at: string;
        };
        /** @description Somebody has tipped you */
        TipReceivedEvent: {
            /** Format: uuid */
            creatorId: string;
            tip: components["schemas"]["Tip"];
        };
        /** @description A top-up of yours moved on */
        TopUpUpdateEvent: {
            /** Format: uuid */
            topUpId: string;
            /** @enum {string} */
            status: "open" | "paid" | "closed";
            action: string;
            asset: string;
            amount: string;
            price: string;
            currency: string;
        };
        TradeView: {
            id: number;
            /** @example 0.05 */
            price: string;
            /** @example 0.05 */
            amount: string;
            /** @description Of who took */
            side: components["schemas"]["OrderSide"];
            /** Format: date-time */
            at: string;
        };
        /** @description A transaction of your wallet is booked */
        TransactionCompleteEvent: {
            transactionId: string;
            details: {
                kind: string;
                asset: string;
                amount: string;
                balance_after: string;
                counterparty_id: string | null;
                memo: string | null;
                /** Format: date-time */
                occurred_at: string;
            };
        };
        TypingIndicatorEvent: {
            /** @constant */
            type: "typing_indicator";
            /** @enum {string} */
            eventType: "chat:typing:started" | "chat:typing:stopped";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                conversationId: string;
                /** Format: uuid */
                userId: string;
                isTyping: boolean;
                username: string;
            };
        };
        TypingStopData: {
            /** Format: uuid */
            conversationId: string;
            /**
             * Format: uuid
             * @description Your own id, or left out
             */
            userId?: string;
        };
        UpdatePresenceData: {
            status: string;
        };
        UserJoinedEvent: {
            /** Format: uuid */
            userId: string;
            /** Format: uuid */
            roomId: string;
        };
        UserOfflineEvent: {
            /** Format: uuid */
            userId: string;
        };
        UserStatusChangeEvent: {
            /** Format: uuid */
            userId: string;
            status: string;
        };
        UserStatusData: {
            /**
             * Format: uuid
             * @description Your own id, or left out
             */
            userId?: string;
            status: string;
        };
        UserTypingEvent: {
            /** Format: uuid */
            conversationId: string;
            /** Format: uuid */
            userId: string;
            isTyping: boolean;
            username?: string;
        };
        VideoCommentEvent: {
            /** @constant */
            type: "video_comment";
            /** @constant */
            eventType: "notification:video_comment";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                actorId: string;
                actorUsername: string;
                /** Format: uuid */
                videoId: string;
                /** Format: uuid */
                commentId: string;
                text: string;
            } & {
                [key: string]: unknown;
            };
        };
        VideoLikeEvent: {
            /** @constant */
            type: "video_like";
            /** @constant */
            eventType: "notification:video_like";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                actorId: string;
                actorUsername: string;
                /** Format: uuid */
                videoId: string;
            } & {
                [key: string]: unknown;
            };
        };
        ViewerCountUpdateEvent: {
            /**
             * Format: uuid
             * @description Of the video, or of the stream
             */
            videoId: string;
            /** Format: uuid */
            streamId?: string;
            count: number;
        };
        /** @description Your balance was put right */
        WalletUpdateEvent: {
            /** @constant */
            type: "wallet_update";
            /** @constant */
            eventType: "wallet:balance:updated";
            recipientIds: string[];
            data: {
                /** Format: uuid */
                userId: string;
                asset: string;
                newBalance: number;
                previousBalance: number;
                reason: string;
                /** Format: date-time */
                timestamp: string;
            };
        };
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
            error_code: "VALIDATION_FAILED" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT" | "FLOW_STATE_INVALID" | "OFFER_STALE" | "LIMIT_REACHED" | "INSUFFICIENT_FUNDS" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "IDEMPOTENCY_MISMATCH" | "RATE_LIMITED" | "HEADERS_TOO_LARGE" | "INTERNAL" | "UNAVAILABLE";
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
            data: components["schemas"]["NewMessageEvent"];
            /** Format: date-time */
            at: string;
        };
        "live.message_received": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "message_received";
            data: components["schemas"]["MessageReceivedEvent"];
            room?: string;
        };
        "durable.message_seen": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "message_seen";
            data: components["schemas"]["MessageSeenEvent"];
            /** Format: date-time */
            at: string;
        };
        "live.user_typing": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_typing";
            data: components["schemas"]["UserTypingEvent"];
            room?: string;
        };
        "live.user_joined": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_joined";
            data: components["schemas"]["UserJoinedEvent"];
            room?: string;
        };
        "durable.message_preview": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "message_preview";
            data: components["schemas"]["MessagePreviewEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.message_read": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "message_read";
            data: components["schemas"]["MessageReadEvent"];
            /** Format: date-time */
            at: string;
        };
        "live.message_updated": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "message_updated";
            data: components["schemas"]["MessageUpdatedEvent"];
            room?: string;
        };
        "durable.conversation_state_changed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "conversation_state_changed";
            data: components["schemas"]["ConversationStateChangedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.button_action": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "button_action";
            data: components["schemas"]["ButtonActionEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.text_input": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "text_input";
            data: components["schemas"]["TextInputEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.notification": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "notification";
            data: components["schemas"]["NotificationEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.new_notification": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "new_notification";
            data: components["schemas"]["NewNotificationEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.notification_withdrawn": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "notification_withdrawn";
            data: components["schemas"]["NotificationWithdrawnEvent"];
            /** Format: date-time */
            at: string;
        };
        "live.user_status_change": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_status_change";
            data: components["schemas"]["UserStatusChangeEvent"];
            room?: string;
        };
        "live.user_offline": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "user_offline";
            data: components["schemas"]["UserOfflineEvent"];
            room?: string;
        };
        "live.left_room": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "left_room";
            data: components["schemas"]["LeftRoomEvent"];
            room?: string;
        };
        "durable.balance_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "balance_update";
            data: components["schemas"]["BalanceUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.transaction_complete": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "transaction_complete";
            data: components["schemas"]["TransactionCompleteEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.payout_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "payout_update";
            data: components["schemas"]["PayoutUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.top_up_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "top_up_update";
            data: components["schemas"]["TopUpUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.charge_back_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "charge_back_update";
            data: components["schemas"]["ChargeBackUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.points_earned": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "points_earned";
            data: components["schemas"]["PointsEarnedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.points_deducted": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "points_deducted";
            data: components["schemas"]["PointsDeductedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.wallet_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "wallet_update";
            data: components["schemas"]["WalletUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.reward_earned": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "reward_earned";
            data: components["schemas"]["RewardEarnedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.tip_received": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "tip_received";
            data: components["schemas"]["TipReceivedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.milestone_reached": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "milestone_reached";
            data: components["schemas"]["MilestoneReachedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.order_update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "order_update";
            data: components["schemas"]["OrderUpdateEvent"];
            /** Format: date-time */
            at: string;
        };
        "live.price_update": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "price_update";
            data: components["schemas"]["PriceUpdateEvent"];
            room?: string;
        };
        "live.book_update": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "book_update";
            data: components["schemas"]["BookUpdateEvent"];
            room?: string;
        };
        "durable.profile_boost": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "profile_boost";
            data: components["schemas"]["ProfileBoostEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.gig_boost": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "gig_boost";
            data: components["schemas"]["GigBoostEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.clan_boost": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "clan_boost";
            data: components["schemas"]["ClanBoostEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.profile_boost_expired": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "profile_boost_expired";
            data: components["schemas"]["ProfileBoostExpiredEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.gig_boost_expired": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "gig_boost_expired";
            data: components["schemas"]["GigBoostExpiredEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.clan_boost_expired": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "clan_boost_expired";
            data: components["schemas"]["ClanBoostExpiredEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.profile_boost_cancelled": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "profile_boost_cancelled";
            data: components["schemas"]["ProfileBoostCancelledEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.gig_boost_cancelled": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "gig_boost_cancelled";
            data: components["schemas"]["GigBoostCancelledEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.clan_boost_cancelled": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "clan_boost_cancelled";
            data: components["schemas"]["ClanBoostCancelledEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.credit_purchase": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "credit_purchase";
            data: components["schemas"]["CreditPurchaseData"];
            /** Format: date-time */
            at: string;
        };
        "durable.credit_spent": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "credit_spent";
            data: components["schemas"]["CreditSpentData"];
            /** Format: date-time */
            at: string;
        };
        "durable.credit_earned": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "credit_earned";
            data: components["schemas"]["CreditEarnedData"];
            /** Format: date-time */
            at: string;
        };
        "durable.gig_payment": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "gig_payment";
            data: components["schemas"]["GigPaymentData"];
            /** Format: date-time */
            at: string;
        };
        "durable.clan_contribution": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "clan_contribution";
            data: components["schemas"]["ClanContributionData"];
            /** Format: date-time */
            at: string;
        };
        "live.stream:state": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "stream:state";
            data: components["schemas"]["StreamStateEvent"];
            room?: string;
        };
        "live.chat:message": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "chat:message";
            data: components["schemas"]["StreamChatMessage"];
            room?: string;
        };
        "live.chat:removed": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "chat:removed";
            data: components["schemas"]["ChatRemovedEvent"];
            room?: string;
        };
        "live.chat:cleared": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "chat:cleared";
            data: components["schemas"]["ChatClearedEvent"];
            room?: string;
        };
        "live.mood:state": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "mood:state";
            data: components["schemas"]["MoodStateEvent"];
            room?: string;
        };
        "live.segment:play": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "segment:play";
            data: components["schemas"]["SegmentPlayEvent"];
            room?: string;
        };
        "live.segment:end": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "segment:end";
            data: components["schemas"]["SegmentEndEvent"];
            room?: string;
        };
        "live.viewer_count_update": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "viewer_count_update";
            data: components["schemas"]["ViewerCountUpdateEvent"];
            room?: string;
        };
        "durable.gift:received": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "gift:received";
            data: components["schemas"]["GiftReceived"];
            /** Format: date-time */
            at: string;
        };
        "live.gift:send": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "gift:send";
            data: components["schemas"]["GiftGiven"];
            room?: string;
        };
        "live.overlay:trigger": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "overlay:trigger";
            data: components["schemas"]["OverlayTrigger"];
            room?: string;
        };
        "durable.level_up": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "level_up";
            data: components["schemas"]["LevelUp"];
            /** Format: date-time */
            at: string;
        };
        "durable.badge_awarded": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "badge_awarded";
            data: components["schemas"]["BadgeAwarded"];
            /** Format: date-time */
            at: string;
        };
        "durable.battle_invite": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "battle_invite";
            data: components["schemas"]["BattleInvite"];
            /** Format: date-time */
            at: string;
        };
        "durable.battle_start": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "battle_start";
            data: components["schemas"]["BattleStart"];
            /** Format: date-time */
            at: string;
        };
        "live.battle_update": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "battle_update";
            data: components["schemas"]["BattleUpdate"];
            room?: string;
        };
        "durable.battle_end": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "battle_end";
            data: components["schemas"]["BattleEnd"];
            /** Format: date-time */
            at: string;
        };
        "durable.poll:create": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "poll:create";
            data: components["schemas"]["PollCreated"];
            /** Format: date-time */
            at: string;
        };
        "live.poll:vote": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "poll:vote";
            data: components["schemas"]["PollTally"];
            room?: string;
        };
        "durable.poll:closed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "poll:closed";
            data: components["schemas"]["PollClosed"];
            /** Format: date-time */
            at: string;
        };
        "live.question:new": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "question:new";
            data: components["schemas"]["QuestionAsked"];
            room?: string;
        };
        "live.question:upvote": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "question:upvote";
            data: components["schemas"]["QuestionUpvotes"];
            room?: string;
        };
        "live.question:answered": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "question:answered";
            data: components["schemas"]["QuestionAnswered"];
            room?: string;
        };
        "live.question:dismissed": {
            /** @constant */
            type: "live";
            /** @constant */
            name: "question:dismissed";
            data: components["schemas"]["QuestionDismissed"];
            room?: string;
        };
        "durable.subscription:started": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:started";
            data: components["schemas"]["SubscriptionStartedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.subscription:renews_soon": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:renews_soon";
            data: components["schemas"]["SubscriptionRenewsSoonEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.subscription:renewed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:renewed";
            data: components["schemas"]["SubscriptionUntil"];
            /** Format: date-time */
            at: string;
        };
        "durable.subscription:renewal_failed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:renewal_failed";
            data: components["schemas"]["SubscriptionRenewalFailedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.subscription:cancelled": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:cancelled";
            data: components["schemas"]["SubscriptionUntil"];
            /** Format: date-time */
            at: string;
        };
        "durable.subscription:lapsed": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "subscription:lapsed";
            data: components["schemas"]["SubscriptionLapsedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.ticket:issued": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "ticket:issued";
            data: components["schemas"]["TicketIssuedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.ticket:sold": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "ticket:sold";
            data: components["schemas"]["TicketSoldEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.ticket:refunded": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "ticket:refunded";
            data: components["schemas"]["TicketRefundedEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.event:cancelled": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "event:cancelled";
            data: components["schemas"]["EventCancelledEvent"];
            /** Format: date-time */
            at: string;
        };
        "durable.challenge:start": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "challenge:start";
            data: components["schemas"]["ChallengeStart"];
            /** Format: date-time */
            at: string;
        };
        "durable.challenge:update": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "challenge:update";
            data: components["schemas"]["ChallengeUpdate"];
            /** Format: date-time */
            at: string;
        };
        "durable.challenge:end": {
            /** @constant */
            type: "event";
            seq: number;
            /** @constant */
            name: "challenge:end";
            data: components["schemas"]["ChallengeEnd"];
            /** Format: date-time */
            at: string;
        };
        "ack.refused": {
            /** @constant */
            type: "ack";
            id: string | number;
            /** @constant */
            success: false;
            message: string;
            /** @enum {string} */
            error_code: "VALIDATION_FAILED" | "UNAUTHENTICATED" | "FORBIDDEN" | "NOT_FOUND" | "CONFLICT" | "FLOW_STATE_INVALID" | "OFFER_STALE" | "LIMIT_REACHED" | "INSUFFICIENT_FUNDS" | "PAYLOAD_TOO_LARGE" | "UNSUPPORTED_MEDIA_TYPE" | "IDEMPOTENCY_MISMATCH" | "RATE_LIMITED" | "HEADERS_TOO_LARGE" | "INTERNAL" | "UNAVAILABLE";
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
        "command.join_conversation": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_conversation";
            /** @description The value alone, or { conversationId } */
            data: string | components["schemas"]["JoinConversationData"];
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
            /** @description The value alone, or { conversationId } */
            data: string | components["schemas"]["LeaveConversationData"];
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
        "command.join_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_room";
            /** @description The value alone, or { roomId } */
            data: string | components["schemas"]["LeaveRoomData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_room": {
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
        "command.leave_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "leave_room";
            /** @description The value alone, or { roomId } */
            data: string | components["schemas"]["LeaveRoomData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.leave_room": {
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
            data: components["schemas"]["SendMessageData"];
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
                message: components["schemas"]["Message"];
            };
        };
        "command.typing_start": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "typing_start";
            /** @description The value alone, or { conversationId } */
            data: string | components["schemas"]["TypingStopData"];
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
            /** @description The value alone, or { conversationId } */
            data: string | components["schemas"]["TypingStopData"];
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
        "command.start_typing": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "start_typing";
            /** @description The value alone, or { roomId } */
            data: string | components["schemas"]["StopTypingData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.start_typing": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.stop_typing": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "stop_typing";
            /** @description The value alone, or { roomId } */
            data: string | components["schemas"]["StopTypingData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.stop_typing": {
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
            data: components["schemas"]["MarkSeenData"];
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
        "command.mark_notification_read": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "mark_notification_read";
            /** @description The value alone, or { notificationId } */
            data: string | components["schemas"]["MarkNotificationReadData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.mark_notification_read": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.join": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join";
            /** @description The value alone, or { userId } */
            data: string | components["schemas"]["JoinData"];
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
        "command.user_status": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "user_status";
            data: components["schemas"]["UserStatusData"];
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
        "command.update_presence": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "update_presence";
            /** @description The value alone, or { status } */
            data: string | components["schemas"]["UpdatePresenceData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.update_presence": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.join_bid_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_bid_room";
            /** @description The value alone, or { bidId } */
            data: string | components["schemas"]["JoinBidRoomData"];
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
            /** @description The value alone, or { campaignId } */
            data: string | components["schemas"]["JoinCampaignRoomData"];
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
        "command.join_trading_room": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_trading_room";
            /** @description The value alone, or { tradingPairId } */
            data: string | components["schemas"]["JoinTradingRoomData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_trading_room": {
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
        "command.subscribe_prices": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "subscribe_prices";
            /** @description The value alone, or { symbols } */
            data: string[] | components["schemas"]["SubscribePricesData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.subscribe_prices": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                rooms: string[];
            };
        };
        "command.join_stream": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_stream";
            /** @description The value alone, or { streamId } */
            data: string | components["schemas"]["JoinStreamData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_stream": {
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
        "command.leave_stream": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "leave_stream";
            /** @description The value alone, or { streamId } */
            data: string | components["schemas"]["LeaveStreamData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.leave_stream": {
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
        "command.chat:message": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "chat:message";
            data: components["schemas"]["ChatMessageData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.chat:message": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: {
                message: components["schemas"]["StreamChatMessage"];
            };
        };
        "command.mood:react": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "mood:react";
            data: components["schemas"]["MoodReactData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.mood:react": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.gift:send": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "gift:send";
            data: components["schemas"]["GiftSendData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.gift:send": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: components["schemas"]["GiftAnswer"];
        };
        "command.join_battle": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "join_battle";
            /** @description The value alone, or { battleId } */
            data: string | components["schemas"]["JoinBattleData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.join_battle": {
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
        "command.battle_vote": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "battle_vote";
            data: components["schemas"]["BattleVoteData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.battle_vote": {
            /** @constant */
            type: "ack";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            success: true;
            data: Record<string, never>;
        };
        "command.poll:vote": {
            /** @constant */
            type: "command";
            /** @description Yours to choose; the `ack` carries it */
            id: string | number;
            /** @constant */
            name: "poll:vote";
            data: components["schemas"]["PollVoteData"];
            /** @description As the header Idempotency-Key over REST: repeated under the same key, it is done once */
            idempotency_key?: string;
        };
        "ack.poll:vote": {
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
