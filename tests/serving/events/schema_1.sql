-- A log as version 1 wrote it: two tenants, keys, and gaps where somebody was erased. It stays as it is.
BEGIN TRANSACTION;
CREATE TABLE events (tenant TEXT NOT NULL, sequence INTEGER NOT NULL, previous INTEGER NOT NULL, key TEXT, user_id TEXT, event TEXT NOT NULL, received_at INTEGER NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (tenant, sequence)) STRICT, WITHOUT ROWID;
INSERT INTO "events" VALUES('a',1,0,'k1','用户','{"item_id":"i1","kind":"view","user_id":"用户"}',1795636694810772,1442993096);
INSERT INTO "events" VALUES('a',3,1,NULL,'v','{"item_id":"i3","kind":"view","user_id":"v","value":0.5}',1795636694810772,3091490120);
INSERT INTO "events" VALUES('a',5,3,NULL,'用户','{"item_id":"i5","kind":"view","user_id":"用户"}',1795636694828549,3844575683);
INSERT INTO "events" VALUES('b',4,0,'k1','用户','{"item_id":"other","kind":"view","user_id":"用户"}',1795636694826447,1891249776);
CREATE TABLE heads (tenant TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "heads" VALUES('a',5);
INSERT INTO "heads" VALUES('b',4);
CREATE TABLE log (last INTEGER NOT NULL) STRICT;
INSERT INTO "log" VALUES(6);
CREATE UNIQUE INDEX events_by_key ON events (tenant, key) WHERE key IS NOT NULL;
CREATE INDEX events_by_user ON events (tenant, user_id);
COMMIT;
PRAGMA user_version = 1;
