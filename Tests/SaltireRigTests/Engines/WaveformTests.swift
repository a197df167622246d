import SaltireCore
import SaltireDevices
import SaltireInstruments
import SaltireLearning
import SaltirePrograms
import SaltireRig
import SaltireSimulation
import TestRigs
import Testing

/// Stochastic trains as waveforms, on the rig that its instruments time.
@Suite struct WaveformTests {
  /// One update of array A in every quadrant of signs: what each device counts
  /// are the coincidences of the trains, and nothing else moves.
  @Test(arguments: [
    (row: -2.0, gate: 2.0), (row: 2.0, gate: -2.0), (row: -2.0, gate: -2.0), (row: 2.0, gate: 2.0),
  ])
  func coincidencesAreThoseOfTheTrains(row: Double, gate: Double) async throws {
    for seed in 1...8 as ClosedRange<UInt64> {
      let rig = try await LiveRig.armed("simulated-triggered", seed: seed)
      var random = RandomStream(seed: seed, name: "trains")
      let rows = BitTrain(probability: 0.6, count: 31, random: &random)
      let gates = ["GA1", "GA2"].map { _ in
        BitTrain(probability: 0.5, count: 31, random: &random)
      }
      rig.forget()
      let train = PulseTrain(
        slots: 31, width: 0.01, gap: 0.01,
        lines: [
          .init("RA", level: row, fires: rows), .init("GA1", level: gate, fires: gates[0]),
          .init("GA2", level: gate, fires: gates[1]),
        ])
      let before = rig.lab.devices
      let seen = try await rig.live.perform(Program([.train(train)]))
      let isFull = row * gate < 0
      for (device, gate) in zip(["A1", "A2"], gates) {
        let wanted = isFull ? rows.coincidences(with: gate).pulses : 0
        #expect(rig.lab.devices[device]?.pulses == wanted)
      }
      for device in isFull ? ["C1", "C2"] : ["A1", "A2", "C1", "C2"] {
        #expect(rig.lab.devices[device]?.device.weight == before[device]?.device.weight)
      }
      #expect(abs(seen.duration / train.duration - 1) < 0.01)
      #expect(rig.lab.extremes["A1"].map { $0.channelInPulse } ?? 9 < 2.01)
    }
  }
  /// What a gate idles at, and what starts it, before and after.
  @Test func aWaveformIsLoadedWhileNothingCanStartIt() async throws {
    let rig = try await LiveRig.armed("simulated-triggered")
    rig.forget()
    let both = BitTrain([true, true])
    let train = PulseTrain(
      slots: 2, width: 0.01, gap: 0.01,
      lines: [.init("RA", level: -2, fires: both), .init("GA1", level: 2, fires: both)])
    _ = try await rig.live.perform(
      Program([.train(train), .train(train), .pulse("GA1", level: 4, width: 0.01)]))
    #expect(rig.lab.devices["A1"]?.pulses == 5)
    #expect(rig.sent(to: "gen2").isEmpty)
    let commands = rig.sent(to: "gen1").flatMap { $0.split(separator: ";") }
    let listens = commands.indices.filter { commands[$0].contains("SOUR EXT") }
    let ignores = commands.indices.filter { commands[$0].contains("SOUR BUS") }
    // Listening stays from train to train, never beyond the program.
    #expect(listens.count == 1 && ignores.count == 1 && listens[0] < ignores[0])
    // Memory is cleared only while pulses are selected.
    let functions = commands.filter {
      $0.contains("FUNC ARB") || $0.contains("FUNC PULS") || $0.contains("VOL:CLE")
    }
    .map { $0.split(separator: "\n")[0].dropFirst(7) }
    #expect(
      functions == [
        "DATA:VOL:CLE", "FUNC ARB", "FUNC PULS", "DATA:VOL:CLE", "FUNC ARB", "FUNC PULS",
      ])
  }

  /// Rounds with a waveform are performed one by one.
  @Test func waveformsAreRepeated() async throws {
    let rig = try await LiveRig.armed("simulated-triggered")
    let train = PulseTrain(
      slots: 2, width: 0.01, gap: 0.01,
      lines: [
        .init("RA", level: -2, fires: BitTrain([true, true])),
        .init("GA1", level: 2, fires: BitTrain([true, false])),
      ])
    let read = Step.read(
      Reading(drives: [.init("DA1", level: 0.1)], measures: ["RA"], integration: 0.02))
    let seen = try await rig.live.perform(
      Program([.repeat(2, [.repeat(3, [.train(train), .rest(0.01)]), read])]))
    #expect(rig.lab.devices["A1"]?.pulses == 6)
    #expect(seen.currents.count == 2)
  }

  /// Pulses that need no row are counted by the generator.
  @Test(arguments: ["simulated", "simulated-triggered"])
  func pulsesOfOneGateAreABurst(bench: String) async throws {
    let rig = try await LiveRig.armed(bench)
    rig.forget()
    let train = PulseTrain(
      slots: 500, width: 0.01, gap: 0.02, lines: [.init("GA1", level: -4, fires: nil)])
    let seen = try await rig.live.perform(
      Program([.train(train), .pulse("GA1", level: 4, width: 0.01)]))
    #expect(rig.lab.devices["A1"]?.pulses == 501)
    #expect(abs(seen.duration - train.duration - 0.01) < 0.01)
    #expect(rig.sent().count < 20)
    let stepped = try await LiveRig.armed(bench, ["engine=host-stepped"])
    stepped.forget()
    _ = try await stepped.live.perform(Program([.train(train)]))
    #expect(stepped.lab.devices["A1"]?.pulses == 500)
    #expect(stepped.sent().count >= 500)
  }

  /// Two half-selected devices, one by its row and one by its gate, stay to
  /// the last bit.
  @Test func halfSelectedDevicesStay() async throws {
    let rig = try await LiveRig.armed("simulated-triggered")
    let before = rig.lab.devices
    let (full, none) = (BitTrain(full: 20), BitTrain([Bool](repeating: false, count: 20)))
    for (rows, gates) in [(full, none), (none, full)] {
      let train = PulseTrain(
        slots: 20, width: 0.01, gap: 0.01,
        lines: [.init("RA", level: -2, fires: rows), .init("GA1", level: 2, fires: gates)])
      _ = try await rig.live.perform(Program([.train(train)]))
    }
    for (name, device) in rig.lab.devices {
      #expect(device.pulses == 0 && device.device.weight == before[name]?.device.weight)
    }
  }
}
