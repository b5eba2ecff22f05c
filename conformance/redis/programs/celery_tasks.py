"""Tasks that a Celery worker of the tests runs; broker and results are on the node under test."""

import os

from celery import Celery

address = os.environ["QUATRAIN_RESP"]
app = Celery("tasks", broker=f"redis://{address}/4", backend=f"redis://{address}/5")
app.conf.update(broker_connection_retry_on_startup=True, result_expires=60, worker_hijack_root_logger=False)


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=2, default_retry_delay=0)
def fails_once(self):
    if self.request.retries == 0:
        raise self.retry()
    return self.request.retries


@app.task
def total(numbers):
    return sum(numbers)
