-- Sessions of browsers: a random cookie stands for one, in place of refresh and access tokens. As with those, the
-- database has only its SHA-256.

ALTER TABLE evens.sessions ADD COLUMN cookie_hash bytea;
CREATE UNIQUE INDEX sessions_by_cookie ON evens.sessions (cookie_hash) WHERE cookie_hash IS NOT NULL;
