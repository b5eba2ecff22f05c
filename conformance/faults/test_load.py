"""Small statements as fast as they go, from several clients over both shards: nothing is lost and
the node stays up."""

import threading

from test_kill import Node

CLIENTS = 4
ROWS = 2_000
ROUNDS = 50
BATCH = 200


def test_small_updates_from_many_clients(tmp_path):
    node = Node(str(tmp_path / "data"))
    with node.connect(autocommit=True) as connection:
        connection.execute("create table counters (id int primary key, n int not null)")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into counters values (%s, 0)", [(row,) for row in range(ROWS)])
    failures = []

    def client(number):
        try:
            with node.connect(autocommit=True) as connection, connection.cursor() as cursor:
                for round_number in range(ROUNDS):
                    with connection.pipeline() as pipeline:
                        for step in range(BATCH):
                            # Each client has rows of its own: no waits, no deadlocks.
                            row = (round_number * BATCH + step) * CLIENTS % ROWS + number
                            cursor.execute(
                                "update counters set n = n + 1 where id = %s", (row,),
                                prepare=True)
                            pipeline.sync()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failures
    with node.connect() as connection:
        total = connection.execute("select sum(n) from counters").fetchone()[0]
    assert total == CLIENTS * ROUNDS * BATCH
    node.kill()
