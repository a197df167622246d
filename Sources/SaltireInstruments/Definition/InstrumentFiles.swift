public import Foundation

/// Where instrument definitions are.
public enum InstrumentFiles {
  /// What the folder that holds them is called.
  public static let folder = "instruments"

  /// VENDOR/FAMILY.yaml, sorted; the benches are none.
  public static func paths(in folder: URL) -> [String] {
    let vendors = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return vendors.sorted().filter { $0 != "benches" }.flatMap { vendor in
      let files =
        (try? FileManager.default.contentsOfDirectory(
          atPath: folder.appendingPathComponent(vendor).path)) ?? []
      return files.sorted().filter { $0.hasSuffix(".yaml") }.map { "\(vendor)/\($0)" }
    }
  }
}
