-- Up Migration

INSERT INTO machines (kind, held_at) VALUES ('ticketEvent', 'escrow');
INSERT INTO machine_states (kind, state, rests, ends) VALUES
  ('ticketEvent', 'on_sale', false, false), ('ticketEvent', 'started', false, false),
  ('ticketEvent', 'refunding', false, false),
  ('ticketEvent', 'settled', true, true), ('ticketEvent', 'cancelled', true, true);

-- What tickets are sold for. Its state and how many are sold are its process's, copied here by follow_ticket_event in the
-- step's own transaction.
CREATE TABLE ticket_events (
  process_id uuid PRIMARY KEY REFERENCES processes (id),
  creator_id uuid NOT NULL REFERENCES users (id),
  title text NOT NULL,
  starts_at timestamptz(3) NOT NULL,
  capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
  price bigint NOT NULL CHECK (price >= 0),
  asset text NOT NULL,
  stream_id uuid REFERENCES streams (process_id),
  status text NOT NULL DEFAULT 'on_sale',
  sold integer NOT NULL DEFAULT 0 CHECK (sold BETWEEN 0 AND capacity),
  created_at timestamptz(3) NOT NULL
);
COMMENT ON COLUMN ticket_events.price IS 'minor units of the asset; 0: free, and counted all the same';
COMMENT ON COLUMN ticket_events.stream_id IS 'the stream that its tickets open; null: it is elsewhere, or a stream names it later';
COMMENT ON COLUMN ticket_events.sold IS 'of tickets that are valid: the check is what is left where everything else failed';
CREATE INDEX ticket_events_creator ON ticket_events (creator_id, process_id);
CREATE INDEX ticket_events_status ON ticket_events (status, process_id);
CREATE INDEX ticket_events_stream ON ticket_events (stream_id) WHERE stream_id IS NOT NULL;

CREATE TABLE tickets (
  id uuid PRIMARY KEY,
  event_id uuid NOT NULL REFERENCES ticket_events (process_id),
  holder_id uuid NOT NULL REFERENCES users (id),
  status text NOT NULL DEFAULT 'valid' CHECK (status IN ('valid', 'refunded')),
  refund_told boolean NOT NULL DEFAULT false,
  issued_at timestamptz(3) NOT NULL,
  refunded_at timestamptz(3),
  CHECK ((status = 'refunded') = (refunded_at IS NOT NULL))
);
COMMENT ON COLUMN tickets.refund_told IS 'of one that is refunded: its holder''s rooms were looked at again';
CREATE UNIQUE INDEX tickets_one ON tickets (event_id, holder_id) WHERE status = 'valid';
CREATE INDEX tickets_of ON tickets (event_id, id) WHERE status = 'valid';
CREATE INDEX tickets_all ON tickets (event_id, id);
CREATE INDEX tickets_holder ON tickets (holder_id, id);
CREATE INDEX tickets_untold ON tickets (id) WHERE status = 'refunded' AND NOT refund_told;

CREATE FUNCTION follow_ticket_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ticket_events SET
    status = NEW.state, sold = (NEW.terms ->> 'sold')::integer, starts_at = (NEW.terms ->> 'starts_at')::timestamptz
  WHERE process_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER ticket_events_follow AFTER UPDATE ON processes
  FOR EACH ROW WHEN (NEW.kind = 'ticketEvent' AND NEW.version <> OLD.version) EXECUTE FUNCTION follow_ticket_event();
