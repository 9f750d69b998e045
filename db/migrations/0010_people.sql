-- Up Migration

-- Instants are kept to the millisecond everywhere, so that they compare exactly with the ones code computed.

CREATE TABLE users (
  id uuid PRIMARY KEY,
  handle text NOT NULL,
  -- Null for accounts of an outside issuer, and for the system's own.
  password_hash text,
  roles text[] NOT NULL,
  -- An outside issuer's subject, "issuer|sub".
  external_subject text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT users_handle_form CHECK (handle ~ '^[A-Za-z0-9_.-]{2,40}$'),
  CONSTRAINT users_roles_known CHECK (roles <@ ARRAY['viewer', 'creator', 'brand_owner', 'influencer', 'admin']::text[])
);
CREATE UNIQUE INDEX users_handle_unique ON users (lower(handle));
CREATE UNIQUE INDEX users_external_subject_unique ON users (external_subject) WHERE external_subject IS NOT NULL;

-- One row a login. A refresh token that is used twice ends its whole family.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),
  ended_by text CONSTRAINT sessions_ended_by_known CHECK (ended_by IN ('logout', 'reuse', 'admin'))
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE ended_at IS NULL;

CREATE TABLE refresh_tokens (
  -- SHA-256 of the token: what is stored here opens nothing.
  hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES sessions (id),
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  used_at timestamptz(3)
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Keys that sign access tokens; they outlive restarts, and old ones verify until their tokens have expired.
CREATE TABLE signing_keys (
  kid text PRIMARY KEY,
  algorithm text NOT NULL,
  private_jwk jsonb NOT NULL,
  public_jwk jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  retired_at timestamptz(3)
);

-- The sender of everything the system itself says.
INSERT INTO users (id, handle, roles) VALUES ('00000000-0000-0000-0000-000000000000', 'system', '{}');
