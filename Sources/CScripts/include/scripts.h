// Bounds of a Lua interpreter that runs other people's scripts: memory,
// instructions, processor time, and the steps of library functions whose loops
// count no instruction.
#ifndef SALTIRE_SCRIPTS_H
#define SALTIRE_SCRIPTS_H

#include <stddef.h>
#include <stdint.h>

// Lua's own headers are a module of their own.
typedef struct lua_State lua_State;

// What an interpreter may still take. Memory is for all its life, the rest for one script.
typedef struct {
  lua_State *state;
  // Bytes at once.
  size_t left;
  // Bytes with those that it has given back.
  size_t turnover;
  int64_t instructions;
  // Of library functions: characters compared, elements moved.
  uint64_t steps;
  // Of the thread's processor time, nanoseconds.
  int64_t deadline;
} saltire_lua_bounds;

// An interpreter of so many bytes, with the libraries of a TSP instrument; NULL where
// there is no memory.
lua_State *saltire_lua_new(saltire_lua_bounds *bounds, size_t memory);

// A script begins.
void saltire_lua_begin(saltire_lua_bounds *bounds);

// Pays for a loop of so many steps before it runs; raises where the script has had its share.
void saltire_lua_spend(lua_State *state, uint64_t steps);

// Bounds the library functions whose loops count no instruction.
void saltire_lua_bound_libraries(lua_State *state);

#endif
