// The globals of scripts: tables that can be read and not changed, through which nothing stays from one
// script to the next. Debian's Lua has no read-only tables; here each is an empty table whose
// metatable leads to the real one, and the few library functions that would pass by a metatable know
// of them.
#include <string.h>

#include "internal.h"

// Keys in the metatable of a protected table: the real table, and what getmetatable shows.
static char real_key, shown_key;

static int modify_error(lua_State *lua) {
  return luaL_error(lua, "Attempt to modify a readonly table");
}

void protect_table(lua_State *lua) {
  luaL_checkstack(lua, 6, "protect_table");
  lua_newtable(lua);
  lua_newtable(lua);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_pushcfunction(lua, modify_error);
  lua_setfield(lua, -2, "__newindex");
  lua_pushlightuserdata(lua, &real_key);
  lua_pushvalue(lua, -4);
  lua_rawset(lua, -3);
  if (lua_getmetatable(lua, -3)) {
    protect_table(lua);
    lua_pushlightuserdata(lua, &shown_key);
    lua_insert(lua, -2);
    lua_rawset(lua, -3);
  }
  lua_setmetatable(lua, -2);
  lua_remove(lua, -2);
}

// Pushes what the metatable of a protected table has under the key; 0: it is an ordinary value.
static int push_protected(lua_State *lua, int index, const void *key) {
  if (!lua_istable(lua, index) || !lua_getmetatable(lua, index)) return 0;
  lua_pushlightuserdata(lua, (void *)&real_key);
  lua_rawget(lua, -2);
  if (lua_isnil(lua, -1)) {
    lua_pop(lua, 2);
    return 0;
  }
  if (key != &real_key) {
    lua_pop(lua, 1);
    lua_pushlightuserdata(lua, (void *)key);
    lua_rawget(lua, -2);
  }
  lua_remove(lua, -2);
  return 1;
}

static int is_protected(lua_State *lua, int index) {
  if (!push_protected(lua, index, &real_key)) return 0;
  lua_pop(lua, 1);
  return 1;
}

static int missing_error(lua_State *lua) {
  const char *name = lua_tostring(lua, 2);
  return luaL_error(lua, "Script attempted to access nonexistent global variable '%s'",
                    name ? name : lua_typename(lua, lua_type(lua, 2)));
}

void forbid_missing(lua_State *lua) {
  lua_newtable(lua);
  lua_pushcfunction(lua, missing_error);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
}

// MARK: Library functions that read tables

static int base_next(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 2);
  if (push_protected(lua, 1, &real_key)) lua_replace(lua, 1);
  if (lua_next(lua, 1)) return 2;
  lua_pushnil(lua);
  return 1;
}

static int base_pairs(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_pushcfunction(lua, base_next);
  lua_pushvalue(lua, 1);
  lua_pushnil(lua);
  return 3;
}

static int base_rawget(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  luaL_checkany(lua, 2);
  lua_settop(lua, 2);
  if (push_protected(lua, 1, &real_key)) lua_replace(lua, 1);
  lua_rawget(lua, 1);
  return 1;
}

static int base_getmetatable(lua_State *lua) {
  luaL_checkany(lua, 1);
  if (push_protected(lua, 1, &shown_key)) return 1;
  if (lua_type(lua, 1) == LUA_TSTRING) {
    lua_getfield(lua, LUA_REGISTRYINDEX, "string_metatable");
    return 1;
  }
  if (!lua_getmetatable(lua, 1)) {
    lua_pushnil(lua);
    return 1;
  }
  luaL_getmetafield(lua, 1, "__metatable");
  return 1;
}

// Runs the function in the first upvalue where the first argument may be changed.
static int unless_protected(lua_State *lua) {
  if (is_protected(lua, 1)) return modify_error(lua);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

// The field of the table on top refuses protected tables from now on.
static void guard(lua_State *lua, const char *name) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, unless_protected, 1);
  lua_setfield(lua, -2, name);
}

// MARK: Library functions that catch errors: not those that end the run

static void go_on_ending(lua_State *lua) {
  if (state_of(lua)->ending) {
    lua_pushliteral(lua, "the run ends");
    lua_error(lua);
  }
}

// A caught error that is a table with a text is that text, as scripts know it from before Redis 7.
static int base_pcall(lua_State *lua) {
  luaL_checkany(lua, 1);
  int status = lua_pcall(lua, lua_gettop(lua) - 1, LUA_MULTRET, 0);
  if (status != 0) {
    go_on_ending(lua);
    if (lua_istable(lua, -1)) {
      lua_getfield(lua, -1, "err");
      if (lua_isstring(lua, -1)) {
        lua_replace(lua, -2);
      } else {
        lua_pop(lua, 1);
      }
    }
  }
  if (!lua_checkstack(lua, 1)) return luaL_error(lua, "stack overflow");
  lua_pushboolean(lua, status == 0);
  lua_insert(lua, 1);
  return lua_gettop(lua);
}

static int base_xpcall(lua_State *lua) {
  luaL_checkany(lua, 2);
  lua_settop(lua, 2);
  lua_insert(lua, 1);
  int status = lua_pcall(lua, 0, LUA_MULTRET, 1);
  if (status != 0) go_on_ending(lua);
  lua_pushboolean(lua, status == 0);
  lua_replace(lua, 1);
  return lua_gettop(lua);
}

// The library's own, and then a look at why it came back.
static int resume(lua_State *lua) {
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_insert(lua, 1);
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  go_on_ending(lua);
  return lua_gettop(lua);
}

// MARK: Loading source; compiled code could do anything

static int loaded(lua_State *lua, const char *text, size_t count, const char *name) {
  if (count > 0 && text[0] == LUA_SIGNATURE[0]) {
    lua_pushnil(lua);
    lua_pushliteral(lua, "precompiled code cannot be loaded");
    return 2;
  }
  if (luaL_loadbuffer(lua, text, count, name) == 0) return 1;
  lua_pushnil(lua);
  lua_insert(lua, -2);
  return 2;
}

static int base_loadstring(lua_State *lua) {
  size_t count;
  const char *text = luaL_checklstring(lua, 1, &count);
  return loaded(lua, text, count, luaL_optstring(lua, 2, text));
}

static int base_load(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  const char *name = luaL_optstring(lua, 2, "=(load)");
  luaL_Buffer pieces;
  luaL_buffinit(lua, &pieces);
  while (1) {
    lua_pushvalue(lua, 1);
    lua_call(lua, 0, 1);
    if (lua_isnil(lua, -1)) break;
    if (!lua_isstring(lua, -1)) return luaL_error(lua, "reader function must return a string");
    if (lua_objlen(lua, -1) == 0) break;
    luaL_addvalue(&pieces);
  }
  lua_pop(lua, 1);
  luaL_pushresult(&pieces);
  size_t count;
  const char *text = lua_tolstring(lua, -1, &count);
  return loaded(lua, text, count, name);
}

// MARK: Random numbers, the same from the same seed everywhere (the drand48 generator)

static double next_random(cl_state *state) {
  state->random = (state->random * 0x5DEECE66DULL + 0xB) & 0xFFFFFFFFFFFFULL;
  uint32_t high = (uint32_t)(state->random >> 17);
  return (double)(high % 0x7FFFFFFF) / (double)0x7FFFFFFF;
}

static int math_random(lua_State *lua) {
  cl_state *state = state_of(lua);
  if (!state->context) {
    return luaL_error(lua, "math.random can only be called inside a script invocation");
  }
  double random = next_random(state);
  switch (lua_gettop(lua)) {
    case 0:
      lua_pushnumber(lua, random);
      return 1;
    case 1: {
      int upper = luaL_checkint(lua, 1);
      luaL_argcheck(lua, 1 <= upper, 1, "interval is empty");
      lua_pushnumber(lua, (double)(int64_t)(random * upper) + 1);
      return 1;
    }
    case 2: {
      int lower = luaL_checkint(lua, 1);
      int upper = luaL_checkint(lua, 2);
      luaL_argcheck(lua, lower <= upper, 2, "interval is empty");
      double width = (double)upper - (double)lower + 1;
      lua_pushnumber(lua, (double)(int64_t)(random * width) + lower);
      return 1;
    }
    default:
      return luaL_error(lua, "wrong number of arguments");
  }
}

static int math_randomseed(lua_State *lua) {
  cl_state *state = state_of(lua);
  if (!state->context) {
    return luaL_error(lua, "math.randomseed can only be called inside a script invocation");
  }
  state->random = ((uint64_t)(uint32_t)luaL_checkint(lua, 1) << 16) | 0x330E;
  return 0;
}

// MARK: Putting it together

static const luaL_Reg base_functions[] = {
    {"next", base_next},     {"pairs", base_pairs},       {"rawget", base_rawget},
    {"pcall", base_pcall},   {"xpcall", base_xpcall},     {"getmetatable", base_getmetatable},
    {"load", base_load},     {"loadstring", base_loadstring}, {NULL, NULL}};

static void open_library(lua_State *lua, const char *name, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 1);
  lua_setglobal(lua, name);
}

static void protect_global(lua_State *lua, const char *name) {
  lua_getglobal(lua, name);
  protect_table(lua);
  lua_setglobal(lua, name);
}

static void open_libraries(lua_State *lua) {
  lua_pushcfunction(lua, luaopen_base);
  lua_pushliteral(lua, "");
  lua_call(lua, 1, 0);
  open_library(lua, LUA_TABLIBNAME, luaopen_table);
  open_library(lua, LUA_STRLIBNAME, luaopen_string);
  open_library(lua, LUA_MATHLIBNAME, luaopen_math);
  open_library(lua, "cjson", luaopen_cjson);
  open_library(lua, "struct", luaopen_struct);
  open_library(lua, "cmsgpack", luaopen_cmsgpack);
  open_library(lua, "bit", luaopen_bit);
}

static void narrow_libraries(lua_State *lua) {
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  luaL_register(lua, NULL, base_functions);
  guard(lua, "rawset");
  guard(lua, "setmetatable");
  const char *const removed[] = {"dofile",  "loadfile", "print",
                                 "getfenv", "setfenv",  "newproxy"};
  for (size_t i = 0; i < sizeof(removed) / sizeof(removed[0]); i++) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, removed[i]);
  }
  lua_getfield(lua, -1, "table");
  guard(lua, "insert");
  guard(lua, "remove");
  guard(lua, "sort");
  lua_pop(lua, 1);
  lua_getfield(lua, -1, "math");
  lua_pushcfunction(lua, math_random);
  lua_setfield(lua, -2, "random");
  lua_pushcfunction(lua, math_randomseed);
  lua_setfield(lua, -2, "randomseed");
  lua_pop(lua, 1);
  lua_getfield(lua, -1, "coroutine");
  lua_getfield(lua, -1, "resume");
  lua_pushcclosure(lua, resume, 1);
  lua_setfield(lua, -2, "resume");
  lua_pop(lua, 2);
  const char *const tables[] = {"table", "string", "math", "coroutine",
                                "cjson", "struct", "cmsgpack", "bit"};
  for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) protect_global(lua, tables[i]);
}

// The metatable of strings leads to the protected library.
static void protect_strings(lua_State *lua) {
  lua_pushliteral(lua, "");
  lua_newtable(lua);
  lua_getglobal(lua, "string");
  lua_setfield(lua, -2, "__index");
  lua_pushvalue(lua, -1);
  lua_setmetatable(lua, -3);
  protect_table(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, "string_metatable");
  lua_pop(lua, 1);
}

// Gives the real globals on top their `redis` (just below, popped), and files them and what protects them.
static void finish_globals(lua_State *lua, const char *real, const char *shown) {
  lua_insert(lua, -2);
  protect_table(lua);
  lua_setfield(lua, -2, "redis");
  forbid_missing(lua);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, LUA_REGISTRYINDEX, real);
  lua_pushvalue(lua, -1);
  protect_table(lua);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "_G");
  lua_setfield(lua, LUA_REGISTRYINDEX, shown);
  lua_pop(lua, 1);
}

void open_sandbox(lua_State *lua) {
  open_libraries(lua);
  narrow_libraries(lua);
  protect_strings(lua);
  // Functions of libraries have a copy of the globals, with another `redis`.
  push_redis_for_functions(lua);
  lua_newtable(lua);
  lua_pushnil(lua);
  while (lua_next(lua, LUA_GLOBALSINDEX)) {
    lua_pushvalue(lua, -2);
    lua_insert(lua, -2);
    lua_rawset(lua, -4);
  }
  finish_globals(lua, FUNCTION_REAL_GLOBALS, FUNCTION_GLOBALS);
  push_redis_for_functions(lua);
  add_redis_for_scripts(lua);
  lua_pushvalue(lua, LUA_GLOBALSINDEX);
  finish_globals(lua, EVAL_REAL_GLOBALS, EVAL_GLOBALS);
  lua_newtable(lua);
  push_redis_for_loading(lua);
  forbid_missing(lua);
  protect_table(lua);
  lua_setfield(lua, -2, "redis");
  forbid_missing(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, LOAD_REAL_GLOBALS);
  lua_newtable(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, LOADED_FUNCTIONS);
}

void switch_function_globals(lua_State *lua, const char *name) {
  lua_getfield(lua, LUA_REGISTRYINDEX, FUNCTION_GLOBALS);
  lua_getmetatable(lua, -1);
  lua_getfield(lua, LUA_REGISTRYINDEX, name);
  lua_pushvalue(lua, -1);
  lua_setfield(lua, -3, "__index");
  lua_pushlightuserdata(lua, &real_key);
  lua_insert(lua, -2);
  lua_rawset(lua, -3);
  lua_pop(lua, 2);
}
