// Libraries of functions: their code runs once, and registers them.
#include <string.h>
#include <strings.h>

#include "internal.h"

static const char *const flag_names[] = {"no-writes", "allow-oom", "allow-stale", "no-cluster",
                                         "allow-cross-slot-keys"};

typedef struct {
  int name;
  int description;
  int callback;
  uint32_t flags;
} registration;

// 0: one of them is none.
static int read_flags(lua_State *lua, int table, uint32_t *flags) {
  for (int i = 1;; i++) {
    lua_rawgeti(lua, table, i);
    if (lua_isnil(lua, -1)) {
      lua_pop(lua, 1);
      return 1;
    }
    const char *flag = lua_tostring(lua, -1);
    size_t place = 0;
    size_t count = sizeof(flag_names) / sizeof(flag_names[0]);
    while (flag && place < count && strcasecmp(flag, flag_names[place]) != 0) place++;
    lua_pop(lua, 1);
    if (!flag || place == count) return 0;
    *flags |= 1u << place;
  }
}

// The fields stay on the stack, where `made` says. NULL, or what is wrong.
static const char *read_field(lua_State *lua, registration *made, const char *key, int value) {
  if (strcasecmp(key, "function_name") == 0) {
    if (!lua_isstring(lua, value)) {
      return "function_name argument given to redis.register_function must be a string";
    }
    made->name = value;
  } else if (strcasecmp(key, "description") == 0) {
    if (!lua_isstring(lua, value)) {
      return "description argument given to redis.register_function must be a string";
    }
    made->description = value;
  } else if (strcasecmp(key, "callback") == 0) {
    if (!lua_isfunction(lua, value)) {
      return "callback argument given to redis.register_function must be a function";
    }
    made->callback = value;
  } else if (strcasecmp(key, "flags") == 0) {
    if (!lua_istable(lua, value)) {
      return "flags argument to redis.register_function must be a table representing function flags";
    }
    if (!read_flags(lua, value, &made->flags)) return "unknown flag given";
  } else {
    return "unknown argument given to redis.register_function";
  }
  return NULL;
}

static const char *read_named(lua_State *lua, registration *made) {
  if (!lua_istable(lua, 1)) {
    return "calling redis.register_function with a single argument is only applicable to Lua table "
           "(representing named arguments).";
  }
  lua_pushnil(lua);
  while (lua_next(lua, 1)) {
    luaL_checkstack(lua, 4, "register_function");
    if (lua_type(lua, -2) != LUA_TSTRING) {
      return "named argument key given to redis.register_function is not a string";
    }
    // The value stays, below the key that the walk goes on from.
    lua_insert(lua, -2);
    const char *wrong = read_field(lua, made, lua_tostring(lua, -1), lua_gettop(lua) - 1);
    if (wrong) return wrong;
  }
  if (!made->name) return "redis.register_function must get a function name argument";
  if (!made->callback) return "redis.register_function must get a callback argument";
  return NULL;
}

static const char *read_arguments(lua_State *lua, registration *made) {
  int count = lua_gettop(lua);
  if (count < 1 || count > 2) return "wrong number of arguments to redis.register_function";
  if (count == 1) return read_named(lua, made);
  if (!lua_isstring(lua, 1)) return "first argument to redis.register_function must be a string";
  if (!lua_isfunction(lua, 2)) return "second argument to redis.register_function must be a function";
  made->name = 1;
  made->callback = 2;
  return NULL;
}

static int is_name(const char *text, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char c = text[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) {
      return 0;
    }
  }
  return count > 0;
}

static void output_number(lua_State *lua, uint32_t number) {
  output_append(lua, &number, sizeof(number));
}

// Files the function under its name in lower case, and tells Swift: the lengths and bytes of its name and
// description (length ~0: none), and its flags.
int register_function(lua_State *lua) {
  if (!state_of(lua)->is_loading) {
    return raise_error(lua, "redis.register_function can only be called on FUNCTION LOAD command");
  }
  registration made = {0, 0, 0, 0};
  const char *wrong = read_arguments(lua, &made);
  if (wrong) return raise_error(lua, wrong);
  size_t count;
  const char *name = lua_tolstring(lua, made.name, &count);
  if (!is_name(name, count)) {
    return raise_error(lua,
                       "Library names can only contain letters, numbers, or underscores(_) and must "
                       "be at least one character long");
  }
  lua_getfield(lua, LUA_REGISTRYINDEX, "loading");
  luaL_Buffer lower;
  luaL_buffinit(lua, &lower);
  for (size_t i = 0; i < count; i++) {
    luaL_addchar(&lower, (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]));
  }
  luaL_pushresult(&lower);
  lua_pushvalue(lua, -1);
  lua_rawget(lua, -3);
  if (!lua_isnil(lua, -1)) return raise_error(lua, "Function already exists in the library");
  lua_pop(lua, 1);
  lua_pushvalue(lua, made.callback);
  lua_rawset(lua, -3);
  output_number(lua, (uint32_t)count);
  output_append(lua, name, count);
  if (made.description) {
    const char *description = lua_tolstring(lua, made.description, &count);
    output_number(lua, (uint32_t)count);
    output_append(lua, description, count);
  } else {
    output_number(lua, UINT32_MAX);
  }
  output_number(lua, made.flags);
  return 0;
}

// MARK: Loading

typedef struct {
  cl_state *state;
  void *context;
  const char *library;
  cl_slice code;
} load_request;

static int load(lua_State *lua) {
  load_request *request = lua_touserdata(lua, 1);
  lua_settop(lua, 0);
  switch_function_globals(lua, LOAD_REAL_GLOBALS);
  lua_getfield(lua, LUA_REGISTRYINDEX, FUNCTION_GLOBALS);
  lua_replace(lua, LUA_GLOBALSINDEX);
  lua_newtable(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, "loading");
  const char *code = request->code.count > 0 ? (const char *)request->code.bytes : "";
  int failed = request->code.count > 0 && code[0] == LUA_SIGNATURE[0];
  if (failed) {
    lua_pushliteral(lua, "precompiled code cannot be loaded");
  } else {
    failed = luaL_loadbuffer(lua, code, request->code.count, "@user_function");
  }
  if (failed) {
    lua_pushliteral(lua, "Error compiling function: ");
    lua_insert(lua, -2);
    lua_concat(lua, 2);
    return lua_error(lua);
  }
  if (lua_pcall(lua, 0, 0, 0) != 0) {
    lua_sethook(lua, NULL, 0, 0);
    lua_pushliteral(lua, "Error registering functions: ");
    if (lua_istable(lua, -2)) {
      lua_getfield(lua, -2, "err");
    } else {
      lua_pushfstring(lua, "ERR %s", lua_tostring(lua, -2) ? lua_tostring(lua, -2) : "");
    }
    if (!lua_isstring(lua, -1)) return luaL_error(lua, "Error registering functions");
    lua_concat(lua, 2);
    return lua_error(lua);
  }
  lua_getfield(lua, LUA_REGISTRYINDEX, LOADED_FUNCTIONS);
  lua_getfield(lua, LUA_REGISTRYINDEX, "loading");
  lua_setfield(lua, -2, request->library);
  return 0;
}

// Also after an error in the middle.
static int finish_loading(lua_State *lua) {
  lua_pushnil(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, "loading");
  switch_function_globals(lua, FUNCTION_REAL_GLOBALS);
  return 0;
}

int cl_load(cl_state *state, void *context, const char *library, cl_slice code) {
  load_request request = {state, context, library, code};
  begin_run(state, context);
  state->is_loading = 1;
  int status = CL_DONE;
  if (lua_cpcall(state->lua, load, &request) != 0) {
    put_error(state, "");
    status = CL_FAILED;
  }
  state->is_loading = 0;
  lua_sethook(state->lua, NULL, 0, 0);
  if (lua_cpcall(state->lua, finish_loading, NULL) != 0) status = CL_FAILED;
  end_run(state);
  return status;
}

static int unload(lua_State *lua) {
  lua_getfield(lua, LUA_REGISTRYINDEX, LOADED_FUNCTIONS);
  lua_pushnil(lua);
  lua_setfield(lua, -2, lua_touserdata(lua, 1));
  return 0;
}

void cl_unload(cl_state *state, const char *library) {
  // Without memory it stays until the interpreter goes.
  if (lua_cpcall(state->lua, unload, (void *)library) != 0) lua_settop(state->lua, 0);
}
