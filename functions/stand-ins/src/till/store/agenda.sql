-- Version 2: what is to happen by itself, and when (seconds since 1970, by the till's clock).

CREATE TABLE agenda (
    subject TEXT NOT NULL,
    matter TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (subject, matter)
);
CREATE INDEX agenda_by_time ON agenda (at);
CREATE INDEX objects_by_subscription ON objects (kind, json_extract(json, '$.subscription'));
CREATE INDEX objects_by_invoice ON objects (kind, json_extract(json, '$.invoice'));
