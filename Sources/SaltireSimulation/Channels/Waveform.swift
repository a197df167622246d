import Foundation

/// The points of an arbitrary waveform, relative to half its amplitude.
struct Waveform {
  /// At least one point, −1 to 1.
  let points: [Double]
  /// The indices at which it changes, ascending.
  private let changes: [Int]

  /// The waveform before anything is loaded: an exponential rise.
  static let initial = Waveform((0..<100).map { 1 - 2 * exp(-Double($0) / 15) })

  init(_ points: [Double]) {
    self.points = points
    changes = points.indices.dropFirst().filter { points[$0] != points[$0 - 1] }
  }

  /// Parses the argument of a command that names a waveform and lists its points as converter
  /// codes, −32767 to 32767.
  init?(codes text: String) {
    let fields = text.split(separator: ",").dropFirst()
    let codes = fields.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard codes.count == fields.count, codes.count >= 8, codes.allSatisfy({ abs($0) <= 32767 })
    else { return nil }
    self.init(codes.map { $0 / 32767 })
  }

  /// The value, `time` seconds after the start of `cycles` repetitions; the first point before the
  /// start and after the end.
  func value(at time: Double, rate: Double, cycles: Double) -> Double {
    let position = ((time * rate) + 1e-6).rounded(.down)
    guard position >= 0, position < cycles * Double(points.count) else { return points[0] }
    return points[Int(position.truncatingRemainder(dividingBy: Double(points.count)))]
  }

  /// The time of the next change after `time`, relative to the start; nil for never.
  func change(after time: Double, rate: Double, cycles: Double) -> Double? {
    guard !changes.isEmpty || points[0] != points[points.count - 1] else { return nil }
    let count = Double(points.count)
    let position = time * rate + 1e-6
    var cycle = max(0, (position / count).rounded(.down))
    while cycle < cycles {
      let within = position - cycle * count
      if let next = changes.first(where: { Double($0) > within }) {
        return (cycle * count + Double(next)) / rate
      }
      cycle += 1
      if points[0] != points[points.count - 1], cycle * count > position {
        return cycle * count / rate
      }
    }
    return nil
  }
}
