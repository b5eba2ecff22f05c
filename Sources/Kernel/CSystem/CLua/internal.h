// What the files of this target share.
#ifndef CLUA_INTERNAL_H
#define CLUA_INTERNAL_H

#include <lua5.1/lauxlib.h>
#include <lua5.1/lua.h>
#include <lua5.1/lualib.h>

#include "include/clua.h"

typedef struct {
  char *bytes;
  size_t count;
  size_t capacity;
} buffer;

// Lives on one thread.
struct cl_state {
  lua_State *lua;
  cl_callbacks callbacks;
  size_t memory_used;
  size_t memory_max;
  // Of the run; NULL between runs.
  void *context;
  // Between the call of Swift and the use of what it said.
  buffer reply;
  buffer output;
  cl_slice *arguments;
  size_t arguments_capacity;
  // CL_STOPPED or CL_KILLED once the run is to end, whatever the script catches.
  int ending;
  int is_loading;
  // The protocol that the script reads.
  int resp;
  // Of math.random: 48 bits.
  uint64_t random;
  unsigned runs;
};

cl_state *state_of(lua_State *lua);

// 0: there is no memory.
int buffer_append(buffer *buffer, const void *bytes, size_t count);
// As `buffer_append`, for bytes that a Lua function writes: raises the error of memory.
void output_append(lua_State *lua, const void *bytes, size_t count);

// Pushes {err = "CODE text"}. A text that begins with '-' has its code; others get ERR.
void push_error(lua_State *lua, const char *text, size_t count);
// Pushes the same, and raises it.
int raise_error(lua_State *lua, const char *text);

// Names in the registry.
#define EVAL_GLOBALS "eval_globals"
#define EVAL_REAL_GLOBALS "eval_real_globals"
#define FUNCTION_GLOBALS "function_globals"
#define FUNCTION_REAL_GLOBALS "function_real_globals"
#define LOAD_REAL_GLOBALS "load_real_globals"
#define LOADED_FUNCTIONS "loaded_functions"

void open_sandbox(lua_State *lua);
// Replaces the table on top by one through which it can be read only.
void protect_table(lua_State *lua);
// Replaces the globals that the functions of libraries see: FUNCTION_REAL_GLOBALS or LOAD_REAL_GLOBALS.
void switch_function_globals(lua_State *lua, const char *name);
// A table whose missing fields are errors.
void forbid_missing(lua_State *lua);

// Pushes the table `redis` of scripts, functions or the loading of libraries.
void push_redis_for_functions(lua_State *lua);
void add_redis_for_scripts(lua_State *lua);
void push_redis_for_loading(lua_State *lua);
int register_function(lua_State *lua);

// Pushes the reply that Swift has left.
void push_reply(lua_State *lua, cl_state *state);
// Writes the value on top as a reply to a client, and pops it.
void write_reply(lua_State *lua, cl_state *state, int resp);
void write_error(lua_State *lua, const char *text, size_t count);

// A run or the loading of a library begins and ends.
void begin_run(cl_state *state, void *context);
void end_run(cl_state *state);
// Makes the error on top the output, behind `prefix`.
void put_error(cl_state *state, const char *prefix);

int luaopen_struct(lua_State *lua);
int luaopen_cmsgpack(lua_State *lua);
int luaopen_cjson(lua_State *lua);
int luaopen_bit(lua_State *lua);

#endif
