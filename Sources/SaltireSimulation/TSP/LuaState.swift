internal import CLua

/// A Lua interpreter with the few libraries that a TSP instrument has, and no
/// way out of the process: no files, no operating system, no loading of code.
final class LuaState {
  /// A value that crosses between Lua and Swift.
  enum Value: Equatable {
    case none
    case number(Double)
    case text(String)
    case flag(Bool)
  }

  typealias Function = ([Value]) -> [Value]

  private let state: OpaquePointer
  private let bounds: UnsafeMutablePointer<saltire_lua_bounds>
  private var functions: [Box] = []

  /// A script of more instructions than this, or one that takes more bytes
  /// than this in all, is stuck.
  private static let longest: Int32 = 20_000_000
  private static let turnover = 1 << 30

  /// Bytes; the instrument itself has less.
  private static let largest = 64 << 20

  /// A function that Lua holds by address.
  private final class Box {
    let body: Function
    init(_ body: @escaping Function) { self.body = body }
  }

  init() {
    bounds = .allocate(capacity: 1)
    bounds.initialize(
      to: saltire_lua_bounds(state: nil, left: Self.largest, turnover: Self.turnover))
    guard let state = saltire_lua_new(bounds) else { preconditionFailure("out of memory") }
    self.state = state
    for (name, open) in [
      ("_G", luaopen_base), ("string", luaopen_string), ("table", luaopen_table),
      ("math", luaopen_math),
    ] as [(String, lua_CFunction)] {
      luaL_requiref(state, name, open, 1)
      saltire_lua_pop(state, 1)
    }
    for name in ["dofile", "loadfile", "collectgarbage", "load"] {
      lua_pushnil(state)
      lua_setglobal(state, name)
    }
  }

  deinit {
    lua_close(state)
    bounds.deallocate()
  }

  /// Makes `body` callable from Lua as the global `name`.
  func define(_ name: String, _ body: @escaping Function) {
    let box = Box(body)
    functions.append(box)
    saltire_lua_push(
      state,
      { state in
        guard let state, let context = saltire_lua_context(state) else { return 0 }
        let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
        let count = lua_gettop(state)
        let results = box.body((0..<count).map { LuaState.value(state, $0 + 1) })
        guard lua_checkstack(state, Int32(results.count)) != 0 else { return 0 }
        for result in results { LuaState.push(state, result) }
        return Int32(results.count)
      }, Unmanaged.passUnretained(box).toOpaque())
    lua_setglobal(state, name)
  }

  /// Where a script went wrong.
  enum Failure: Error, Equatable {
    case syntax(String)
    case runtime(String)
  }

  /// Runs a script.
  func run(_ script: String, name: String) throws(Failure) {
    var script = script
    let status = script.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        saltire_lua_load(state, $0.baseAddress, $0.count, name)
      }
    }
    guard status == LUA_OK else { throw .syntax(takeMessage()) }
    saltire_lua_bound(bounds, Self.turnover, Self.longest)
    guard saltire_lua_call(state, 0, 0) == LUA_OK else { throw .runtime(takeMessage()) }
  }

  private func takeMessage() -> String {
    defer { saltire_lua_pop(state, 1) }
    if case .text(let text) = Self.value(state, -1) { return text }
    return "error object is not a string"
  }

  private static func value(_ state: OpaquePointer, _ index: Int32) -> Value {
    switch lua_type(state, index) {
    case LUA_TNUMBER: return .number(lua_tonumberx(state, index, nil))
    case LUA_TBOOLEAN: return .flag(lua_toboolean(state, index) != 0)
    case LUA_TSTRING:
      var length = 0
      guard let text = lua_tolstring(state, index, &length) else { return .none }
      let bytes = UnsafeRawBufferPointer(start: text, count: length)
      return .text(String(decoding: bytes, as: UTF8.self))
    default: return .none
    }
  }

  private static func push(_ state: OpaquePointer, _ value: Value) {
    switch value {
    case .none: lua_pushnil(state)
    case .number(let number): lua_pushnumber(state, number)
    case .flag(let flag): lua_pushboolean(state, flag ? 1 : 0)
    case .text(var text):
      _ = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          lua_pushlstring(state, $0.baseAddress, $0.count)
        }
      }
    }
  }
}
