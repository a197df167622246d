import Foundation
import SaltireBenches
import SaltireExperiments
import SaltireInstruments
import SaltireTesting
import SaltireTraining
import Testing

@testable import SaltireCore
@testable import saltire

/// What the keys of files are declared to be is what readers make of them.
@Suite struct KeysTests {
  @Test(arguments: KeysCommand.kinds.filter { $0 != "device" })
  func whatIsReadIsDeclaredAndWhatIsDeclaredIsRead(kind: String) throws {
    let asked = try AskedKeys(kind).asked
    let declared = KeyTable(try #require(KeysCommand.keys(of: kind))).rows
    for row in declared {
      guard let read = asked[row.path]?.declaration else {
        Issue.record("nobody reads \(row.path)")
        continue
      }
      #expect(read.meaning == row.key.meaning && read.values == row.key.values, "\(row.path)")
    }
    #expect(asked.keys.filter { path in !declared.contains { $0.path == path } } == [])
    // A name stands once in a section.
    #expect(Set(declared.map(\.path)).count == declared.count)
  }

  @Test(arguments: KeysCommand.kinds.filter { $0 != "device" })
  func everyKeyIsToldInASentence(kind: String) throws {
    for row in KeyTable(try #require(KeysCommand.keys(of: kind))).rows {
      let meaning = row.key.meaning
      #expect(meaning.last.map { ".…".contains($0) } == true, "\(row.path): \(meaning)")
      #expect(row.key.condition.map { !$0.hasSuffix(".") } ?? true, "\(row.path)")
    }
  }

  /// Without the key the value is what the declared default reads as.
  @Test(arguments: KeysCommand.kinds.filter { $0 != "device" })
  func declaredDefaultsAreThoseThatAreUsed(kind: String) throws {
    var defaults = 0
    for (path, key) in try AskedKeys(kind).asked {
      guard case .default(let text) = key.declaration.presence else { continue }
      let value = try #require(key as? any ValueKey)
      defaults += 1
      let used = try value.read("other: 1\n")
      #expect(try value.read("\(key.name): '\(text)'\n").value == used.value, "\(path)")
      #expect(used.faults.map(\.message) == ["unknown key 'other'"], "\(path)")
    }
    #expect(defaults > 0)
  }

  /// A value just outside of either end is refused, with file, line and key; the end is not.
  @Test(arguments: KeysCommand.kinds.filter { $0 != "device" })
  func everyEndOfARangeIsEnforced(kind: String) throws {
    var ends = 0
    for (path, key) in try AskedKeys(kind).asked {
      for end in key.declaration.ends {
        let value = try #require(key as? any ValueKey)
        ends += 1
        #expect(try value.read("\n\(key.name): \(end.last)\n").faults == [], "\(path)")
        let faults = try value.read("\n\(key.name): \(end.outside)\n").faults
        #expect(faults.count == 1, "\(path): \(end.outside)")
        #expect(
          faults.first?.message.hasPrefix("\(key.name) is ") == true, "\(path): \(end.outside)")
        #expect(faults.first?.location?.reference == "f.yaml:2:\(key.name.count + 3)", "\(path)")
      }
    }
    #expect(ends > 0)
  }

  /// `--set` takes every key that applies whatever else is said.
  @Test func everyDeclaredKeyCanBeSet() throws {
    let bench = try BenchFile(AskedKeys.document("instruments/benches/model.yaml"))
    for name in Catalogue.standard.names {
      let settings = KeyTable(try #require(Catalogue.standard.keys(of: name))).rows
        .compactMap { row -> String? in
          guard case .default(let text) = row.key.presence, row.key.condition == nil else {
            return nil
          }
          return "\(row.path)=\(text)"
        }
      #expect(settings.count > 2)
      _ = try Catalogue.standard.prepare(
        AskedKeys.document("protocols/\(name).yaml"), overrides: Overrides(settings: settings),
        wiring: bench.wiring, limits: bench.limits)
    }
  }

  /// What stands where another value leaves it without meaning is not merely unknown.
  @Test func aKeyThatDoesNotApplyIsToldWhenItDoes() async throws {
    let folder = try TemporaryFolder()
    let bench = try String(
      contentsOf: Command.root.appendingPathComponent("instruments/benches/model.yaml"),
      encoding: .utf8)
    let path = try folder.write(
      bench.replacing("preset: EcRamMO", with: "family: linear\n  asymmetry: 0\n  exponent: 2"),
      "bench.yaml")
    let check = try await Command("check", path)
    #expect(check.status == 65)
    #expect(check.errors.contains("unknown key 'exponent'"), "\(check.errors)")
    #expect(check.errors.contains("hint: it applies only with family: power"), "\(check.errors)")
  }

  @Test func aMissingKeyIsToldWithWhatItIs() async throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("experiment: crossed-swords\npulse: { up: 4 V }\n", "p.yaml")
    let check = try await Command("check", path, "--bench", "instruments/benches/model.yaml")
    #expect(check.status == 65)
    #expect(check.errors.contains("'width' is missing in 'pulse'"))
    #expect(check.errors.contains("hint: width: 1 ps … 1 Ms. Width of every pulse."))
  }

  @Test func keysAreListed() async throws {
    let all = try await Command("keys", "shd")
    #expect(all.status == 0)
    #expect(
      all.output.contains(/(?m)^pulse\.up +1 µV … 1 kV +required +Amplitude of a potentiation/))
    #expect(all.output.contains(/(?m)^pulse\.gap +0 s … 1 Ms +width +Time between the slots/))
    let part = try await Command("keys", "bench", "limits", "--markdown")
    #expect(part.output.contains("| **`gate.voltage`** | 0 V … 1 kV |  | Largest \\|gate − row\\|"))
    let kind = try await Command("keys", "bnech")
    #expect(kind.status == 64 && kind.errors.contains("did you mean 'bench'?"))
    let section = try await Command("keys", "bench", "limit")
    #expect(section.status == 64 && section.errors.contains("did you mean 'limits'?"))
  }
}

/// A key whatever its value is.
private protocol ValueKey: DeclaredKey {
  /// What is read from a text of one key, and what is wrong with it.
  func read(_ text: String) throws -> (value: String, faults: [Diagnostic])
}

extension Key: ValueKey {
  fileprivate func read(_ text: String) throws -> (value: String, faults: [Diagnostic]) {
    let reader = Reader(try Document(name: "f.yaml", text: text))
    let value = "\(reader[self].value)"
    do throws(Diagnostics) {
      try reader.finish()
    } catch {
      return (value, error.items)
    }
    return (value, [])
  }
}

extension Declaration {
  /// The ends of its range, each with a value just outside.
  fileprivate var ends: [(last: String, outside: String)] {
    switch kind {
    case .quantity(let unit, let range?):
      [(range.lowerBound, -1.0), (range.upperBound, 1)].map { end, away in
        let outside = end + away * max(abs(end) * 1e-9, 1e-15)
        return ("\(Quantity(end, unit))", "\(Quantity(outside, unit))")
      }
    case .count(let range):
      [("\(range.lowerBound)", "\(range.lowerBound - 1)")]
        + (range.upperBound == .max ? [] : [("\(range.upperBound)", "\(range.upperBound + 1)")])
    case .quantity, .text, .words, .section, .list: []
    }
  }
}
