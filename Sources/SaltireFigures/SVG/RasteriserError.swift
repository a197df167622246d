/// Why a picture was not rendered.
public enum RasteriserError: Error, Sendable, Equatable {
  /// The program is in none of the searched folders; `package` is the Debian package with it.
  case notInstalled(program: String, package: String)
  /// The program or its working files could not be used.
  case cannotRun(program: String, reason: String)
  /// The program gave up; `message` is what it wrote to standard error.
  case failed(program: String, message: String)
}

extension RasteriserError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notInstalled(let program, let package):
      "the program \(program) is not installed (Debian package \(package))"
    case .cannotRun(let program, let reason): "cannot run \(program): \(reason)"
    case .failed(let program, let message): "\(program) failed: \(message)"
    }
  }
}
