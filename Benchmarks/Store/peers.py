#!/usr/bin/env python3
"""Puts the store's questions to DuckDB and to a plain SQLite table, on the same events.

    peers.py EVENTS.csv STORE.md FOLDER

STORE.md is what StoreBenchmark printed; each row's checks are compared with what SQL counts. Prints a table.
DuckDB is from PyPI; without it its column stays empty. SQLite runs each question once, without filters only:
it needs seconds for each.
"""
import datetime
import os
import re
import resource
import sqlite3
import sys
import time

csv, store, folder = sys.argv[1:4]
FILTERS = ["", " AND os_name = 'linux'", " AND os_name = 'linux' AND minor >= 12"]

# The interval asked about begins here; a few events came so late that they lie before it.
FIRST = (datetime.date(2025, 11, 1) - datetime.date(1970, 1, 1)).days
SINCE = f" AND d >= {FIRST}"

# What stands for a day, a week from Monday, a month, in each database. `d` is the day since 1970.
DAY = {"duckdb": "d", "sqlite": "d"}
WEEK = {"duckdb": "(d + 3) // 7", "sqlite": "(d + 3) / 7"}
MONTH = {
    "duckdb": "strftime(make_timestamp(time * 1000), '%Y-%m')",
    "sqlite": "strftime('%Y-%m', time / 1000, 'unixepoch')",
}


def users(period, where=""):
    return lambda db, f: (
        f"SELECT sum(n) FROM (SELECT count(DISTINCT user) AS n FROM events WHERE 1{SINCE}{where}{f} GROUP BY {period[db]})"
    )


def top(count, fields, where=""):
    return lambda db, f: (
        f"SELECT sum(n) FROM (SELECT {count} AS n FROM events WHERE 1{SINCE}{where}{f} GROUP BY {fields}"
        " ORDER BY n DESC LIMIT 10)"
    )


def funnel(db, f):
    if db == "sqlite":
        return None
    week = 7 * 86_400_000
    return f"""
      WITH span AS (SELECT max(d) AS last FROM events),
      a AS (SELECT DISTINCT user, time FROM events, span WHERE event = 0 AND d > last - 90{f}),
      b AS (SELECT DISTINCT user, time FROM events WHERE event = 1{f}),
      c AS (SELECT DISTINCT user, time FROM events WHERE event = 2{f}),
      ab AS (SELECT a.user, a.time AS start, b.time AS second FROM a ASOF JOIN b
             ON a.user = b.user AND a.time <= b.time WHERE b.time - a.time <= {week}),
      abc AS (SELECT ab.user FROM ab ASOF JOIN c ON ab.user = c.user AND ab.second <= c.time
              WHERE c.time - ab.start <= {week})
      SELECT (SELECT count(DISTINCT user) FROM a) + (SELECT count(DISTINCT user) FROM ab)
        + (SELECT count(DISTINCT user) FROM abc)"""


def rolling(db, f):
    if db == "sqlite":
        return None
    return f"""
      WITH seen AS (SELECT DISTINCT user, d FROM events WHERE 1{f}), last AS (SELECT max(d) AS m FROM events),
      spread AS (SELECT DISTINCT user, d + o.range AS d FROM seen, range(28) o)
      SELECT count(*) FROM spread, last WHERE d <= m{SINCE}"""


def quantiles(db, f):
    if db == "duckdb":
        return f"SELECT count(seconds), quantile_disc(seconds, [0.5, 0.9, 0.95, 0.99]) FROM events WHERE event = 0{SINCE}{f}"
    # SQLite sorts the values; reading one of them afterwards costs nothing.
    return f"""WITH s AS MATERIALIZED (SELECT seconds FROM events WHERE event = 0{SINCE}{f} ORDER BY seconds)
      SELECT (SELECT count(*) FROM s), (SELECT seconds FROM s LIMIT 1 OFFSET (SELECT count(*) / 2 FROM s))"""


# The names are StoreBenchmark's.
QUESTIONS = {
    "active users by day": users(DAY),
    "active users by week": users(WEEK),
    "active users by month": users(MONTH),
    "rolling 28 by day": rolling,
    "active users of event_3 by day": users(DAY, " AND event = 3"),
    "new and returning by day": lambda db, f: (
        f"""WITH f AS (SELECT user, min(d) AS first FROM events WHERE 1{f} GROUP BY user),
        a AS (SELECT DISTINCT user, d FROM events WHERE 1{f})
        SELECT sum(CASE WHEN d = first THEN 1 ELSE 0 END) + sum(CASE WHEN d > first THEN 1 ELSE 0 END)
        FROM a JOIN f USING (user) WHERE 1{SINCE}"""
    ),
    "retention by week": lambda db, f: (
        f"""WITH f AS (SELECT user, min(d) AS first FROM events WHERE 1{f} GROUP BY user),
        a AS (SELECT DISTINCT user, {WEEK[db]} AS w FROM events WHERE 1{SINCE}{f})
        SELECT sum(n) FROM (SELECT {WEEK[db].replace("d +", "first +")} AS c, w, count(*) AS n
          FROM a JOIN f USING (user) WHERE first >= {FIRST} GROUP BY c, w)"""
    ),
    "events by event, by day": lambda db, f: (
        f"SELECT sum(n) FROM (SELECT count(*) AS n FROM events WHERE 1{SINCE}{f} GROUP BY event, d)"
    ),
    "events of event_0 by model (200)": top("count(*)", "model", " AND event = 0"),
    "users of event_0 by model (200)": top("count(DISTINCT user)", "model", " AND event = 0"),
    "users by system and version": top("count(DISTINCT user)", "os_name, app_version"),
    "seconds of event_0, quantiles": quantiles,
    "funnel of 3 steps, 7 days, 90 days": funnel,
}

COLUMNS = (
    "time BIGINT, user BIGINT, event INTEGER, app_version TEXT, os_name TEXT, os_version TEXT, architecture TEXT,"
    " cores INTEGER, runtime_version TEXT, ci_vendor TEXT, edition TEXT, model TEXT, backend TEXT, seconds DOUBLE,"
    " rows BIGINT, cached INTEGER, batch INTEGER"
)


def in_duckdb():
    try:
        import duckdb
    except ImportError:
        return None
    path = os.path.join(folder, "peer.duckdb")
    database = duckdb.connect(path)
    names = ", ".join(column.split()[0] for column in COLUMNS.split(", "))
    types = ", ".join("'%s': '%s'" % tuple(column.split()) for column in COLUMNS.split(", "))
    database.execute(
        f"CREATE TABLE events AS SELECT {names}, time // 86400000 AS d,"
        " CAST(split_part(app_version, '.', 2) AS INTEGER) AS minor"
        f" FROM read_csv('{csv}', header = true, columns = {{{types}}})"
    )
    database.execute("CHECKPOINT")
    print(f"DuckDB {duckdb.__version__}: {os.path.getsize(path) / 1e6:.0f} MB", file=sys.stderr)
    return lambda sql: database.execute(sql).fetchone()[0]


def in_sqlite():
    path = os.path.join(folder, "peer.sqlite")
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -200000")
    database.execute(f"CREATE TABLE events ({COLUMNS}, d INTEGER, minor INTEGER)")

    def rows():
        with open(csv) as lines:
            next(lines)
            for line in lines:
                cells = [cell or None for cell in line.rstrip("\n").split(",")]
                yield (*cells, int(cells[0]) // 86_400_000, int(cells[3].split(".")[1]))

    database.executemany(f"INSERT INTO events VALUES ({', '.join('?' * 19)})", rows())
    database.execute("CREATE INDEX by_event ON events (event)")
    database.commit()
    print(f"SQLite {sqlite3.sqlite_version}: {os.path.getsize(path) / 1e6:.0f} MB", file=sys.stderr)
    return lambda sql: database.execute(sql).fetchone()[0]


def timed(ask, sql, runs):
    best = None
    for _ in range(runs):
        wall, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
        found = ask(sql)
        wall = time.monotonic() - wall
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
        if best is None or wall < best[0]:
            best = (wall, cpu)
    return found, best


def store_rows():
    """The store's times and checks by question, for none, one and two filters."""
    found = {}
    for line in open(store):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 7 and cells[0] in QUESTIONS:
            milliseconds = [float(re.match(r"[\d.]+", cell).group()) for cell in cells[1:4]]
            found[cells[0]] = (milliseconds, [float(check) for check in cells[6].split(",")])
    return found


known = store_rows()
print("| question, ms | Avow, 0 / 1 / 2 filters | DuckDB, 0 / 1 / 2 filters (CPU) | SQLite, no filter | answers |")
print("|---|---|---|---|---|")
duck, lite = in_duckdb(), in_sqlite()
for name, make in QUESTIONS.items():
    if name not in known:
        continue
    times, checks = known[name]
    cells, verdict = [], []
    for index, condition in enumerate(FILTERS):
        if duck:
            found, (wall, cpu) = timed(duck, make("duckdb", condition), 3)
            cells.append(f"{wall * 1000:.0f} ({cpu * 1000:.0f})")
            verdict.append(found == checks[index])
    slow = ""
    sql = make("sqlite", "")
    if sql:
        found, (wall, _) = timed(lite, sql, 1)
        slow = f"{wall * 1000:.0f}"
        verdict.append(found == checks[0])
    state = "equal" if all(verdict) else "DIFFER " + str(verdict)
    print(f"| {name} | {' / '.join(map(str, times))} | {' / '.join(cells)} | {slow} | {state} |", flush=True)
