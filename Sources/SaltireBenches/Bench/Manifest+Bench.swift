import SaltireCore
import SaltirePrograms
public import SaltireRecords

extension Manifest {
  /// Whether it ran on instruments outside its process; where the bench cannot be
  /// read any more it counts as if.
  public var isOutside: Bool {
    guard !bench.text.isEmpty else { return false }
    guard let (document, overrides) = benchDocument,
      let file = try? BenchFile(
        document, overrides: overrides.split(by: BenchFile.keys).matching, attachments: attachments)
    else { return true }
    return file.isOutside
  }
}
