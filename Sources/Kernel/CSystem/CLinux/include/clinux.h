// Thin shims over Linux and the compiler: what Swift's importer cannot see.
#ifndef QUATRAIN_CLINUX_H
#define QUATRAIN_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720) of `length` bytes, continuing from `seed` (0 to start).
uint32_t ql_crc32c(uint32_t seed, const void *bytes, size_t length);

/// One readiness event of `ql_epoll_wait`.
typedef struct {
  int32_t descriptor;
  /// 1: readable or failed, 2: writable or failed.
  uint32_t ready;
} ql_ready_t;

/// The following return a descriptor, a count or 0; -1 with errno on failure.
int ql_epoll_create(void);
/// Edge-triggered for input, output and hang-up; `level` makes it level-triggered input only.
int ql_epoll_add(int epoll, int descriptor, int level);
int ql_epoll_remove(int epoll, int descriptor);
/// `timeout_ns` below 0 waits without end. Waits at most 128 events at a time.
int ql_epoll_wait(int epoll, ql_ready_t *out, int capacity, int64_t timeout_ns);
int ql_eventfd(void);
/// Non-blocking, close-on-exec; the peer's numeric address goes to `peer`.
int ql_accept(int listener, char *peer, size_t peer_capacity);
/// Pins the calling thread to one core.
int ql_pin_thread(int core);
void ql_name_thread(const char *name);

#endif
