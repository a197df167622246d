public import Foundation

/// The files of instrument definitions.
public enum InstrumentFiles {
  /// The name of the folder that contains them.
  public static let folder = "instruments"

  /// VENDOR/FAMILY.yaml, sorted, without bench files.
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
