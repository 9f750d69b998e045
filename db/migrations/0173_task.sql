-- Up Migration

ALTER TABLE tasks ADD COLUMN claimed_by uuid REFERENCES users (id), ADD COLUMN claimed_at timestamptz(3);
COMMENT ON COLUMN tasks.claimed_by IS 'who is at it; nobody else decides meanwhile';

CREATE TABLE task_notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks (id),
  kind text NOT NULL CONSTRAINT task_notes_kind_known CHECK (kind IN ('note', 'claim', 'unclaim', 'decision', 'opened_anew')),
  by_id uuid REFERENCES users (id),
  data jsonb NOT NULL,
  at timestamptz(3) NOT NULL
);
COMMENT ON TABLE task_notes IS 'What was said and decided about a task: it stays, whatever is heard later.';
CREATE INDEX task_notes_of_task ON task_notes (task_id, id);
CREATE TRIGGER task_notes_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON task_notes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whoever closes a task, in whatever way, is remembered with what they decided, and so is that it was opened anew.
CREATE FUNCTION note_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.closed_at IS NULL THEN
    INSERT INTO task_notes (task_id, kind, by_id, data, at) VALUES (NEW.id, 'opened_anew', NULL, NEW.details, NEW.opened_at);
  ELSE
    INSERT INTO task_notes (task_id, kind, by_id, data, at)
    VALUES (NEW.id, 'decision', NEW.decided_by, coalesce(NEW.decision, '{}'), NEW.closed_at);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER tasks_decided AFTER UPDATE OF closed_at, decision ON tasks FOR EACH ROW
  WHEN ((NEW.closed_at IS NOT NULL AND (OLD.closed_at, OLD.decision) IS DISTINCT FROM (NEW.closed_at, NEW.decision))
    OR (NEW.closed_at IS NULL AND OLD.closed_at IS NOT NULL))
  EXECUTE FUNCTION note_decision();
