// The library `cmsgpack`: MessagePack of Lua's values. Tables with the keys 1 to n are arrays, others
// maps; whole numbers are integers, others the narrowest float that holds them.
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "internal.h"

// Tables within tables that are written; what is deeper becomes nil, so that circles end.
enum { depth_max = 16 };

// MARK: Writing

// Its bytes are a userdata at `place` on the stack, so that errors lose nothing.
typedef struct {
  lua_State *lua;
  int place;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} packer;

static void append(packer *out, const void *bytes, size_t count) {
  if (out->capacity - out->count < count) {
    size_t capacity = out->capacity * 2 + count;
    uint8_t *larger = lua_newuserdata(out->lua, capacity);
    if (out->count > 0) memcpy(larger, out->bytes, out->count);
    lua_replace(out->lua, out->place);
    out->bytes = larger;
    out->capacity = capacity;
  }
  if (count > 0) memcpy(out->bytes + out->count, bytes, count);
  out->count += count;
}

// A kind and a number behind it, the high byte first.
static void append_head(packer *out, uint8_t kind, uint64_t number, int size) {
  uint8_t bytes[9] = {kind};
  for (int i = 0; i < size; i++) bytes[1 + i] = (uint8_t)(number >> (8 * (size - 1 - i)));
  append(out, bytes, 1 + (size_t)size);
}

static void append_integer(packer *out, int64_t number) {
  uint64_t bits = (uint64_t)number;
  if (number >= -32 && number <= 127) {
    append_head(out, (uint8_t)number, 0, 0);
  } else if (number >= 0) {
    if (bits <= UINT8_MAX) {
      append_head(out, 0xCC, bits, 1);
    } else if (bits <= UINT16_MAX) {
      append_head(out, 0xCD, bits, 2);
    } else if (bits <= UINT32_MAX) {
      append_head(out, 0xCE, bits, 4);
    } else {
      append_head(out, 0xCF, bits, 8);
    }
  } else if (number >= INT8_MIN) {
    append_head(out, 0xD0, bits, 1);
  } else if (number >= INT16_MIN) {
    append_head(out, 0xD1, bits, 2);
  } else if (number >= INT32_MIN) {
    append_head(out, 0xD2, bits, 4);
  } else {
    append_head(out, 0xD3, bits, 8);
  }
}

static void append_number(packer *out, double number) {
  if (number >= -9223372036854775808.0 && number < 9223372036854775808.0 &&
      (double)(int64_t)number == number) {
    append_integer(out, (int64_t)number);
    return;
  }
  float narrow = (float)number;
  if ((double)narrow == number) {
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof(bits));
    append_head(out, 0xCA, bits, 4);
  } else {
    uint64_t bits;
    memcpy(&bits, &number, sizeof(bits));
    append_head(out, 0xCB, bits, 8);
  }
}

static void append_string(packer *out, int index) {
  size_t count;
  const char *bytes = lua_tolstring(out->lua, index, &count);
  if (count < 32) {
    append_head(out, (uint8_t)(0xA0 | count), 0, 0);
  } else if (count <= UINT8_MAX) {
    append_head(out, 0xD9, count, 1);
  } else if (count <= UINT16_MAX) {
    append_head(out, 0xDA, count, 2);
  } else {
    append_head(out, 0xDB, count, 4);
  }
  append(out, bytes, count);
}

static void append_count(packer *out, uint8_t fixed, uint8_t wide, size_t count) {
  if (count < 16) {
    append_head(out, (uint8_t)(fixed | count), 0, 0);
  } else if (count <= UINT16_MAX) {
    append_head(out, wide, count, 2);
  } else {
    append_head(out, wide + 1, count, 4);
  }
}

static void append_value(packer *out, int depth);

// Counts the entries of the table on top; whether their keys are 1 to that count.
static int is_array(lua_State *lua, size_t *count) {
  double highest = 0;
  int are_indexes = 1;
  *count = 0;
  lua_pushnil(lua);
  while (lua_next(lua, -2)) {
    lua_pop(lua, 1);
    ++*count;
    double key = lua_type(lua, -1) == LUA_TNUMBER ? lua_tonumber(lua, -1) : 0;
    if (!(key >= 1 && key <= INT_MAX && floor(key) == key)) are_indexes = 0;
    if (key > highest) highest = key;
  }
  return are_indexes && highest == (double)*count;
}

static void append_table(packer *out, int depth) {
  lua_State *lua = out->lua;
  size_t count;
  if (is_array(lua, &count)) {
    append_count(out, 0x90, 0xDC, count);
    for (size_t i = 1; i <= count; i++) {
      lua_pushnumber(lua, (lua_Number)i);
      lua_gettable(lua, -2);
      append_value(out, depth + 1);
    }
    return;
  }
  append_count(out, 0x80, 0xDE, count);
  lua_pushnil(lua);
  while (lua_next(lua, -2)) {
    lua_pushvalue(lua, -2);
    append_value(out, depth + 1);
    append_value(out, depth + 1);
  }
}

// Pops the value on top.
static void append_value(packer *out, int depth) {
  lua_State *lua = out->lua;
  luaL_checkstack(lua, 6, "in cmsgpack.pack");
  switch (lua_type(lua, -1)) {
    case LUA_TSTRING: append_string(out, -1); break;
    case LUA_TBOOLEAN: append_head(out, lua_toboolean(lua, -1) ? 0xC3 : 0xC2, 0, 0); break;
    case LUA_TNUMBER: append_number(out, lua_tonumber(lua, -1)); break;
    case LUA_TTABLE:
      if (depth < depth_max) {
        append_table(out, depth);
      } else {
        append_head(out, 0xC0, 0, 0);
      }
      break;
    default: append_head(out, 0xC0, 0, 0);
  }
  lua_pop(lua, 1);
}

static int pack(lua_State *lua) {
  int count = lua_gettop(lua);
  if (count == 0) return luaL_argerror(lua, 0, "MessagePack pack needs input.");
  luaL_checkstack(lua, 3, "Too many arguments for MessagePack pack.");
  packer out = {lua, count + 1, NULL, 0, 0};
  lua_pushnil(lua);
  for (int i = 1; i <= count; i++) {
    lua_pushvalue(lua, i);
    append_value(&out, 0);
  }
  lua_pushlstring(lua, out.bytes ? (const char *)out.bytes : "", out.count);
  return 1;
}

// MARK: Reading

typedef struct {
  lua_State *lua;
  const uint8_t *next;
  const uint8_t *end;
} unpacker;

static const uint8_t *take(unpacker *in, size_t count) {
  if ((size_t)(in->end - in->next) < count) luaL_error(in->lua, "Missing bytes in input.");
  const uint8_t *bytes = in->next;
  in->next += count;
  return bytes;
}

static uint64_t take_number(unpacker *in, size_t size) {
  const uint8_t *bytes = take(in, size);
  uint64_t number = 0;
  for (size_t i = 0; i < size; i++) number = number << 8 | bytes[i];
  return number;
}

static void push_string(unpacker *in, size_t count) {
  lua_pushlstring(in->lua, (const char *)take(in, count), count);
}

static void push_value(unpacker *in);

static void push_array(unpacker *in, size_t count) {
  lua_newtable(in->lua);
  for (size_t i = 1; i <= count; i++) {
    lua_pushnumber(in->lua, (lua_Number)i);
    push_value(in);
    lua_rawset(in->lua, -3);
  }
}

static void push_map(unpacker *in, size_t count) {
  lua_newtable(in->lua);
  for (size_t i = 0; i < count; i++) {
    push_value(in);
    push_value(in);
    // Not raw: nil as a key is an error.
    lua_settable(in->lua, -3);
  }
}

static void push_signed(unpacker *in, size_t size) {
  uint64_t number = take_number(in, size);
  if (size < 8 && number >> (8 * size - 1)) number |= ~0ULL << (8 * size);
  lua_pushnumber(in->lua, (lua_Number)(int64_t)number);
}

static void push_float(unpacker *in) {
  uint32_t bits = (uint32_t)take_number(in, 4);
  float number;
  memcpy(&number, &bits, sizeof(number));
  lua_pushnumber(in->lua, number);
}

static void push_double(unpacker *in) {
  uint64_t bits = take_number(in, 8);
  double number;
  memcpy(&number, &bits, sizeof(number));
  lua_pushnumber(in->lua, number);
}

static void push_value(unpacker *in) {
  lua_State *lua = in->lua;
  luaL_checkstack(lua, 4,
                  "too many return values at once; use unpack_one or unpack_limit instead.");
  uint8_t kind = *take(in, 1);
  switch (kind) {
    case 0xC0: lua_pushnil(lua); return;
    case 0xC2: lua_pushboolean(lua, 0); return;
    case 0xC3: lua_pushboolean(lua, 1); return;
    case 0xCA: push_float(in); return;
    case 0xCB: push_double(in); return;
    case 0xCC: lua_pushnumber(lua, (lua_Number)take_number(in, 1)); return;
    case 0xCD: lua_pushnumber(lua, (lua_Number)take_number(in, 2)); return;
    case 0xCE: lua_pushnumber(lua, (lua_Number)take_number(in, 4)); return;
    // What is above 63 bits comes out negative, as the original has it.
    case 0xCF: lua_pushnumber(lua, (lua_Number)(int64_t)take_number(in, 8)); return;
    case 0xD0: push_signed(in, 1); return;
    case 0xD1: push_signed(in, 2); return;
    case 0xD2: push_signed(in, 4); return;
    case 0xD3: push_signed(in, 8); return;
    case 0xD9: push_string(in, take_number(in, 1)); return;
    case 0xDA: push_string(in, take_number(in, 2)); return;
    case 0xDB: push_string(in, take_number(in, 4)); return;
    case 0xDC: push_array(in, take_number(in, 2)); return;
    case 0xDD: push_array(in, take_number(in, 4)); return;
    case 0xDE: push_map(in, take_number(in, 2)); return;
    case 0xDF: push_map(in, take_number(in, 4)); return;
    default: break;
  }
  if (kind <= 0x7F || kind >= 0xE0) {
    lua_pushnumber(lua, (int8_t)kind);
  } else if ((kind & 0xE0) == 0xA0) {
    push_string(in, kind & 0x1F);
  } else if ((kind & 0xF0) == 0x90) {
    push_array(in, kind & 0xF);
  } else if ((kind & 0xF0) == 0x80) {
    push_map(in, kind & 0xF);
  } else {
    luaL_error(lua, "Bad data format in input.");
  }
}

// Pushes up to `limit` values (0 with offset 0: all) from the string in the first argument, behind the
// place of the next one, where not all were asked for (-1: there is none).
static int unpack_some(lua_State *lua, lua_Integer limit, lua_Integer offset) {
  size_t count;
  const uint8_t *bytes = (const uint8_t *)luaL_checklstring(lua, 1, &count);
  lua_settop(lua, 1);
  if (offset < 0 || limit < 0) {
    return luaL_error(lua, "Invalid request to unpack with offset of %d and limit of %d.",
                      (int)offset, (int)count);
  }
  if ((size_t)offset > count) {
    return luaL_error(lua, "Start offset %d greater than input length %d.", (int)offset,
                      (int)count);
  }
  int is_all = limit == 0 && offset == 0;
  unpacker in = {lua, bytes + offset, bytes + count};
  lua_Integer results = 0;
  while (in.next < in.end && (is_all || results < limit)) {
    push_value(&in);
    results++;
  }
  if (!is_all) {
    luaL_checkstack(lua, 1, "in cmsgpack.unpack");
    lua_pushinteger(lua, in.next == in.end ? -1 : in.next - bytes);
    lua_insert(lua, 2);
    results++;
  }
  return (int)results;
}

static int unpack(lua_State *lua) { return unpack_some(lua, 0, 0); }

static int unpack_one(lua_State *lua) { return unpack_some(lua, 1, luaL_optinteger(lua, 2, 0)); }

static int unpack_limit(lua_State *lua) {
  return unpack_some(lua, luaL_checkinteger(lua, 2), luaL_optinteger(lua, 3, 0));
}

int luaopen_cmsgpack(lua_State *lua) {
  static const luaL_Reg functions[] = {{"pack", pack},
                                       {"unpack", unpack},
                                       {"unpack_one", unpack_one},
                                       {"unpack_limit", unpack_limit},
                                       {NULL, NULL}};
  lua_newtable(lua);
  luaL_register(lua, NULL, functions);
  lua_pushliteral(lua, "cmsgpack");
  lua_setfield(lua, -2, "_NAME");
  lua_pushliteral(lua, "lua-cmsgpack 0.4.0");
  lua_setfield(lua, -2, "_VERSION");
  return 1;
}
