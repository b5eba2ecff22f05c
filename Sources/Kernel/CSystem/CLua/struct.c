// The library `struct`: numbers and strings as C lays them out. A format has, besides blanks:
//   > < ![n]     big-endian, little-endian, alignment
//   x            a byte of padding
//   b h l i[n]   signed integers (upper case: unsigned), T a size_t
//   f d          floating-point numbers
//   c[n]         n bytes (packing 0: all; unpacking 0: as many as the number before says)
//   s            bytes up to a zero
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "internal.h"

enum { integer_bytes_max = 32 };

typedef struct {
  lua_State *lua;
  const char *next;
  int is_big;
  size_t alignment;
} format;

typedef struct {
  char kind;
  size_t size;
  // Bytes before it.
  size_t padding;
} item;

static size_t take_count(format *format, size_t otherwise) {
  if (!isdigit((unsigned char)*format->next)) return otherwise;
  int64_t count = 0;
  while (isdigit((unsigned char)*format->next)) {
    count = count * 10 + (*format->next++ - '0');
    if (count > INT_MAX) luaL_error(format->lua, "integral size overflow");
  }
  return (size_t)count;
}

static format begin_format(lua_State *lua) {
  return (format){lua, luaL_checkstring(lua, 1), 0, 1};
}

static size_t item_size(format *format, char kind) {
  switch (kind) {
    case 'b':
    case 'B':
    case 'x': return 1;
    case 'h':
    case 'H': return sizeof(short);
    case 'l':
    case 'L': return sizeof(long);
    case 'T': return sizeof(size_t);
    case 'f': return sizeof(float);
    case 'd': return sizeof(double);
    case 'c': return take_count(format, 1);
    case 'i':
    case 'I': {
      size_t size = take_count(format, sizeof(int));
      if (size > integer_bytes_max) {
        luaL_error(format->lua, "integral size %d is larger than limit of %d", (int)size,
                   integer_bytes_max);
      }
      return size;
    }
    default: return 0;
  }
}

// 0: it is no setting.
static int take_setting(format *format, char kind) {
  switch (kind) {
    case ' ': return 1;
    case '>': format->is_big = 1; return 1;
    case '<': format->is_big = 0; return 1;
    case '!': {
      size_t alignment = take_count(format, 8);
      if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
        luaL_error(format->lua, "alignment %d is not a power of 2", (int)alignment);
      }
      format->alignment = alignment;
      return 1;
    }
    default: return 0;
  }
}

// The next item that has a place among the bytes, which so far are `position`; 0: the format ends.
static int next_item(format *format, size_t position, item *item) {
  while (*format->next) {
    char kind = *format->next++;
    if (take_setting(format, kind)) continue;
    item->kind = kind;
    item->size = item_size(format, kind);
    if (!strchr("bBhHlLTiIxfdcs", kind)) {
      luaL_argerror(format->lua, 1,
                    lua_pushfstring(format->lua, "invalid format option '%c'", kind));
    }
    size_t step = item->size < format->alignment ? item->size : format->alignment;
    // Sizes that are no power of two follow the same mask as the others.
    item->padding =
        item->size == 0 || kind == 'c' ? 0 : (step - (position & (step - 1))) & (step - 1);
    return 1;
  }
  return 0;
}

static int is_integer(char kind) { return strchr("bBhHlLTiI", kind) != NULL; }

// MARK: Numbers as bytes

// Integers have 64 bits at most; bytes above are zero.
static void put_integer(uint64_t value, uint8_t *bytes, size_t size, int is_big) {
  for (size_t i = 0; i < size; i++) {
    bytes[is_big ? size - 1 - i : i] = i < 8 ? (uint8_t)(value >> (8 * i)) : 0;
  }
}

static uint64_t get_integer(const uint8_t *bytes, size_t size, int is_big) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) {
    uint64_t byte = bytes[is_big ? size - 1 - i : i];
    if (i < 8) value |= byte << (8 * i);
  }
  return value;
}

static void reverse_if(int is_big, uint8_t *bytes, size_t size) {
  if (!is_big) return;
  for (size_t low = 0, high = size - 1; low < high; low++, high--) {
    uint8_t kept = bytes[low];
    bytes[low] = bytes[high];
    bytes[high] = kept;
  }
}

static uint64_t wrapped(double number) {
  if (number < 0) return number >= -9223372036854775808.0 ? (uint64_t)(int64_t)number : 1ULL << 63;
  return number < 18446744073709551616.0 ? (uint64_t)number : 0;
}

// MARK: pack

static size_t pack_string(lua_State *lua, luaL_Buffer *out, int argument, item *item) {
  size_t count;
  const char *bytes = luaL_checklstring(lua, argument, &count);
  if (item->size == 0) item->size = count;
  luaL_argcheck(lua, count >= item->size, argument, "string too short");
  luaL_addlstring(out, bytes, item->size);
  if (item->kind == 's') {
    luaL_addchar(out, '\0');
    return item->size + 1;
  }
  return item->size;
}

static void pack_number(lua_State *lua, luaL_Buffer *out, int argument, item *item, int is_big) {
  uint8_t bytes[integer_bytes_max];
  double number = luaL_checknumber(lua, argument);
  if (item->kind == 'f') {
    float narrow = (float)number;
    memcpy(bytes, &narrow, sizeof(narrow));
    reverse_if(is_big, bytes, item->size);
  } else if (item->kind == 'd') {
    memcpy(bytes, &number, sizeof(number));
    reverse_if(is_big, bytes, item->size);
  } else {
    put_integer(wrapped(number), bytes, item->size, is_big);
  }
  luaL_addlstring(out, (const char *)bytes, item->size);
}

static int struct_pack(lua_State *lua) {
  format format = begin_format(lua);
  int argument = 2;
  size_t position = 0;
  item item;
  luaL_Buffer out;
  // So that a missing argument is none, and not part of the buffer.
  lua_pushnil(lua);
  luaL_buffinit(lua, &out);
  while (next_item(&format, position, &item)) {
    for (size_t i = 0; i < item.padding; i++) luaL_addchar(&out, '\0');
    position += item.padding;
    if (item.kind == 'x') {
      luaL_addchar(&out, '\0');
      position += 1;
    } else if (item.kind == 'c' || item.kind == 's') {
      position += pack_string(lua, &out, argument++, &item);
    } else {
      pack_number(lua, &out, argument++, &item, format.is_big);
      position += item.size;
    }
  }
  luaL_pushresult(&out);
  return 1;
}

// MARK: unpack

static void need(lua_State *lua, size_t position, size_t size, size_t count) {
  luaL_argcheck(lua, size <= count && position <= count - size, 2, "data string too short");
}

static void push_number(lua_State *lua, const uint8_t *data, item *item, int is_big) {
  if (is_integer(item->kind)) {
    uint64_t value = get_integer(data, item->size, is_big);
    if (!islower((unsigned char)item->kind)) {
      lua_pushnumber(lua, (lua_Number)value);
      return;
    }
    if (item->size > 0 && item->size < 8 && value >> (8 * item->size - 1)) {
      value |= ~0ULL << (8 * item->size);
    }
    lua_pushnumber(lua, (lua_Number)(int64_t)value);
    return;
  }
  uint8_t bytes[sizeof(double)];
  memcpy(bytes, data, item->size);
  reverse_if(is_big, bytes, item->size);
  if (item->kind == 'f') {
    float narrow;
    memcpy(&narrow, bytes, sizeof(narrow));
    lua_pushnumber(lua, narrow);
  } else {
    double number;
    memcpy(&number, bytes, sizeof(number));
    lua_pushnumber(lua, number);
  }
}

static int struct_unpack(lua_State *lua) {
  format format = begin_format(lua);
  size_t count;
  const uint8_t *data = (const uint8_t *)luaL_checklstring(lua, 2, &count);
  lua_Integer start = luaL_optinteger(lua, 3, 1);
  luaL_argcheck(lua, start > 0, 3, "offset must be 1 or greater");
  size_t position = (size_t)start - 1;
  int results = 0;
  item item;
  while (next_item(&format, position, &item)) {
    position += item.padding;
    need(lua, position, item.size, count);
    luaL_checkstack(lua, 2, "too many results");
    if (item.kind == 'c') {
      if (item.size == 0) {
        if (results == 0 || !lua_isnumber(lua, -1)) {
          return luaL_error(lua, "format 'c0' needs a previous size");
        }
        double wanted = lua_tonumber(lua, -1);
        luaL_argcheck(lua, wanted >= 0 && wanted <= (double)count, 2, "data string too short");
        item.size = (size_t)wanted;
        lua_pop(lua, 1);
        results--;
        need(lua, position, item.size, count);
      }
      lua_pushlstring(lua, (const char *)data + position, item.size);
      results++;
    } else if (item.kind == 's') {
      const uint8_t *end = memchr(data + position, 0, count - position);
      if (!end) return luaL_error(lua, "unfinished string in data");
      item.size = (size_t)(end - (data + position)) + 1;
      lua_pushlstring(lua, (const char *)data + position, item.size - 1);
      results++;
    } else if (item.kind != 'x') {
      push_number(lua, data + position, &item, format.is_big);
      results++;
    }
    position += item.size;
  }
  lua_pushnumber(lua, (lua_Number)(position + 1));
  return results + 1;
}

static int struct_size(lua_State *lua) {
  format format = begin_format(lua);
  size_t position = 0;
  item item;
  while (next_item(&format, position, &item)) {
    if (item.kind == 's') luaL_argerror(lua, 1, "option 's' has no fixed size");
    if (item.kind == 'c' && item.size == 0) {
      luaL_argerror(lua, 1, "option 'c0' has no fixed size");
    }
    position += item.padding + item.size;
  }
  lua_pushnumber(lua, (lua_Number)position);
  return 1;
}

int luaopen_struct(lua_State *lua) {
  static const luaL_Reg functions[] = {
      {"pack", struct_pack}, {"unpack", struct_unpack}, {"size", struct_size}, {NULL, NULL}};
  lua_newtable(lua);
  luaL_register(lua, NULL, functions);
  return 1;
}
