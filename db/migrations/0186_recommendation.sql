-- Up Migration

-- What is recommended is made of models, which are built regularly and kept whole: a version is never changed once it is
-- published, and what is read is always the newest published one.
CREATE TABLE recommendation_versions (
  id uuid PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  built_at timestamptz(3) NOT NULL,
  published_at timestamptz(3),
  blend text COLLATE "C" NOT NULL,
  rank smallint NOT NULL,
  gram bytea NOT NULL,
  items integer NOT NULL,
  people integer NOT NULL,
  deeds integer NOT NULL,
  report jsonb NOT NULL,
  CONSTRAINT recommendation_versions_blend CHECK (blend IN ('blended', 'content', 'popular')),
  CONSTRAINT recommendation_versions_better CHECK ((rank > 0) = (blend = 'blended'))
);
COMMENT ON COLUMN recommendation_versions.published_at IS 'null while its items are being written: nobody reads it yet';
COMMENT ON COLUMN recommendation_versions.blend IS 'what lists are made by: what was not better than the popular on what was held out is not served';
COMMENT ON COLUMN recommendation_versions.gram IS 'rank × rank numbers of 8 bytes, little-endian';
COMMENT ON COLUMN recommendation_versions.report IS 'what was found out on what was held out';
CREATE INDEX recommendation_versions_published ON recommendation_versions (kind, id) WHERE published_at IS NOT NULL;

CREATE TABLE recommendation_items (
  version_id uuid NOT NULL REFERENCES recommendation_versions (id) ON DELETE CASCADE,
  place integer NOT NULL,
  item_id uuid NOT NULL,
  creator_id uuid NOT NULL,
  labels text[] NOT NULL,
  popularity double precision NOT NULL,
  created_at timestamptz(3) NOT NULL,
  factors bytea NOT NULL,
  PRIMARY KEY (version_id, place)
);
COMMENT ON COLUMN recommendation_items.factors IS 'rank numbers of 4 bytes, little-endian; empty where lists are made by none';

-- Among all people those who create, the newest first.
CREATE INDEX users_creators ON users (id) WHERE 'creator' = ANY(roles);

-- A page as it was handed out: asked for again it is the same, and what follows it has none of it.
CREATE TABLE recommendation_pages (
  list_id uuid NOT NULL,
  n smallint NOT NULL,
  user_id uuid NOT NULL REFERENCES users (id),
  kind text COLLATE "C" NOT NULL,
  at timestamptz(3) NOT NULL,
  shown jsonb NOT NULL,
  more boolean NOT NULL,
  PRIMARY KEY (list_id, n)
);
COMMENT ON COLUMN recommendation_pages.shown IS '[{ id, creator_id, score, source, reasons }], in their order';
COMMENT ON COLUMN recommendation_pages.more IS 'whether the list goes on after it';
CREATE INDEX recommendation_pages_user ON recommendation_pages (user_id);
CREATE INDEX recommendation_pages_at ON recommendation_pages (at);
