// Replies of commands as values of Lua, and values as replies to the client.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// MARK: From a reply

typedef struct {
  const char *next;
  const char *end;
} cursor;

typedef struct {
  const char *bytes;
  size_t count;
} text;

// The rest of the line, without its kind.
static text take_line(cursor *at) {
  const char *start = at->next;
  const char *stop = memchr(start, '\r', (size_t)(at->end - start));
  if (!stop) stop = at->end;
  at->next = at->end - stop >= 2 ? stop + 2 : at->end;
  return (text){start, (size_t)(stop - start)};
}

static long long take_number(cursor *at) {
  text line = take_line(at);
  char digits[32];
  size_t count = line.count < sizeof(digits) - 1 ? line.count : sizeof(digits) - 1;
  memcpy(digits, line.bytes, count);
  digits[count] = 0;
  return strtoll(digits, NULL, 10);
}

static text take_bytes(cursor *at, size_t count) {
  size_t left = (size_t)(at->end - at->next);
  if (count > left) count = left;
  text bytes = {at->next, count};
  at->next += left - count >= 2 ? count + 2 : left;
  return bytes;
}

static void push_value(lua_State *lua, cursor *at);

static void push_wrapped(lua_State *lua, const char *field) {
  lua_createtable(lua, 0, 1);
  lua_insert(lua, -2);
  lua_setfield(lua, -2, field);
}

static void push_list(lua_State *lua, cursor *at, long long count) {
  lua_createtable(lua, count > 0 && count < 1 << 20 ? (int)count : 0, 0);
  for (long long i = 1; i <= count; i++) {
    push_value(lua, at);
    lua_rawseti(lua, -2, (int)i);
  }
}

// NULL and NaN cannot be fields.
static int may_be_field(lua_State *lua, int index) {
  if (lua_isnil(lua, index)) return 0;
  return lua_type(lua, index) != LUA_TNUMBER || lua_tonumber(lua, index) == lua_tonumber(lua, index);
}

static void push_fields(lua_State *lua, cursor *at, long long count, int have_values) {
  lua_newtable(lua);
  for (long long i = 0; i < count; i++) {
    push_value(lua, at);
    if (have_values) {
      push_value(lua, at);
    } else {
      lua_pushboolean(lua, 1);
    }
    if (may_be_field(lua, -2)) {
      lua_rawset(lua, -3);
    } else {
      lua_pop(lua, 2);
    }
  }
  push_wrapped(lua, have_values ? "map" : "set");
}

static void push_verbatim(lua_State *lua, cursor *at) {
  text bytes = take_bytes(at, (size_t)take_number(at));
  size_t skipped = bytes.count < 4 ? bytes.count : 4;
  lua_createtable(lua, 0, 2);
  lua_pushlstring(lua, bytes.bytes, skipped < 3 ? skipped : 3);
  lua_setfield(lua, -2, "format");
  lua_pushlstring(lua, bytes.bytes + skipped, bytes.count - skipped);
  lua_setfield(lua, -2, "string");
  push_wrapped(lua, "verbatim_string");
}

static void push_error_reply(lua_State *lua, cursor *at) {
  text line = take_line(at);
  lua_pushliteral(lua, "-");
  lua_pushlstring(lua, line.bytes, line.count);
  lua_concat(lua, 2);
  size_t count;
  const char *whole = lua_tolstring(lua, -1, &count);
  push_error(lua, whole, count);
  lua_remove(lua, -2);
  lua_pushboolean(lua, 1);
  lua_setfield(lua, -2, "ignore_error_stats_update");
}

static void push_double(lua_State *lua, cursor *at) {
  text line = take_line(at);
  lua_pushlstring(lua, line.bytes, line.count);
  double number = strtod(lua_tostring(lua, -1), NULL);
  lua_pop(lua, 1);
  lua_pushnumber(lua, number);
  push_wrapped(lua, "double");
}

static void push_value(lua_State *lua, cursor *at) {
  luaL_checkstack(lua, 8, "lua stack limit reach when parsing redis.call reply");
  if (at->next >= at->end) {
    lua_pushnil(lua);
    return;
  }
  long long count;
  text line;
  switch (*at->next++) {
    case ':':
      lua_pushnumber(lua, (lua_Number)take_number(at));
      break;
    case '$':
      count = take_number(at);
      if (count < 0) {
        lua_pushboolean(lua, 0);
      } else {
        line = take_bytes(at, (size_t)count);
        lua_pushlstring(lua, line.bytes, line.count);
      }
      break;
    case '+':
      line = take_line(at);
      lua_pushlstring(lua, line.bytes, line.count);
      push_wrapped(lua, "ok");
      break;
    case '-':
      push_error_reply(lua, at);
      break;
    case '*':
    case '>':
      count = take_number(at);
      if (count < 0) {
        lua_pushboolean(lua, 0);
      } else {
        push_list(lua, at, count);
      }
      break;
    case '%':
      push_fields(lua, at, take_number(at), 1);
      break;
    case '~':
      push_fields(lua, at, take_number(at), 0);
      break;
    case '#':
      line = take_line(at);
      lua_pushboolean(lua, line.count > 0 && line.bytes[0] == 't');
      break;
    case ',':
      push_double(lua, at);
      break;
    case '(':
      line = take_line(at);
      lua_pushlstring(lua, line.bytes, line.count);
      push_wrapped(lua, "big_number");
      break;
    case '=':
      push_verbatim(lua, at);
      break;
    case '|':
      // Attributes are not for scripts.
      for (count = 2 * take_number(at); count > 0; count--) {
        push_value(lua, at);
        lua_pop(lua, 1);
      }
      push_value(lua, at);
      break;
    default:
      take_line(at);
      lua_pushnil(lua);
  }
}

void push_reply(lua_State *lua, cl_state *state) {
  cursor at = {state->reply.bytes, state->reply.bytes + state->reply.count};
  push_value(lua, &at);
}

// MARK: To a reply

static void write_line(lua_State *lua, char kind, const char *bytes, size_t count) {
  output_append(lua, &kind, 1);
  size_t start = state_of(lua)->output.count;
  output_append(lua, bytes, count);
  char *written = state_of(lua)->output.bytes + start;
  for (size_t i = 0; i < count; i++) {
    if (written[i] == '\r' || written[i] == '\n') written[i] = ' ';
  }
  output_append(lua, "\r\n", 2);
}

static void write_number(lua_State *lua, char kind, long long number) {
  char digits[32];
  int count = snprintf(digits, sizeof(digits), "%lld", number);
  write_line(lua, kind, digits, (size_t)count);
}

static void write_bulk(lua_State *lua, const char *bytes, size_t count) {
  write_number(lua, '$', (long long)count);
  output_append(lua, bytes, count);
  output_append(lua, "\r\n", 2);
}

static void write_null(lua_State *lua, int resp) {
  if (resp == 3) {
    output_append(lua, "_\r\n", 3);
  } else {
    output_append(lua, "$-1\r\n", 5);
  }
}

void write_error(lua_State *lua, const char *bytes, size_t count) {
  if (count > 0 && bytes[0] == '-') bytes++, count--;
  while (count > 0 && (bytes[count - 1] == '\r' || bytes[count - 1] == '\n')) count--;
  write_line(lua, '-', bytes, count);
}

static void write_double(lua_State *lua, double number, int resp) {
  char digits[64];
  int count = isinf(number) ? snprintf(digits, sizeof(digits), number < 0 ? "-inf" : "inf")
                            : snprintf(digits, sizeof(digits), "%.17g", number);
  if (resp == 3) {
    write_line(lua, ',', digits, (size_t)count);
  } else {
    write_bulk(lua, digits, (size_t)count);
  }
}

// Whole numbers only, as C makes them of others; what no 64 bits hold becomes the least one.
static long long whole(double number) {
  if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0)) return INT64_MIN;
  return (long long)number;
}

// Pushes the field of the table on top; 0 (and nothing pushed): it is of another type.
static int push_field(lua_State *lua, const char *name, int type) {
  lua_pushstring(lua, name);
  lua_rawget(lua, -2);
  if (lua_type(lua, -1) == type) return 1;
  lua_pop(lua, 1);
  return 0;
}

static void write_fields(lua_State *lua, cl_state *state, int resp, int have_values) {
  long long count = 0;
  for (lua_pushnil(lua); lua_next(lua, -2); lua_pop(lua, 1)) count++;
  char kind = have_values ? '%' : '~';
  if (resp == 2) {
    kind = '*';
    if (have_values) count *= 2;
  }
  write_number(lua, kind, count);
  lua_pushnil(lua);
  while (lua_next(lua, -2)) {
    lua_pushvalue(lua, -2);
    write_reply(lua, state, resp);
    if (have_values) {
      write_reply(lua, state, resp);
    } else {
      lua_pop(lua, 1);
    }
  }
}

// The format and the string of a verbatim string; 0: it is none.
static int write_verbatim(lua_State *lua, int resp) {
  if (!push_field(lua, "format", LUA_TSTRING)) return 0;
  lua_insert(lua, -2);
  if (!push_field(lua, "string", LUA_TSTRING)) {
    lua_remove(lua, -2);
    return 0;
  }
  size_t count;
  const char *bytes = lua_tolstring(lua, -1, &count);
  if (resp == 3) {
    char format[5] = "   :";
    size_t given;
    const char *shown = lua_tolstring(lua, -3, &given);
    memcpy(format, shown, given < 3 ? given : 3);
    write_number(lua, '=', (long long)count + 4);
    output_append(lua, format, 4);
    output_append(lua, bytes, count);
    output_append(lua, "\r\n", 2);
  } else {
    write_bulk(lua, bytes, count);
  }
  lua_pop(lua, 1);
  lua_remove(lua, -2);
  return 1;
}

static void write_array(lua_State *lua, cl_state *state, int resp) {
  int count = 0;
  for (;; count++) {
    lua_rawgeti(lua, -1, count + 1);
    int is_end = lua_isnil(lua, -1);
    lua_pop(lua, 1);
    if (is_end) break;
  }
  write_number(lua, '*', count);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(lua, -1, i);
    write_reply(lua, state, resp);
  }
}

// The table on top stays there.
static void write_table(lua_State *lua, cl_state *state, int resp) {
  size_t count;
  if (push_field(lua, "err", LUA_TSTRING)) {
    const char *bytes = lua_tolstring(lua, -1, &count);
    write_error(lua, bytes, strlen(bytes));
  } else if (push_field(lua, "ok", LUA_TSTRING)) {
    const char *bytes = lua_tolstring(lua, -1, &count);
    write_line(lua, '+', bytes, strlen(bytes));
  } else if (push_field(lua, "double", LUA_TNUMBER)) {
    write_double(lua, lua_tonumber(lua, -1), resp);
  } else if (push_field(lua, "big_number", LUA_TSTRING)) {
    const char *bytes = lua_tolstring(lua, -1, &count);
    if (resp == 3) {
      write_line(lua, '(', bytes, count);
    } else {
      write_bulk(lua, bytes, count);
      char *written = state->output.bytes + state->output.count - count - 2;
      for (size_t i = 0; i < count; i++) {
        if (written[i] == '\r' || written[i] == '\n') written[i] = ' ';
      }
    }
  } else {
    if (push_field(lua, "verbatim_string", LUA_TTABLE)) {
      int is_verbatim = write_verbatim(lua, resp);
      lua_pop(lua, 1);
      if (is_verbatim) return;
    }
    if (push_field(lua, "map", LUA_TTABLE)) {
      write_fields(lua, state, resp, 1);
    } else if (push_field(lua, "set", LUA_TTABLE)) {
      write_fields(lua, state, resp, 0);
    } else {
      write_array(lua, state, resp);
      return;
    }
  }
  lua_pop(lua, 1);
}

void write_reply(lua_State *lua, cl_state *state, int resp) {
  if (!lua_checkstack(lua, 8)) {
    write_error(lua, "ERR reached lua stack limit", 27);
    lua_pop(lua, 1);
    return;
  }
  size_t count;
  switch (lua_type(lua, -1)) {
    case LUA_TSTRING: {
      const char *bytes = lua_tolstring(lua, -1, &count);
      write_bulk(lua, bytes, count);
      break;
    }
    case LUA_TBOOLEAN:
      if (state->resp == 3 && resp == 3) {
        output_append(lua, lua_toboolean(lua, -1) ? "#t\r\n" : "#f\r\n", 4);
      } else if (lua_toboolean(lua, -1)) {
        write_number(lua, ':', 1);
      } else if (state->resp == 3) {
        write_number(lua, ':', 0);
      } else {
        write_null(lua, resp);
      }
      break;
    case LUA_TNUMBER:
      write_number(lua, ':', whole(lua_tonumber(lua, -1)));
      break;
    case LUA_TTABLE:
      write_table(lua, state, resp);
      break;
    default:
      write_null(lua, resp);
  }
  lua_pop(lua, 1);
}
