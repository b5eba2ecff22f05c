// usage: hiredis_check HOST PORT: a client on the C library; prints what was wrong and ends with 1.
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(int is_right, const char *what) {
  if (is_right) return;
  fprintf(stderr, "hiredis: %s\n", what);
  exit(1);
}

static redisReply *next(redisContext *context) {
  void *reply = NULL;
  check(redisGetReply(context, &reply) == REDIS_OK && reply, context->errstr);
  return reply;
}

int main(int count, char **arguments) {
  check(count == 3, "usage: hiredis_check HOST PORT");
  redisContext *context = redisConnect(arguments[1], atoi(arguments[2]));
  check(context && !context->err, "no connection");

  redisReply *reply = redisCommand(context, "SET %b %b", "h:bin", (size_t)5, "a\0b\r\n", (size_t)5);
  check(reply && reply->type == REDIS_REPLY_STATUS && !strcmp(reply->str, "OK"), "SET");
  freeReplyObject(reply);
  reply = redisCommand(context, "GET h:bin");
  check(reply->type == REDIS_REPLY_STRING && reply->len == 5 && !memcmp(reply->str, "a\0b\r\n", 5), "GET");
  freeReplyObject(reply);
  reply = redisCommand(context, "GET h:none");
  check(reply->type == REDIS_REPLY_NIL, "GET of no key");
  freeReplyObject(reply);
  reply = redisCommand(context, "LPUSH h:bin x");
  check(reply->type == REDIS_REPLY_ERROR && !strncmp(reply->str, "WRONGTYPE", 9), "WRONGTYPE");
  freeReplyObject(reply);

  // A pipeline over many keys, more than one read's worth.
  enum { many = 5000 };
  for (int i = 0; i < many; i++) redisAppendCommand(context, "HSET h:%d f %d", i % 50, i);
  for (int i = 0; i < many; i++) {
    reply = next(context);
    check(reply->type == REDIS_REPLY_INTEGER && reply->integer == (i < 50), "HSET in a pipeline");
    freeReplyObject(reply);
  }
  redisAppendCommand(context, "MULTI");
  redisAppendCommand(context, "INCRBY h:n 7");
  redisAppendCommand(context, "LRANGE h:nothing 0 -1");
  redisAppendCommand(context, "EXEC");
  for (int i = 0; i < 3; i++) freeReplyObject(next(context));
  reply = next(context);
  check(reply->type == REDIS_REPLY_ARRAY && reply->elements == 2, "EXEC");
  check(reply->element[0]->integer == 7 && reply->element[1]->elements == 0, "EXEC's replies");
  freeReplyObject(reply);
  redisFree(context);
  return 0;
}
