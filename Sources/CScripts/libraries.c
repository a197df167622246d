// Library functions whose loops count no instruction. Each pays before for the most that it
// may take, or is refused; then Lua's own does it.
#include "scripts.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <ctype.h>

// Of one match: some seconds, at the very most.
static const double LONGEST_MATCH = 2e9;
// Characters that a plain search compares in the time of a step.
enum { COMPARED_AT_ONCE = 16 };

// Calls Lua's own function, the only upvalue, with the arguments as they are.
static int call_own(lua_State *state) {
  lua_pushvalue(state, lua_upvalueindex(1));
  lua_insert(state, 1);
  lua_call(state, lua_gettop(state) - 1, LUA_MULTRET);
  return lua_gettop(state);
}

// The most steps that matching a pattern anywhere in so many characters can take: what may
// repeat is tried at every length, and all behind it for each of these.
static double worst_case(const char *pattern, size_t size, size_t length) {
  double all = size > 0 && pattern[0] == '^' ? 1 : (double)length + 1;
  double single = 1;
  for (size_t index = 0; index < size; index++) {
    switch (pattern[index]) {
      case '*': case '+': case '-': all *= (double)length + 1; break;
      case '?': all *= 2; break;
      case '[':
        // A bracket right behind the first is one of the set, and so is one behind '%'.
        index += index + 1 < size && pattern[index + 1] == '^' ? 2 : 1;
        do {
          single++;
          index += index < size && pattern[index] == '%' ? 2 : 1;
        } while (index < size && pattern[index] != ']');
        break;
      case '%':
        index++;
        // A balance and an earlier capture again may each be as long as the text.
        if (index < size && (pattern[index] == 'b' || isdigit((unsigned char)pattern[index])))
          all *= (double)length + 1;
        single++;
        break;
      default: single++;
    }
  }
  return all * single;
}

static int match(lua_State *state) {
  size_t length, size;
  luaL_checklstring(state, 1, &length);
  const char *pattern = luaL_checklstring(state, 2, &size);
  saltire_lua_spend(state, length + size);
  if (worst_case(pattern, size, length) > LONGEST_MATCH)
    return luaL_error(state, "pattern too complex for a text of this length");
  return call_own(state);
}

static int find(lua_State *state) {
  if (!lua_toboolean(state, 4)) return match(state);
  size_t length, size;
  luaL_checklstring(state, 1, &length);
  luaL_checklstring(state, 2, &size);
  saltire_lua_spend(state, length + size + length / COMPARED_AT_ONCE * size);
  return call_own(state);
}

// Nothing, often, is repeated all the same.
static int repeat(lua_State *state) {
  size_t length, separator;
  luaL_checklstring(state, 1, &length);
  luaL_optlstring(state, 3, "", &separator);
  if (length + separator == 0) {
    lua_pushliteral(state, "");
    return 1;
  }
  return call_own(state);
}

// The length of a table: a script's own answer might be another the next time.
static lua_Integer length_of(lua_State *state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  if (luaL_getmetafield(state, 1, "__len") != LUA_TNIL)
    luaL_error(state, "a table with a length of its own");
  return (lua_Integer)lua_rawlen(state, 1);
}

static void pay(lua_State *state, lua_Integer first, lua_Integer last) {
  if (first <= last) saltire_lua_spend(state, (uint64_t)last - (uint64_t)first);
}

// All functions that look at the whole of a table at most.
static int over_all(lua_State *state) {
  pay(state, 0, length_of(state));
  return call_own(state);
}

static int remove_one(lua_State *state) {
  lua_Integer length = length_of(state);
  pay(state, luaL_optinteger(state, 2, length), length);
  return call_own(state);
}

static int move(lua_State *state) {
  pay(state, luaL_checkinteger(state, 2), luaL_checkinteger(state, 3));
  return call_own(state);
}

static int concat(lua_State *state) {
  lua_Integer length = length_of(state);
  pay(state, luaL_optinteger(state, 3, 1), luaL_optinteger(state, 4, length));
  return call_own(state);
}

static int unpack(lua_State *state) {
  lua_Integer length = length_of(state);
  pay(state, luaL_optinteger(state, 2, 1), luaL_optinteger(state, 3, length));
  return call_own(state);
}

// Half of them compared with all others, where a script compares as it likes.
static int sort(lua_State *state) {
  lua_Integer length = length_of(state);
  pay(state, 0, length < 1 << 20 ? length * length / 2 : length << 20);
  return call_own(state);
}

static void bound(lua_State *state, const char *library, const luaL_Reg *functions) {
  lua_getglobal(state, library);
  for (; functions->name != NULL; functions++) {
    lua_getfield(state, -1, functions->name);
    lua_pushcclosure(state, functions->func, 1);
    lua_setfield(state, -2, functions->name);
  }
  lua_pop(state, 1);
}

void saltire_lua_bound_libraries(lua_State *state) {
  static const luaL_Reg strings[] = {{"find", find},   {"match", match}, {"gmatch", match},
                                     {"gsub", match}, {"rep", repeat},  {NULL, NULL}};
  static const luaL_Reg tables[] = {{"insert", over_all}, {"remove", remove_one}, {"move", move},
                                    {"concat", concat},   {"unpack", unpack},     {"sort", sort},
                                    {NULL, NULL}};
  // Of no use to a script, and a way to its bytes.
  static const char *const removed[] = {"dump", "pack", "packsize", "unpack"};
  bound(state, LUA_STRLIBNAME, strings);
  bound(state, LUA_TABLIBNAME, tables);
  lua_getglobal(state, LUA_STRLIBNAME);
  for (size_t index = 0; index < sizeof removed / sizeof *removed; index++) {
    lua_pushnil(state);
    lua_setfield(state, -2, removed[index]);
  }
  lua_pop(state, 1);
}
