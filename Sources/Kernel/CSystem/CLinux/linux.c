#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int ql_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int ql_epoll_add(int epoll, int descriptor, int level) {
  struct epoll_event event = {0};
  event.events = level ? EPOLLIN : EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.fd = descriptor;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int ql_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL);
}

int ql_epoll_wait(int epoll, ql_ready_t *out, int capacity, int64_t timeout_ns) {
  struct epoll_event events[128];
  if (capacity > 128) capacity = 128;
  // Rounded up, so that a timer is due when the wait ends.
  int64_t ms = timeout_ns < 0 ? -1 : (timeout_ns + 999999) / 1000000;
  if (ms > 60000) ms = 60000;
  int count = epoll_wait(epoll, events, capacity, (int)ms);
  for (int i = 0; i < count; i++) {
    uint32_t bits = events[i].events;
    uint32_t failed = bits & (EPOLLERR | EPOLLHUP);
    out[i].descriptor = events[i].data.fd;
    out[i].ready = ((failed || (bits & (EPOLLIN | EPOLLRDHUP))) ? 1u : 0u) |
                   ((failed || (bits & EPOLLOUT)) ? 2u : 0u);
  }
  return count;
}

int ql_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int ql_accept(int listener, char *peer, size_t peer_capacity) {
  struct sockaddr_storage storage;
  socklen_t length = sizeof(storage);
  int accepted =
      accept4(listener, (struct sockaddr *)&storage, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) return -1;
  if (getnameinfo((struct sockaddr *)&storage, length, peer, (socklen_t)peer_capacity, NULL, 0,
                  NI_NUMERICHOST) != 0)
    snprintf(peer, peer_capacity, "unknown");
  return accepted;
}

int ql_pin_thread(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  return sched_setaffinity(0, sizeof(set), &set);
}

void ql_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
