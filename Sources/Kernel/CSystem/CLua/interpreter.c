// An interpreter: its memory, what is compiled in it, and runs.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

cl_state *state_of(lua_State *lua) {
  void *state;
  lua_getallocf(lua, &state);
  return state;
}

static void *allocate(void *context, void *block, size_t old, size_t new) {
  cl_state *state = context;
  if (new == 0) {
    free(block);
    state->memory_used -= old;
    return NULL;
  }
  if (new > old && state->memory_used + (new - old) > state->memory_max) return NULL;
  void *moved = realloc(block, new);
  if (!moved) return NULL;
  state->memory_used += new - old;
  return moved;
}

// MARK: Bytes outside Lua

int buffer_append(buffer *buffer, const void *bytes, size_t count) {
  if (buffer->capacity - buffer->count < count) {
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : 256;
    while (capacity - buffer->count < count) capacity *= 2;
    char *larger = realloc(buffer->bytes, capacity);
    if (!larger) return 0;
    buffer->bytes = larger;
    buffer->capacity = capacity;
  }
  if (count > 0) memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return 1;
}

// A long reply does not stay for ever.
static void buffer_reset(buffer *buffer) {
  buffer->count = 0;
  if (buffer->capacity > 1 << 20) {
    free(buffer->bytes);
    buffer->bytes = NULL;
    buffer->capacity = 0;
  }
}

void output_append(lua_State *lua, const void *bytes, size_t count) {
  cl_state *state = state_of(lua);
  // A table that contains itself is a reply without end.
  if (state->output.count + count > state->memory_max ||
      !buffer_append(&state->output, bytes, count)) {
    luaL_error(lua, "the reply of the script is too long");
  }
}

void cl_set_reply(cl_state *state, const uint8_t *bytes, size_t count) {
  buffer_reset(&state->reply);
  if (!buffer_append(&state->reply, bytes, count)) state->reply.count = 0;
}

cl_slice cl_output(const cl_state *state) {
  return (cl_slice){(const uint8_t *)state->output.bytes, state->output.count};
}

size_t cl_memory(const cl_state *state) { return state->memory_used; }

// MARK: Life

static int open_all(lua_State *lua) {
  open_sandbox(lua);
  return 0;
}

static int use_globals(lua_State *lua, const char *name) {
  lua_getfield(lua, LUA_REGISTRYINDEX, name);
  lua_replace(lua, LUA_GLOBALSINDEX);
  return 0;
}

cl_state *cl_new(size_t memory_max, cl_callbacks callbacks) {
  cl_state *state = calloc(1, sizeof(cl_state));
  if (!state) return NULL;
  state->memory_max = memory_max;
  state->callbacks = callbacks;
  state->lua = lua_newstate(allocate, state);
  if (!state->lua || lua_cpcall(state->lua, open_all, NULL) != 0) {
    cl_free(state);
    return NULL;
  }
  return state;
}

void cl_free(cl_state *state) {
  if (state->lua) lua_close(state->lua);
  free(state->reply.bytes);
  free(state->output.bytes);
  free(state->arguments);
  free(state);
}

static int collect(lua_State *lua) {
  lua_gc(lua, LUA_GCCOLLECT, 0);
  return 0;
}

// Collecting itself needs some memory.
static const size_t memory_for_collecting = 64 << 10;

void cl_collect(cl_state *state) {
  state->memory_max += memory_for_collecting;
  // An error of a finalizer is nobody's.
  if (lua_cpcall(state->lua, collect, NULL) != 0) lua_settop(state->lua, 0);
  state->memory_max -= memory_for_collecting;
}

// Collecting a little after every run costs more than now and then.
static const unsigned runs_between_steps = 50;

static int collect_step(lua_State *lua) {
  lua_gc(lua, LUA_GCSTEP, (int)runs_between_steps);
  return 0;
}

// MARK: Ending runs from outside

static const int instructions_between_checks = 100000;

static void interrupt(lua_State *lua, lua_Debug *record) {
  (void)record;
  cl_state *state = state_of(lua);
  if (!state->ending) {
    if (!state->context || !state->callbacks.interrupt(state->context)) return;
    state->ending = CL_KILLED;
    push_error(lua, state->reply.bytes, state->reply.count);
  } else {
    lua_pushliteral(lua, "the run ends");
  }
  // Whatever catches it goes no further.
  lua_sethook(lua, interrupt, LUA_MASKCOUNT, 1);
  lua_error(lua);
}

void begin_run(cl_state *state, void *context) {
  state->context = context;
  state->ending = 0;
  buffer_reset(&state->output);
  lua_sethook(state->lua, interrupt, LUA_MASKCOUNT, instructions_between_checks);
}

void end_run(cl_state *state) {
  lua_sethook(state->lua, NULL, 0, 0);
  lua_settop(state->lua, 0);
  state->context = NULL;
  state->is_loading = 0;
  if (state->memory_used > state->memory_max / 2) cl_collect(state);
  if (++state->runs % runs_between_steps == 0 &&
      lua_cpcall(state->lua, collect_step, NULL) != 0) {
    lua_settop(state->lua, 0);
  }
}

// What is on top, as text, into the output behind `prefix`.
void put_error(cl_state *state, const char *prefix) {
  lua_State *lua = state->lua;
  size_t count = 0;
  const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &count) : NULL;
  buffer_reset(&state->output);
  int is_written = buffer_append(&state->output, prefix, strlen(prefix));
  if (text && is_written) buffer_append(&state->output, text, count);
}

// MARK: Scripts

typedef struct {
  const char *name;
  cl_slice code;
} definition;

// Leaves an error on the stack, or nothing.
static int define(lua_State *lua) {
  const definition *given = lua_touserdata(lua, 1);
  use_globals(lua, EVAL_GLOBALS);
  lua_settop(lua, 0);
  const char *code = given->code.count > 0 ? (const char *)given->code.bytes : "";
  if (given->code.count > 0 && code[0] == LUA_SIGNATURE[0]) {
    return luaL_error(lua, "precompiled code cannot be loaded");
  }
  if (luaL_loadbuffer(lua, code, given->code.count, "@user_script") != 0) return lua_error(lua);
  lua_setfield(lua, LUA_REGISTRYINDEX, given->name);
  return 0;
}

int cl_define(cl_state *state, const char *name, cl_slice code) {
  definition given = {name, code};
  if (lua_cpcall(state->lua, define, &given) == 0) return CL_DONE;
  put_error(state, "");
  lua_settop(state->lua, 0);
  if (state->memory_used > state->memory_max / 2) cl_collect(state);
  return CL_FAILED;
}

// MARK: Runs

// Makes any error a table that says where it was: in the nearest function of the script.
static int note_place(lua_State *lua) {
  lua_settop(lua, 1);
  if (!lua_istable(lua, 1)) {
    size_t count = 0;
    const char *text = lua_type(lua, 1) == LUA_TSTRING || lua_type(lua, 1) == LUA_TNUMBER
                           ? lua_tolstring(lua, 1, &count)
                           : luaL_typename(lua, 1);
    lua_createtable(lua, 0, 3);
    lua_pushfstring(lua, "ERR %s", text);
    lua_setfield(lua, -2, "err");
    lua_replace(lua, 1);
  }
  lua_Debug record;
  if (!lua_getstack(lua, 1, &record)) return 1;
  lua_getinfo(lua, "Sl", &record);
  if (strcmp(record.what, "C") == 0) {
    if (!lua_getstack(lua, 2, &record)) return 1;
    lua_getinfo(lua, "Sl", &record);
  }
  lua_pushstring(lua, record.source);
  lua_setfield(lua, 1, "source");
  lua_pushinteger(lua, record.currentline);
  lua_setfield(lua, 1, "line");
  return 1;
}

static void push_array(lua_State *lua, const cl_slice *values, size_t count) {
  lua_createtable(lua, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    lua_pushlstring(lua, (const char *)values[i].bytes, values[i].count);
    lua_rawseti(lua, -2, (int)i + 1);
  }
}

// Pushes the function and what it gets; 0: there is none.
static int push_script(lua_State *lua, const cl_run_request *request) {
  use_globals(lua, EVAL_GLOBALS);
  lua_getfield(lua, LUA_REGISTRYINDEX, request->name);
  if (!lua_isfunction(lua, -1)) return 0;
  lua_getfield(lua, LUA_REGISTRYINDEX, EVAL_REAL_GLOBALS);
  push_array(lua, request->keys, request->key_count);
  lua_setfield(lua, -2, "KEYS");
  push_array(lua, request->arguments, request->argument_count);
  lua_setfield(lua, -2, "ARGV");
  lua_pop(lua, 1);
  return 1;
}

static int push_function(lua_State *lua, const cl_run_request *request) {
  use_globals(lua, FUNCTION_GLOBALS);
  lua_getfield(lua, LUA_REGISTRYINDEX, LOADED_FUNCTIONS);
  lua_getfield(lua, -1, request->name);
  if (!lua_istable(lua, -1)) return 0;
  lua_getfield(lua, -1, request->function);
  if (!lua_isfunction(lua, -1)) return 0;
  push_array(lua, request->keys, request->key_count);
  push_array(lua, request->arguments, request->argument_count);
  return 1;
}

static void write_run_error(lua_State *lua, const cl_run_request *request) {
  if (!lua_istable(lua, -1)) {
    // No memory was left to say more.
    const char *text = lua_tostring(lua, -1);
    lua_pushfstring(lua, "ERR Error running script %s, %s", request->shown,
                    text ? text : "execution failure");
  } else {
    lua_getfield(lua, -1, "err");
    lua_getfield(lua, -2, "source");
    lua_getfield(lua, -3, "line");
    const char *text = lua_tostring(lua, -3);
    if (!text) text = "ERR unknown error";
    const char *source = lua_tostring(lua, -2);
    const char *line = lua_tostring(lua, -1);
    if (source && line) {
      lua_pushfstring(lua, "%s script: %s, on %s:%s.", text, request->shown, source, line);
    } else {
      lua_pushstring(lua, text);
    }
  }
  size_t count;
  const char *text = lua_tolstring(lua, -1, &count);
  buffer_reset(&state_of(lua)->output);
  write_error(lua, text, count);
}

typedef struct {
  const cl_run_request *request;
  int status;
} run_context;

static int run(lua_State *lua) {
  run_context *context = lua_touserdata(lua, 1);
  const cl_run_request *request = context->request;
  cl_state *state = state_of(lua);
  lua_settop(lua, 0);
  lua_pushcfunction(lua, note_place);
  int is_there = request->function ? push_function(lua, request) : push_script(lua, request);
  if (!is_there) {
    context->status = CL_UNKNOWN;
    return 0;
  }
  int failed = lua_pcall(lua, request->function ? 2 : 0, 1, 1);
  context->status = state->ending ? state->ending : CL_DONE;
  if (failed && context->status != CL_STOPPED) {
    lua_sethook(lua, NULL, 0, 0);
    if (state->ending && lua_istable(lua, -1)) {
      // What the script made of the error does not count.
      push_error(lua, state->reply.bytes, state->reply.count);
      lua_getfield(lua, -1, "err");
      lua_setfield(lua, -3, "err");
      lua_pop(lua, 1);
    }
    write_run_error(lua, request);
  } else if (!failed) {
    write_reply(lua, state, request->resp);
  }
  return 0;
}

int cl_run(cl_state *state, void *context, const cl_run_request *request) {
  begin_run(state, context);
  state->resp = 2;
  state->random = request->seed & 0xFFFFFFFFFFFFULL;
  run_context made = {request, CL_DONE};
  if (lua_cpcall(state->lua, run, &made) != 0 && made.status != CL_STOPPED) {
    put_error(state, "-ERR ");
    buffer_append(&state->output, "\r\n", 2);
  }
  end_run(state);
  return made.status;
}
