import SaltireCore

@testable import SaltireDevices

/// Reads of a made device, rounded to what a file holds, so that the truth is known to the digit.
struct MadeCurve {
  var up: [Double]
  var down: [Double]

  /// Saturating branches from 1 µS to 5 µS with read noise.
  init(up: Int = 60, down: Int = 60, seed: UInt64 = 1, noise: Double = 0.004) {
    var random = RandomStream(seed: seed, name: "made")
    func branch(_ count: Int, from start: Double, to end: Double) -> [Double] {
      var level = start
      return (0..<count).map { _ in
        level += (end - level) * 3 / Double(count)
        let read = level + noise * (random.uniform(-1, 1))
        return (read * 1e4).rounded() / 1e10
      }
    }
    self.up = branch(up, from: 1, to: 5)
    self.down = branch(down, from: 5, to: 1)
  }

  /// The rows of two columns; blank where a branch is shorter.
  func rows(
    separator: String = ",", blank: String = "", cell: (Double) -> String = { "\($0)" }
  ) -> [String] {
    (0..<max(up.count, down.count)).map { place in
      [up, down].map { $0.element(at: place).map(cell) ?? blank }.joined(separator: separator)
    }
  }

  func text(
    separator: String = ",", blank: String = "", cell: (Double) -> String = { "\($0)" }
  ) -> String {
    rows(separator: separator, blank: blank, cell: cell).joined(separator: "\n") + "\n"
  }

  var cycle: MeasuredCurve.Cycle { MeasuredCurve.Cycle(up: up, down: down) }

  /// Whether a curve is this one, to the rounding of a unit.
  func agrees(with curve: MeasuredCurve) -> Bool {
    curve.cycles.count == 1 && Self.agree(curve.cycles[0].up, up)
      && Self.agree(curve.cycles[0].down, down)
  }

  static func agree(_ found: [Double], _ truth: [Double]) -> Bool {
    found.count == truth.count && zip(found, truth).allSatisfy { abs($0 / $1 - 1) < 1e-12 }
  }
}

/// A format with columns, as an option gives it.
func columns(_ text: String) throws -> CurveFormat {
  var format = CurveFormat()
  try format.setColumns(text)
  return format
}

/// The refusal of a text; nil if it is read.
func refusal(
  _ text: String, format: CurveFormat = CurveFormat(), down: String? = nil
) -> MeasuredCurveError? {
  do throws(MeasuredCurveError) {
    _ = try MeasuredCurve(
      text, file: "f.csv", down: down.map { ($0, "down.csv") }, format: format)
    return nil
  } catch {
    return error
  }
}

/// `bytes` with one to six of them replaced, inserted or removed.
func mutated(
  _ bytes: [UInt8], with interesting: [UInt8], _ random: inout RandomStream
) -> [UInt8] {
  var bytes = bytes
  for _ in 0...Int(random.uniform(0, 6)) where !bytes.isEmpty {
    let place = Int(random.next() % UInt64(bytes.count))
    let byte = interesting[Int(random.next() % UInt64(interesting.count))]
    switch random.next() % 4 {
    case 0: bytes[place] = byte
    case 1: bytes.insert(byte, at: place)
    case 2: bytes.remove(at: place)
    default: bytes.removeSubrange(place..<min(place + 40, bytes.count))
    }
  }
  return bytes
}
