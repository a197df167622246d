/// Why a figure was not rendered.
public enum GnuplotError: Error, Sendable, Equatable {
  /// The program is on none of the searched folders; `package` is the Debian package holding it.
  case notInstalled(program: String, package: String)
  /// The program or its working files could not be used.
  case cannotRun(program: String, reason: String)
  /// gnuplot gave up; `message` is what it wrote to standard error.
  case failed(message: String)
  case invalidFigure(FigureError)
}

extension GnuplotError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notInstalled(let program, let package):
      "the program \(program) is not installed (Debian package \(package))"
    case .cannotRun(let program, let reason): "cannot run \(program): \(reason)"
    case .failed(let message): "gnuplot failed: \(message)"
    case .invalidFigure(let error): error.description
    }
  }
}
