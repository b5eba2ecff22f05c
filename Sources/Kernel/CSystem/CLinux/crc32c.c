#include "clinux.h"

#include <string.h>

// Slicing-free table version for machines without SSE4.2; filled on first use by the loader.
static uint32_t table[256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int k = 0; k < 8; k++) c = (c & 1) ? (c >> 1) ^ 0x82F63B78u : c >> 1;
    table[i] = c;
  }
}

static uint32_t portable(uint32_t crc, const uint8_t *p, size_t n) {
  while (n--) crc = table[(crc ^ *p++) & 0xFF] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t hardware(
    uint32_t crc, const uint8_t *p, size_t n) {
  uint64_t c = crc;
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    c = __builtin_ia32_crc32di(c, word);
  }
  uint32_t c32 = (uint32_t)c;
  while (n--) c32 = __builtin_ia32_crc32qi(c32, *p++);
  return c32;
}

// The instruction takes three cycles and can begin in each: three stretches are summed side by side. What a sum
// becomes behind a stretch is what it becomes behind as many zeros, which is linear: a table for each of its bytes.
enum { stretch = 1024 };
static uint32_t behind[4][256];

__attribute__((constructor)) static void fill_behind(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("sse4.2")) return;
  static const uint8_t zeros[stretch];
  uint32_t bits[32];
  for (int bit = 0; bit < 32; bit++) bits[bit] = hardware(1u << bit, zeros, stretch);
  for (int byte = 0; byte < 4; byte++)
    for (int value = 0; value < 256; value++)
      for (int bit = 0; bit < 8; bit++)
        if (value >> bit & 1) behind[byte][value] ^= bits[byte * 8 + bit];
}

static uint32_t moved(uint64_t crc) {
  return behind[0][crc & 0xFF] ^ behind[1][crc >> 8 & 0xFF] ^ behind[2][crc >> 16 & 0xFF] ^
         behind[3][crc >> 24 & 0xFF];
}

__attribute__((target("sse4.2"))) static uint32_t side_by_side(
    uint32_t crc, const uint8_t *p, size_t n) {
  for (; n >= 3 * stretch; n -= 3 * stretch, p += 3 * stretch) {
    uint64_t sums[3] = {crc, 0, 0};
    for (size_t place = 0; place < stretch; place += 8) {
      uint64_t words[3];
      memcpy(&words[0], p + place, 8);
      memcpy(&words[1], p + stretch + place, 8);
      memcpy(&words[2], p + 2 * stretch + place, 8);
      sums[0] = __builtin_ia32_crc32di(sums[0], words[0]);
      sums[1] = __builtin_ia32_crc32di(sums[1], words[1]);
      sums[2] = __builtin_ia32_crc32di(sums[2], words[2]);
    }
    crc = moved(moved(sums[0]) ^ sums[1]) ^ (uint32_t)sums[2];
  }
  return hardware(crc, p, n);
}
#endif

uint32_t ql_crc32c(uint32_t seed, const void *bytes, size_t length) {
  uint32_t crc = ~seed;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~side_by_side(crc, bytes, length);
#endif
  return ~portable(crc, bytes, length);
}
