/// The keys of a bench file.
public enum BenchKeys {
  /// The top-level keys; `--set` applies settings of these keys to the bench and all others to the
  /// protocol.
  public static let top: Set<String> = [
    "bench", "arrays", "devices", "meters", "limits", "conditions", "instruments", "adapters",
    "terminals", "clock", "idle", "engine", "triggers", "guardian", "mains",
  ]
}
