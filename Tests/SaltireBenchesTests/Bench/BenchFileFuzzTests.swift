import Foundation
import SaltireBenches
import SaltireCore
import SaltireExperiments
import SaltirePrograms
import TestRigs
import Testing

/// Files that people wrote, with slips in them: a bench or a protocol comes of
/// it or diagnostics do, and never a crash.
@Suite struct BenchFileFuzzTests {
  private static let pieces = [
    ":", "-", "{", "}", "[", "]", "\n", "  ", "#", "'", "\"", "&a", "*a", "<<: ", "|", "%", "\t",
    "1e999", "-1", "nan", "5 V", "µ", "\u{0}", "é", "? ", "[]", "{}", "on", "~",
  ]

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: Shipped.root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Some places of `text` cut out, doubled or overwritten.
  private static func slipped(_ text: String, _ random: inout RandomStream) -> String {
    var characters = Array(text)
    for _ in 0...Int(random.uniform() * 4) where !characters.isEmpty {
      let place = Int(random.uniform() * Double(characters.count))
      let end = min(place + 1 + Int(random.uniform() * 12), characters.count)
      let piece = Array(pieces[Int(random.uniform() * Double(pieces.count))])
      switch Int(random.uniform() * 4) {
      case 0: characters.removeSubrange(place..<end)
      case 1: characters.insert(contentsOf: characters[place..<end], at: place)
      case 2: characters.insert(contentsOf: piece, at: place)
      default: characters.replaceSubrange(place..<end, with: piece)
      }
    }
    return String(characters)
  }

  @Test(arguments: ["model", "model-symmetric", "model-measured"])
  func slipsInABenchFileAreDiagnosed(name: String) throws {
    let whole = try Self.text("instruments/benches/\(name).yaml")
    var random = RandomStream(seed: 31, name: name)
    var refused = 0
    for _ in 0..<1000 {
      let text = Self.slipped(whole, &random)
      do throws(Diagnostics) {
        let bench = try BenchFile(Document(name: "b.yaml", text: text))
        _ = try? OpenBench(bench, seed: 1)
        _ = bench.limits.summary
      } catch {
        refused += 1
        #expect(!error.rendered.isEmpty)
      }
    }
    #expect(refused > 300)
  }

  @Test(arguments: [
    "crossed-swords", "zero-shift", "shd", "sgd", "shd-one-parameter", "sgd-one-parameter",
  ])
  func slipsInAProtocolAreDiagnosed(name: String) throws {
    let whole = try Self.text("protocols/\(name).yaml")
    let bench = try Shipped.bench()
    var random = RandomStream(seed: 32, name: name)
    var refused = 0
    for _ in 0..<1000 {
      let text = Self.slipped(whole, &random)
      do throws(Diagnostics) {
        _ = try Catalogue.standard.prepare(
          Document(name: "p.yaml", text: text), wiring: bench.wiring, limits: bench.limits)
      } catch {
        refused += 1
        #expect(!error.rendered.isEmpty)
      }
    }
    #expect(refused > 300)
  }
}
