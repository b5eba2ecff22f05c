// Thin shims over Linux and the compiler: what Swift's importer cannot see.
#ifndef QUATRAIN_CLINUX_H
#define QUATRAIN_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// CRC32C (Castagnoli, RFC 3720) of `length` bytes, continuing from `seed` (0 to start).
uint32_t ql_crc32c(uint32_t seed, const void *bytes, size_t length);

#endif
