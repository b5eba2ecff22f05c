// Thin shims over Linux and the compiler: what Swift's importer cannot see.
#ifndef QUATRAIN_CLINUX_H
#define QUATRAIN_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720) of `length` bytes, continuing from `seed` (0 to start).
uint32_t ql_crc32c(uint32_t seed, const void *bytes, size_t length);

// Functions below return a negative errno on failure unless they say otherwise.

// Threads (thread.c).

/// The calling thread's reactor, set once by the shard's thread; NULL on other threads.
void *ql_thread_context(void);
void ql_set_thread_context(void *context);
/// Pins the calling thread to the `index`-th processor it may run on, modulo their number.
int ql_pin_thread(unsigned index);
void ql_name_thread(const char *name);
/// Processors this process may run on, at least 1.
unsigned ql_processor_count(void);
void ql_ignore_sigpipe(void);
/// `start(argument)` on a new joinable thread with a stack of 64 MiB of address space.
int ql_thread_start(uint64_t *thread, void *(*start)(void *), void *argument);
int ql_thread_join(uint64_t thread);
/// Nanoseconds of CLOCK_MONOTONIC and CLOCK_REALTIME.
uint64_t ql_monotonic(void);
uint64_t ql_wall_clock(void);
/// Does nothing, but the compiler cannot know: it keeps reference counting before it.
void ql_publish(void);
/// Eight bytes of the system's randomness: seeds only.
uint64_t ql_entropy(void);

// Files (files.c).

/// Read and write, close on exec. `direct`: O_DIRECT|O_DSYNC, or O_DSYNC alone where the file
/// system has no O_DIRECT.
int ql_open(const char *path, int create, int direct);
int ql_open_directory(const char *path);

// Readiness (epoll.c).

enum { QL_READABLE = 1, QL_WRITABLE = 2, QL_HANGUP = 4 };
struct ql_event {
  uint64_t data;
  /// QL_READABLE, QL_WRITABLE, QL_HANGUP.
  uint32_t ready;
};
int ql_epoll_create(void);
/// Edge-triggered: readable, and with `both_ways` writable and half-closed too.
int ql_epoll_add(int epoll, int descriptor, int both_ways, uint64_t data);
int ql_epoll_remove(int epoll, int descriptor);
/// Fills `events`, returns their number. `timeout` in nanoseconds; negative waits for ever.
int ql_epoll_wait(int epoll, struct ql_event *events, int maximum, int64_t timeout);
int ql_eventfd(void);
void ql_eventfd_signal(int descriptor);

// io_uring (uring.c). Requests wait in the ring until `ql_ring_wait`; their tags come back with the
// completions. -EBUSY: the ring takes no more.

struct ql_ring;
struct ql_completion {
  uint64_t tag;
  int32_t result;
  /// 0 after the last completion of a watch.
  int32_t has_more;
};
/// For the calling thread only.
int ql_ring_create(unsigned entries, struct ql_ring **ring);
void ql_ring_destroy(struct ql_ring *ring);
/// Many completions, edge-triggered: readable, and with `both_ways` writable and half-closed too.
int ql_ring_watch(struct ql_ring *ring, int descriptor, int both_ways, uint64_t tag);
int ql_ring_unwatch(struct ql_ring *ring, uint64_t watched, uint64_t tag);
int ql_ring_write(
    struct ql_ring *ring, int descriptor, const void *bytes, uint32_t length, uint64_t position,
    uint64_t tag);
int ql_ring_read(
    struct ql_ring *ring, int descriptor, void *bytes, uint32_t length, uint64_t position,
    uint64_t tag);
int ql_ring_sync(struct ql_ring *ring, int descriptor, uint64_t tag);
/// Submits, and waits for a completion; `timeout` in nanoseconds, negative for ever.
int ql_ring_wait(struct ql_ring *ring, int64_t timeout);
/// Takes up to 256 completions, returns their number.
int ql_ring_reap(struct ql_ring *ring, struct ql_completion *completions, int maximum);
/// QL_READABLE, QL_WRITABLE, QL_HANGUP of a watch's result; all of them for a failure.
uint32_t ql_ring_readiness(int result);

// Memory (memory.c)

/// Gives pages that nothing lies in back to the system. Looks at all that is free: milliseconds per gigabyte.
void ql_give_memory_back(void);

// Sockets (sockets.c): non-blocking, close on exec, TCP_NODELAY.

enum { QL_ADDRESS_LENGTH = 80 };
/// Numeric addresses or names; "" or "*" is every address. `actual_port` is filled.
int ql_socket_listen(
    const char *address, uint16_t port, int reuse_port, int backlog, uint16_t *actual_port);
/// The new socket, or -EAGAIN. `peer` gets "address:port" (QL_ADDRESS_LENGTH bytes).
int ql_socket_accept(int listener, char *peer);
/// Begins connecting to a numeric address; -EINVAL when it is not numeric.
int ql_socket_connect(const char *address, uint16_t port);
/// 0, or the positive errno that ended the connect.
int ql_socket_error(int descriptor);
/// Blocking: the first numeric address of a name, into QL_ADDRESS_LENGTH bytes.
int ql_resolve(const char *name, char *address);
int64_t ql_socket_receive(int descriptor, void *bytes, size_t length);
int64_t ql_socket_send(int descriptor, const void *bytes, size_t length);
void ql_socket_close(int descriptor);
/// Ends the connection with a reset: queued bytes are dropped.
void ql_socket_abort(int descriptor);

#endif
