// Lua's interface is partly macros, which Swift does not see.
#ifndef SALTIRE_CLUA_SHIM_H
#define SALTIRE_CLUA_SHIM_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

// Text only: compiled code is run as it is, without any check.
static inline int saltire_lua_load(lua_State *L, const char *text, size_t length,
                                   const char *name) {
  return luaL_loadbufferx(L, text, length, name, "t");
}

static inline int saltire_lua_call(lua_State *L, int arguments, int results) {
  return lua_pcall(L, arguments, results, 0);
}

static inline void saltire_lua_pop(lua_State *L, int count) { lua_pop(L, count); }

// Takes the value at the top; what it returns brings it back.
static inline int saltire_lua_keep(lua_State *L) { return luaL_ref(L, LUA_REGISTRYINDEX); }

static inline void saltire_lua_recall(lua_State *L, int reference) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
}

static inline void saltire_lua_insert(lua_State *L, int index) { lua_insert(L, index); }

static inline void saltire_lua_table(lua_State *L) { lua_newtable(L); }

static inline void saltire_lua_push(lua_State *L, lua_CFunction function, void *context) {
  lua_pushlightuserdata(L, context);
  lua_pushcclosure(L, function, 1);
}

static inline void *saltire_lua_context(lua_State *L) {
  return lua_touserdata(L, lua_upvalueindex(1));
}

#endif
