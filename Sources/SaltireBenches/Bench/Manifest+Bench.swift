import SaltireCore
import SaltirePrograms
public import SaltireRecords

extension Manifest {
  /// Whether the run used instruments outside its process; true if the bench can no longer be read.
  public var isOutside: Bool {
    guard !bench.text.isEmpty else { return false }
    guard let (document, overrides) = benchDocument,
      let file = try? BenchFile(
        document, overrides: overrides.split(by: BenchFile.keys).matching, attachments: attachments)
    else { return true }
    return file.isOutside
  }
}
