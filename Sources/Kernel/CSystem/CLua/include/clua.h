// Lua 5.1 with the sandbox that Redis' scripts expect. Lua ends C functions with longjmp, which must
// never cross a Swift frame: so everything that touches a Lua state is here, behind protected calls, and
// Swift sees bytes only. What Swift does for a script (a command, a look at the clock) returns a status,
// and the error is raised here, above it.
#ifndef CLUA_H
#define CLUA_H

#include <stddef.h>
#include <stdint.h>

typedef struct cl_state cl_state;

typedef struct {
  const uint8_t *bytes;
  size_t count;
} cl_slice;

// What a command of a script came to.
enum {
  // The reply is in RESP.
  CL_REPLY = 0,
  // The command was not run; the reply is the reason, a line without a code.
  CL_REFUSED = 1,
  // The script ends here and cannot catch it: it runs again elsewhere, or was undone.
  CL_STOP = 2
};

typedef struct {
  // Runs a command; its reply is left with cl_set_reply. `resp`: the protocol that the script reads.
  int (*call)(void *context, const cl_slice *arguments, size_t count, int resp);
  // Whether the script's user may run the command: 1, 0, or -1 where there is no such command.
  int (*allows)(void *context, const cl_slice *arguments, size_t count);
  // Asked every now and then; not 0: the script is to end, and cl_set_reply has said why.
  int (*interrupt)(void *context);
  void (*log)(void *context, int level, const char *text, size_t count);
} cl_callbacks;

// How a run ended.
enum {
  // The reply to the client is in the output.
  CL_DONE = 0,
  // `call` has answered CL_STOP.
  CL_STOPPED = 1,
  // `interrupt` has ended it; the output is the error.
  CL_KILLED = 2,
  // Nothing was run: there is no such script or function.
  CL_UNKNOWN = 3,
  // Something is wrong with what was to be compiled; the output says what.
  CL_FAILED = 4
};

// NULL where there is no memory for it.
cl_state *cl_new(size_t memory_max, cl_callbacks callbacks);
void cl_free(cl_state *state);
// Bytes that the interpreter holds.
size_t cl_memory(const cl_state *state);
void cl_collect(cl_state *state);

// The SHA-1 of the bytes: 40 hexadecimal digits and a zero.
void cl_sha1(const uint8_t *bytes, size_t count, char *digits);

// Copies what a callback has to say.
void cl_set_reply(cl_state *state, const uint8_t *bytes, size_t count);
// What a call below has left, valid until the next one.
cl_slice cl_output(const cl_state *state);

// Compiles a script under a name (its hash). CL_DONE or CL_FAILED.
int cl_define(cl_state *state, const char *name, cl_slice code);
// Runs a library's code, so that it registers its functions. The output has them: for each its name,
// its description and its flags (see functions.c).
int cl_load(cl_state *state, void *context, const char *library, cl_slice code);
void cl_unload(cl_state *state, const char *library);

typedef struct {
  // Of a script: its name. Of a function: the library's name, and the function's in lower case.
  const char *name;
  const char *function;
  // As errors call it.
  const char *shown;
  const cl_slice *keys;
  size_t key_count;
  const cl_slice *arguments;
  size_t argument_count;
  // The protocol of the client that gets the reply.
  int resp;
  // Where math.random begins.
  uint64_t seed;
} cl_run_request;

int cl_run(cl_state *state, void *context, const cl_run_request *request);

#endif
