// Lua's interface is partly macros, which Swift does not see.
#ifndef SALTIRE_CLUA_SHIM_H
#define SALTIRE_CLUA_SHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>

static inline int saltire_lua_load(lua_State *L, const char *text, size_t length,
                                   const char *name) {
  return luaL_loadbuffer(L, text, length, name);
}

static inline int saltire_lua_call(lua_State *L, int arguments, int results) {
  return lua_pcall(L, arguments, results, 0);
}

static inline void saltire_lua_pop(lua_State *L, int count) { lua_pop(L, count); }

static inline void saltire_lua_push(lua_State *L, lua_CFunction function, void *context) {
  lua_pushlightuserdata(L, context);
  lua_pushcclosure(L, function, 1);
}

static inline void *saltire_lua_context(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

// What an interpreter may still take: bytes at once, bytes in one script with
// those it has given back, and instructions.
typedef struct {
  lua_State *state;
  size_t left;
  size_t turnover;
} saltire_lua_bounds;

// Raised here and not in Swift: an error jumps over every frame up to the call.
// From then on at every instruction, so that a script cannot go on by catching it.
static inline void saltire_lua_overrun(lua_State *L, lua_Debug *record) {
  (void)record;
  lua_sethook(L, saltire_lua_overrun, LUA_MASKCOUNT, 1);
  luaL_error(L, "the script runs too long");
}

static inline void *saltire_lua_allocate(void *context, void *block, size_t old, size_t size) {
  saltire_lua_bounds *bounds = (saltire_lua_bounds *)context;
  // Without a block, the old size says what kind of object it is for.
  if (block == NULL) old = 0;
  if (size == 0) {
    free(block);
    bounds->left += old;
    return NULL;
  }
  if (size > old) {
    if (size - old > bounds->left) return NULL;
    if (size - old > bounds->turnover) {
      bounds->turnover = 0;
      if (bounds->state != NULL) lua_sethook(bounds->state, saltire_lua_overrun, LUA_MASKCOUNT, 1);
    } else {
      bounds->turnover -= size - old;
    }
  }
  void *moved = realloc(block, size);
  if (moved != NULL) bounds->left = bounds->left + old - size;
  return moved;
}

static inline lua_State *saltire_lua_new(saltire_lua_bounds *bounds) {
  bounds->state = NULL;
  bounds->state = lua_newstate(saltire_lua_allocate, bounds);
  return bounds->state;
}

static inline void saltire_lua_bound(saltire_lua_bounds *bounds, size_t turnover,
                                     int instructions) {
  bounds->turnover = turnover;
  lua_sethook(bounds->state, saltire_lua_overrun, LUA_MASKCOUNT, instructions);
}

#endif
