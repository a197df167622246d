#include "scripts.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <stdlib.h>
#include <time.h>

// A script that needs more of one of these is stuck. The instrument itself has less memory.
enum { PERIOD = 1000 };
static const size_t TURNOVER = (size_t)1 << 30;
static const size_t LARGEST_BLOCK = (size_t)16 << 20;
static const int64_t INSTRUCTIONS = 20000000;
static const uint64_t STEPS = 200000000;
static const int64_t PROCESSOR_TIME = 10000000000;

static int64_t processor_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// From the overrun on at every instruction, so that a script cannot go on by catching it.
static void overrun(lua_State *state, lua_Debug *record) {
  (void)record;
  lua_sethook(state, overrun, LUA_MASKCOUNT, 1);
  luaL_error(state, "the script runs too long");
}

static saltire_lua_bounds *bounds_of(lua_State *state) {
  void *context;
  lua_getallocf(state, &context);
  return (saltire_lua_bounds *)context;
}

// The time is for what costs much in one instruction: comparing long strings, searching
// emptied tables, measuring.
static void count(lua_State *state, lua_Debug *record) {
  saltire_lua_bounds *bounds = bounds_of(state);
  bounds->instructions -= PERIOD;
  if (bounds->instructions <= 0 || processor_time() > bounds->deadline) overrun(state, record);
}

void saltire_lua_begin(saltire_lua_bounds *bounds) {
  bounds->turnover = TURNOVER;
  bounds->instructions = INSTRUCTIONS;
  bounds->steps = STEPS;
  bounds->deadline = processor_time() + PROCESSOR_TIME;
  lua_sethook(bounds->state, count, LUA_MASKCOUNT, PERIOD);
}

void saltire_lua_spend(lua_State *state, uint64_t steps) {
  saltire_lua_bounds *bounds = bounds_of(state);
  // One call may take long, and few instructions are between two.
  if (steps <= bounds->steps && processor_time() <= bounds->deadline) {
    bounds->steps -= steps;
    return;
  }
  bounds->steps = 0;
  overrun(state, NULL);
}

static void *allocate(void *context, void *block, size_t old, size_t size) {
  saltire_lua_bounds *bounds = (saltire_lua_bounds *)context;
  // Without a block, the old size says what kind of object it is for.
  if (block == NULL) old = 0;
  if (size == 0) {
    free(block);
    bounds->left += old;
    return NULL;
  }
  if (size > old) {
    int refused = size > LARGEST_BLOCK || size - old > bounds->left;
    // What is refused has Lua look through all its memory, and is paid for too.
    size_t price = refused ? LARGEST_BLOCK : size - old;
    if (price > bounds->turnover) {
      bounds->turnover = 0;
      if (bounds->state != NULL) lua_sethook(bounds->state, overrun, LUA_MASKCOUNT, 1);
    } else {
      bounds->turnover -= price;
    }
    if (refused) return NULL;
  }
  void *moved = realloc(block, size);
  if (moved != NULL) bounds->left = bounds->left + old - size;
  return moved;
}

// Opened in a protected call: without memory, opening raises.
static int open_libraries(lua_State *state) {
  static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                       {LUA_STRLIBNAME, luaopen_string},
                                       {LUA_TABLIBNAME, luaopen_table},
                                       {LUA_MATHLIBNAME, luaopen_math}};
  // No way out of the process, to other code, or to the interpreter itself.
  static const char *const removed[] = {"dofile", "loadfile", "load", "collectgarbage", "warn"};
  for (size_t index = 0; index < sizeof libraries / sizeof *libraries; index++) {
    luaL_requiref(state, libraries[index].name, libraries[index].func, 1);
    lua_pop(state, 1);
  }
  for (size_t index = 0; index < sizeof removed / sizeof *removed; index++) {
    lua_pushnil(state);
    lua_setglobal(state, removed[index]);
  }
  saltire_lua_bound_libraries(state);
  return 0;
}

lua_State *saltire_lua_new(saltire_lua_bounds *bounds, size_t memory) {
  *bounds = (saltire_lua_bounds){.left = memory, .turnover = memory};
  bounds->state = lua_newstate(allocate, bounds);
  if (bounds->state == NULL) return NULL;
  saltire_lua_begin(bounds);
  lua_pushcfunction(bounds->state, open_libraries);
  if (lua_pcall(bounds->state, 0, 0, 0) == LUA_OK) return bounds->state;
  lua_close(bounds->state);
  return NULL;
}
