-- Up Migration

-- Whether an order was paid is asked whenever it is shown.
CREATE INDEX captures_order ON captures (order_id) WHERE order_id IS NOT NULL;

-- Refunds of a payment, also those that are done: a fact may name nothing but the payment. (`refunds_open` is what
-- waits, and `refunds_provider_id` has been there from the start.)
CREATE INDEX refunds_capture ON refunds (capture_id);
