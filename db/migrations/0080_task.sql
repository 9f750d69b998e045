-- Up Migration

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  key text NOT NULL CONSTRAINT tasks_key_unique UNIQUE,
  kind text NOT NULL,
  process_id uuid REFERENCES processes (id),
  details jsonb NOT NULL,
  opened_at timestamptz(3) NOT NULL,
  closed_at timestamptz(3),
  decision jsonb,
  decided_by uuid REFERENCES users (id)
);
COMMENT ON TABLE tasks IS 'What waits for an operator.';
COMMENT ON COLUMN tasks.key IS 'derived from what it is about: asking twice makes one task';
COMMENT ON COLUMN tasks.kind IS 'one of TASKS, which says what may be decided about it';
CREATE INDEX tasks_open ON tasks (opened_at DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX tasks_process ON tasks (process_id, kind) WHERE process_id IS NOT NULL;
