-- Version 1, on an empty file: objects, events to deliver, idempotency keys, settings.

CREATE TABLE objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    json TEXT NOT NULL,
    hidden TEXT NOT NULL
);
CREATE INDEX objects_by_kind ON objects (kind, seq);
CREATE INDEX objects_by_payment ON objects (kind, json_extract(json, '$.payment_intent'));
CREATE INDEX objects_by_status ON objects (kind, json_extract(json, '$.status'));
-- Every attempt to deliver an event; status is null if no answer came.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    status INTEGER,
    error TEXT
);
CREATE INDEX deliveries_by_event ON deliveries (event, seq);
-- Deliveries still to make. Times in milliseconds since 1970, by the till's clock.
CREATE TABLE pending (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL UNIQUE,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    held INTEGER NOT NULL
);
CREATE INDEX pending_by_due ON pending (due);
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created INTEGER NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
