import Synchronization

/// Sees what readers ask for, so that tests can hold it against what is declared.
package final class ReadWitness: Sendable {
  /// Of the readers that are made while it stands here.
  @TaskLocal package static var current: ReadWitness?

  private let state: Mutex<[String: any DeclaredKey]> = Mutex([:])

  package init() {}

  /// What was asked for, by path: `limits.devices.DEVICE.gate.max`.
  package var asked: [String: any DeclaredKey] { state.withLock { $0 } }

  func note(_ key: any DeclaredKey, at path: String) { state.withLock { $0[path] = key } }
}
