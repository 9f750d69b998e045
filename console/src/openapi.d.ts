// Written by console/write.ts. Do not edit.
export interface paths {
    "/api/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an account
         * @description A new account is given 100 TOKEN. `admin` cannot be asked for; the default role is `viewer`.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /**
                         * @description 2 to 40 letters, digits, dots, dashes and underscores; found whatever its case
                         * @example asha
                         */
                        handle: string;
                        /** @example correct horse battery */
                        password: string;
                        roles?: ("viewer" | "creator" | "brand_owner" | "influencer")[];
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                user: {
                                    /** Format: uuid */
                                    id: string;
                                    handle: string;
                                    roles: ("viewer" | "creator" | "brand_owner" | "influencer" | "admin")[];
                                    /** Format: date-time */
                                    created_at: string;
                                };
                                /** @description Send it as `Authorization: Bearer …`; it lives for 15 minutes */
                                access: string;
                                /** Format: date-time */
                                access_expires_at: string;
                                /** @description Opens the next pair, once, within 30 days */
                                refresh: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                403: components["responses"]["FORBIDDEN"];
                409: components["responses"]["CONFLICT"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                429: components["responses"]["RATE_LIMITED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description An unknown handle and a wrong password are answered alike. After 10 failures of an account or 100 of an address within 15 minutes, further attempts are refused until those have passed.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        handle: string;
                        password: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                user: {
                                    /** Format: uuid */
                                    id: string;
                                    handle: string;
                                    roles: ("viewer" | "creator" | "brand_owner" | "influencer" | "admin")[];
                                    /** Format: date-time */
                                    created_at: string;
                                };
                                /** @description Send it as `Authorization: Bearer …`; it lives for 15 minutes */
                                access: string;
                                /** Format: date-time */
                                access_expires_at: string;
                                /** @description Opens the next pair, once, within 30 days */
                                refresh: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                429: components["responses"]["RATE_LIMITED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The next pair of tokens
         * @description Uses the refresh token up. One that is used again, be it in the same instant, answers 401 and ends its whole family: the session with all its tokens. A client therefore refreshes once at a time.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The refresh token of the last answer; it can be used once */
                        refresh: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                user: {
                                    /** Format: uuid */
                                    id: string;
                                    handle: string;
                                    roles: ("viewer" | "creator" | "brand_owner" | "influencer" | "admin")[];
                                    /** Format: date-time */
                                    created_at: string;
                                };
                                /** @description Send it as `Authorization: Bearer …`; it lives for 15 minutes */
                                access: string;
                                /** Format: date-time */
                                access_expires_at: string;
                                /** @description Opens the next pair, once, within 30 days */
                                refresh: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign out
         * @description Ends the session of the access token, of the refresh token in the body, or of both. Its tokens are refused from then on and its sockets close.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": {
                        /** @description The refresh token of the last answer; it can be used once */
                        refresh?: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @enum {boolean} */
                                ended: true;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys of access tokens
         * @description A JSON Web Key Set (RFC 7517), without the envelope of other answers.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A JSON Web Key Set */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            keys: {
                                kty: string;
                                crv: string;
                                x: string;
                                kid: string;
                                alg: string;
                                use: string;
                            }[];
                        };
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether this process works */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @enum {boolean} */
                                alive: true;
                            };
                        };
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether requests should be sent here
         * @description 503 without Postgres, with `details.missing`. Otherwise 200: without Redis, the worker, its relay or Temporal clicks and messages are answered, and what has to happen because of them waits; those are named as `degraded`.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @enum {boolean} */
                                ready: true;
                                degraded: ("postgres" | "redis" | "worker" | "relay" | "temporal")[];
                            };
                        };
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Numbers for Prometheus */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description Prometheus text format */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/flow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The states of a deal and what leads from one to the other */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                states: {
                                    /** @enum {string} */
                                    name: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    /** @description Whose turn it is; null where nobody’s, or both’s */
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @description The kind of deal that begins here */
                                    opens: ("campaign" | "bid") | null;
                                }[];
                                transitions: {
                                    /** @enum {string} */
                                    from: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    /**
                                     * @description The same as `from` where the command leaves the deal in its state
                                     * @enum {string}
                                     */
                                    to: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    /** @description The button, the input, or what a provider or time did */
                                    on: string;
                                    by: ("influencer" | "brand_owner" | "admin" | "provider" | "system")[];
                                    /** @description Only in deals of this kind; null in all */
                                    kind: ("campaign" | "bid") | null;
                                }[];
                            };
                        };
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/demo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounts for trying things out
         * @description Those that `npm start` makes on one machine. Everywhere else the list is empty.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                accounts: {
                                    handle: string;
                                    password: string;
                                    /** @enum {string} */
                                    role: "influencer" | "brand_owner";
                                }[];
                                /** @description Where the operators’ Web UI is */
                                temporal_ui: string | null;
                            };
                        };
                    };
                };
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The account of the access token */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                user: {
                                    /** Format: uuid */
                                    id: string;
                                    handle: string;
                                    roles: ("viewer" | "creator" | "brand_owner" | "influencer" | "admin")[];
                                    /** Format: date-time */
                                    created_at: string;
                                };
                            };
                        };
                    };
                };
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Campaigns, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                brand_owner_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                budget: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        /**
         * Post a campaign
         * @description For brand owners. `policy` holds the deadlines and limits of every deal that begins here.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @example Monsoon collection */
                        title: string;
                        /** @example Three reels about our raincoats */
                        description: string;
                        /**
                         * @description Rupees with at most 2 decimals: a number, or a text such as "5000", "₹5,000" or "5000.50 INR"
                         * @example 5000
                         */
                        budget: string | number;
                        /** @description Deadlines and limits; what is left out takes its default */
                        policy?: {
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            answer_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            pay_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            start_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            deliver_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            grace?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            approve_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            dispute_within?: string;
                            default_release_percent?: number;
                            max_revisions?: number;
                            max_rounds?: number;
                        };
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                brand_owner_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                budget: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/campaigns/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One campaign */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                brand_owner_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                budget: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/campaigns/{id}/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apply to a campaign
         * @description For influencers. Opens the deal, or answers with the one that is open between you two about it.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        message: string;
                        /**
                         * @description Rupees with at most 2 decimals: a number, or a text such as "5000", "₹5,000" or "5000.50 INR"
                         * @example 5000
                         */
                        proposed_amount: string | number;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
                            };
                        };
                    };
                };
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bids": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Bids, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                influencer_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                starting_price: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        /**
         * Post a bid
         * @description For influencers: what you offer, and from which price on.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @example Monsoon collection */
                        title: string;
                        /** @example Three reels about our raincoats */
                        description: string;
                        /**
                         * @description Rupees with at most 2 decimals: a number, or a text such as "5000", "₹5,000" or "5000.50 INR"
                         * @example 5000
                         */
                        starting_price: string | number;
                        /** @description Deadlines and limits; what is left out takes its default */
                        policy?: {
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            answer_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            pay_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            start_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            deliver_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            grace?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            approve_within?: string;
                            /** @description ISO 8601 duration, such as P7D or PT24H */
                            dispute_within?: string;
                            default_release_percent?: number;
                            max_revisions?: number;
                            max_rounds?: number;
                        };
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                influencer_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                starting_price: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bids/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One bid */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** Format: uuid */
                                influencer_id: string;
                                title: string;
                                description: string;
                                /**
                                 * @description Rupees, as decimal text
                                 * @example 5000.00
                                 */
                                starting_price: string;
                                policy: {
                                    answer_within: string;
                                    pay_within: string;
                                    start_within: string;
                                    deliver_within: string;
                                    grace: string;
                                    approve_within: string;
                                    dispute_within: string;
                                    default_release_percent: number;
                                    max_revisions: number;
                                    max_rounds: number;
                                };
                                /** Format: date-time */
                                created_at: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bids/{id}/connect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect to a bid
         * @description For brand owners. Opens the deal, or answers with the one that is open between you two about it.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        message?: string;
                        /**
                         * @description Rupees with at most 2 decimals: a number, or a text such as "5000", "₹5,000" or "5000.50 INR"
                         * @example 5000
                         */
                        proposed_amount: string | number;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
                            };
                        };
                    };
                };
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your conversations, last changed first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                    /** @description Number of the page, from 1; 1000 at most */
                    page?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** @enum {string} */
                                kind: "direct" | "campaign" | "bid";
                                campaign_id: string | null;
                                bid_id: string | null;
                                /** Format: uuid */
                                brand_owner_id: string;
                                /** Format: uuid */
                                influencer_id: string;
                                request_id: string | null;
                                /** @enum {string} */
                                chat_status: "automated" | "real_time" | "closed";
                                /** @enum {string} */
                                flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                awaiting_role: ("influencer" | "brand_owner") | null;
                                automation_enabled: boolean;
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
                                flow_data: {
                                    policy: {
                                        answer_within: string;
                                        pay_within: string;
                                        start_within: string;
                                        deliver_within: string;
                                        grace: string;
                                        approve_within: string;
                                        dispute_within: string;
                                        default_release_percent: number;
                                        max_revisions: number;
                                        max_rounds: number;
                                    };
                                    proposed_amount: string;
                                    offered_price: string | null;
                                    counter_price: string | null;
                                    agreed_price: string | null;
                                    platform_fee_bps: number | null;
                                    negotiation_round: number;
                                    revision_count: number;
                                    project_details: string | null;
                                    held: string;
                                    dispute: {
                                        /** @enum {string} */
                                        opened_by: "influencer" | "brand_owner";
                                        reason: string;
                                        statements: number;
                                    } | null;
                                    ruling: {
                                        release_percent: number;
                                        reason: string;
                                        /** @enum {string} */
                                        by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                    } | null;
                                    closed_by: string | null;
                                } | null;
                                work_submission: {
                                    deliverables: string;
                                    description: string;
                                    submission_notes: string;
                                    /** Format: date-time */
                                    submitted_at: string;
                                } | null;
                                work_submitted: boolean;
                                work_status: string | null;
                                submission_date: string | null;
                                deadline: string | null;
                                /** Format: date-time */
                                created_at: string;
                                /** Format: date-time */
                                updated_at: string;
                                unread_count: number;
                                last_message: {
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
                                } | null;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/direct-connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your direct conversations, last changed first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                    /** @description Number of the page, from 1; 1000 at most */
                    page?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** @enum {string} */
                                kind: "direct" | "campaign" | "bid";
                                campaign_id: string | null;
                                bid_id: string | null;
                                /** Format: uuid */
                                brand_owner_id: string;
                                /** Format: uuid */
                                influencer_id: string;
                                request_id: string | null;
                                /** @enum {string} */
                                chat_status: "automated" | "real_time" | "closed";
                                /** @enum {string} */
                                flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                awaiting_role: ("influencer" | "brand_owner") | null;
                                automation_enabled: boolean;
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
                                flow_data: {
                                    policy: {
                                        answer_within: string;
                                        pay_within: string;
                                        start_within: string;
                                        deliver_within: string;
                                        grace: string;
                                        approve_within: string;
                                        dispute_within: string;
                                        default_release_percent: number;
                                        max_revisions: number;
                                        max_rounds: number;
                                    };
                                    proposed_amount: string;
                                    offered_price: string | null;
                                    counter_price: string | null;
                                    agreed_price: string | null;
                                    platform_fee_bps: number | null;
                                    negotiation_round: number;
                                    revision_count: number;
                                    project_details: string | null;
                                    held: string;
                                    dispute: {
                                        /** @enum {string} */
                                        opened_by: "influencer" | "brand_owner";
                                        reason: string;
                                        statements: number;
                                    } | null;
                                    ruling: {
                                        release_percent: number;
                                        reason: string;
                                        /** @enum {string} */
                                        by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                    } | null;
                                    closed_by: string | null;
                                } | null;
                                work_submission: {
                                    deliverables: string;
                                    description: string;
                                    submission_notes: string;
                                    /** Format: date-time */
                                    submitted_at: string;
                                } | null;
                                work_submitted: boolean;
                                work_status: string | null;
                                submission_date: string | null;
                                deadline: string | null;
                                /** Format: date-time */
                                created_at: string;
                                /** Format: date-time */
                                updated_at: string;
                                unread_count: number;
                                last_message: {
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
                                } | null;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was said, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                    /** @description Number of the page, from 1; 1000 at most */
                    page?: number;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
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
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where a conversation stands and what you may do */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
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
                                /** @description Everything the caller may do now */
                                allowed_actions: {
                                    id: string;
                                    text: string;
                                    /** @enum {string} */
                                    style: "success" | "danger" | "warning" | "primary" | "secondary";
                                    action: string;
                                    data?: {
                                        [key: string]: unknown;
                                    };
                                    input_field?: {
                                        id: string;
                                        /** @enum {string} */
                                        type: "text" | "number" | "textarea" | "email";
                                        placeholder: string;
                                        required: boolean;
                                        min?: number;
                                        maxLength?: number;
                                    };
                                    input_type?: string;
                                }[];
                                deadline: string | null;
                                /** @description Money that is promised and not there yet */
                                on_its_way: {
                                    /** @enum {string} */
                                    kind: "release" | "refund";
                                    amount: string;
                                    asset: string;
                                    /** @description promised, moving, or what the provider last said of a refund */
                                    status: string;
                                }[];
                                payment_order?: {
                                    provider: string;
                                    /** @description The provider's id of the order */
                                    order_id: string;
                                    /** @description Minor units (paise) */
                                    amount: number;
                                    currency: string;
                                    checkout_url: string | null;
                                    razorpay_config?: {
                                        order_id: string;
                                        /** @description Paise */
                                        amount: number;
                                        currency: string;
                                        key_id: string;
                                        name: string;
                                        description: string;
                                        prefill?: {
                                            [key: string]: string;
                                        };
                                        theme?: {
                                            color: string;
                                        };
                                    };
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every entry that a deal made in the ledger, oldest first */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                entries: {
                                    id: string;
                                    /** @description escrow, wallet, fee, external, refund_clearing or suspense */
                                    account: string;
                                    /** @description Decimal text; negative leaves the account */
                                    amount: string;
                                    asset: string;
                                    reason: string;
                                    /** Format: date-time */
                                    occurred_at: string;
                                }[];
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say something
         * @description In a conversation that is in real time, or to somebody: then a direct conversation is opened.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** Format: uuid */
                        conversation_id?: string;
                        /** Format: uuid */
                        receiver_id?: string;
                        message: string;
                        media_url?: string | null;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
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
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["FLOW_STATE_INVALID"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/direct-connect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin a direct conversation
         * @description Answers with the one you have where there is one; the message is sent in either case.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** Format: uuid */
                        target_user_id: string;
                        initial_message: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                201: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                conversation: {
                                    /** Format: uuid */
                                    id: string;
                                    /** @enum {string} */
                                    kind: "direct" | "campaign" | "bid";
                                    campaign_id: string | null;
                                    bid_id: string | null;
                                    /** Format: uuid */
                                    brand_owner_id: string;
                                    /** Format: uuid */
                                    influencer_id: string;
                                    request_id: string | null;
                                    /** @enum {string} */
                                    chat_status: "automated" | "real_time" | "closed";
                                    /** @enum {string} */
                                    flow_state: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                    awaiting_role: ("influencer" | "brand_owner") | null;
                                    automation_enabled: boolean;
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
                                    flow_data: {
                                        policy: {
                                            answer_within: string;
                                            pay_within: string;
                                            start_within: string;
                                            deliver_within: string;
                                            grace: string;
                                            approve_within: string;
                                            dispute_within: string;
                                            default_release_percent: number;
                                            max_revisions: number;
                                            max_rounds: number;
                                        };
                                        proposed_amount: string;
                                        offered_price: string | null;
                                        counter_price: string | null;
                                        agreed_price: string | null;
                                        platform_fee_bps: number | null;
                                        negotiation_round: number;
                                        revision_count: number;
                                        project_details: string | null;
                                        held: string;
                                        dispute: {
                                            /** @enum {string} */
                                            opened_by: "influencer" | "brand_owner";
                                            reason: string;
                                            statements: number;
                                        } | null;
                                        ruling: {
                                            release_percent: number;
                                            reason: string;
                                            /** @enum {string} */
                                            by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                        } | null;
                                        closed_by: string | null;
                                    } | null;
                                    work_submission: {
                                        deliverables: string;
                                        description: string;
                                        submission_notes: string;
                                        /** Format: date-time */
                                        submitted_at: string;
                                    } | null;
                                    work_submitted: boolean;
                                    work_status: string | null;
                                    submission_date: string | null;
                                    deadline: string | null;
                                    /** Format: date-time */
                                    created_at: string;
                                    /** Format: date-time */
                                    updated_at: string;
                                };
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
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/seen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark what you received as seen */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: {
                content: {
                    "application/json": Record<string, never>;
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                seen: number;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/unread-count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many messages you have not seen */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                unread_count: number;
                            };
                        };
                    };
                };
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/button-click": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Press a button
         * @description One of `allowed_actions`. A button that needs something more is answered with the `input_field` to fill, and nothing changes; send it in `additional_data`, or by text input.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        button_id: string;
                        additional_data?: {
                            /** @description Of offers; of acceptances: the offer that was seen */
                            price?: string | number;
                            details?: string;
                            feedback?: string;
                            reason?: string;
                            deliverables?: string;
                            description?: string;
                            submission_notes?: string;
                            /** @description Ignored: the time is ours */
                            submitted_at?: string;
                            release_percent?: number;
                        } | null;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                button_id?: string;
                                input_type?: string;
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
                                /** @description The click lacked this: send it along, or as text input; nothing changed */
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
                                payment_order?: {
                                    provider: string;
                                    /** @description The provider's id of the order */
                                    order_id: string;
                                    /** @description Minor units (paise) */
                                    amount: number;
                                    currency: string;
                                    checkout_url: string | null;
                                    razorpay_config?: {
                                        order_id: string;
                                        /** @description Paise */
                                        amount: number;
                                        currency: string;
                                        key_id: string;
                                        name: string;
                                        description: string;
                                        prefill?: {
                                            [key: string]: string;
                                        };
                                        theme?: {
                                            color: string;
                                        };
                                    };
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["CONFLICT.FLOW_STATE_INVALID.OFFER_STALE.LIMIT_REACHED"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/text-input": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answer an input field */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        text: string;
                        /** @enum {string} */
                        input_type: "project_details" | "price_offer" | "negotiation" | "final_offer" | "revision_feedback" | "dispute_statement";
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                button_id?: string;
                                input_type?: string;
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
                                /** @description The click lacked this: send it along, or as text input; nothing changed */
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
                                payment_order?: {
                                    provider: string;
                                    /** @description The provider's id of the order */
                                    order_id: string;
                                    /** @description Minor units (paise) */
                                    amount: number;
                                    currency: string;
                                    checkout_url: string | null;
                                    razorpay_config?: {
                                        order_id: string;
                                        /** @description Paise */
                                        amount: number;
                                        currency: string;
                                        key_id: string;
                                        name: string;
                                        description: string;
                                        prefill?: {
                                            [key: string]: string;
                                        };
                                        theme?: {
                                            color: string;
                                        };
                                    };
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["CONFLICT.FLOW_STATE_INVALID.OFFER_STALE.LIMIT_REACHED"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/work": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit work
         * @description Does what the button `submit_work` does.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        deliverables: string;
                        description?: string;
                        submission_notes?: string;
                        /** @description Ignored: the time is ours */
                        submitted_at?: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                button_id?: string;
                                input_type?: string;
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
                                /** @description The click lacked this: send it along, or as text input; nothing changed */
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
                                payment_order?: {
                                    provider: string;
                                    /** @description The provider's id of the order */
                                    order_id: string;
                                    /** @description Minor units (paise) */
                                    amount: number;
                                    currency: string;
                                    checkout_url: string | null;
                                    razorpay_config?: {
                                        order_id: string;
                                        /** @description Paise */
                                        amount: number;
                                        currency: string;
                                        key_id: string;
                                        name: string;
                                        description: string;
                                        prefill?: {
                                            [key: string]: string;
                                        };
                                        theme?: {
                                            color: string;
                                        };
                                    };
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["CONFLICT.FLOW_STATE_INVALID.OFFER_STALE.LIMIT_REACHED"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/work/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve work, or ask for a revision
         * @description Does what the buttons `approve_work` and `request_revision` do.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        decision: "approve_work" | "request_revision";
                        feedback?: string;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                button_id?: string;
                                input_type?: string;
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
                                /** @description The click lacked this: send it along, or as text input; nothing changed */
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
                                payment_order?: {
                                    provider: string;
                                    /** @description The provider's id of the order */
                                    order_id: string;
                                    /** @description Minor units (paise) */
                                    amount: number;
                                    currency: string;
                                    checkout_url: string | null;
                                    razorpay_config?: {
                                        order_id: string;
                                        /** @description Paise */
                                        amount: number;
                                        currency: string;
                                        key_id: string;
                                        name: string;
                                        description: string;
                                        prefill?: {
                                            [key: string]: string;
                                        };
                                        theme?: {
                                            color: string;
                                        };
                                    };
                                };
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["CONFLICT.FLOW_STATE_INVALID.OFFER_STALE.LIMIT_REACHED"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/messages/conversations/{id}/steps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every step a deal took, oldest first
         * @description Who did what, and where it led. Empty for direct conversations.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                };
                header?: never;
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @description Numbered per deal from 1, without gaps */
                                n: number;
                                on: string;
                                /** @enum {string} */
                                by: "influencer" | "brand_owner" | "admin" | "provider" | "system";
                                /** @enum {string} */
                                from: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                /** @enum {string} */
                                to: "initial" | "influencer_responding" | "brand_owner_details" | "influencer_reviewing" | "brand_owner_pricing" | "influencer_price_response" | "brand_owner_negotiation" | "influencer_final_response" | "negotiation_input" | "payment_pending" | "payment_completed" | "work_in_progress" | "work_submitted" | "work_approved" | "disputed" | "real_time" | "chat_closed";
                                /** Format: date-time */
                                at: string;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Your events after a number, oldest first
         * @description What came after the last event you have. `next_cursor` is the number to go on from while there is more; on the last page it is null. A socket sends the same events by itself, and replays up to 10000 of them.
         */
        get: {
            parameters: {
                query?: {
                    /** @description `seq` of the last event you have; 0, or left out, for all */
                    after?: number;
                    /** @description The same, for those who go by `page.next_cursor` */
                    cursor?: number;
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @description Numbered per account from 1, without gaps */
                                seq: number;
                                /** @description As in the AsyncAPI document */
                                name: string;
                                /** @description The data of the event of this name */
                                data: {
                                    [key: string]: unknown;
                                };
                                /** Format: date-time */
                                at: string;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/wallet/{userId}/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What you have, per asset */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    userId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                balances: {
                                    asset: string;
                                    /**
                                     * @description Decimal text in the asset
                                     * @example 4500.00
                                     */
                                    available: string;
                                    /**
                                     * @description Decimal text in the asset
                                     * @example 4500.00
                                     */
                                    held: string;
                                    /**
                                     * @description Decimal text in the asset
                                     * @example 4500.00
                                     */
                                    total: string;
                                }[];
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/wallet/{userId}/transactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came and went, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                };
                header?: never;
                path: {
                    userId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                id: string;
                                asset: string;
                                /**
                                 * @description Negative leaves the wallet
                                 * @example 4500.00
                                 */
                                amount: string;
                                /**
                                 * @description Decimal text in the asset
                                 * @example 4500.00
                                 */
                                balance_after: string;
                                reason: string;
                                conversation_id: string | null;
                                /** Format: date-time */
                                occurred_at: string;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/payments/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of an order */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    /** @description The provider's id of the order, or ours */
                    orderId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                provider: string;
                                /** @description The provider's id of the order */
                                order_id: string;
                                /** @description Minor units (paise) */
                                amount: number;
                                currency: string;
                                checkout_url: string | null;
                                razorpay_config?: {
                                    order_id: string;
                                    /** @description Paise */
                                    amount: number;
                                    currency: string;
                                    key_id: string;
                                    name: string;
                                    description: string;
                                    prefill?: {
                                        [key: string]: string;
                                    };
                                    theme?: {
                                        color: string;
                                    };
                                };
                                /**
                                 * Format: uuid
                                 * @description Our own id of the order
                                 */
                                id: string;
                                /** Format: uuid */
                                conversation_id: string;
                                /**
                                 * @description closed: nothing is to be paid on it any more
                                 * @enum {string}
                                 */
                                status: "open" | "paid" | "closed";
                                paid_at: string | null;
                                /** Format: date-time */
                                created_at: string;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits for an operator, newest first */
        get: {
            parameters: {
                query?: {
                    /** @description Entries at most, 1 to 100 */
                    limit?: number;
                    /** @description `page.next_cursor` of the page before */
                    cursor?: string;
                    status?: "open" | "closed";
                    kind?: "dispute" | "unmatched_capture" | "stuck_refund" | "charge_back" | "parked_deal";
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description A page */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** @enum {string} */
                                kind: "dispute" | "unmatched_capture" | "stuck_refund" | "charge_back" | "parked_deal";
                                conversation_id: string | null;
                                /** @description What it is about; amounts in minor units */
                                details: {
                                    [key: string]: unknown;
                                };
                                /** @description What may be decided */
                                decisions: string[];
                                /** Format: date-time */
                                opened_at: string;
                                closed_at: string | null;
                                decision: {
                                    [key: string]: unknown;
                                } | null;
                                decided_by: string | null;
                            }[];
                            page: {
                                /** @description The most entries this page could have */
                                limit: number;
                                /** @description Send it as `cursor` for the next page; null on the last one */
                                next_cursor: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/tasks/{id}/decision": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Decide about a task
         * @description A dispute is ruled on (`release_percent`, `reason`); an unmatched capture is refunded to whoever paid; a stuck refund is tried again; the rest is dismissed once you have looked at it. Each with a reason.
         */
        post: {
            parameters: {
                query?: never;
                header?: {
                    /** @description The same key and body are answered alike and done once; kept for 30 days */
                    "idempotency-key"?: string;
                };
                path: {
                    id: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @enum {string} */
                        decision: "rule" | "refund" | "retry" | "dismiss";
                        reason: string;
                        release_percent?: number;
                    };
                };
            };
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** Format: uuid */
                                id: string;
                                /** @enum {string} */
                                kind: "dispute" | "unmatched_capture" | "stuck_refund" | "charge_back" | "parked_deal";
                                conversation_id: string | null;
                                /** @description What it is about; amounts in minor units */
                                details: {
                                    [key: string]: unknown;
                                };
                                /** @description What may be decided */
                                decisions: string[];
                                /** Format: date-time */
                                opened_at: string;
                                closed_at: string | null;
                                decision: {
                                    [key: string]: unknown;
                                } | null;
                                decided_by: string | null;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                404: components["responses"]["NOT_FOUND"];
                409: components["responses"]["CONFLICT.FLOW_STATE_INVALID"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                415: components["responses"]["UNSUPPORTED_MEDIA_TYPE"];
                422: components["responses"]["IDEMPOTENCY_MISMATCH"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/reconciliation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the books agree with themselves
         * @description Every invariant as a query that finds what breaks it. Money in suspense, open tasks and refunds on their way are reported too, and are no failures.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                ok: boolean;
                                checks: {
                                    name: string;
                                    /** @description What is so when it is ok */
                                    meaning: string;
                                    ok: boolean;
                                    /** @description What breaks it, or what there is to report; 100 at most */
                                    rows: {
                                        [key: string]: unknown;
                                    }[];
                                }[];
                            };
                        };
                    };
                };
                401: components["responses"]["UNAUTHENTICATED"];
                403: components["responses"]["FORBIDDEN"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/{provider}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What a payment provider tells us
         * @description Called by payment providers. The raw body is checked against the signature header of the provider (`x-razorpay-signature`, `stripe-signature`, `x-sandbox-signature`), stored once per event and answered; it is applied from the store. A delivery that is repeated is answered alike and changes nothing.
         */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    provider: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                /** @description What was asked for */
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            /** @enum {boolean} */
                            success: true;
                            data: {
                                /** @enum {boolean} */
                                received: true;
                            };
                        };
                    };
                };
                400: components["responses"]["VALIDATION_FAILED"];
                401: components["responses"]["UNAUTHENTICATED"];
                404: components["responses"]["NOT_FOUND"];
                413: components["responses"]["PAYLOAD_TOO_LARGE"];
                500: components["responses"]["INTERNAL"];
                503: components["responses"]["UNAVAILABLE"];
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: never;
    responses: {
        /** @description `CONFLICT`: It exists already, or something in its way does. */
        CONFLICT: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "CONFLICT";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /**
         * @description `CONFLICT`: It exists already, or something in its way does.
         *
         *     `FLOW_STATE_INVALID`: The deal is in another state; details has current_state and required_state.
         */
        "CONFLICT.FLOW_STATE_INVALID": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "CONFLICT" | "FLOW_STATE_INVALID";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /**
         * @description `CONFLICT`: It exists already, or something in its way does.
         *
         *     `FLOW_STATE_INVALID`: The deal is in another state; details has current_state and required_state.
         *
         *     `OFFER_STALE`: The price sent is not the offer that stands; details has the standing one.
         *
         *     `LIMIT_REACHED`: A limit of the policy (revisions, rounds, statements) is used up.
         */
        "CONFLICT.FLOW_STATE_INVALID.OFFER_STALE.LIMIT_REACHED": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "CONFLICT" | "FLOW_STATE_INVALID" | "OFFER_STALE" | "LIMIT_REACHED";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `FLOW_STATE_INVALID`: The deal is in another state; details has current_state and required_state. */
        FLOW_STATE_INVALID: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "FLOW_STATE_INVALID";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `FORBIDDEN`: The caller is known but may not do this. */
        FORBIDDEN: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "FORBIDDEN";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `IDEMPOTENCY_MISMATCH`: This Idempotency-Key was used with another body. */
        IDEMPOTENCY_MISMATCH: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "IDEMPOTENCY_MISMATCH";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `INTERNAL`: Our fault; it was logged under the correlation id. */
        INTERNAL: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "INTERNAL";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `NOT_FOUND`: No such thing, or none that the caller may know of. */
        NOT_FOUND: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "NOT_FOUND";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The body or frame is larger than the documented limit. */
        PAYLOAD_TOO_LARGE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "PAYLOAD_TOO_LARGE";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `RATE_LIMITED`: Too many attempts; Retry-After says when to come back. */
        RATE_LIMITED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "RATE_LIMITED";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `UNAUTHENTICATED`: No valid access token, or wrong credentials. */
        UNAUTHENTICATED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "UNAUTHENTICATED";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `UNAVAILABLE`: A part we depend on is down; Retry-After says when to come back. */
        UNAVAILABLE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "UNAVAILABLE";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: Bodies are application/json. */
        UNSUPPORTED_MEDIA_TYPE: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "UNSUPPORTED_MEDIA_TYPE";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
        /** @description `VALIDATION_FAILED`: The request is not of the documented shape; details names the fields. */
        VALIDATION_FAILED: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    /** @description A sentence for people */
                    message: string;
                    /** @enum {string} */
                    error_code: "VALIDATION_FAILED";
                    /** @description What the sentence is about, by name */
                    details: {
                        /** @description Of VALIDATION_FAILED: what is wrong, field by field */
                        fields?: {
                            field: string;
                            problem: string;
                        }[];
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
