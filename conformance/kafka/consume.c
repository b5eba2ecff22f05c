/* Reads so many messages of partition 0 from its beginning: "offset length" for each.
 * usage: consume BROKERS TOPIC COUNT */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  char why[512];
  if (argc != 4) return 2;
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  if (rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why) != RD_KAFKA_CONF_OK ||
      rd_kafka_conf_set(conf, "check.crcs", "true", why, sizeof why) != RD_KAFKA_CONF_OK ||
      rd_kafka_conf_set(conf, "group.id", "c-program", why, sizeof why) != RD_KAFKA_CONF_OK) {
    fprintf(stderr, "%s\n", why);
    return 1;
  }
  rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  if (!consumer) {
    fprintf(stderr, "%s\n", why);
    return 1;
  }
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t *places = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(places, argv[2], 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer, places);
  rd_kafka_topic_partition_list_destroy(places);
  int wanted = atoi(argv[3]), idle = 0, status = 0;
  while (wanted > 0 && idle < 30 && status == 0) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
    if (!message) {
      idle++;
    } else if (message->err) {
      fprintf(stderr, "%s\n", rd_kafka_message_errstr(message));
      status = 1;
      rd_kafka_message_destroy(message);
    } else {
      printf("%lld %zu\n", (long long)message->offset, message->len);
      wanted--;
      idle = 0;
      rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  return wanted == 0 ? status : 1;
}
