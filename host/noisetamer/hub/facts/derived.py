"""What follows from several tables: SQL of DuckDB, run whenever one of them has changed."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Before it nothing of this is true, and a mistyped year would make hours of decades.
EARLIEST = 1_420_070_400  # 2015
_YEARS_AHEAD_SECONDS = 366 * 86_400

# A box tells of its own stretch a little later or earlier than the hub opens an incident.
_SLACK_SECONDS = 300

_INCIDENTS = (
    # of what was read before and is there no more
    "UPDATE warnings SET incident=NULL WHERE incident IS NOT NULL",
    "UPDATE incidents SET warnings=0, bass=NULL WHERE warnings>0 OR bass IS NOT NULL",
    """UPDATE warnings SET incident=of.id FROM (
         SELECT w.unit, w.t, max(i.id) AS id FROM warnings w JOIN incidents i
           ON i.square=w.square AND i.kind='noise'
           AND w.t>=i.t AND w.t<=coalesce(i.until, i.t + 86400)
         GROUP BY w.unit, w.t) AS of
       WHERE warnings.unit=of.unit AND warnings.t=of.t""",
    """UPDATE incidents SET warnings=of.n FROM (
         SELECT incident, count(*) AS n FROM warnings GROUP BY incident) AS of
       WHERE incidents.id=of.incident""",
    f"""UPDATE incidents SET bass=of.bass FROM (
         SELECT i.id, arg_max(s.bass, s.until - s.t) AS bass FROM incidents i JOIN stretches s
           ON s.square=i.square AND i.kind='noise' AND s.t<coalesce(i.until, i.t + 3600)
             + {_SLACK_SECONDS} AND s.until>i.t - {_SLACK_SECONDS}
         GROUP BY i.id) AS of
       WHERE incidents.id=of.id""",
)

# of the loudest box; a square of several has the seconds of all of them
_HOURS = """
INSERT INTO hours
WITH told AS (
  SELECT square, t FROM levels UNION ALL SELECT square, hour_t FROM incidents
  UNION ALL SELECT square, hour_t FROM warnings UNION ALL SELECT square, hour_t FROM complaints
  UNION ALL SELECT square, hour_t FROM visits UNION ALL SELECT square, hour_t FROM check_ins
  UNION ALL SELECT square, hour_t FROM playing WHERE t<$now
),
span AS (
  SELECT square, min(t) AS first, max(t) AS last FROM told
  WHERE t>=$earliest AND t<$now + $ahead GROUP BY square
),
every AS (
  SELECT square, unnest(generate_series(first, last, 3600)) AS t FROM span
),
places AS (
  SELECT square, greatest(1, count(DISTINCT place)) AS n FROM units WHERE unit=place
  GROUP BY square
),
heard AS (
  SELECT square, t, arg_max(unit, coalesce(LAeq, -1)) AS unit, max(LAeq) AS LAeq,
    max(LAFmax) AS LAFmax, max(L90) AS L90,
    min(limit_level) AS limit_level, sum(valid) AS valid, max(over) AS over
  FROM levels GROUP BY square, t
),
i AS (SELECT square, hour_t, count(*) AS n FROM incidents WHERE kind IN ('noise', 'sudden')
  GROUP BY square, hour_t),
w AS (SELECT square, hour_t, count(*) AS n FROM warnings GROUP BY square, hour_t),
c AS (SELECT square, hour_t, count(*) AS n FROM complaints GROUP BY square, hour_t),
p AS (SELECT square, hour_t, count(DISTINCT group_id) AS n FROM playing GROUP BY square, hour_t),
v AS (SELECT square, hour_t, count(*) AS n FROM visits WHERE made IS NULL GROUP BY square, hour_t)
SELECT e.square, e.t, (e.t + $east) // 86400, (e.t + $east) % 86400 // 3600,
  ((e.t + $east) // 86400 + 3) % 7, strftime(make_timestamp((e.t + $east) * 1000000), '%Y-%m'),
  h.unit, h.LAeq, h.LAFmax, h.L90, pow(10, h.LAeq / 100.0) * h.valid, h.limit_level,
  coalesce(h.valid, 0),
  3600 * coalesce(places.n, 1), coalesce(h.over, 0),
  coalesce(here.wind, town.wind), coalesce(here.rain, town.rain),
  coalesce(here.temperature, town.temperature),
  coalesce(i.n, 0), coalesce(w.n, 0), coalesce(c.n, 0), coalesce(p.n, 0), coalesce(v.n, 0)
FROM every e
LEFT JOIN places USING (square)
LEFT JOIN heard h ON h.square=e.square AND h.t=e.t
LEFT JOIN weather here ON here.square=e.square AND here.t=e.t
LEFT JOIN weather town ON town.square='' AND town.t=e.t
LEFT JOIN i ON i.square=e.square AND i.hour_t=e.t
LEFT JOIN w ON w.square=e.square AND w.hour_t=e.t
LEFT JOIN c ON c.square=e.square AND c.hour_t=e.t
LEFT JOIN p ON p.square=e.square AND p.hour_t=e.t
LEFT JOIN v ON v.square=e.square AND v.hour_t=e.t
ORDER BY e.square, e.t
"""


def derive(connection: "DuckDBPyConnection", now: float, utc_offset: float) -> None:
    """In a transaction. now: Unix s; utc_offset: of the local clock, h."""
    for statement in _INCIDENTS:
        connection.execute(statement)
    connection.execute("DELETE FROM hours")
    values = {"now": int(now), "earliest": EARLIEST, "ahead": _YEARS_AHEAD_SECONDS}
    connection.execute(_HOURS, {**values, "east": round(utc_offset * 3600)})
