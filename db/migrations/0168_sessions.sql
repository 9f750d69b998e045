-- Up Migration

ALTER TABLE sessions ADD COLUMN secret bytea NOT NULL DEFAULT (uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
COMMENT ON COLUMN sessions.secret IS
  'what each next refresh token is made with from the one before, so that it can be made again for two tabs; with no token it makes none';
ALTER TABLE refresh_tokens ADD COLUMN used_by bytea;
COMMENT ON COLUMN refresh_tokens.used_by IS 'SHA-256 of the address and the program that used it: the same client may send it twice within seconds';
