#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>

int ql_open(const char *path, int create, int direct) {
  int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
  if (direct) {
    int descriptor = open(path, flags | O_DIRECT | O_DSYNC, 0600);
    if (descriptor >= 0) return descriptor;
    // tmpfs and a few others have no O_DIRECT; the promise of durability stays.
    if (errno != EINVAL) return -errno;
    flags |= O_DSYNC;
  }
  int descriptor = open(path, flags, 0600);
  return descriptor >= 0 ? descriptor : -errno;
}

int ql_open_directory(const char *path) {
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}
