"""Five figures of an export, by DuckDB and by `tuition report`, with what each took.

    python compare.py FILE.jsonl.gz TUITION        both, as JSON
    python compare.py FILE.jsonl.gz                DuckDB's figures alone

Made-up records: a lesson's length follows from its number, as the generator of the file has it.
"""

import json
import os
import sys
import tempfile
import time

MONTH, WINDOW = ("2026-06-01", "2026-06-30"), ("2026-06-03", "2026-06-30")

QUERY = """
create table records as
select distinct on (id) * from read_json(?, format = 'newline_delimited', columns = {
  id: 'VARCHAR', type: 'VARCHAR', "at": 'TIMESTAMP', learner: 'VARCHAR', visitor: 'VARCHAR', lesson: 'VARCHAR',
  "from": 'INTEGER', "to": 'INTEGER', score: 'INTEGER', amount: 'BIGINT'})
where type <> 'params';
"""

FIGURES = f"""
with buyers as (select distinct learner from records where type = 'purchase'),
pieces as (
  select learner, lesson, "from", "to",
    max("to") over (partition by learner, lesson order by "from", "to" rows between unbounded preceding and 1 preceding) as reached
  from records where type = 'watch' and learner in (select learner from buyers)),
covered as (
  select learner, lesson, sum(greatest(0, "to" - greatest("from", coalesce(reached, 0)))) as seconds
  from pieces group by learner, lesson)
select
  (select sum(case type when 'purchase' then amount else -amount end) from records
    where type in ('purchase', 'refund') and "at"::date between date '{MONTH[0]}' and date '{MONTH[1]}') as net,
  (select count(distinct visitor) from records
    where type = 'page_view' and "at"::date between date '{MONTH[0]}' and date '{MONTH[1]}') as visitors,
  (select count(distinct learner) from records
    where type = 'active' and "at"::date between date '{WINDOW[0]}' and date '{WINDOW[1]}') as mau,
  (select count(*) from covered where seconds / (600 + 60 * (right(lesson, 1)::integer)) >= 0.9) as finished,
  (select avg(case when score >= 4 then 1.0 else 0.0 end) from records where type = 'csat') as csat
"""


def by_duckdb(path):
    import duckdb
    with tempfile.TemporaryDirectory() as folder:
        database = duckdb.connect(config={"temp_directory": folder})
        database.execute(QUERY, [path])
        net, visitors, mau, finished, csat = database.execute(FIGURES).fetchone()
    return {"net": int(net), "visitors": visitors, "mau": mau, "finished": finished, "csat": float(csat)}


def of_report(text):
    report = json.loads(text)
    return {
        "net": sum(one["net"] for one in report["takings"].values()),
        "visitors": report["page_funnel"]["view"],
        "mau": report["MAU"],
        "finished": sum(lesson["finished"] for lesson in report["lesson_funnel"].values()),
        "csat": report["CSAT"],
    }


def measured(command):
    """Runs a command; what it printed, and the seconds and the most memory that it took."""
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        took = time.monotonic() - start
        if status != 0:
            sys.exit(f"{command[0]} failed")
        out.seek(0)
        return out.read(), {"seconds": took, "cpu": usage.ru_utime + usage.ru_stime, "megabytes": usage.ru_maxrss / 1024}


def main():
    path, rest = sys.argv[1], sys.argv[2:]
    if not rest:
        print(json.dumps(by_duckdb(path)))
        return
    said, duckdb = measured([sys.executable, os.path.abspath(__file__), path])
    report, ours = measured([rest[0], "report", "--json", "--events", path])
    print(json.dumps({
        "duckdb": {"figures": json.loads(said), **duckdb},
        "tuition": {"figures": of_report(report), **ours},
    }))


main()
