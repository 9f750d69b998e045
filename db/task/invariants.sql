-- What is true of tasks at every instant, as queries that answer with the rows which break it. Amounts are cast to
-- text, so that no reader rounds them. `invariant` is a promise; `report` is a reading an operator wants beside them.

-- invariant: decisions_are_kept
-- A task that is closed says how, and one that is open does not.
SELECT id AS task_id, kind, closed_at FROM tasks WHERE (closed_at IS NULL) <> (decision IS NULL);

-- report: open_tasks
-- What waits for an operator, oldest first.
SELECT id AS task_id, kind, process_id, opened_at FROM tasks WHERE closed_at IS NULL ORDER BY opened_at;
