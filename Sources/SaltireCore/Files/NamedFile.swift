public import Foundation

extension Located<String> {
  /// The file of this path: relative to the file that it stands in or, where it was typed,
  /// to where the program runs.
  public var file: URL {
    guard let place = location?.file, place != SourceLocation.commandLine else {
      return URL(fileURLWithPath: value)
    }
    return URL(
      fileURLWithPath: value,
      relativeTo: URL(fileURLWithPath: place).deletingLastPathComponent())
  }
}
