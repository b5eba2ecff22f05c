// The table `redis`.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "internal.h"

void push_error(lua_State *lua, const char *text, size_t count) {
  const char *code = "ERR";
  size_t code_count = 3;
  if (count > 0 && text[0] == '-') {
    text++;
    count--;
    const char *blank = memchr(text, ' ', count);
    if (blank) {
      code = text;
      code_count = (size_t)(blank - text);
      count -= code_count + 1;
      text = blank + 1;
    }
  }
  while (count > 0 && (text[count - 1] == '\r' || text[count - 1] == '\n')) count--;
  while (count > 0 && (text[0] == '\r' || text[0] == '\n')) text++, count--;
  luaL_checkstack(lua, 5, "error");
  lua_createtable(lua, 0, 1);
  lua_pushlstring(lua, code, code_count);
  lua_pushliteral(lua, " ");
  lua_pushlstring(lua, text, count);
  lua_concat(lua, 3);
  lua_setfield(lua, -2, "err");
}

int raise_error(lua_State *lua, const char *text) {
  push_error(lua, text, strlen(text));
  return lua_error(lua);
}

// Errors of commands are counted where they arise, not where a script passes them on.
static void mark_counted(lua_State *lua) {
  lua_pushboolean(lua, 1);
  lua_setfield(lua, -2, "ignore_error_stats_update");
}

// MARK: Commands

// Points state->arguments at the arguments on the stack; NULL, or what is wrong with them.
static const char *take_arguments(lua_State *lua, cl_state *state, size_t *count) {
  int top = lua_gettop(lua);
  if (top == 0) return "Please specify at least one argument for this redis lib call";
  if (state->arguments_capacity < (size_t)top) {
    cl_slice *larger = realloc(state->arguments, sizeof(cl_slice) * (size_t)top);
    if (!larger) return "not enough memory";
    state->arguments = larger;
    state->arguments_capacity = (size_t)top;
  }
  for (int i = 1; i <= top; i++) {
    int type = lua_type(lua, i);
    if (type == LUA_TNUMBER) {
      // Lua's own form of numbers has fewer digits.
      char digits[64];
      int length = snprintf(digits, sizeof(digits), "%.17g", lua_tonumber(lua, i));
      lua_pushlstring(lua, digits, (size_t)length);
      lua_replace(lua, i);
    } else if (type != LUA_TSTRING) {
      return "Lua redis lib command arguments must be strings or integers";
    }
    cl_slice *slice = &state->arguments[i - 1];
    slice->bytes = (const uint8_t *)lua_tolstring(lua, i, &slice->count);
  }
  *count = (size_t)top;
  return NULL;
}

static int call_command(lua_State *lua, int raises) {
  cl_state *state = state_of(lua);
  if (state->ending) return luaL_error(lua, "the run ends");
  if (!state->context || state->is_loading) {
    return raise_error(lua, "redis.call/pcall can only be called inside a script invocation");
  }
  size_t count = 0;
  const char *wrong = take_arguments(lua, state, &count);
  if (wrong) {
    lua_settop(lua, 0);
    push_error(lua, wrong, strlen(wrong));
    return raises ? lua_error(lua) : 1;
  }
  int status = state->callbacks.call(state->context, state->arguments, count, state->resp);
  lua_settop(lua, 0);
  switch (status) {
    case CL_REPLY:
      push_reply(lua, state);
      return raises && state->reply.count > 0 && state->reply.bytes[0] == '-' ? lua_error(lua) : 1;
    case CL_REFUSED:
      push_error(lua, state->reply.bytes, state->reply.count);
      mark_counted(lua);
      return raises ? lua_error(lua) : 1;
    default:
      state->ending = CL_STOPPED;
      return luaL_error(lua, "the run ends");
  }
}

static int redis_call(lua_State *lua) { return call_command(lua, 1); }
static int redis_pcall(lua_State *lua) { return call_command(lua, 0); }

static int redis_acl_check_cmd(lua_State *lua) {
  cl_state *state = state_of(lua);
  if (!state->context || state->is_loading) {
    return raise_error(lua, "redis.acl_check_cmd can only be called inside a script invocation");
  }
  size_t count = 0;
  const char *wrong = take_arguments(lua, state, &count);
  if (wrong) return raise_error(lua, wrong);
  int allows = state->callbacks.allows(state->context, state->arguments, count);
  if (allows < 0) return raise_error(lua, "Invalid command passed to redis.acl_check_cmd()");
  lua_pushboolean(lua, allows);
  return 1;
}

// MARK: Replies

static int redis_error_reply(lua_State *lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) {
    push_error(lua, "wrong number or type of arguments", 33);
    return 1;
  }
  if (lua_tostring(lua, 1)[0] != '-') {
    lua_pushliteral(lua, "-");
    lua_insert(lua, 1);
    lua_concat(lua, 2);
  }
  size_t count;
  const char *text = lua_tolstring(lua, 1, &count);
  push_error(lua, text, count);
  return 1;
}

static int redis_status_reply(lua_State *lua) {
  if (lua_gettop(lua) != 1 || lua_type(lua, 1) != LUA_TSTRING) {
    push_error(lua, "wrong number or type of arguments", 33);
    return 1;
  }
  lua_createtable(lua, 0, 1);
  lua_insert(lua, 1);
  lua_setfield(lua, 1, "ok");
  return 1;
}

void cl_sha1(const uint8_t *bytes, size_t count, char *digits) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(count > 0 ? bytes : (const uint8_t *)"", count, digest);
  for (int i = 0; i < SHA_DIGEST_LENGTH; i++) snprintf(digits + 2 * i, 3, "%02x", digest[i]);
}

static int redis_sha1hex(lua_State *lua) {
  if (lua_gettop(lua) != 1) return raise_error(lua, "wrong number of arguments");
  size_t count;
  const char *text = lua_tolstring(lua, 1, &count);
  char digits[2 * SHA_DIGEST_LENGTH + 1];
  cl_sha1((const uint8_t *)text, text ? count : 0, digits);
  lua_pushlstring(lua, digits, 2 * SHA_DIGEST_LENGTH);
  return 1;
}

static int redis_setresp(lua_State *lua) {
  cl_state *state = state_of(lua);
  if (!state->context || state->is_loading) {
    return raise_error(lua, "redis.setresp can only be called inside a script invocation");
  }
  if (lua_gettop(lua) != 1) return raise_error(lua, "redis.setresp() requires one argument.");
  double version = lua_tonumber(lua, 1);
  if (version != 2 && version != 3) return raise_error(lua, "RESP version must be 2 or 3.");
  state->resp = (int)version;
  return 0;
}

// MARK: Logging and what concerns replication

static int redis_log(lua_State *lua) {
  int top = lua_gettop(lua);
  if (top < 2) return raise_error(lua, "redis.log() requires two arguments or more.");
  if (!lua_isnumber(lua, 1)) {
    return raise_error(lua, "First argument must be a number (log level).");
  }
  double level = lua_tonumber(lua, 1);
  if (!(level >= 0 && level <= 3)) return raise_error(lua, "Invalid debug level.");
  luaL_Buffer text;
  luaL_buffinit(lua, &text);
  for (int i = 2; i <= top; i++) {
    size_t count;
    const char *part = lua_tolstring(lua, i, &count);
    if (!part) continue;
    if (i > 2) luaL_addchar(&text, ' ');
    luaL_addlstring(&text, part, count);
  }
  luaL_pushresult(&text);
  size_t count;
  const char *whole = lua_tolstring(lua, -1, &count);
  cl_state *state = state_of(lua);
  if (state->context) state->callbacks.log(state->context, (int)level, whole, count);
  return 0;
}

// Scripts are not replicated, their effects are, always: the flags are checked and mean nothing.
static int redis_set_repl(lua_State *lua) {
  cl_state *state = state_of(lua);
  if (!state->context || state->is_loading) {
    return raise_error(lua, "redis.set_repl can only be called inside a script invocation");
  }
  if (lua_gettop(lua) != 1) return raise_error(lua, "redis.set_repl() requires two arguments.");
  double flags = lua_tonumber(lua, 1);
  if (!(flags >= 0 && flags <= 3)) {
    return raise_error(
        lua, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  return 0;
}

static int redis_replicate_commands(lua_State *lua) {
  lua_pushboolean(lua, 1);
  return 1;
}

// There is no debugger: a breakpoint answers that none is active.
static int redis_breakpoint(lua_State *lua) {
  lua_pushboolean(lua, 0);
  return 1;
}

static int redis_debug(lua_State *lua) {
  (void)lua;
  return 0;
}

// MARK: The tables

typedef struct {
  const char *name;
  int value;
} constant;

static void add_constants(lua_State *lua, const constant *constants) {
  for (; constants->name; constants++) {
    lua_pushinteger(lua, constants->value);
    lua_setfield(lua, -2, constants->name);
  }
}

static void add_common(lua_State *lua) {
  static const constant constants[] = {{"LOG_DEBUG", 0},
                                       {"LOG_VERBOSE", 1},
                                       {"LOG_NOTICE", 2},
                                       {"LOG_WARNING", 3},
                                       {"REDIS_VERSION_NUM", 0x0007000F},
                                       {NULL, 0}};
  add_constants(lua, constants);
  lua_pushliteral(lua, "7.0.15");
  lua_setfield(lua, -2, "REDIS_VERSION");
  lua_pushcfunction(lua, redis_log);
  lua_setfield(lua, -2, "log");
}

void push_redis_for_functions(lua_State *lua) {
  static const luaL_Reg functions[] = {
      {"call", redis_call},
      {"pcall", redis_pcall},
      {"acl_check_cmd", redis_acl_check_cmd},
      {"error_reply", redis_error_reply},
      {"status_reply", redis_status_reply},
      {"sha1hex", redis_sha1hex},
      {"setresp", redis_setresp},
      {"set_repl", redis_set_repl},
      {NULL, NULL}};
  static const constant constants[] = {{"REPL_NONE", 0},    {"REPL_AOF", 1}, {"REPL_SLAVE", 2},
                                       {"REPL_REPLICA", 2}, {"REPL_ALL", 3}, {NULL, 0}};
  lua_newtable(lua);
  luaL_register(lua, NULL, functions);
  add_constants(lua, constants);
  add_common(lua);
}

void add_redis_for_scripts(lua_State *lua) {
  static const luaL_Reg functions[] = {{"breakpoint", redis_breakpoint},
                                       {"debug", redis_debug},
                                       {"replicate_commands", redis_replicate_commands},
                                       {NULL, NULL}};
  luaL_register(lua, NULL, functions);
}

void push_redis_for_loading(lua_State *lua) {
  lua_newtable(lua);
  add_common(lua);
  lua_pushcfunction(lua, register_function);
  lua_setfield(lua, -2, "register_function");
}
