#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdlib.h>

struct ql_ring {
  struct io_uring ring;
};

int ql_ring_create(unsigned entries, struct ql_ring **out) {
  struct ql_ring *ring = calloc(1, sizeof *ring);
  if (ring == NULL) return -ENOMEM;
  // Completions run by our own wait instead of interrupts need Linux 6.1; older kernels take the
  // plain flags.
  const unsigned choices[] = {IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN, 0};
  int result = -ENOSYS;
  for (unsigned i = 0; i < sizeof choices / sizeof choices[0]; i++) {
    struct io_uring_params parameters = {
        .flags = choices[i] | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP,
        .cq_entries = entries * 8};
    result = io_uring_queue_init_params(entries, &ring->ring, &parameters);
    if (result != 0) continue;
    // Timed waits inside the one call need Linux 5.11.
    if (parameters.features & IORING_FEAT_EXT_ARG) {
      *out = ring;
      return 0;
    }
    io_uring_queue_exit(&ring->ring);
    result = -ENOSYS;
  }
  free(ring);
  return result;
}

void ql_ring_destroy(struct ql_ring *ring) {
  io_uring_queue_exit(&ring->ring);
  free(ring);
}

static struct io_uring_sqe *next_entry(struct ql_ring *ring) {
  for (int tries = 0; tries < 1000; tries++) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring->ring);
    if (entry != NULL) return entry;
    (void)io_uring_submit(&ring->ring);
  }
  return NULL;
}

int ql_ring_watch(struct ql_ring *ring, int descriptor, int both_ways, uint64_t tag) {
  struct io_uring_sqe *entry = next_entry(ring);
  if (entry == NULL) return -EBUSY;
  io_uring_prep_poll_multishot(
      entry, descriptor, both_ways ? POLLIN | POLLOUT | POLLRDHUP : POLLIN);
  io_uring_sqe_set_data64(entry, tag);
  return 0;
}

int ql_ring_unwatch(struct ql_ring *ring, uint64_t watched, uint64_t tag) {
  struct io_uring_sqe *entry = next_entry(ring);
  if (entry == NULL) return -EBUSY;
  io_uring_prep_poll_remove(entry, watched);
  io_uring_sqe_set_data64(entry, tag);
  return 0;
}

int ql_ring_write(
    struct ql_ring *ring, int descriptor, const void *bytes, uint32_t length, uint64_t position,
    uint64_t tag) {
  struct io_uring_sqe *entry = next_entry(ring);
  if (entry == NULL) return -EBUSY;
  io_uring_prep_write(entry, descriptor, bytes, length, position);
  io_uring_sqe_set_data64(entry, tag);
  return 0;
}

int ql_ring_read(
    struct ql_ring *ring, int descriptor, void *bytes, uint32_t length, uint64_t position,
    uint64_t tag) {
  struct io_uring_sqe *entry = next_entry(ring);
  if (entry == NULL) return -EBUSY;
  io_uring_prep_read(entry, descriptor, bytes, length, position);
  io_uring_sqe_set_data64(entry, tag);
  return 0;
}

int ql_ring_sync(struct ql_ring *ring, int descriptor, uint64_t tag) {
  struct io_uring_sqe *entry = next_entry(ring);
  if (entry == NULL) return -EBUSY;
  io_uring_prep_fsync(entry, descriptor, IORING_FSYNC_DATASYNC);
  io_uring_sqe_set_data64(entry, tag);
  return 0;
}

int ql_ring_wait(struct ql_ring *ring, int64_t timeout) {
  struct io_uring_cqe *first = NULL;
  int result;
  if (timeout == 0) {
    result = io_uring_submit_and_get_events(&ring->ring);
  } else {
    struct __kernel_timespec time = {
        .tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000};
    result = io_uring_submit_and_wait_timeout(
        &ring->ring, &first, 1, timeout < 0 ? NULL : &time, NULL);
  }
  int is_usual = result >= 0 || result == -ETIME || result == -EINTR || result == -EBUSY ||
      result == -EAGAIN;
  return is_usual ? 0 : result;
}

int ql_ring_reap(struct ql_ring *ring, struct ql_completion *completions, int maximum) {
  struct io_uring_cqe *entries[256];
  if (maximum > 256) maximum = 256;
  unsigned count = io_uring_peek_batch_cqe(&ring->ring, entries, (unsigned)maximum);
  for (unsigned i = 0; i < count; i++) {
    completions[i].tag = io_uring_cqe_get_data64(entries[i]);
    completions[i].result = entries[i]->res;
    completions[i].has_more = (entries[i]->flags & IORING_CQE_F_MORE) != 0;
  }
  io_uring_cq_advance(&ring->ring, count);
  return (int)count;
}

uint32_t ql_ring_readiness(int result) {
  if (result < 0) return QL_READABLE | QL_WRITABLE | QL_HANGUP;
  uint32_t ready = 0;
  if (result & (POLLIN | POLLRDHUP | POLLHUP | POLLERR)) ready |= QL_READABLE;
  if (result & (POLLOUT | POLLHUP | POLLERR)) ready |= QL_WRITABLE;
  if (result & (POLLRDHUP | POLLHUP | POLLERR)) ready |= QL_HANGUP;
  return ready;
}
