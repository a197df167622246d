// Lua's interface is partly macros, which Swift does not see.
#ifndef SALTIRE_CLUA_SHIM_H
#define SALTIRE_CLUA_SHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

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

// Raised here and not in Swift: an error jumps over every frame up to the call.
static inline void saltire_lua_overrun(lua_State *L, lua_Debug *record) {
  (void)record;
  luaL_error(L, "the script runs too long");
}

static inline void saltire_lua_bound(lua_State *L, int instructions) {
  lua_sethook(L, saltire_lua_overrun, LUA_MASKCOUNT, instructions);
}

#endif
