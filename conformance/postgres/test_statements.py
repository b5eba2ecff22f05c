"""Results as PostgreSQL 15 gives them."""

from datetime import datetime, timezone
from decimal import Decimal

import pytest

ROWS = [
    (1, "one", Decimal("1.50"), True, datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
    (2, "two", Decimal("3.46"), False, None),
    (3, "three", Decimal("-7.00"), None, None),
    (4, "thrice", None, True, None),
]


@pytest.fixture
def filled(connection, table):
    connection.cursor().executemany(f"insert into {table} values (%s, %s, %s, %s, %s)", ROWS)
    return table


def rows(connection, sql, *parameters, **options):
    return connection.execute(sql, parameters or None, **options).fetchall()


@pytest.mark.parametrize("binary", [False, True])
def test_round_trip(connection, filled, binary):
    assert rows(connection, f"select * from {filled} order by id", binary=binary) == ROWS


@pytest.mark.parametrize(
    "condition, ids",
    [
        ("id = 2", [2]),
        ("id in (1, 3, 9)", [1, 3]),
        ("id not in (1, 3)", [2, 4]),
        ("id between 2 and 3", [2, 3]),
        ("not id between 2 and 3", [1, 4]),
        ("name like 'th%'", [3, 4]),
        ("name ilike 'T_O'", [2]),
        ("name not like '%e'", [2]),
        ("amount is null", [4]),
        ("amount is not null and ok", [1]),
        ("ok is not true", [2, 3]),
        ("ok is distinct from true", [2, 3]),
        ("amount > 1 or id = 4", [1, 2, 4]),
        ("coalesce(amount, 100) > 2", [2, 4]),
        ("case when ok then id > 1 else id = 2 end", [2, 4]),
        ("nullif(id, 1) is null", [1]),
        ("at < '2025-01-01'", [1]),
        ("length(name) = 3 and upper(name) = 'ONE'", [1]),
        ("abs(amount) = 7", [3]),
        ("name || '!' = 'two!'", [2]),
        ("id % 2 = 0 and id / 2 = 1", [2]),
        ("null", []),
    ],
)
def test_where(connection, filled, condition, ids):
    assert rows(connection, f"select id from {filled} where {condition} order by 1") == [
        (i,) for i in ids
    ]


@pytest.mark.parametrize(
    "sql, expected",
    [
        ("select count(*), count(amount), sum(id), min(name), max(amount) from {t}",
         [(4, 3, 10, "one", Decimal("3.46"))]),
        ("select avg(id), sum(amount) from {t}",
         [(Decimal("2.5000000000000000"), Decimal("-2.04"))]),
        ("select count(*), sum(id) from {t} where id > 100", [(0, None)]),
        ("select ok, count(*) from {t} group by ok order by ok", [(False, 1), (True, 2), (None, 1)]),
        ("select ok, count(*) as n from {t} group by 1 having count(*) > 1 order by n", [(True, 2)]),
        ("select count(distinct ok) from {t}", [(2,)]),
        ("select distinct ok from {t} order by ok desc nulls last", [(True,), (False,), (None,)]),
        ("select id from {t} order by amount desc nulls first, id limit 2 offset 1", [(2,), (1,)]),
        ("select id + 1 as x from {t} order by x desc limit 1", [(5,)]),
        ("select 7 / 2, -7 / 2, 7 % -2, 7 / 2.0, 2 * 3 + 1",
         [(3, -3, 1, Decimal("3.5000000000000000"), 7)]),
        ("select '12'::int + 1, 1.6::int, 2.5::float8::int, 'x'::varchar(3)", [(13, 2, 2, "x")]),
        ("values (1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
        ("select lower('ABC'), length('héé'), substring('abcdef' from 2 for 3), initcap('a bc')",
         [("abc", 3, "bcd", "A Bc")]),
        ("select replace('aXa', 'X', '-'), md5('a'), trim('  x '), lpad('7', 3, '0'), upper(null)",
         [("a-a", "0cc175b9c0f1b6a831c399e269772661", "x", "007", None)]),
        ("select regexp_replace('abc', 'b', 'X'), 'abc' ~ '^a.c$', 'abc' !~ 'B', 'abc' ~* 'B'",
         [("aXc", True, True, True)]),
        ("select round(2.567, 2), mod(7, 3), power(2, 10), sqrt(4.0::float8), 5 & 3, 1 << 3, 2 ^ 3",
         [(Decimal("2.57"), 1, 1024.0, 2.0, 1, 8, 8.0)]),
        ("select null = null, null is null, true and null, false and null",
         [(None, True, None, False)]),
    ],
)
def test_select(connection, filled, sql, expected):
    assert rows(connection, sql.format(t=filled)) == expected


def test_insert_update_delete(connection, filled):
    assert rows(
        connection, f"insert into {filled} (name, id) values ('five', 5) returning id, amount"
    ) == [(5, Decimal("1.50"))]
    assert rows(
        connection, f"update {filled} set amount = amount * 2, ok = default where id = 2 returning *"
    ) == [(2, "two", Decimal("6.92"), None, None)]
    assert connection.execute(f"update {filled} set ok = true").rowcount == 5
    assert connection.execute(f"delete from {filled} where id > 3").rowcount == 2
    assert rows(connection, f"delete from {filled} where id = 1 returning name") == [("one",)]
    assert rows(connection, f"select id from {filled} order by id") == [(2,), (3,)]


def test_table_without_primary_key(connection):
    connection.execute("drop table if exists conformance_bag")
    connection.execute("create table conformance_bag (v int)")
    connection.execute("insert into conformance_bag values (1), (1), (2)")
    assert rows(connection, "select * from conformance_bag order by v") == [(1,), (1,), (2,)]
    connection.execute("drop table conformance_bag")
