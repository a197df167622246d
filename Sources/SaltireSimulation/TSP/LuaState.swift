import CLua
import CScripts

/// A Lua interpreter with only the libraries of a TSP instrument, confined to the process: no
/// files, no operating system, no loading of code.
///
/// Scripts have bounded memory, instructions, processor time and steps of library functions.
final class LuaState {
  /// A value exchanged between Lua and Swift.
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
  /// References to the functions that the prelude returned.
  private var entries: [String: Int32] = [:]

  /// In bytes; the instrument itself has less.
  private static let largest = 64 << 20

  /// Keeps a function alive that Lua refers to by address.
  private final class Box {
    let body: Function
    init(_ body: @escaping Function) { self.body = body }
  }

  init() {
    bounds = .allocate(capacity: 1)
    bounds.initialize(to: saltire_lua_bounds())
    guard let state = saltire_lua_new(bounds, Self.largest) else {
      preconditionFailure("out of memory")
    }
    self.state = state
  }

  deinit {
    lua_close(state)
    bounds.deallocate()
  }

  /// The place of an error in a script.
  enum Failure: Error, Equatable {
    case syntax(String)
    case runtime(String)
  }

  /// Runs the script that creates the namespace. Later scripts can use only what it makes global.
  ///
  /// - Parameters:
  ///   - script: receives a table of `functions` and returns a table of its own.
  ///   - functions: by name.
  ///   - names: the functions in the returned table, for ``call(_:)``.
  func begin(
    _ script: String, functions: [String: Function], entries names: [String]
  ) throws(Failure) {
    try load(script, name: "=prelude")
    saltire_lua_table(state)
    for (name, body) in functions {
      push(body)
      lua_setfield(state, -2, name)
    }
    try call(arguments: 1, results: 1)
    for name in names {
      lua_getfield(state, -1, name)
      entries[name] = saltire_lua_keep(state)
    }
    saltire_lua_pop(state, 1)
  }

  /// Runs a script.
  func run(_ script: String) throws(Failure) {
    try load(script, name: "=TSP")
    try call(arguments: 0, results: 0)
  }

  /// Calls a function that the prelude returned.
  func call(_ entry: String) throws(Failure) {
    recall(entry)
    try call(arguments: 0, results: 0)
  }

  /// Passes a script, as a function, to one that the prelude returned.
  func call(_ entry: String, with script: String, _ flag: Bool) throws(Failure) {
    try load(script, name: "=TSP")
    recall(entry)
    saltire_lua_insert(state, -2)
    lua_pushboolean(state, flag ? 1 : 0)
    try call(arguments: 2, results: 0)
  }

  private func recall(_ entry: String) {
    guard let reference = entries[entry] else { preconditionFailure("no function \(entry)") }
    saltire_lua_recall(state, reference)
  }

  private func load(_ script: String, name: String) throws(Failure) {
    var script = script
    let status = script.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        saltire_lua_load(state, $0.baseAddress, $0.count, name)
      }
    }
    guard status == LUA_OK else { throw .syntax(takeMessage()) }
  }

  private func call(arguments: Int32, results: Int32) throws(Failure) {
    saltire_lua_begin(bounds)
    guard saltire_lua_call(state, arguments, results) == LUA_OK else {
      throw .runtime(takeMessage())
    }
  }

  private func takeMessage() -> String {
    defer { saltire_lua_pop(state, 1) }
    if case .text(let text) = Self.value(state, -1) { return text }
    return "error object is not a string"
  }

  private func push(_ body: @escaping Function) {
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
