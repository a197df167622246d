package import Foundation
import SaltireCore

extension [NamedFigure] {
  /// Draws every figure into `folder` as SVG, and in the formats of the rasteriser, if given.
  ///
  /// - Throws: ``FigureError``, ``RasteriserError``; errors of the file system.
  package func write(
    to folder: URL, rasteriser: Rasteriser?
  ) throws -> [(figure: NamedFigure, image: SVGImage)] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var names = FileNames()
    return try map { figure in
      let image = try SVGImage(figure.figure)
      let base = folder.appendingPathComponent(names.name(for: figure.name))
      try NewFile.write(image.document.utf8, to: base.appendingPathExtension("svg"))
      if let rasteriser {
        for format in rasteriser.formats {
          let picture = try rasteriser.render(image, as: format)
          try NewFile.write(picture, to: base.appendingPathExtension(format.rawValue))
        }
      }
      return (figure, image)
    }
  }
}
