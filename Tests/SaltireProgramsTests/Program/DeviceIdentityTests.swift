import SaltireBenches
import SaltireCore
import SaltirePrograms
import TestRigs
import Testing

@Suite struct DeviceIdentityTests {
  private static let first = DeviceIdentity(rawValue: "W12-D3/B4")!

  @Test func aDeviceIsADieAndAPosition() throws {
    #expect(Self.first.die == "W12-D3")
    #expect(Self.first.position == "B4")
    #expect(Self.first.text == "die W12-D3, position B4")
    // Two spellings of one device would halve its dose.
    #expect(DeviceIdentity(rawValue: "w12-d3/b4") == Self.first)
    for text in [
      "", "/", "W12", "W12/", "/B4", "W12/B4/C", "W 12/B4", "W12/B4 ", "W12\n/B4", "W١/B4", "Ä/B4",
      "W12\u{2010}D3/B4", "\(String(repeating: "W", count: 65))/B4",
    ] {
      #expect(DeviceIdentity(rawValue: text) == nil, "\(text)")
    }
    let sorted = ["W2/B10", "W2/B4", "W10/A1"].compactMap { DeviceIdentity(rawValue: $0) }.sorted()
    #expect(sorted.map(\.rawValue) == ["W2/B4", "W2/B10", "W10/A1"])
  }

  /// Whatever text there is: what is taken for a device reads back to itself, and
  /// is made of what its form says alone.
  @Test func anyTextIsADeviceOrNone() {
    var random = RandomStream(seed: 17, name: "identities")
    let letters = Array("AbZ09-_./ =\u{0}\t,éK١\u{301}".unicodeScalars)
    let allowed = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".unicodeScalars)
    var found = 0
    for _ in 0..<20_000 {
      var text = String.UnicodeScalarView()
      for _ in 0..<Int(random.uniform() * 8) {
        text.append(letters[Int(random.uniform() * random.uniform() * Double(letters.count))])
      }
      guard let identity = DeviceIdentity(rawValue: String(text)) else { continue }
      found += 1
      #expect(DeviceIdentity(rawValue: identity.rawValue) == identity)
      #expect(identity.rawValue == String(text).uppercased())
      for part in [identity.die, identity.position] {
        #expect(!part.isEmpty && part.unicodeScalars.allSatisfy(allowed.contains))
      }
    }
    #expect(found > 300)
  }

  // MARK: In a bench file

  private static func bench(_ settings: String...) throws -> BenchFile {
    try Shipped.bench("simulated", settings.map { "arrays.\($0)" })
  }

  /// Every fault of reading or of what an operator says, as text.
  private static func faults(_ body: () throws -> Void) -> [Diagnostic] {
    do {
      try body()
      return []
    } catch {
      return (error as? Diagnostics)?.items ?? []
    }
  }

  @Test func aBenchFileSaysWhatItBelieves() throws {
    let bench = try Self.bench(
      "A.columns.0.die=w12-d3", "A.columns.0.position=B4", "C.columns.1.die=W12-D3",
      "C.columns.1.position=5")
    #expect(bench.identities.mapValues(\.value.rawValue) == ["A1": "W12-D3/B4", "C2": "W12-D3/5"])
    #expect(try Shipped.bench("simulated").identities.isEmpty)
    // Who is where does not change what is wired to what.
    #expect(try bench.wiring == Shipped.bench("simulated").wiring)
  }

  @Test func aBenchFileIsHeldToThat() throws {
    let half = Self.faults { _ = try Self.bench("A.columns.0.die=W12") }
    #expect(half.map(\.message) == ["'position' is missing in 'arrays.A.columns.0'"])
    let odd = Self.faults {
      _ = try Self.bench("A.columns.0.die=W12", "A.columns.0.position=B/4")
    }
    #expect(odd.map(\.message) == ["'B/4' is not a valid position"])
    #expect(odd.first?.location?.excerpt == "--set arrays.A.columns.0.position=B/4")
    let twice = Self.faults {
      _ = try Self.bench(
        "A.columns.0.die=W12", "A.columns.0.position=B4", "C.columns.1.die=w12",
        "C.columns.1.position=b4")
    }
    #expect(twice.map(\.message) == ["A1 and C2 are both die W12, position B4"])
    #expect(twice.first?.location != nil)
  }

  @Test func whatTheOperatorSaysIsWhatTheFileSays() throws {
    let bench = try Self.bench("A.columns.0.die=W12-D3", "A.columns.0.position=B4")
    let other = try #require(DeviceIdentity(rawValue: "W12-D3/B5"))
    try bench.expect(["A1": Self.first, "C1": other])
    let mismatch = Self.faults { try bench.expect(["A1": other]) }
    #expect(mismatch.count == 1)
    #expect(mismatch.first?.location == bench.identities["A1"]?.location)
    #expect(mismatch.first?.message.contains(Self.first.text) == true)
    #expect(mismatch.first?.message.contains(other.text) == true)
    // One device in two places, also where the file alone says it of one.
    for claims in [["C1": other, "C2": other], ["C1": Self.first]] {
      let twice = Self.faults { try bench.expect(claims) }
      #expect(twice.count == 1)
      #expect(twice.first?.message.contains("are both") == true)
    }
    #expect(Self.faults { try bench.expect(["A9": other]) }.first?.message.contains("A9") == true)
  }

  @Test func lifetimesAreQuantities() throws {
    let lifetime = try Shipped.bench(
      "model",
      [
        "limits.lifetime.pulses=1000000", "limits.lifetime.volt_seconds=3 kV·s",
        "limits.devices.A1.lifetime.pulses=10", "limits.devices.A1.lifetime.time=2 h",
      ]
    ).limits
    #expect(lifetime.lifetime.pulses?.value == 1_000_000)
    #expect(lifetime.lifetime.voltSeconds?.value == 3000)
    #expect(lifetime.lifetime.time == nil)
    let own = lifetime.of("A1").lifetime
    #expect(own.pulses?.value == 10)
    #expect(own.time?.value == 7200)
    #expect(own.voltSeconds?.value == 3000)
    #expect(lifetime.of("A2").lifetime == lifetime.lifetime)
    #expect(lifetime.summary["lifetime.volt_seconds"] == "3 kV·s")
    #expect(lifetime.summary["A1.lifetime.pulses"] == "10")
    #expect(throws: Diagnostics.self) {
      try Shipped.bench("model", ["limits.lifetime.volt_seconds=3 V"])
    }
    #expect(throws: Diagnostics.self) { try Shipped.bench("model", ["limits.lifetime.pulse=3"]) }
  }
}
