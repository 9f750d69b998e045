-- Up Migration

-- Keys that secrets in this database are sealed under, so that a program that lacks one says so when it starts.
CREATE TABLE secret_keys (
  id text COLLATE "C" PRIMARY KEY,
  since timestamptz(3) NOT NULL
);
COMMENT ON TABLE secret_keys IS 'Keys of SECRETS_KEY that something here is sealed under, or soon will be. Not the keys: their ids.';
COMMENT ON COLUMN secret_keys.id IS 'of a digest of the key, 12 hex digits: what is sealed names it';

COMMENT ON COLUMN signing_keys.private_jwk IS 'an object, or a string where it is sealed';
COMMENT ON COLUMN webhook_endpoints.headers IS 'sent with each; an object, or a string where they are sealed';
COMMENT ON COLUMN webhook_endpoints.secret IS 'whsec_… or sealed:…';
COMMENT ON COLUMN answers.answer IS 'an object, or a string where it shows a secret and is sealed';
COMMENT ON COLUMN sessions.secret IS
  '32 bytes or sealed:…; what each next refresh token is made with from the one before, so that it can be made again for two tabs; with no token it makes none';
