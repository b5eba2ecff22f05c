"""Data-modifying WITH items of several sessions at the same time."""

import threading

from conftest import connect


def test_each_change_happens_once(connection):
    connection.execute("drop table if exists mct_counter, mct_log")
    connection.execute("create table mct_counter (id int primary key, n int)")
    connection.execute("create table mct_log (n int primary key, before int)")
    connection.execute("insert into mct_counter values (1, 0)")
    failures = []

    def work():
        try:
            with connect(autocommit=True) as session:
                for _ in range(20):
                    session.execute(
                        "with u as (update mct_counter set n = n + 1 where id = 1 returning n)"
                        " insert into mct_log select u.n, (select count(*) from mct_log) from u"
                    )
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert connection.execute("select n from mct_counter").fetchone() == (80,)
    assert connection.execute("select count(*), min(n), max(n) from mct_log").fetchone() == (80, 1, 80)
    connection.execute("drop table mct_counter, mct_log")


def test_prepared_and_with_parameters(connection):
    connection.execute("drop table if exists mct_a, mct_b")
    connection.execute("create table mct_a (id int primary key, v text)")
    connection.execute("create table mct_b (id int primary key, v text)")
    query = (
        "with i as (insert into mct_a values (%s, %s) returning *),"
        " c as (insert into mct_b select id, upper(v) from i returning v) select v from c"
    )
    for number in range(3):
        assert connection.execute(query, (number, "x"), prepare=True).fetchall() == [("X",)]
    cursor = connection.execute("with d as (delete from mct_a returning id) delete from mct_b where id < 2")
    assert cursor.rowcount == 2
    assert connection.execute("select count(*) from mct_a").fetchone() == (0,)
    assert connection.execute("select id from mct_b").fetchall() == [(2,)]
    connection.execute("drop table mct_a, mct_b")
