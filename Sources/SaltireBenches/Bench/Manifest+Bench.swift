import SaltireCore
import SaltirePrograms
public import SaltireRecords

extension Manifest {
  /// Whether it ran on instruments outside its process; where the bench cannot be
  /// read any more it counts as if.
  public var isOutside: Bool {
    guard !bench.text.isEmpty else { return false }
    guard let document = try? Document(name: bench.name, text: bench.text),
      let overrides = try? Overrides(settings: settings.map { "\($0.key)=\($0.value)" }),
      let file = try? BenchFile(
        document, overrides: overrides.split(by: BenchKeys.top).matching,
        attachments: attachments)
    else { return true }
    return file.isOutside
  }
}
