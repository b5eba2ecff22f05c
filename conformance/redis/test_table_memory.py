"""quatrain.table_memory: what is written is counted, to the row and the byte."""

import time


def counted(sql):
    return [int(number or 0) for number in sql.execute(
        "select sum(rows), sum(versions), sum(intents), sum(content_bytes), sum(memory_bytes) from quatrain.table_memory"
        " where is_leader and schema_name = 'redis' and table_name = 'hash' and index_name = 'hash_pkey'").fetchone()]


def test_rows_are_counted(client, sql):
    client.hset("other", "f", "x")
    # What earlier tests have removed is collected by and by.
    deadline = time.monotonic() + 30
    while counted(sql)[:3] != [1, 1, 0]:
        assert time.monotonic() < deadline, counted(sql)
        time.sleep(0.2)
    before = counted(sql)
    client.hset("h", mapping={f"f{number}": "x" * 1_000 for number in range(500)})
    grown = [now - then for now, then in zip(counted(sql), before)]
    assert grown[:3] == [500, 500, 0]
    assert 500 * 1_000 < grown[3] < 500 * 1_100
    assert grown[3] < grown[4] < 500 * 1_500


def test_the_parts_are_the_whole(client, sql):
    """The replicas of the node that is asked take what its shards are charged, but for what was dropped just now."""
    node = sql.execute("select node from quatrain.nodes where state = 'online' order by node limit 1").fetchone()[0]
    if sql.execute("select count(*) from quatrain.nodes").fetchone() == (1,):
        client.set("k", "x" * 1_000_000)
        tables, shards = sql.execute(
            "select (select sum(memory_bytes) from quatrain.table_memory where node = %s),"
            " (select sum(memory_used) from quatrain.shards)", (node,)).fetchone()
        assert 1_000_000 < tables <= shards + 1_000_000


def test_intents_of_an_open_transaction(client, sql):
    sql.execute("drop table if exists counted_intents")
    sql.execute("create table counted_intents (id int primary key, name text unique)")
    try:
        with sql.transaction():
            sql.execute("insert into counted_intents select n, 'name ' || n from generate_series(1, 10) n")
            found = sql.execute(
                "select index_name, sum(rows)::int, sum(versions)::int, sum(intents)::int from quatrain.table_memory"
                " where is_leader and table_name = 'counted_intents' group by 1 order by 1").fetchall()
            assert found == [("counted_intents_name_key", 10, 0, 10), ("counted_intents_pkey", 10, 0, 10)]
    finally:
        sql.execute("drop table counted_intents")
