// librdkafka's mock cluster with a filled topic, as a peer to fetch from: tells its address and waits for the end of
// its input. usage: mock_kafka PARTITIONS RECORDS_OF_EACH BYTES
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what) {
  fprintf(stderr, "mock_kafka: %s\n", what);
  exit(1);
}

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
  (void)producer;
  (void)opaque;
  if (message->err) fail(rd_kafka_err2str(message->err));
}

int main(int count, char **arguments) {
  if (count != 4) fail("usage: mock_kafka PARTITIONS RECORDS_OF_EACH BYTES");
  int partitions = atoi(arguments[1]), records = atoi(arguments[2]), bytes = atoi(arguments[3]);
  char reason[512];
  rd_kafka_conf_t *settings = rd_kafka_conf_new();
  if (rd_kafka_conf_set(settings, "test.mock.num.brokers", "1", reason, sizeof reason) ||
      rd_kafka_conf_set(settings, "linger.ms", "50", reason, sizeof reason))
    fail(reason);
  rd_kafka_conf_set_dr_msg_cb(settings, delivered);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason, sizeof reason);
  if (!producer) fail(reason);
  rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(producer);
  if (rd_kafka_mock_topic_create(cluster, "bench", partitions, 1)) fail("no topic");
  char *value = malloc(bytes);
  memset(value, 'v', bytes);
  for (int number = 0; number < records; number++) {
    for (int partition = 0; partition < partitions; partition++) {
      while (rd_kafka_producev(
                 producer, RD_KAFKA_V_TOPIC("bench"), RD_KAFKA_V_PARTITION(partition),
                 RD_KAFKA_V_VALUE(value, bytes), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                 RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(producer, 10);
    }
    rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, 60000)) fail("records were not taken");
  printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
  fflush(stdout);
  while (getchar() != EOF) {
  }
  return 0;
}
