public import Foundation

extension Located<String> {
  /// The URL of this path: relative to the folder of the file that contains it or, from the command
  /// line, to the current folder.
  public var file: URL {
    guard let place = location?.file, place != SourceLocation.commandLine else {
      return URL(fileURLWithPath: value)
    }
    return URL(
      fileURLWithPath: value,
      relativeTo: URL(fileURLWithPath: place).deletingLastPathComponent())
  }
}
