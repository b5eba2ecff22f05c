#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

int ql_epoll_create(void) {
  int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

int ql_epoll_add(int epoll, int descriptor, int both_ways, uint64_t data) {
  struct epoll_event event = {
      .events = EPOLLIN | EPOLLET | (both_ways ? EPOLLOUT | EPOLLRDHUP : 0u),
      .data = {.u64 = data}};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : -errno;
}

int ql_epoll_remove(int epoll, int descriptor) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) == 0 ? 0 : -errno;
}

static atomic_int without_pwait2;

static int wait_nanoseconds(
    int epoll, struct epoll_event *events, int maximum, int64_t timeout) {
#ifdef SYS_epoll_pwait2
  if (timeout > 0 && !atomic_load_explicit(&without_pwait2, memory_order_relaxed)) {
    // The kernel's own 64-bit layout of a time.
    struct { int64_t seconds, nanoseconds; } time = {
        timeout / 1000000000, timeout % 1000000000};
    int count = (int)syscall(SYS_epoll_pwait2, epoll, events, maximum, &time, NULL, 0);
    if (count >= 0 || errno != ENOSYS) return count;
    atomic_store_explicit(&without_pwait2, 1, memory_order_relaxed);
  }
#endif
  int64_t milliseconds = timeout / 1000000 + (timeout % 1000000 > 0 ? 1 : 0);
  if (timeout < 0) milliseconds = -1;
  if (milliseconds > 3600000) milliseconds = 3600000;
  return epoll_wait(epoll, events, maximum, (int)milliseconds);
}

int ql_epoll_wait(int epoll, struct ql_event *events, int maximum, int64_t timeout) {
  struct epoll_event raw[256];
  if (maximum > 256) maximum = 256;
  int count = wait_nanoseconds(epoll, raw, maximum, timeout);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) {
    uint32_t bits = raw[i].events, ready = 0;
    if (bits & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ready |= QL_READABLE;
    if (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) ready |= QL_WRITABLE;
    if (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) ready |= QL_HANGUP;
    events[i].data = raw[i].data.u64;
    events[i].ready = ready;
  }
  return count;
}

int ql_eventfd(void) {
  int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

void ql_eventfd_signal(int descriptor) {
  uint64_t one = 1;
  // Nobody reads it: its watches are edge-triggered, and 2^64 wake-ups do not happen.
  (void)!write(descriptor, &one, sizeof one);
}
