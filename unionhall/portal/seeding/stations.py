"""The service network at the size of a city or a province: nodes on five levels, a grid with items, set by set.

Without the verbs that the demonstration goes through: rows as those verbs would leave them, from what stands in the
tables. Chance is a digest of the row, so the same tree gets the same network.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from .member_services import COUNTIES
from .network import CITIES, ITEMS, NAMES

__all__ = ["fill"]

#: Outdoor workers' points and cells of each street; items of each cell.
POINTS, CELLS, ITEMS_EACH = 9, 16, 10
#: Where a place is unknown: the province's middle.
_MIDDLE = (30.593, 114.305)

# A number from 0 up to 999 for a row and a purpose.
_LUCK = """
CREATE FUNCTION pg_temp.luck(key bigint, purpose text) RETURNS int LANGUAGE sql IMMUTABLE
RETURN ('x' || substr(md5(purpose || key), 1, 7))::bit(28)::int % 1000
"""

# Federations and industries keep centres, streets a station (one in ten a tower's 五站合一 beside it) and points,
# firms of a hundred and more mostly a house.
_NODES = """
WITH wanted AS (
    SELECT o.id AS union_id, 'centre' AS kind, 'ordinary' AS mode, NULL::bigint AS firm, 0 AS turn,
        regexp_replace(o.name, '(总)?工会(委员会)?$', '') || '职工服务中心' AS name
    FROM organisations_organisation o
    WHERE o.status = 'active' AND o.kind IN ('federation', 'industry') AND o.level <= 3
    UNION ALL
    SELECT o.id, 'station', 'hall', NULL, 1, regexp_replace(o.name, '(总)?工会(委员会)?$', '') || '职工服务站'
    FROM organisations_organisation o WHERE o.status = 'active' AND o.kind = 'street'
    UNION ALL
    SELECT o.id, 'station', 'five', NULL, 2, regexp_replace(o.name, '(总)?工会(委员会)?$', '') || '大厦五站合一服务站'
    FROM organisations_organisation o
    WHERE o.status = 'active' AND o.kind = 'street' AND pg_temp.luck(o.id, 'tower') < 100
    UNION ALL
    SELECT o.id, 'point', 'ordinary', NULL, 2 + turn,
        regexp_replace(o.name, '(总)?工会(委员会)?$', '') || '第' || turn || '户外劳动者服务点'
    FROM organisations_organisation o, generate_series(1, %(points)s) AS turn
    WHERE o.status = 'active' AND o.kind = 'street'
    UNION ALL
    SELECT found.organisation_id, 'point', 'home', found.employer_id, 20, e.name || '职工之家'
    FROM (
        SELECT DISTINCT ON (c.employer_id) c.employer_id, c.organisation_id FROM organisations_coverage c
        JOIN organisations_organisation o ON o.id = c.organisation_id AND o.status = 'active' AND o.level = 5
        WHERE upper_inf(c.period) ORDER BY c.employer_id, c.organisation_id
    ) found JOIN organisations_employer e ON e.id = found.employer_id AND e.employees >= 100
    WHERE pg_temp.luck(e.id, 'home') < 720
), placed AS (
    SELECT w.*, least(o.level, 5) AS level, left(rpad(o.division, 6, '0'), 9) AS division,
        row_number() OVER (ORDER BY o.level, w.union_id, w.turn, w.firm) AS place,
        coalesce(county.lat, city.lat, %(lat)s) AS lat, coalesce(county.lon, city.lon, %(lon)s) AS lon
    FROM wanted w JOIN organisations_organisation o ON o.id = w.union_id
    LEFT JOIN unnest(%(codes)s::text[], %(lats)s::float8[], %(lons)s::float8[]) AS county (code, lat, lon)
        ON county.code = left(o.division, 6)
    LEFT JOIN unnest(%(codes)s::text[], %(lats)s::float8[], %(lons)s::float8[]) AS city (code, lat, lon)
        ON city.code = left(o.division, 4)
), dated AS (
    SELECT p.*, pg_temp.luck(place, 'state') AS chance, %(today)s::date - 200 - pg_temp.luck(place, 'opened') AS since
    FROM placed p
), stated AS (
    SELECT d.*, CASE WHEN kind <> 'centre' AND chance < 30 THEN 'planned'
        WHEN kind <> 'centre' AND chance < 70 THEN 'building' WHEN kind <> 'centre' AND chance < 90 THEN 'suspended'
        WHEN chance < 210 THEN 'demonstration'
        WHEN chance < 420 THEN 'upgraded' ELSE 'operating' END AS state
    FROM dated d
)
INSERT INTO network_node (code, name, organisation_id, level, kind, mode, functions, build, state, state_since,
    employer_id, partners, address, division, latitude, longitude, area, telephone, about, open_on_holidays,
    opened_on, upgraded_on, demonstration_on, updated_at)
SELECT 'ZD' || left(division, 6) || lpad(place::text, 6, '0'), name, union_id, level, kind, mode,
    CASE WHEN kind = 'centre' AND pg_temp.luck(place, 'four') < 850 OR mode = 'five'
        THEN ARRAY['rights', 'service', 'learning', 'activity']
        WHEN kind = 'point' AND mode = 'ordinary' THEN ARRAY['service']
        WHEN mode = 'home' THEN ARRAY['service', 'learning', 'activity'] ELSE ARRAY['rights', 'service'] END,
    CASE WHEN state IN ('upgraded', 'demonstration') THEN 'upgrade' WHEN kind = 'point' AND firm IS NULL THEN 'joint'
        ELSE 'new' END,
    state, since, firm, CASE WHEN kind = 'point' AND firm IS NULL THEN '银行网点' ELSE '' END,
    (ARRAY['建设', '解放', '中山', '友谊', '和平', '团结', '民生', '新华'])[1 + place %% 8]
        || '大道 ' || 3 + place %% 686 || ' 号',
    division, round((lat + (pg_temp.luck(place, 'lat') + pg_temp.luck(place, 'lat2') - 999) / 14000.0)::numeric, 5),
    round((lon + (pg_temp.luck(place, 'lon') + pg_temp.luck(place, 'lon2') - 999) / 12000.0)::numeric, 5),
    CASE kind WHEN 'centre' THEN 400 WHEN 'station' THEN 90 ELSE 24 END + place %% 40, '', '',
    mode = 'ordinary' AND kind = 'point', CASE WHEN state NOT IN ('planned', 'building') THEN since END,
    CASE WHEN state IN ('upgraded', 'demonstration') THEN since + 100 END,
    CASE WHEN state = 'demonstration' THEN since + 180 END, now()
FROM stated ORDER BY place
"""

# Weekdays with a break at noon; a third of centres and stations on Saturday morning too; points every day.
_HOURS = """
INSERT INTO network_nodehours (node_id, weekday, opens, closes)
SELECT n.id, day, stretch.opens, stretch.closes
FROM network_node n, generate_series(0, 6) AS day,
    (VALUES ('point', time '08:00', time '20:00'), ('', time '09:00', time '12:00'), ('', time '13:30', time '17:30'))
        AS stretch (kind, opens, closes)
WHERE n.state IN ('operating', 'upgraded', 'demonstration')
    AND CASE WHEN n.kind = 'point' THEN stretch.kind = 'point'
        ELSE stretch.kind = '' AND (day < 5 OR day = 5 AND n.id %% 3 = 0 AND stretch.opens = time '09:00') END
"""
_STAFF = """
INSERT INTO network_nodestaff (node_id, name, role, since)
SELECT n.id, (%(names)s::text[])[1 + (n.id + turn) %% %(number)s], CASE turn WHEN 0 THEN 'manager' ELSE 'grid' END,
    n.opened_on
FROM network_node n, generate_series(0, 1) AS turn
WHERE n.state IN ('operating', 'upgraded', 'demonstration') AND (turn = 0 OR n.kind = 'station')
"""
_EVENTS = """
INSERT INTO network_nodeevent (node_id, verb, label, before, after, opinion, actor_name, path, at)
SELECT n.id, 'open', '启用', 'accepted', 'operating', '', '示范数据', o.path, n.opened_on
FROM network_node n JOIN organisations_organisation o ON o.id = n.organisation_id WHERE n.opened_on IS NOT NULL
"""
_CELLS = """
INSERT INTO network_gridcell (code, name, organisation_id, division, node_id, is_active)
SELECT 'WG' || o.id || '-' || lpad(turn::text, 2, '0'), '第' || turn || '网格', o.id, o.division, n.id, TRUE
FROM organisations_organisation o JOIN generate_series(1, %(cells)s) AS turn ON TRUE
LEFT JOIN network_node n ON n.organisation_id = o.id AND n.mode = 'hall'
WHERE o.status = 'active' AND o.kind = 'street' ORDER BY o.id, turn
"""
_UNITS = """
WITH street AS (
    SELECT o.path, array_agg(c.id ORDER BY c.id) AS cells
    FROM network_gridcell c JOIN organisations_organisation o ON o.id = c.organisation_id GROUP BY o.path
)
INSERT INTO network_gridunit (cell_id, employer_id, since)
SELECT DISTINCT ON (c.employer_id) street.cells[1 + c.employer_id %% cardinality(street.cells)], c.employer_id,
    %(today)s::date - 400
FROM organisations_coverage c JOIN organisations_organisation o ON o.id = c.organisation_id AND o.status = 'active'
JOIN street ON street.path = left(o.path, 16)
WHERE upper_inf(c.period) ORDER BY c.employer_id, o.id
"""
# One cell in ten waits for its worker.
_ACCOUNTS = """
INSERT INTO access_account (username, display_name, password, is_active, created_at, must_change_password)
SELECT 'grid-' || c.code, (%(names)s::text[])[1 + c.id %% %(number)s], '!', TRUE, now(), FALSE
FROM network_gridcell c WHERE pg_temp.luck(c.id, 'worker') < 900
"""
_WORKERS = """
INSERT INTO network_gridworker (cell_id, account_id, name, since)
SELECT c.id, a.id, a.display_name, %(today)s::date - 300
FROM network_gridcell c JOIN access_account a ON a.username = 'grid-' || c.code
"""
_ITEMS = """
WITH made AS (
    SELECT c.id AS cell, c.organisation_id AS street, o.parent_id AS county, w.account_id, w.name,
        row_number() OVER (ORDER BY c.id, turn) AS place, pg_temp.luck(c.id * 100 + turn, 'fate') AS fate,
        %(today)s::date - pg_temp.luck(c.id * 100 + turn, 'age') / 3 AS day,
        (SELECT u.employer_id FROM network_gridunit u WHERE u.cell_id = c.id ORDER BY u.id LIMIT 1) AS firm
    FROM network_gridcell c JOIN organisations_organisation o ON o.id = c.organisation_id
    JOIN network_gridworker w ON w.cell_id = c.id, generate_series(1, %(each)s) AS turn
)
INSERT INTO network_griditem (number, cell_id, employer_id, kind, found, state, origin_id, organisation_id, raised,
    due_on, reported_by_id, reported_by, reported_at, outcome, closed_at)
SELECT 'WG' || to_char(day, 'YYYYMMDD') || lpad(place::text, 6, '0'), cell, firm,
    (%(kinds)s::text[])[1 + place %% %(said)s], (%(texts)s::text[])[1 + place %% %(said)s],
    CASE WHEN fate < 820 THEN 'closed' WHEN fate < 900 THEN 'taken' ELSE 'open' END, street,
    CASE WHEN fate %% 10 = 0 THEN county ELSE street END, CASE WHEN fate %% 10 = 0 THEN 1 ELSE 0 END,
    day + 7, account_id, name, day, CASE WHEN fate < 820 THEN '已到单位核实并整改，网格员回访确认。' ELSE '' END,
    CASE WHEN fate < 820 THEN day + 3 END
FROM made ORDER BY place
"""
_STEPS = """
INSERT INTO network_gridstep (item_id, verb, organisation_id, opinion, due_on, actor_id, actor_name, at)
SELECT i.id, step.verb, i.organisation_id, '', i.due_on, i.reported_by_id, i.reported_by, i.reported_at + step.after
FROM network_griditem i,
    (VALUES ('reported', interval '0 hours'), ('taken', interval '5 hours'), ('closed', interval '3 days'))
        AS step (verb, after)
WHERE step.verb = 'reported' OR i.state = 'closed' OR step.verb = i.state
"""
_TABLES = "network_node, network_nodehours, network_gridcell, network_gridunit, network_gridworker, network_griditem"


def fill(today: date) -> dict[str, int]:
    """All of it; answers how many rows of each table."""
    places = {code: place for table in (COUNTIES, CITIES) for code, place in table.items()}
    given: dict[str, Any] = {
        "today": today, "points": POINTS, "cells": CELLS, "each": ITEMS_EACH, "lat": _MIDDLE[0], "lon": _MIDDLE[1],
        "codes": list(places), "lats": [one[0] for one in places.values()], "lons": [one[1] for one in places.values()],
        "names": list(NAMES), "number": len(NAMES), "said": len(ITEMS),
        "kinds": [one[0] for one in ITEMS], "texts": [one[1] for one in ITEMS],
    }  # fmt: skip
    done: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS pg_temp.luck(bigint, text)")
        cursor.execute(_LUCK)
        for name, statement in (
            ("nodes", _NODES), ("hours", _HOURS), ("staff", _STAFF), ("events", _EVENTS), ("cells", _CELLS),
            ("units", _UNITS), ("accounts", _ACCOUNTS), ("workers", _WORKERS), ("items", _ITEMS), ("steps", _STEPS),
        ):  # fmt: skip
            cursor.execute(statement, given)
            done[name] = cursor.rowcount
        cursor.execute("DROP FUNCTION pg_temp.luck(bigint, text)")
        cursor.execute(f"ANALYZE {_TABLES}")
    return done
