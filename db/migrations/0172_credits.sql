-- Up Migration

-- Credits that were bought reach consumers as everything else does that happens to credits: in the transaction in which
-- the wallet has them. Who bought them hears of it by the step.
CREATE FUNCTION tell_credits_bought() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_buyer uuid;
  v_amount bigint;
  v_event jsonb;
BEGIN
  SELECT seats.user_id, (terms ->> 'quantity')::bigint INTO v_buyer, v_amount
  FROM processes JOIN seats ON seats.process_id = processes.id AND role = 'buyer'
  WHERE processes.id = NEW.process_id AND kind = 'topUp' AND terms ->> 'asset' = 'CREDIT';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  v_event := jsonb_build_object(
    'type', 'credit_purchase', 'userId', v_buyer, 'amount', v_amount,
    'eventId', 'credit_purchase_' || NEW.process_id, 'paymentId', NEW.process_id,
    'timestamp', to_char(NEW.done_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  );
  INSERT INTO user_credit_events (event_id, subject_id, user_id, type, amount, event, occurred_at)
  VALUES (v_event ->> 'eventId', v_buyer, v_buyer, 'credit_purchase', v_amount, v_event, NEW.done_at);
  INSERT INTO publications (exchange, routing_key, key, about, event, occurred_at)
  VALUES ('credit_events', 'credit.event', v_event ->> 'eventId', 'profile/' || v_buyer, v_event, NEW.done_at);
  RETURN NULL;
END $$;
CREATE TRIGGER credits_bought AFTER UPDATE OF done_at ON promises
  FOR EACH ROW WHEN (NEW.kind = 'credit' AND OLD.done_at IS NULL AND NEW.done_at IS NOT NULL)
  EXECUTE FUNCTION tell_credits_bought();
