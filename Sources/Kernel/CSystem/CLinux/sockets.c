#define _GNU_SOURCE
#include "clinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void set_on(int descriptor, int level, int option) {
  int on = 1;
  (void)setsockopt(descriptor, level, option, &on, sizeof on);
}

// The first address of `name`; flags are AI_*. Negative errno on failure.
static int lookup(
    const char *name, uint16_t port, int flags, struct sockaddr_storage *out, socklen_t *length) {
  char service[8];
  snprintf(service, sizeof service, "%u", (unsigned)port);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  int error = getaddrinfo(name, service, &hints, &found);
  if (error == EAI_SYSTEM) return -errno;
  if (error == EAI_AGAIN) return -EAGAIN;
  if (error == EAI_MEMORY) return -ENOMEM;
  if (error != 0 || found == NULL) return -EINVAL;
  memcpy(out, found->ai_addr, found->ai_addrlen);
  *length = found->ai_addrlen;
  freeaddrinfo(found);
  return 0;
}

static void format_peer(const struct sockaddr_storage *address, socklen_t length, char *peer) {
  char host[64] = "?", service[8] = "0";
  (void)getnameinfo(
      (const struct sockaddr *)address, length, host, sizeof host, service, sizeof service,
      NI_NUMERICHOST | NI_NUMERICSERV);
  const char *form = address->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
  snprintf(peer, QL_ADDRESS_LENGTH, form, host, service);
}

int ql_socket_listen(
    const char *address, uint16_t port, int reuse_port, int backlog, uint16_t *actual_port) {
  struct sockaddr_storage where;
  socklen_t length = sizeof where;
  int any = address[0] == 0 || strcmp(address, "*") == 0;
  int error = lookup(any ? NULL : address, port, AI_PASSIVE, &where, &length);
  if (error != 0) return error;
  int descriptor = socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  set_on(descriptor, SOL_SOCKET, SO_REUSEADDR);
  if (reuse_port) set_on(descriptor, SOL_SOCKET, SO_REUSEPORT);
  struct sockaddr_storage bound;
  socklen_t bound_length = sizeof bound;
  if (bind(descriptor, (struct sockaddr *)&where, length) != 0 ||
      listen(descriptor, backlog) != 0 ||
      getsockname(descriptor, (struct sockaddr *)&bound, &bound_length) != 0) {
    error = -errno;
    close(descriptor);
    return error;
  }
  *actual_port = ntohs(
      bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                  : ((struct sockaddr_in *)&bound)->sin_port);
  return descriptor;
}

int ql_socket_accept(int listener, char *peer) {
  struct sockaddr_storage from;
  socklen_t length = sizeof from;
  int descriptor =
      accept4(listener, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (descriptor < 0) return -errno;
  set_on(descriptor, IPPROTO_TCP, TCP_NODELAY);
  format_peer(&from, length, peer);
  return descriptor;
}

int ql_socket_connect(const char *address, uint16_t port) {
  struct sockaddr_storage where;
  socklen_t length = sizeof where;
  int error = lookup(address, port, AI_NUMERICHOST, &where, &length);
  if (error != 0) return error;
  int descriptor = socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  set_on(descriptor, IPPROTO_TCP, TCP_NODELAY);
  if (connect(descriptor, (struct sockaddr *)&where, length) != 0 && errno != EINPROGRESS) {
    error = -errno;
    close(descriptor);
    return error;
  }
  return descriptor;
}

int ql_socket_error(int descriptor) {
  int error = 0;
  socklen_t length = sizeof error;
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

int ql_resolve(const char *name, char *address) {
  struct sockaddr_storage where;
  socklen_t length = sizeof where;
  int error = lookup(name, 0, 0, &where, &length);
  if (error != 0) return error;
  error = getnameinfo(
      (struct sockaddr *)&where, length, address, QL_ADDRESS_LENGTH, NULL, 0, NI_NUMERICHOST);
  return error == 0 ? 0 : -EINVAL;
}

int64_t ql_socket_receive(int descriptor, void *bytes, size_t length) {
  for (;;) {
    ssize_t count = recv(descriptor, bytes, length, 0);
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}

int64_t ql_socket_send(int descriptor, const void *bytes, size_t length) {
  for (;;) {
    ssize_t count = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (count >= 0) return count;
    if (errno != EINTR) return -errno;
  }
}

void ql_socket_close(int descriptor) {
  // Closing over unread input would reset the connection, and the peer might lose our last words.
  for (int tries = 0; tries < 16; tries++)
    if (recv(descriptor, NULL, 1 << 20, MSG_TRUNC | MSG_DONTWAIT) <= 0) break;
  // A poll still in the ring keeps the socket alive; this sends the end of stream now.
  (void)shutdown(descriptor, SHUT_RDWR);
  (void)close(descriptor);
}

void ql_socket_abort(int descriptor) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  (void)close(descriptor);
}
