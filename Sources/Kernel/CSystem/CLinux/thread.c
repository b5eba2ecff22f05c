#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <time.h>

static __thread void *thread_context;

void *ql_thread_context(void) { return thread_context; }
void ql_set_thread_context(void *context) { thread_context = context; }

unsigned ql_processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1u : (unsigned)count;
}

int ql_pin_thread(unsigned index) {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -errno;
  int count = CPU_COUNT(&allowed);
  if (count < 1) return -EINVAL;
  unsigned wanted = index % (unsigned)count;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    if (wanted-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0 ? 0 : -errno;
  }
  return -EINVAL;
}

void ql_name_thread(const char *name) { (void)pthread_setname_np(pthread_self(), name); }

void ql_ignore_sigpipe(void) { (void)signal(SIGPIPE, SIG_IGN); }

int ql_thread_start(uint64_t *thread, void *(*start)(void *), void *argument) {
  pthread_attr_t attributes;
  int error = pthread_attr_init(&attributes);
  if (error != 0) return -error;
  // Address space only, whatever the process' limit: parsing and binding statements recurse.
  (void)pthread_attr_setstacksize(&attributes, 64u << 20);
  pthread_t started;
  error = pthread_create(&started, &attributes, start, argument);
  (void)pthread_attr_destroy(&attributes);
  if (error != 0) return -error;
  *thread = (uint64_t)started;
  return 0;
}

int ql_thread_join(uint64_t thread) { return -pthread_join((pthread_t)thread, NULL); }

void ql_publish(void) {}

static uint64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

uint64_t ql_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }
uint64_t ql_wall_clock(void) { return read_clock(CLOCK_REALTIME); }

uint64_t ql_entropy(void) {
  uint64_t value = 0;
  if (getrandom(&value, sizeof value, 0) != sizeof value) value = ql_monotonic();
  return value;
}
